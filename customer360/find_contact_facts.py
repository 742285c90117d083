"""Finds what customers told of their address, phone, e-mail or name, with the message that it was told in: a stage.

READS: care.activity, landing.live_record, landing.source_record, golden.customer.
WRITES: care.contact_fact.
Invariant: a fact is a note for people, with its date and its sentence; it changes no golden record. What a customer
told us is theirs alone: texts that went out, and what they quote, are not read.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

import phonenumbers

from customer360.contact_facts import Fact, read_facts, shortened
from customer360.contact_words import FORWARDING, SPEAKERS_OF_OURS, TELLINGS
from customer360.forwarded import read_writer
from warehouse.connection import quote_literal
from warehouse.run import StageReport

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

READS = ("care.activity", "landing.live_record", "landing.source_record", "golden.customer")
WRITES = ("care.contact_fact",)

LONGEST_TEXT = 20_000
_AT_ONCE = 1_000
_CUES = quote_literal("(?i)" + "|".join(dict.fromkeys(telling.cue for telling in TELLINGS)))
_FOLDED = "replace(regexp_replace(nfc_normalize(text), '[\\s\\x{00A0}]+', ' ', 'g'), '\u2019', '''')"

_TOLD = f"""
    WITH said AS (
        SELECT activity.activity_id, activity.golden_id, activity."at", activity.kind, activity.handled_by,
            source, source_record_id, record.run_id, record.subject, record.body,
            left(concat_ws(chr(10) || chr(10), record.subject, record.body), {LONGEST_TEXT}) AS text,
            CASE WHEN activity.kind = 'message' THEN record.emails[1] END AS sender
        FROM care.activity AS activity JOIN landing.live_record AS record USING (source, source_record_id)
        WHERE activity.kind IN ('message', 'case', 'interaction')
        AND coalesce(activity.direction, 'inbound') = 'inbound'
    ), told AS MATERIALIZED (
        SELECT *, regexp_matches({_FOLDED}, {_CUES}) AS tells,
            kind = 'message' AND coalesce(regexp_matches(subject, {quote_literal("(?i)" + FORWARDING)}), false)
                AS passes_on
        FROM said WHERE tells OR passes_on
    ), passed_on AS (
        SELECT activity_id, concat_ws(chr(10), told.body, json_extract_string(version.raw, '$.quoted')) AS passed_on
        FROM told JOIN landing.source_record AS version USING (source, source_record_id, run_id)
        WHERE passes_on
    )
    SELECT activity_id, told.golden_id, told."at", CASE WHEN tells THEN text END, sender, handled_by, passed_on,
        customer.full_name, customer.emails, customer.phones, customer.street
    FROM told JOIN golden.customer AS customer USING (golden_id) LEFT JOIN passed_on USING (activity_id)
    ORDER BY activity_id
    """
_FACT = """
    INSERT INTO care.contact_fact BY NAME
    SELECT fact.* FROM (SELECT unnest($facts::STRUCT(
        golden_id VARCHAR, activity_id VARCHAR, attribute VARCHAR, "value" VARCHAR, told VARCHAR, "at" TIMESTAMP,
        sentence VARCHAR, is_known BOOLEAN)[]) AS fact)
    ORDER BY fact.activity_id, fact.attribute, fact."value"
    """


class _Known(NamedTuple):
    """What the golden record has of a customer."""

    full_name: str | None
    emails: list[str] | None
    phones: list[str] | None
    street: str | None


class _Text(NamedTuple):
    """A text worth reading, with its activity; `passed_on` is what a forwarded mail holds."""

    activity_id: str
    golden_id: str
    at: datetime | None
    text: str | None
    sender: str | None
    handled_by: str | None
    passed_on: str | None


def find_contact_facts(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write tonight's contact facts."""
    own = tuple(address for source in settings.sources.values() for address in source.own_addresses)
    rows: list[dict[str, Any]] = []
    con.execute(_TOLD)
    while found := con.fetchmany(_AT_ONCE):
        for values in found:
            text, known = _Text(*values[: len(_Text._fields)]), _Known(*values[len(_Text._fields) :])
            rows += (_row(text, fact, known, settings.country) for fact in _facts(text, own, settings.country))
    con.execute("DELETE FROM care.contact_fact")
    con.execute(_FACT, {"facts": rows})
    told = {name: sum(row["told"] == name for row in rows) for name in ("new", "no_longer", "forwarded")}
    return StageReport(rows={"care.contact_fact": len(rows)}, figures=told)


def _facts(text: _Text, own: tuple[str, ...], country: str) -> list[Fact]:
    """Return what one text tells: in its own words, then by the header of what it passes on."""
    facts = read_facts(_without_our_lines(text), country, text.sender) if text.text else []
    writer = read_writer(text.passed_on, own) if text.passed_on else None
    if writer:
        line = shortened(writer.line, 0)
        facts.append(Fact("email", writer.address, "forwarded", line))
        if writer.name:
            facts.append(Fact("name", writer.name, "forwarded", line))
    named: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        named.setdefault((fact.attribute, fact.value), fact)
    return list(named.values())


def _without_our_lines(text: _Text) -> str:
    """Return a text without the lines of a chat that begin with who of us wrote them."""
    ours = SPEAKERS_OF_OURS + (f"|{re.escape(text.handled_by)}" if text.handled_by else "")
    speaks = re.compile(rf"\s*(?:[\[(]?[\d:. ]+[\])]?\s*)?(?:{ours})\b[^:\n]{{0,30}}:", re.IGNORECASE)
    return "\n".join(line for line in (text.text or "").split("\n") if not speaks.match(line))


def _row(text: _Text, fact: Fact, known: _Known, country: str) -> dict[str, Any]:
    return {
        "golden_id": text.golden_id,
        "activity_id": text.activity_id,
        "attribute": fact.attribute,
        "value": fact.value,
        "told": fact.told,
        "at": text.at,
        "sentence": fact.sentence,
        "is_known": _is_known(fact, known, country),
    }


def _is_known(fact: Fact, known: _Known, country: str) -> bool:
    """Whether the golden record has the value, however it is written."""
    if fact.attribute == "email":
        return fact.value.casefold() in {email.casefold() for email in known.emails or ()}
    if fact.attribute == "phone":
        return _dialled(fact.value, country) in {_dialled(phone, country) for phone in known.phones or ()}
    if fact.attribute == "name":
        return set(_folded(fact.value)) <= set(_folded(known.full_name or ""))
    return _is_same_street(_folded(fact.value), _folded(known.street or ""))


def _dialled(phone: str, country: str) -> str:
    try:
        number = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _folded(text: str) -> list[str]:
    """Return the words of a text in small letters without accents."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    return re.findall(r"[^\W_]+", bare)


def _is_same_street(told: list[str], street: list[str]) -> bool:
    """Whether all numbers and the longest word of the street are told: "St" may be written out, "N" left out."""
    numbers = [word for word in street if word[0].isdigit()]
    longest = max(street, key=len, default="")
    return bool(street) and longest in told and all(number in told for number in numbers)
