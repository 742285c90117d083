"""A column's name to the attributes it may mean: exactly called so, called so of somebody, or nearly called so."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from anyascii import anyascii
from rapidfuzz import fuzz, process

from connectors.propose.column_words import ATTRIBUTE_WORDS, NEUTRAL, NOT_OURS, TOLD_BY_ENDING, TOLD_BY_VALUES, WEAK

EXACT, QUALIFIED, DOUBTFUL, NEAR = 1.0, 0.95, 0.8, 0.7
_NEAR_ENOUGH = 87
_SHORTEST_NEAR = 5
_CLEAR_ENDINGS = ("amount", "currency", "status", "betrag", "montant", "importe")
_NUMBER_WORDS = ("id", "no", "nr", "num", "number", "code", "key")
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


@dataclass(frozen=True, slots=True)
class Meaning:
    """An attribute that a column's name may mean: how surely, from 0 to 1, and which words stand around it."""

    attribute: str
    score: float
    around: str = ""


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a column's name, folded: `shipTo_Straße` gives ship, to, strasse."""
    plain = re.sub("[äÄ]", "ae", re.sub("[öÖ]", "oe", re.sub("[üÜ]", "ue", name)))
    umlauts = anyascii(plain)
    plain = anyascii(name) if _joined(umlauts) not in _known() and _joined(anyascii(name)) in _known() else umlauts
    return tuple(word.lower() for word in _WORD.findall(plain))


def meanings(name: str) -> tuple[Meaning, ...]:
    """Return what a column's name may mean, the likeliest first; a path counts by its last part, and by the whole."""
    whole = words_of(name)
    if "".join(whole) in _known():
        return tuple(_meanings(whole, ()))
    parts = [words_of(part) for part in re.split(r"[.]", name) if part]
    last = parts[-1] if parts else ()
    outer = tuple(word for part in parts[:-1] for word in part)
    found = _meanings(last, outer)
    if not found and outer:
        found = _meanings((*outer, *last), ())
    return tuple(found)


def is_somebody_elses(name: str) -> bool:
    """Say whether a word of the name makes it another one's: an agent's, a mother's, a supplier's."""
    words = words_of(name)
    return bool(NOT_OURS.intersection(words)) and "".join(words) not in _known()


def _meanings(words: tuple[str, ...], outer: tuple[str, ...]) -> list[Meaning]:
    whole = [word for word in words if not word.isdigit()]
    around = " ".join(outer)
    exact = _known().get("".join(words)) or _known().get("".join(whole)) or ()
    if exact:
        score = DOUBTFUL if WEAK.intersection(("".join(words), "".join(whole))) else EXACT
        return [Meaning(attribute, score, around) for attribute in exact]
    inner = [word for word in whole if word not in NEUTRAL and len(word) > 1]
    for part in (inner, *_shorter(whole), *([inner[:-1]] if inner and inner[-1] in _NUMBER_WORDS else [])):
        known = _known().get("".join(part))
        if part and known:
            other = " ".join([*outer, *(word for word in whole if word not in part)])
            return [Meaning(attribute, QUALIFIED, other) for attribute in known]
    return _near("".join(inner), around) or _part(whole, around)


def _part(words: list[str], around: str) -> list[Meaning]:
    """Return what some words of a name mean, where its values will tell whether it does."""
    for length in range(len(words) - 1, 0, -1):
        for start in range(len(words) - length + 1):
            known = _known().get("".join(words[start : start + length]), ())
            ends = start + length == len(words) and (length > 1 or words[-1] in _CLEAR_ENDINGS)
            allowed = TOLD_BY_VALUES + TOLD_BY_ENDING if ends else TOLD_BY_VALUES
            if told := [attribute for attribute in known if attribute in allowed]:
                return [Meaning(attribute, NEAR, around) for attribute in told]
    return []


def _near(text: str, around: str) -> list[Meaning]:
    if len(text) < _SHORTEST_NEAR:
        return []
    near = process.extractOne(text, _known().keys(), scorer=fuzz.ratio, score_cutoff=_NEAR_ENOUGH)
    if near is None or len(near[0]) < _SHORTEST_NEAR:
        return []
    return [Meaning(attribute, NEAR, around) for attribute in _known()[near[0]]]


def _shorter(words: list[str]) -> list[list[str]]:
    """Return the ends of a name that leave words of no account out at its front, then its beginnings."""
    ends = [words[start:] for start in range(1, len(words)) if NEUTRAL.issuperset(words[:start])]
    return ends + [words[:end] for end in range(len(words) - 1, 0, -1) if NEUTRAL.issuperset(words[end:])]


def _joined(text: str) -> str:
    return "".join(word.lower() for word in _WORD.findall(text))


@cache
def _known() -> dict[str, tuple[str, ...]]:
    """Return the attributes of each word."""
    found: dict[str, list[str]] = defaultdict(list)
    for attribute, words in ATTRIBUTE_WORDS.items():
        for word in dict.fromkeys(words.split()):
            found[word].append(attribute)
    return {word: tuple(attributes) for word, attributes in found.items()}
