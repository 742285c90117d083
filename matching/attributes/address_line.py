"""An address written on one line: which part is the street, the unit, the city, the region, the postal code."""

from __future__ import annotations

import re
from typing import NamedTuple

import usaddress

from matching.attributes.characters import fold, has_digit, visible
from matching.attributes.place import standardise_city, standardise_country, standardise_postal_code
from matching.attributes.place_words import COUNTRY_CODES, REGION_CODES
from matching.attributes.street_words import (
    ABBREVIATIONS,
    DIRECTIONS,
    FLOOR_WORDS,
    LEADING_TYPES,
    STREET_TYPES,
    UNIT_WORDS,
)

_BREAKS = re.compile(r"[,;\n\r]+")
_TWO_WORD_CODES = re.compile(r"(?i)(.*?)\s*\b([A-Z]\d[A-Z]\s?\d[A-Z]\d|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2})$")
_CODE_FIRST = re.compile(r"(?:[A-Z]{1,2}\s?-\s?)?\d{4,5}(?:\s?[A-Z]{2}(?=\s))?")
_SHORTEST_CODE = 4
_LONGEST_CODE = 10


class RawAddress(NamedTuple):
    """The address fields of one record as delivered."""

    street: str | None = None
    unit: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


def parse_address(line: str, region: str = "US", cities: frozenset[str] = frozenset()) -> RawAddress:
    """Return the parts of a one-line address; never raises.

    `region` is the country where the line names none; `cities` are city names, folded, known from elsewhere in the
    data: they tell where a street ends that no comma ends.
    """
    pieces = [piece for piece in (visible(part).strip(" .") for part in _BREAKS.split(line)) if piece]
    country = None
    if len(pieces) > 1 and fold(pieces[-1]).replace(".", "") in COUNTRY_CODES and not _is_region(pieces[-1], region):
        country = pieces.pop()
    code = standardise_country(country).compared if country else region
    pieces, postal_code, state = _cut_tail(pieces, code or region)
    city = None
    if pieces and postal_code is None:
        pieces, city, postal_code = _cut_code_first(pieces)
    if pieces and city is None:
        pieces, city = _cut_city(pieces, cities, known_place=bool(postal_code or state))
    if len(pieces) == 1 and city is None and code == "US" and _is_unfinished(pieces[0]):
        pieces, city = _by_grammar(pieces[0])
    street, unit = _street_and_unit(pieces)
    return RawAddress(street, unit, city, state, postal_code, country)


def _is_region(text: str, country: str) -> bool:
    return fold(text).replace(".", "") in REGION_CODES.get(country, {})


def _is_written_as_region(word: str, country: str) -> bool:
    """Tell whether a word before the postal code stands where a state's two letters do, though none is known by it."""
    two_capitals = len(word) == len("WA") and word.isalpha() and word.isupper()
    return country == "US" and two_capitals and fold(word) not in DIRECTIONS


def _cut_tail(pieces: list[str], country: str) -> tuple[list[str], str | None, str | None]:
    """Split off a postal code and a region at the end: `WA 98042`, `98115`, `London SW1A 2AA`."""
    if not pieces:
        return pieces, None, None
    *before, last = pieces
    code, state = None, None
    two_words = _TWO_WORD_CODES.fullmatch(last)
    words = last.split()
    if two_words:
        words, code = two_words.group(1).split(), two_words.group(2)
    elif (len(pieces) > 1 or len(words) > 1) and _is_code(words[-1], country):
        words, code = words[:-1], words[-1]
    if not words and before:
        *before, last = before
        words = last.split()
    for length in (3, 2, 1):
        tail = " ".join(words[-length:])
        known = _is_region(tail, country) or (code is not None and _is_written_as_region(tail, country))
        if len(words) >= length and (before or len(words) > length) and known:
            words, state = words[:-length], tail
            break
    rest = " ".join(words)
    return [*before, rest] if rest else before, code, state


def _is_code(word: str, country: str) -> bool:
    """Tell whether a last word is a postal code of a country that writes it last and in digits."""
    if country not in {"US", "AU", "IN"} or not _SHORTEST_CODE <= len(word) <= _LONGEST_CODE or not has_digit(word):
        return False
    return bool(standardise_postal_code(word, country).compared) or (word.isdigit() and len(word) > _SHORTEST_CODE)


def _cut_code_first(pieces: list[str]) -> tuple[list[str], str | None, str | None]:
    """Split off `10115 Berlin`, `1012 AB Amsterdam`, `75002 Paris`: never from the first of several pieces."""
    for index in range(len(pieces) - 1, 0, -1):
        found = _CODE_FIRST.match(pieces[index])
        rest = pieces[index][found.end() :].strip() if found else ""
        if found and rest and not has_digit(rest) and not _is_street_like(rest):
            return pieces[:index] + pieces[index + 1 :], rest, found.group()
    return pieces, None, None


def _cut_city(pieces: list[str], cities: frozenset[str], *, known_place: bool) -> tuple[list[str], str | None]:
    """Split off the city: the last of several pieces, the end that is a known city, or what no street looks like."""
    last = pieces[-1]
    if len(pieces) > 1 and not _is_unit(last) and not has_digit(last):
        return pieces[:-1], last
    words = last.split()
    for start in range(len(words)):
        if standardise_city(" ".join(words[start:])).compared in cities:
            return [*pieces[:-1], " ".join(words[:start])] if start else pieces[:-1], " ".join(words[start:])
    if len(pieces) > 1 or not known_place:
        return pieces, None
    if not has_digit(last) and not _is_street_like(last) and not _is_unit(last):
        return [], last
    end = _street_end(words)
    return ([" ".join(words[:end])], " ".join(words[end:]) or None) if end else (pieces, None)


def _street_end(words: list[str]) -> int | None:
    """Return the index after the last kind of street, and after a direction that follows it; None where none is."""
    keys = [ABBREVIATIONS.get(key, key) for key in (fold(word).strip(".,") for word in words)]
    for index in range(len(keys) - 1, 0, -1):
        if keys[index] in STREET_TYPES:
            return index + 2 if index + 1 < len(keys) and keys[index + 1] in DIRECTIONS else index + 1
    return None


def _is_unfinished(piece: str) -> bool:
    """Tell whether a line may hold more than a street: words after a number, none of them a kind of street."""
    words = piece.split()
    return len(words) > 3 and has_digit(words[0]) and _street_end(words) is None  # noqa: PLR2004 - number, name, city


def _by_grammar(line: str) -> tuple[list[str], str | None]:
    """Split street and city of an American line by a trained grammar."""
    city = [word.strip(",") for word, label in usaddress.parse(line) if label == "PlaceName"]
    rest = [word.strip(",") for word, label in usaddress.parse(line) if label != "PlaceName"]
    return [" ".join(rest)] if rest else [], " ".join(city) or None


def _street_and_unit(pieces: list[str]) -> tuple[str | None, str | None]:
    """Return the street among the pieces left, and the unit."""
    units = [piece for piece in pieces if _is_unit(piece)]
    streets = [piece for piece in pieces if piece not in units]
    likely = [piece for piece in streets if has_digit(piece) or _is_street_like(piece)]
    street = next(iter(likely or streets), None)
    if street and not has_digit(street) and len(likely) > 1 and likely[1].split()[0].isdigit():
        street = f"{street} {likely[1]}"  # `Calle Mayor, 3`: the number is a piece of its own
    return street, " ".join(units) or None


def _is_unit(piece: str) -> bool:
    words = [word.strip(".") for word in fold(piece).replace("#", " # ").split()]
    first = words[0] if words else ""
    if first == "#" or (first in UNIT_WORDS | FLOOR_WORDS and len(words) > 1):
        return True
    return len(words) > 1 and words[-1] in FLOOR_WORDS and (has_digit(first) or first in {"ground", "top", "first"})


def _is_street_like(piece: str) -> bool:
    words = [word.strip(".,") for word in fold(piece).split()]
    if not words:
        return False
    last = words[-1] if words[-1] not in DIRECTIONS or len(words) == 1 else words[-2]
    return ABBREVIATIONS.get(last, last) in STREET_TYPES or words[0] in LEADING_TYPES
