"""What happened: lines of `activity`, and when the source changed a record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from connectors.propose.assign import WITH_ITEMS, unsure_of
from connectors.propose.judge import percent
from connectors.propose.proposal import LIKELY, SURE, UNSURE, Line
from connectors.propose.statuses import sorted_statuses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.propose.assign import Assignment
    from connectors.propose.evidence import Evidence
    from connectors.propose.judge import Candidate

_ALMOST = 0.995
_DIRECTIONS = {"inbound", "outbound", "internal"}
_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY"}
_CODE = re.compile(r"(?<![a-z])(usd|eur|gbp|chf|sek|nok|dkk|cad|aud|pln)(?![a-z])", re.IGNORECASE)


def activity_lines(found: Assignment, holds: str, key: tuple[str, ...], *, lines: bool) -> Iterator[Line]:
    """Yield `updated_at` and the lines of `activity`; `lines` says that rows of one key are lines of one order."""
    yield from _moments(found)
    yield from _reference(found, holds, key)
    yield from _plain(found, ("subject", "body", "channel", "handled_by", "conversation"))
    if (direction := found.best("direction")) is not None:
        if set(map(str.lower, direction.evidence.values)) <= _DIRECTIONS:
            yield _line("direction", direction)
        else:
            said = "its values are other words than inbound, outbound and internal"
            found.left_out[direction.evidence.column.name] = f"a direction, but {said}: map them with {{sql: …}}"
    yield from _money(found, lines=lines)
    yield from _status(found)
    if holds in WITH_ITEMS:
        yield from _items(found, lines=lines)


def moment_value(evidence: Evidence) -> Any:  # noqa: ANN401 - whatever YAML can say
    """Return the expression of a date or time."""
    column, dates = evidence.column, evidence.dates
    if evidence.epoch:
        return column.written(epoch=evidence.epoch)
    if dates.iso and len(dates.formats) > 1:
        return column.written()
    return column.written(format=dates.formats[0] if len(dates.formats) == 1 else list(dates.formats))


def _moment_line(key: str, candidate: Candidate) -> Line:
    evidence = candidate.evidence
    unsure = evidence.dates.instead if not evidence.epoch else ""
    if not unsure and evidence.moment < _ALMOST:
        unsure = f"{percent(1 - evidence.moment)} cannot be read so; these rows go into quarantine"
    why = f"{candidate.why}, counted in {evidence.epoch} since 1970" if evidence.epoch else candidate.why
    return Line(key, moment_value(evidence), candidate.confidence, why, unsure or unsure_of(candidate))


def _moments(found: Assignment) -> Iterator[Line]:
    if (changed := found.best("updated_at")) is not None:
        yield _moment_line("updated_at", changed)
    if (at := found.best("at")) is not None:
        yield _moment_line("activity.at", at)
    elif changed is not None:
        line = _moment_line("activity.at", changed)
        yield Line(line.key, line.value, UNSURE, line.why, line.unsure or "no other column says when it happened")
    if (due := found.best("promised_at")) is not None:
        yield _moment_line("activity.promised_at", due)


def _reference(found: Assignment, holds: str, key: tuple[str, ...]) -> Iterator[Line]:
    given = found.best("reference")
    if holds in ("order", "invoice", "account", "case"):
        if len(key) == 1:
            if given is None or given.evidence.column.name == key[0]:
                yield Line("activity.reference", key[0], LIKELY, "the key is what others quote")
                return
            yield Line(
                "activity.reference", key[0], LIKELY, "the key", f"others may quote {given.evidence.column.name}"
            )
            found.left_out[given.evidence.column.name] = (
                "a number that others may quote; see reference, about and links"
            )
        elif given is not None:
            yield _line("reference", given)
    elif given is not None and given.evidence.column.name not in key:
        yield _line("about", given, "a number of another record: if it is this one's own, call it reference")
    elif (about := found.best("about")) is not None:
        yield _line("about", about)


def _line(name: str, candidate: Candidate, unsure: str = "") -> Line:
    value = candidate.evidence.column.written()
    return Line(f"activity.{name}", value, candidate.confidence, candidate.why, unsure or unsure_of(candidate))


def _plain(found: Assignment, names: tuple[str, ...]) -> Iterator[Line]:
    for name in names:
        if (candidate := found.best(name)) is not None:
            yield _line(name, candidate)


def _money(found: Assignment, *, lines: bool) -> Iterator[Line]:
    amount, currency = found.best("amount"), found.best("currency")
    if amount is None and not (lines and (found.best("unit_price") or found.best("line_amount"))):
        if currency is not None:
            found.left_out[currency.evidence.column.name] = "a currency without an amount"
        return
    sign, name = "", ""
    if amount is not None:
        yield Line("activity.amount", *_number(amount))
        sign, name = amount.evidence.numbers.sign, amount.evidence.column.name
    if currency is not None:
        yield _line("currency", currency)
    elif (code := _SIGNS.get(sign) or sign or _code_in(name)) and code.isalpha():
        yield Line(
            "activity.currency", {"value": code.upper()}, UNSURE, "a sign or code beside the amounts", "say which"
        )


def _code_in(name: str) -> str:
    found = _CODE.search(name.replace("_", " "))
    return found[1] if found else ""


def _number(candidate: Candidate) -> tuple[Any, float, str, str]:
    """Return value, confidence, why and what is unsure of a column of numbers."""
    column, style = candidate.evidence.column, candidate.evidence.numbers
    unsure = style.instead or unsure_of(candidate)
    if style.share < _ALMOST and not unsure:
        unsure = f"{percent(1 - style.share)} are no numbers; these rows go into quarantine"
    if style.sign:
        return {"sql": _bare(column.name, style.decimal, style.thousands)}, UNSURE, candidate.why, "the sign is cut off"
    return column.written(**style.keys), candidate.confidence, candidate.why, unsure


def _bare(name: str, decimal: str | None, thousands: str | None) -> str:
    """Return SQL that leaves currency signs and thousands' marks out, and makes the decimal mark a point."""
    quoted = '"' + name.replace('"', '""') + '"'
    digits = f"regexp_replace({quoted}, '[^0-9.,+-]', '', 'g')"
    if thousands in (",", "."):
        digits = f"replace({digits}, '{thousands}', '')"
    return f"replace({digits}, ',', '.')" if decimal == "," else digits


def _status(found: Assignment) -> Iterator[Line]:
    status = found.best("status")
    if status is None:
        return
    sorted_words = sorted_statuses(status.evidence.values)
    known = {word.lower() for words in sorted_words.values() for word in words}
    left = sorted(value for value in status.evidence.values if value.lower() not in known)
    unsure = unsure_of(status)
    if left:
        unsure = f"what {len(left)} of its {len(status.evidence.values)} values mean is not known"
    elif not unsure:
        unsure = "sorted by what the words mean elsewhere"
    value = status.evidence.column.written(**sorted_words) if sorted_words else status.evidence.column.written()
    yield Line("activity.status", value, min(status.confidence, LIKELY), status.why, unsure)


def _items(found: Assignment, *, lines: bool) -> Iterator[Line]:
    parts: dict[str, Any] = {}
    unsure = []
    for part in ("sku", "quantity", "description"):
        if (candidate := found.best(part)) is not None:
            style = candidate.evidence.numbers
            column = candidate.evidence.column
            parts[part] = column.written(**style.keys) if part == "quantity" else column.written()
            unsure += [unsure_of(candidate)]
    if not parts:
        return
    if (amount := found.best("line_amount")) is not None:
        parts["amount"] = _number(amount)[0]
    elif (price := found.best("unit_price")) is not None and (count := found.best("quantity")) is not None and lines:
        parts["amount"] = {"sql": _product(count, price)}
        unsure.append("a line's amount is computed as quantity by price")
    said = "; ".join(dict.fromkeys(filter(None, unsure)))
    yield Line("activity.items", parts, UNSURE if said else SURE, "columns of what was bought", said)


def _product(count: Candidate, price: Candidate) -> str:
    factors = (
        f"TRY_CAST({_bare(each.evidence.column.name, each.evidence.numbers.decimal, each.evidence.numbers.thousands)}"
        " AS DECIMAL(14,4))"
        for each in (count, price)
    )
    return " * ".join(factors)
