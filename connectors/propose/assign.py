"""Which column is which attribute: of all candidates the surest, each column once, several only where a list may be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connectors.propose.judge import Candidate, candidates, percent
from connectors.propose.proposal import UNSURE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connectors.propose.evidence import Evidence

LISTS = {"email": 3, "phone": 4, "address": 2}
"""Attributes that several columns may be, and how many."""
PLACES = ("street", "street_number", "unit", "city", "region", "postal_code", "country")
"""The parts of an address: of columns called so around different words each group is an address of its own."""
WITH_ITEMS = ("order", "invoice")
ITEM_PARTS = ("sku", "quantity", "description", "unit_price", "line_amount")
_SEVERAL = {"middle_name": 2}
_STREET_ENOUGH = 0.5


@dataclass(slots=True)
class Assignment:
    """What each attribute was given, the best first, the groups of further addresses, and the columns left out."""

    taken: dict[str, list[Candidate]] = field(default_factory=dict)
    further: dict[str, dict[str, Candidate]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def best(self, attribute: str) -> Candidate | None:
        """Return the column that an attribute was given."""
        return next(iter(self.taken.get(attribute, ())), None)

    def columns(self) -> set[str]:
        """Return the names of the columns that were given to an attribute."""
        groups = [found for group in self.further.values() for found in group.values()]
        return {found.evidence.column.name for each in (*self.taken.values(), groups) for found in each}


def assign(evidences: Sequence[Evidence], holds: str, reserved: Iterable[str] = ()) -> Assignment:
    """Return the attributes of columns; those `reserved` (the key's) are given to none but `reference`."""
    kept = set(reserved)
    found = Assignment()
    every = [
        candidate
        for evidence in evidences
        for candidate in candidates(evidence)
        if evidence.column.name not in kept or candidate.attribute == "reference"
    ]
    every = _with_families(_of_kind(every, holds))
    every.sort(key=_rank)
    main = _main_group(every)
    for candidate in every:
        name = candidate.evidence.column.name
        if name in found.columns():
            continue
        _take(found, candidate, main)
    _fill_main(found)
    for evidence in evidences:
        name = evidence.column.name
        if name not in found.columns() and name not in kept:
            found.left_out.setdefault(name, _why_left_out(evidence))
    return found


def _rank(candidate: Candidate) -> tuple[float, int, float, int]:
    evidence = candidate.evidence
    return (-round(candidate.confidence, 1), len(candidate.around), -evidence.column.share_filled, evidence.place)


def _take(found: Assignment, candidate: Candidate, main: str) -> None:
    attribute, name = candidate.attribute, candidate.evidence.column.name
    taken = found.taken.setdefault(attribute, [])
    if attribute in PLACES and candidate.around != main and (taken or _has_main(found, attribute)):
        found.further.setdefault(candidate.around, {}).setdefault(attribute, candidate)
        return
    if len(taken) < LISTS.get(attribute, _SEVERAL.get(attribute, 1)):
        taken.append(candidate)
        found.left_out.pop(name, None)
    else:
        other = taken[0].evidence.column.name
        found.left_out.setdefault(name, f"{attribute} too, like {other}, which was taken")


def _has_main(found: Assignment, attribute: str) -> bool:
    return bool(found.taken.get("street")) and attribute != "country"


def _of_kind(every: list[Candidate], holds: str) -> list[Candidate]:
    """Leave out what such a record does not have: an order's description is its article's, a case's is its text."""
    with_items = holds in WITH_ITEMS
    described = {id(candidate.evidence) for candidate in every if candidate.attribute == "description"}
    return [
        candidate
        for candidate in every
        if (with_items or candidate.attribute not in ITEM_PARTS)
        and not (with_items and candidate.attribute == "body" and id(candidate.evidence) in described)
    ]


def _fill_main(found: Assignment) -> None:
    """Give parts of an address that has no street to the record's own address, where it lacks them."""
    for words, group in list(found.further.items()):
        if "street" in group and ("postal_code" in group or "city" in group):
            continue
        for attribute, candidate in group.items():
            if not found.taken.get(attribute):
                found.taken[attribute] = [candidate]
            else:
                found.left_out.setdefault(candidate.evidence.column.name, f"{attribute} of another address")
        del found.further[words]


def _main_group(every: Iterable[Candidate]) -> str:
    """Return the words around the parts of the record's own address: the fullest one's, if possible none."""
    filled: dict[str, float] = {}
    for candidate in every:
        if candidate.attribute in ("street", "postal_code", "city", "unit", "region", "street_number"):
            filled[candidate.around] = filled.get(candidate.around, 0) + candidate.evidence.column.share_filled
    if "" in filled and filled[""] >= 1:
        return ""
    return max(filled, key=lambda words: (filled[words], words), default="")


def _with_families(every: list[Candidate]) -> list[Candidate]:
    """Return the candidates with `name` beside `Vorname` taken for the family name, as some languages say it."""
    attributes = {candidate.attribute for candidate in every}
    if "given_name" not in attributes or "family_name" in attributes:
        return every
    single = [
        candidate
        for candidate in every
        if candidate.attribute == "full_name"
        and candidate.evidence.share("family_first") < _STREET_ENOUGH
        and candidate.evidence.share("name_word") >= _STREET_ENOUGH
        and _words(candidate.evidence) < 1.5  # noqa: PLR2004 - a family name is one word, sometimes two
    ]
    return [
        replace(
            candidate,
            attribute="family_name",
            why=f"its name, beside a column of given names; {percent(candidate.evidence.share('name_word'))} are names",
        )
        if candidate in single
        else candidate
        for candidate in every
    ]


def _words(evidence: Evidence) -> float:
    texts = evidence.column.filled[:500]
    return sum(len(text.split()) for text in texts) / len(texts) if texts else 0.0


def _why_left_out(evidence: Evidence) -> str:
    if not evidence.column.filled:
        return "empty in the rows that were looked at"
    if evidence.somebody_elses:
        return "its name says that it is about somebody or something else"
    if evidence.meanings:
        return f"called like {evidence.meanings[0].attribute}, but its values are not such"
    return "nothing known by its name or its values"


def unsure_of(candidate: Candidate) -> str:
    """Return what a candidate is unsure of; nothing where it is sure enough."""
    return candidate.unsure or ("" if candidate.confidence > UNSURE else "little speaks for it")
