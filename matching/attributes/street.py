"""A street line: house number, the core of the street's name, post-office box, and a unit written into it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from matching.attributes.characters import fold, has_digit, read_as_digits, visible
from matching.attributes.place import cased
from matching.attributes.street_words import (
    ABBREVIATIONS,
    CERTAIN_UNIT_WORDS,
    COMPOUND_ENDINGS,
    DIRECTIONS,
    FLOOR_WORDS,
    LEADING_ARTICLES,
    LEADING_TYPES,
    LONG_STREET_TYPES,
    ORDINALS,
    PLACEHOLDERS,
    ROUTES,
    STREET_TYPES,
    UNIT_WORDS,
)

LABELS = {"street": "Street", "unit": "Unit"}

_BOX = re.compile(
    r"\b(?:p\.?\s*o\.?\s*b(?:ox|x)?|post\s+office\s+box|postfach|pobox|apartado(?:\s+postal)?|casella\s+postale|bo[iî]te\s+postale)"
    r"\b\.?\s*(?:no\.?|nr\.?|#)?\s*([0-9a-z|]+)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+[a-z]?(?:[-/](?:\d+[a-z]?|[a-z]))?")
_ORDINAL = re.compile(r"0*(\d+)(?:st|nd|rd|th|er|e|eme|[.]|ª|º)")
_MISREAD = re.compile(r"[\doO|lIzZsSgGbBqQi!]*\d[\doO|lIzZsSgGbBqQi!]*")
_WORDS = re.compile(r"[^\w#/&|!-]+")
_SHORT_DIRECTIONS = frozenset({"ne", "nw", "se", "sw"})
_NUMBER_LETTERS = frozenset("abcdfg")
"""Letters that may follow a house number at the end of a line: not those that are directions."""


@dataclass(frozen=True, slots=True)
class Street:
    """A standardised street line.

    `number` and `core` are compared: the core has no kind of street and no direction, `8203 West Farwell Ave` gives
    `8203` and `farwell`. `unit` is what followed in the same line. `clean` is fit to publish; `reason` says why the
    line is not used, or is None.
    """

    number: str | None = None
    core: str | None = None
    unit: str | None = None
    po_box: str | None = None
    clean: str | None = None
    reason: str | None = None


@lru_cache(maxsize=1 << 16)
def standardise_street(raw: str) -> Street:
    """Return the street line meant by `raw`, number first or last; never raises."""
    text = visible(raw)
    folded = fold(text)
    if not any(character.isalnum() for character in folded):
        return Street(reason="no letters")
    if folded.strip(" .-") in PLACEHOLDERS:
        return Street(reason="a placeholder")
    box = _BOX.search(folded)
    if box:
        number = read_as_digits(box.group(1)) if has_digit(box.group(1)) else box.group(1)
        return Street(po_box=number.upper(), clean=f"PO Box {number.upper()}")
    words, unit = _cut_unit(_words(folded))
    number, words = _cut_number(words)
    core = street_core(words) or None
    return Street(number=number, core=core, unit=unit, clean=_clean(text, number, unit))


def _words(folded: str) -> list[str]:
    """Return the words of a folded line, digits repaired in those that begin with one or hold several."""
    return [_repaired(word) for word in _WORDS.sub(" ", folded.replace("'", "").replace("#", " # ")).split()]


def _repaired(word: str) -> str:
    if not has_digit(word) or word.isdigit() or _ORDINAL.fullmatch(word) or not _MISREAD.fullmatch(word):
        return word
    inner = read_as_digits(word[:-1])
    keeps_letter = word[-1] in "bgsqi" and inner.isdigit()
    return inner + (word[-1] if keeps_letter else read_as_digits(word[-1]))


def _cut_unit(words: list[str]) -> tuple[list[str], str | None]:
    """Split off the unit that follows a street's name (`12 Main St Apt 4`, `12 Main St #4`)."""
    if len(words) > 2 and words[0] in CERTAIN_UNIT_WORDS and has_digit(words[1]):  # noqa: PLR2004 - unit and street
        return words[2:], standardise_unit(words[1])
    for index in range(1, len(words) - 1):
        if words[index] == "#" or (
            index > 1 and words[index] in CERTAIN_UNIT_WORDS and _is_unit_number(words[index + 1])
        ):
            return words[:index], standardise_unit(" ".join(words[index:]))
    return words, None


def _is_unit_number(word: str) -> bool:
    return has_digit(word) or word == "#" or len(word) == 1 or word in UNIT_WORDS


def _cut_number(words: list[str]) -> tuple[str | None, list[str]]:
    """Split off the house number, first in the line or last; a half (`12 1/2`) goes with it."""
    words = [word for word in words if word != "#"]
    if words and _NUMBER.fullmatch(words[0]) and not _ORDINAL.fullmatch(words[0]):
        rest = words[1:]
        if rest[:1] == ["1/2"]:
            rest = rest[1:]
        elif rest[:2] == ["1", "2"] and len(rest) > 2:  # noqa: PLR2004 - a half and a name
            rest = rest[2:]
        return words[0].lstrip("0") or "0", rest
    last = len(words) - 1
    if last > 0 and words[last] in _NUMBER_LETTERS and words[last - 1].isdigit():
        words = [*words[: last - 1], words[last - 1] + words[last]]
        last -= 1
    if last > 0 and _NUMBER.fullmatch(words[last]) and not _names_a_number(words[:last]):
        return words[last].lstrip("0") or "0", words[:last]
    return None, words


def _names_a_number(before: list[str]) -> bool:
    """Tell whether a number after these words is a road's name, as after `highway` or `north`."""
    return before[-1] in DIRECTIONS or before[-1] in ROUTES


def street_core(words: list[str]) -> str:
    """Return the core of a street's name: abbreviations written out, kind of street and directions cut off."""
    words = [ORDINALS.get(word, _ORDINAL.sub(r"\1", word)) for word in words]
    route = _route(words)
    if route:
        return route
    if words and words[0] == "st":
        words = ["saint", *words[1:]] if len(words) > 1 else words
    words = [word if word in DIRECTIONS else ABBREVIATIONS.get(word, word) for word in words]
    words = _without_type(words)
    while len(words) > 1 and words[0] in DIRECTIONS:
        words = words[1:]
    if len(words) > 1 and words[0] in LEADING_TYPES:
        start = next((i for i, word in enumerate(words[1:-1], start=1) if word not in LEADING_ARTICLES), len(words) - 1)
        words = words[start:]
    if len(words) == 1:
        words = [] if words[0] in STREET_TYPES else [_without_ending(words[0])]
    return " ".join(words)


def _without_type(words: list[str]) -> list[str]:
    """Return the words before the directions and the kind of street at the end; a letter there is a type cut short."""
    while len(words) > 1 and words[-1] in DIRECTIONS and not STREET_TYPES.issuperset(words[:-1]):
        words = words[:-1]
    is_cut_short = len(words) > 1 and len(words[-1]) == 1 and words[-1].isalpha() and words[-2] not in STREET_TYPES
    if len(words) > 1 and (is_cut_short or _is_street_type(words[-1])):
        words = words[:-1]
    while len(words) > 1 and words[-1] in DIRECTIONS:
        words = words[:-1]
    return words


def _route(words: list[str]) -> str | None:
    """Return `highway N` for any numbered road."""
    start = 0
    while start < len(words) - 1 and words[start] in DIRECTIONS:
        start += 1
    index = start
    while index < len(words) and words[index] in ROUTES:
        index += 1
    if index == start or index >= len(words) or not words[index].isdigit():
        return None
    return f"highway {words[index]}"


@lru_cache(maxsize=1 << 14)
def _is_street_type(word: str) -> bool:
    """Tell whether the last word is a kind of street, one letter wrong at most where it is long."""
    if word in STREET_TYPES:
        return True
    long_enough = len(word) >= len(min(LONG_STREET_TYPES, key=len))
    return long_enough and any(OSA.distance(word, kind, score_cutoff=1) <= 1 for kind in LONG_STREET_TYPES)


def _without_ending(word: str) -> str:
    """Return a compound without its kind of street: `hauptstrasse` gives `haupt`."""
    for ending in COMPOUND_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:  # noqa: PLR2004 - no name is shorter
            return word.removesuffix(ending)
    return word


def _clean(text: str, number: str | None, unit: str | None) -> str:
    """Return the line as published: misread digits of its number repaired, without the unit written into it."""
    words = text.split()
    for index in range(1, len(words)) if unit is not None else ():
        word = fold(words[index]).strip(".,")
        if word.startswith("#") or (index > 1 and word in CERTAIN_UNIT_WORDS):
            words = words[:index]
            break
    if number and not words[0].isdigit() and _repaired(fold(words[0])) == number:
        words[0] = number
    text = " ".join(words).strip(" ,")
    if not (text.islower() or text.isupper()):
        return text
    return " ".join(word.upper() if fold(word) in _SHORT_DIRECTIONS else cased(word) for word in text.split())


@lru_cache(maxsize=1 << 14)
def standardise_unit(raw: str) -> str | None:
    """Return what tells a unit from its neighbours: `Apt # 20 B` gives `20b`, `2nd Floor` gives `fl2`; never raises."""
    words = _WORDS.sub(" ", fold(raw).replace("#", " ").replace("/", " ")).split()
    words = [ORDINALS.get(word, _ORDINAL.sub(r"\1", word)) for word in words]
    kept: list[str] = []
    floor = False
    for word in words:
        if word in FLOOR_WORDS:
            if kept and kept[-1].isdigit():
                kept[-1] = "fl" + kept[-1]
            floor = not kept
        elif word in UNIT_WORDS:
            continue
        elif floor and has_digit(word):
            kept, floor = [*kept, "fl" + word], False
        elif kept and kept[-1].isdigit() and len(word) == 1 and word.isalpha():
            kept[-1] += word
        else:
            kept.append(word)
    if any(has_digit(word) for word in kept):
        kept = [word for word in kept if has_digit(word) or len(word) == 1]
    return " ".join(kept) or None
