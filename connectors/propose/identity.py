"""Who a record is: lines of `fields` from the columns that were given to attributes of identity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.propose.assign import unsure_of
from connectors.propose.header import words_of
from connectors.propose.judge import percent
from connectors.propose.proposal import LIKELY, UNSURE, Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connectors.propose.assign import Assignment
    from connectors.propose.evidence import Evidence
    from connectors.propose.judge import Candidate

NUMBER_FIRST = ("US", "CA", "GB", "IE", "AU", "NZ", "FR", "ZA", "IN")
"""Countries that write the house number before the street."""
_PLAIN = (
    "given_name",
    "family_name",
    "name_suffix",
    "organisation",
    "unit",
    "city",
    "region",
    "postal_code",
    "country",
)
_HALF = 0.5
_SOME = 0.05
_HARDLY_MORE = 0.005
_BIRTH_PARTS = (
    ("by", "bm", "bd"),
    ("birthyear", "birthmonth", "birthday"),
    ("yearofbirth", "monthofbirth", "dayofbirth"),
    ("dobyear", "dobmonth", "dobday"),
    ("dobyyyy", "dobmm", "dobdd"),
    ("geburtsjahr", "geburtsmonat", "geburtstag"),
    ("anneenaissance", "moisnaissance", "journaissance"),
)


def field_lines(found: Assignment, evidences: Sequence[Evidence], country: str) -> Iterator[Line]:
    """Yield the lines of `fields`; a column that it leaves out after all is noted in `found`."""
    yield from _names(found)
    yield from _plain(found, ("name_suffix", "organisation"))
    yield from _birth_date(found, evidences)
    yield from _several(found, "email")
    yield from _several(found, "phone")
    yield from _street(found, country)
    yield from _plain(found, ("unit", "city", "region", "postal_code", "country"))
    yield from _addresses(found, country)
    for attribute, candidates in found.taken.items():
        if attribute.startswith("identifier."):
            yield _line(attribute, candidates[0])


def _line(attribute: str, candidate: Candidate, value: Any = None, unsure: str = "") -> Line:  # noqa: ANN401 - YAML
    written = candidate.evidence.column.written() if value is None else value
    said = unsure or unsure_of(candidate)
    return Line(f"fields.{attribute}", written, candidate.confidence, candidate.why, said)


def _plain(found: Assignment, attributes: Sequence[str]) -> Iterator[Line]:
    for attribute in attributes:
        if (candidate := found.best(attribute)) is not None:
            yield _line(attribute, candidate)


def _names(found: Assignment) -> Iterator[Line]:
    given, family, full = (found.best(name) for name in ("given_name", "family_name", "full_name"))
    if full is not None and (given is None or family is None or _adds(full, given, family)):
        order = full.evidence.share("family_first")
        column = full.evidence.column
        value = column.written(name_order="family_first") if order >= _HALF else column.written()
        unsure = unsure_of(full)
        if not unsure and _SOME <= order < 1 - _SOME:
            unsure = f"{percent(order)} are written FAMILY, GIVEN, the others are not"
        yield _line("full_name", full, value, unsure)
    elif full is not None:
        found.left_out[full.evidence.column.name] = "the whole name, whose parts other columns give"
    yield from _plain(found, ("given_name",))
    middle = found.taken.get("middle_name", [])
    if len(middle) > 1:
        longest = sorted(middle, key=lambda candidate: -candidate.evidence.length)
        value = {"first": [candidate.evidence.column.written() for candidate in longest]}
        yield _line("middle_name", longest[0], value)
    else:
        yield from _plain(found, ("middle_name",))
    yield from _plain(found, ("family_name",))


def _adds(full: Candidate, given: Candidate, family: Candidate) -> bool:
    """Say whether rows have a whole name and neither of its parts."""
    rows = zip(*(found.evidence.column.texts for found in (full, given, family)), strict=True)
    alone = sum(bool(whole) and not first and not last for whole, first, last in rows)
    return alone > _HARDLY_MORE * len(full.evidence.column.texts)


def _birth_date(found: Assignment, evidences: Sequence[Evidence]) -> Iterator[Line]:
    candidate = found.best("birth_date")
    if candidate is not None:
        dates = candidate.evidence.dates
        column = candidate.evidence.column
        formats = dates.formats[0] if len(dates.formats) == 1 else list(dates.formats)
        short = any("%y" in known for known in dates.formats)
        years = "years of two digits are taken for the past" if short else ""
        unsure = dates.instead or unsure_of(candidate) or years
        yield _line("birth_date", candidate, column.written(format=formats), unsure)
        return
    named = {"".join(words_of(evidence.column.name)): evidence for evidence in evidences}
    for parts in _BIRTH_PARTS:
        if set(parts) <= set(named) and all(named[part].share("digits") > _HALF for part in parts):
            columns = [named[part].column.name for part in parts]
            year, month, day = ('"' + name.replace('"', '""') + '"' for name in columns)
            sql = f"{year} || '-' || lpad({month}, 2, '0') || '-' || lpad({day}, 2, '0')"
            for name in columns:
                found.left_out.pop(name, None)
            yield Line("fields.birth_date", {"sql": sql}, LIKELY, "three columns give year, month and day")
            return


def _several(found: Assignment, attribute: str) -> Iterator[Line]:
    candidates = found.taken.get(attribute, [])
    if not candidates:
        return
    values = [candidate.evidence.column.written() for candidate in candidates]
    unsure = "; ".join(dict.fromkeys(filter(None, map(unsure_of, candidates))))
    why = "; ".join(dict.fromkeys(candidate.why for candidate in candidates))
    value = values[0] if len(values) == 1 else values
    yield Line(f"fields.{attribute}", value, min(c.confidence for c in candidates), why, unsure)


def _street(found: Assignment, country: str) -> Iterator[Line]:
    street, number = found.best("street"), found.best("street_number")
    if street is not None and number is None and street.evidence.share("street") < _HALF:
        street = next((whole for whole in found.taken.get("address", []) if _is_street(whole)), street)
    if street is None:
        if number is not None:
            found.left_out[number.evidence.column.name] = "a house number without a street"
        return
    if number is None or street.evidence.share("street") >= _HALF:
        if number is not None:
            found.left_out[number.evidence.column.name] = "the street's column has the numbers already"
        yield _line("street", street)
        return
    value = {"join": _in_order(street, number, country)}
    yield _line("street", street, value, unsure_of(street) or unsure_of(number))


def _is_street(candidate: Candidate) -> bool:
    """Say whether what is called an address is a street with its number, and no town."""
    return candidate.evidence.share("address_line") < _HALF <= candidate.evidence.share("street")


def _in_order(street: Candidate, number: Candidate, country: str) -> list[Any]:
    parts = [number, street] if country in NUMBER_FIRST else [street, number]
    return [candidate.evidence.column.written() for candidate in parts]


def _addresses(found: Assignment, country: str) -> Iterator[Line]:
    """Yield addresses in one line, and those whose parts are a second address beside the first."""
    written: list[Any] = []
    unsure: list[str] = []
    why: list[str] = []
    for candidate in found.taken.get("address", []):
        evidence = candidate.evidence
        if found.best("street") is None and _is_street(candidate):
            yield _line(
                "street", candidate, None, "called an address, but most have no town: it may be one in one line"
            )
            continue
        if found.best("street") is not None and evidence.share("address_line") < _HALF:
            found.left_out[evidence.column.name] = "an address without a town, beside a street"
            continue
        share = evidence.share("address_line")
        why.append(f"{percent(share)} look like addresses in one line")
        unsure += [unsure_of(candidate)] if share >= _HALF else ["few look like whole addresses"]
        written.append(evidence.column.written())
    for words, group in found.further.items():
        if "street" in group and ("postal_code" in group or "city" in group):
            written.append(_joined(group, country))
            why.append(f"the columns of {words or 'another'} make a second address")
            unsure.append("a second address in one line: leave it out if it is not the customer's")
    if written:
        value = written[0] if len(written) == 1 else written
        said = "; ".join(dict.fromkeys(filter(None, unsure)))
        yield Line("fields.address", value, UNSURE if said else LIKELY, "; ".join(why), said)


def _joined(group: dict[str, Candidate], country: str) -> dict[str, Any]:
    street: Any = group["street"].evidence.column.written()
    if "street_number" in group:
        street = {"join": _in_order(group["street"], group["street_number"], country)}
    parts = [street, *(group[name].evidence.column.written() for name in ("unit", "city", "region") if name in group)]
    if "postal_code" in group:
        parts.append(group["postal_code"].evidence.column.written())
    return {"join": parts, "with": ", "}
