"""How the text of an export becomes a date, a moment or a number: SQL that gives null, never a guess, for what is none.

Each conversion has two steps, so that nothing is computed twice: `parsed` from the text, `value` from what was parsed.
Traps that are kept out (DuckDB 2.0): `%SZ` gives a time without a zone; `%z` does not read `Z`; a list of formats that
mixes zoned and naive ones uses the session's zone; `%y` turns 43 into 2043; strptime takes "epoch" and "infinity" for
times; of a time that occurs twice a year the second is taken; TRY_CAST reads `1_000` as a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from warehouse.connection import quote_literal

if TYPE_CHECKING:
    from datetime import date

    from warehouse.settings.expressions import Epoch

Kind = Literal["text", "moment", "date", "money"]
"""What a value is: VARCHAR, TIMESTAMP in UTC, DATE, or DECIMAL(18,4)."""

MONEY = "DECIMAL(18,4)"
_PER_SECOND: dict[Epoch, int] = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_LAST_EPOCH_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z
_FIRST_EPOCH_SECOND = -62_135_596_800  # 0001-01-01T00:00:00Z
_DIRECTIVE = re.compile(r"%-?(.)", re.DOTALL)
_CLOCK = frozenset("HIMSpfgnXcTr")
_ISO = (
    r"\d{4}-\d{2}-\d{2}"
    r"([T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?( ?(Z|z|[+-]\d{2}(:?\d{2})?))?)?"
)
_ISO_LOCAL = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?)?"
_OF_FOUR_DIGITS = "NOT starts_with(trim({text}), '0')"
"""Beside formats a year has four digits, as in them: what says 0500 is none."""
_SPACES = "[ \u00a0\u202f]"


@dataclass(frozen=True, slots=True)
class Conversion:
    """SQL of one conversion to a value of `gives`: templates over `{text}`, then over `{text}` and `{parsed}`.

    `reason` is the quarantine code for text that is not what `allowed` says.
    """

    gives: Kind
    parsed: str
    value: str
    reason: str
    allowed: str

    def parsed_sql(self, text: str) -> str:
        """Return the first step over the column `text`."""
        return self.parsed.replace("{text}", text)

    def value_sql(self, text: str, parsed: str) -> str:
        """Return the second step over the columns `text` and `parsed`."""
        return self.value.replace("{text}", text).replace("{parsed}", parsed)


def is_zoned(pattern: str) -> bool:
    """Say whether a format names a zone: `%z`, `%Z`, or a literal Z at its end, which means UTC."""
    directives = _DIRECTIVE.findall(pattern)
    return "z" in directives or "Z" in directives or _ends_in_z(pattern)


def has_clock(pattern: str) -> bool:
    """Say whether a format has a time of day."""
    return bool(_CLOCK.intersection(_DIRECTIVE.findall(pattern)))


def moment(formats: tuple[str, ...], zone: str, *, iso: bool = False) -> Conversion:
    """Return the conversion to a moment in UTC; text without a zone is in `zone`.

    ISO 8601 is read without formats, and with `iso` beside them.
    """
    if not formats:
        return Conversion("moment", _iso_moment(), _to_utc(zone), "bad_timestamp", "ISO 8601")
    naive = _coalesce([_parse(pattern) for pattern in formats if not is_zoned(pattern)])
    zoned = _coalesce([_parse_zoned(pattern) for pattern in formats if is_zoned(pattern)])
    parsed = f"{{'local': {naive}, 'utc': {zoned}}}"
    if iso:
        iso_alone = f"{naive} IS NULL AND {zoned} IS NULL AND {_OF_FOUR_DIGITS}"
        parsed = f"CASE WHEN {iso_alone} THEN {_iso_moment()} ELSE {parsed} END"
    return Conversion("moment", parsed, _to_utc(zone), "bad_timestamp", _spelt(formats, iso=iso))


def calendar_date(formats: tuple[str, ...], today: date, *, past: bool, iso: bool = False) -> Conversion:
    """Return the conversion to a date, as it is written whatever zone stands beside it.

    ISO 8601 is read without formats, and with `iso` beside them. `past`: a date after `today` is none, except that a
    year of two digits then means the century before.
    """
    dates = []
    for pattern in formats:
        parsed = f"{_parse_unzoned(pattern)}::DATE"
        if past and "y" in _DIRECTIVE.findall(pattern):
            limit = f"DATE {quote_literal(today.isoformat())}"
            parsed = f"CASE WHEN {parsed} > {limit} THEN ({parsed} - INTERVAL 100 YEAR)::DATE ELSE {parsed} END"
        dates.append(parsed)
    if iso or not formats:
        found = f"{_matches(_ISO)} AND {_OF_FOUR_DIGITS}" if formats else _matches(_ISO)
        dates.append(f"CASE WHEN {found} THEN try_strptime(left(trim({{text}}), 10), '%Y-%m-%d')::DATE END")
    value = _not_after(today) if past else "{parsed}"
    return Conversion("date", _coalesce(dates, "DATE"), value, "bad_date", _when(_spelt(formats, iso=iso), past))


def epoch_moment(unit: Epoch) -> Conversion:
    """Return the conversion of seconds (or ms, us, ns) since 1970-01-01T00:00:00Z to a moment in UTC."""
    number = (
        f"CASE WHEN {_matches(r'[+-]?[0-9]{1,19}([.][0-9]{1,9})?')} THEN TRY_CAST(trim({{text}}) AS DECIMAL(38,9)) END"
    )
    per_second = _PER_SECOND[unit]
    first, last = _FIRST_EPOCH_SECOND * per_second, _LAST_EPOCH_SECOND * per_second
    micros = f"CAST({{parsed}} * {10**6} AS HUGEINT)" if unit == "s" else _micros(per_second)
    value = f"CASE WHEN {{parsed}} BETWEEN {first} AND {last} THEN make_timestamp(CAST({micros} AS BIGINT)) END"
    return Conversion("moment", number, value, "bad_timestamp", f"{unit} since 1970-01-01T00:00:00Z")


def day_of(conversion: Conversion, today: date) -> Conversion:
    """Return a conversion to a moment as one to its day in UTC, which is not after `today`."""
    day = f"CAST({conversion.value} AS DATE)"
    limit = f"DATE {quote_literal(today.isoformat())}"
    value = f"CASE WHEN {day} <= {limit} THEN {day} END"
    return replace(conversion, gives="date", value=value, reason="bad_date")


def number_text(decimal: str | None, thousands: str | None) -> Conversion:
    """Return the conversion to the plain text of a number: digits, a decimal point, an exponent where it had one."""
    mark = decimal or "."
    groups = _SPACES if thousands in (" ", "\u00a0", "\u202f") else re.escape(thousands) if thousands else None
    whole = rf"(?:\d{{1,3}}(?:{groups}\d{{2,3}})*{groups}\d{{3}}|\d+)" if groups else r"\d+"
    fraction = re.escape(mark)
    pattern = rf"[+-]?(?:{whole}(?:{fraction}\d*)?|{fraction}\d+)(?:[eE][+-]?\d{{1,3}})?"
    plain = "trim({text})"
    if groups:
        plain = f"regexp_replace({plain}, {quote_literal(groups)}, '', 'g')"
    if mark != ".":
        plain = f"replace({plain}, {quote_literal(mark)}, '.')"
    allowed = f"a number with {mark!r} as decimal mark" + (f" and {thousands!r} between thousands" if thousands else "")
    return Conversion("text", f"CASE WHEN {_matches(pattern)} THEN {plain} END", "{parsed}", "bad_number", allowed)


def money(decimal: str | None, thousands: str | None) -> Conversion:
    """Return the conversion to an amount or quantity: DECIMAL(18,4), further digits rounded."""
    text = number_text(decimal, thousands)
    allowed = f"{text.allowed}, up to 14 digits before it"
    return Conversion("money", text.parsed, f"TRY_CAST({{parsed}} AS {MONEY})", "bad_number", allowed)


def one_of(words: tuple[str, ...]) -> Conversion:
    """Return the conversion to one of some words, in whatever case it is written."""
    word = "lower(trim({text}))"
    listed = ", ".join(map(quote_literal, words))
    return Conversion(
        "text", f"CASE WHEN {word} IN ({listed}) THEN {word} END", "{parsed}", "bad_value", ", ".join(words)
    )


def sql_value(gives: Kind, sql_type: str, zone: str) -> Conversion | None:
    """Return the conversion of a scalar of `sql_type` that needs no reading as text; None where text is to be read."""
    if gives == "moment" and sql_type.startswith(("TIMESTAMP", "DATE")):
        zoned = sql_type == "TIMESTAMP WITH TIME ZONE"
        place = "'utc'" if zoned else "'local'"
        moment_sql = "timezone('UTC', {text})" if zoned else "CAST({text} AS TIMESTAMP)"
        other = "'local'" if zoned else "'utc'"
        parsed = f"{{{place}: {moment_sql}, {other}: CAST(NULL AS TIMESTAMP)}}"
        return Conversion("moment", parsed, _to_utc(zone), "bad_timestamp", "a time")
    if gives == "money" and sql_type != "VARCHAR":
        return Conversion(
            "money", "TRY_CAST({text} AS " + MONEY + ")", "{parsed}", "bad_number", "a number of up to 14 digits"
        )
    return None


def _micros(per_second: int) -> str:
    if per_second <= 10**6:
        return f"CAST({{parsed}} * {10**6 // per_second} AS HUGEINT)"
    return f"CAST(floor({{parsed}} / {per_second // 10**6}) AS HUGEINT)"


def _to_utc(zone: str) -> str:
    """Return the second step to a moment in UTC.

    A local time is first tried with the offset of 24 hours before: that is the first one of an hour that occurs twice,
    and DuckDB's own answer, which for an hour that is left out shifts forward, holds for all others.
    """
    if zone == "UTC":
        return "coalesce({parsed}.utc, {parsed}.local)"
    name = quote_literal(zone)
    as_before = f"(timezone({name}, {{parsed}}.local - INTERVAL 24 HOURS) + INTERVAL 24 HOURS)"
    first = f"timezone({name}, {as_before}) = {{parsed}}.local"
    utc = f"timezone('UTC', CASE WHEN {first} THEN {as_before} ELSE timezone({name}, {{parsed}}.local) END)"
    return f"coalesce({{parsed}}.utc, {utc})"


def _iso_moment() -> str:
    plain = "replace(trim({text}), ',', '.')"
    local = f"TRY_CAST({plain} AS TIMESTAMP)"
    offset = f"regexp_replace({plain}, ' ?([+-][0-9]{{2}}):?([0-9]{{2}})$', '\\1:\\2')"
    utc = f"timezone('UTC', TRY_CAST({offset} AS TIMESTAMPTZ))"
    return (
        f"CASE WHEN {_matches(_ISO_LOCAL)} THEN {{'local': {local}, 'utc': CAST(NULL AS TIMESTAMP)}}"
        f" WHEN {_matches(_ISO)} THEN {{'local': CAST(NULL AS TIMESTAMP), 'utc': {utc}}} END"
    )


def _parse(pattern: str) -> str:
    # Without a digit it is one of strptime's words for special times, such as "infinity".
    parsed = f"try_strptime({{text}}, {quote_literal(pattern)})"
    if "Y" in _DIRECTIVE.findall(pattern):  # which takes 97 for the year 97
        return f"CASE WHEN regexp_matches({{text}}, '[0-9]') AND year({parsed}) > 999 THEN {parsed} END"
    return f"CASE WHEN regexp_matches({{text}}, '[0-9]') THEN {parsed} END"


def _parse_zoned(pattern: str) -> str:
    directives = _DIRECTIVE.findall(pattern)
    if "z" not in directives and "Z" not in directives:
        return _parse(pattern)
    text = "regexp_replace(trim({text}), '[Zz]$', '+00:00')" if pattern.endswith("%z") else "{text}"
    return f"timezone('UTC', {_parse(pattern).replace('{text}', text)})"


def _parse_unzoned(pattern: str) -> str:
    """Parse without the zone, which a date does not have: its day is the one that is written."""
    if pattern.endswith("%z"):
        text = "regexp_replace(trim({text}), ' ?([Zz]|[+-][0-9]{2}:?[0-9]{2})$', '')"
        return _parse(pattern.removesuffix("%z").rstrip()).replace("{text}", text)
    return _parse(pattern)


def _ends_in_z(pattern: str) -> bool:
    return pattern.endswith("Z") and not _DIRECTIVE.fullmatch(pattern[-2:])


def _not_after(today: date) -> str:
    return f"CASE WHEN {{parsed}} <= DATE {quote_literal(today.isoformat())} THEN {{parsed}} END"


def _when(allowed: str, past: bool) -> str:  # noqa: FBT001 - the caller's own `past`
    return f"{allowed}, not in the future" if past else allowed


def _matches(pattern: str) -> str:
    return f"regexp_full_match(trim({{text}}), {quote_literal(pattern)})"


def _coalesce(values: list[str], kind: str = "TIMESTAMP") -> str:
    return f"coalesce({', '.join(values)}, CAST(NULL AS {kind}))" if values else f"CAST(NULL AS {kind})"


def _spelt(formats: tuple[str, ...], *, iso: bool) -> str:
    return " or ".join((*formats, *(("ISO 8601",) if iso or not formats else ())))
