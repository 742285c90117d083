"""What a record is known by: a column without repeats, one whose rows are lines of one order, or several together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.propose.header import words_of
from connectors.propose.judge import percent
from connectors.propose.proposal import LIKELY, SURE, UNSURE
from connectors.propose.word_sets import word_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connectors.propose.evidence import Evidence

_ID_WORDS = word_set("""
    id no nr nummer number num key code uuid guid ref reference pk oid cid numero numer nro no order invoice case
    ticket account kundennummer bestellnummer rechnungsnummer sku isbn ean issue
""")
_ID_MEANINGS = ("reference", "key", "customer_id")
_ALMOST_UNIQUE = 0.97
_LINES_BELOW = 0.97
_COMBINED = 3
_TELLING = 3
"""Letters; shorter words of a name tell nothing."""
_HASHED = 6


@dataclass(frozen=True, slots=True)
class Key:
    """A proposed key: as YAML says it, whether its rows are lines, and what speaks for and against it."""

    value: Any
    columns: tuple[str, ...]
    confidence: float
    why: str
    unsure: str = ""
    lines: bool = False


def propose_key(evidences: Sequence[Evidence], unique: set[str], rows: int, file_words: Iterable[str]) -> Key:
    """Return the key of a file's rows.

    `unique` are the columns that no two of so many `rows` share, `file_words` the words of its name.
    """
    plain = [evidence for evidence in evidences if isinstance(evidence.column.expression, str)]
    named = [evidence for evidence in plain if _is_id(evidence)]
    if (lines := _lines(plain, named)) is not None:
        return lines
    free = [evidence for evidence in plain if evidence.column.name in unique and _is_stable(evidence)]
    ranked = sorted(free, key=lambda evidence: _rank(evidence, set(file_words)))
    if ranked:
        best = ranked[0]
        sure = _is_id(best)
        others = [evidence.column.name for evidence in ranked[1:] if _is_id(evidence)]
        unsure = "" if sure else "its name does not say that it is one: a key never changes"
        if others and not unsure and _rank(best, set(file_words))[:2] == _rank(ranked[1], set(file_words))[:2]:
            unsure = f"{others[0]} does not repeat either"
        return Key(
            best.column.name,
            (best.column.name,),
            SURE if not unsure else LIKELY,
            f"no two of {rows:,} rows share it",
            unsure,
        )
    almost = [evidence for evidence in named if _distinct_share(evidence) >= _ALMOST_UNIQUE]
    if almost:
        best = min(almost, key=lambda evidence: _rank(evidence, set(file_words)))
        name = best.column.name
        said = "some rows repeat it, or lack it: of rows that differ the last counts, those without go into quarantine"
        return Key(name, (name,), UNSURE, f"{percent(_distinct_share(best))} of the rows have one of their own", said)
    return _together(plain, named)


def _is_id(evidence: Evidence) -> bool:
    words = words_of(evidence.column.name)
    meant = any(meaning.attribute in _ID_MEANINGS for meaning in evidence.meanings)
    return (meant or bool(_ID_WORDS.intersection(words))) and evidence.moment < _ALMOST_UNIQUE


def _is_stable(evidence: Evidence) -> bool:
    """Say whether a column may be a key at all: no time, amount, free text or way to reach a person."""
    attributes = {meaning.attribute for meaning in evidence.meanings}
    changing = attributes & {"at", "updated_at", "amount", "email", "phone", "body", "subject", "full_name", "address"}
    return not changing and evidence.share("long") == 0 and evidence.moment < _ALMOST_UNIQUE


def _rank(evidence: Evidence, file_words: set[str]) -> tuple[int, int, int]:
    words = set(words_of(evidence.column.name))
    alike = any(
        word.rstrip("s") in {known.rstrip("s") for known in file_words} for word in words if len(word) >= _TELLING
    )
    meant = next((place for place, name in enumerate(_ID_MEANINGS) if name in _attributes(evidence)), len(_ID_MEANINGS))
    return (0 if _is_id(evidence) else 1, meant - 2 * alike, evidence.place)


def _attributes(evidence: Evidence) -> set[str]:
    return {meaning.attribute for meaning in evidence.meanings}


def _distinct_share(evidence: Evidence) -> float:
    return evidence.distinct / len(evidence.column.texts) if evidence.column.texts else 0.0


def _lines(plain: Sequence[Evidence], named: Sequence[Evidence]) -> Key | None:
    """Return the key of rows that are lines: an order's number that repeats, beside columns of what was bought."""
    items = {"sku", "quantity", "line_amount", "unit_price", "description"}
    of_items = [evidence for evidence in plain if items & _attributes(evidence)]
    numbers = [
        evidence
        for evidence in named
        if "reference" in _attributes(evidence)
        and evidence.column.share_filled > _ALMOST_UNIQUE
        and _distinct_share(evidence) < _LINES_BELOW
    ]
    if not numbers or len(of_items) < 2:  # noqa: PLR2004 - an article and how many of it
        return None
    best = max(numbers, key=lambda evidence: (evidence.distinct, -evidence.place))
    name = best.column.name
    said = f"{len(best.column.texts):,} rows of {best.distinct:,} were looked at: the lines of one order share it"
    return Key(name, (name,), LIKELY, said, lines=True)


def _together(plain: Sequence[Evidence], named: Sequence[Evidence]) -> Key:
    """Return two or three columns that no two rows share together, else a hash of some that tell most."""
    for count in (2, _COMBINED):
        chosen = [evidence for evidence in named if evidence.column.share_filled > _ALMOST_UNIQUE][:count]
        if len(chosen) == count and _differ(chosen):
            names = tuple(evidence.column.name for evidence in chosen)
            return Key(
                list(names), names, UNSURE, "no two rows that were looked at share them", "no column is a key alone"
            )
    telling = sorted(plain, key=lambda evidence: (-evidence.distinct, evidence.place))
    names = tuple(evidence.column.name for evidence in sorted(telling[:_HASHED], key=lambda found: found.place))
    unsure = "no column is a key: a record whose hashed columns change is taken for another one"
    return Key({"hash": list(names)}, names, UNSURE, "the columns that differ most", unsure)


def _differ(evidences: Sequence[Evidence]) -> bool:
    rows = list(zip(*(evidence.column.texts for evidence in evidences), strict=True))
    return len(set(rows)) == len(rows)
