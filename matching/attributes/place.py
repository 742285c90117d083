"""The parts of an address that say where a street is: postal code, city, region, country."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from matching.attributes.characters import fold, has_digit, read_as_digits, read_as_letters, visible
from matching.attributes.place_words import CITY_WORDS, COUNTRY_CODES, REGION_CODES
from matching.attributes.word_list import words_of

LABELS = {"city": "City", "region": "Region", "postal_code": "Postal code", "country": "Country"}

_CANADIAN = re.compile(r"([A-Z]\d[A-Z])\s*-?\s*(\d[A-Z]\d)")
_BRITISH = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})")
_PREFIXED = re.compile(r"[A-Z]{1,2}\s?-\s?(\d{4,6})")
_UNITED_STATES = re.compile(r"(\d{5})(?:[ -]?(\d{4}))?")
_NOT_ALNUM = re.compile(r"[^A-Z0-9]")
_US_DIGITS = 5
_FIVE_DIGIT_COUNTRIES = frozenset(["US", "DE", "FR", "ES", "IT", "MX", "FI"])
_FILLERS = words_of("""
    unknown none null n/a na nil tbd anytown city town unbekannt xx
""")


class Part(NamedTuple):
    """A part of an address: the compared form, the one fit to publish, or why there is neither."""

    compared: str | None = None
    clean: str | None = None
    reason: str | None = None


_LONGEST_ABBREVIATION = 3
"""A region of so few letters is a code, and is shown in capitals."""


@lru_cache(maxsize=1 << 16)
def standardise_postal_code(raw: str, country: str = "US") -> Part:
    """Return a postal code in `country`'s form: five digits of a ZIP+4, `SW1A 2AA`, `K1A 0B6`, else letters and digits.

    Letters that scanning puts for digits are repaired where the country has only digits. Never raises.
    """
    text = visible(raw).upper()
    for form in (_CANADIAN, _BRITISH):
        found = form.fullmatch(text)
        if found:
            return Part(" ".join(found.groups()), " ".join(found.groups()))
    prefixed = _PREFIXED.fullmatch(text)
    text = prefixed.group(1) if prefixed else text
    if country in _FIVE_DIGIT_COUNTRIES and has_digit(text):
        text = read_as_digits(visible(raw) if not prefixed else text)
    plain = _NOT_ALNUM.sub("", text.upper())
    if not has_digit(plain):
        return Part(reason="no digits")
    if len(plain) > 2 and set(plain) in ({"0"}, {"9"}):  # noqa: PLR2004 - two equal digits may be a short code's start
        return Part(reason="a placeholder")
    return _zip(plain) if country == "US" else Part(plain, text.strip())


def _zip(digits: str) -> Part:
    if digits.isdigit() and len(digits) in {3, 4}:
        digits = digits.zfill(_US_DIGITS)  # leading zeros are lost where a ZIP code was kept as a number
    found = _UNITED_STATES.fullmatch(digits)
    if not found:
        return Part(reason="not a postal code")
    return Part(found.group(1), "-".join(part for part in found.groups() if part))


@lru_cache(maxsize=1 << 16)
def standardise_city(raw: str) -> Part:
    """Return a city's name with its common abbreviations written out; never raises."""
    text = visible(raw)
    words = [_letters(word) for word in text.split()]
    keys = re.sub("[^a-z ]", "", fold(" ".join(words)).replace("-", " ").replace(".", " ")).split()
    compared = " ".join(CITY_WORDS.get(key, key) for key in keys)
    if not compared or compared in _FILLERS or fold(text) in _FILLERS:
        return Part(reason="a placeholder" if compared else "no letters")
    return Part(compared, cased(" ".join(words)))


def _letters(word: str) -> str:
    """Return a word with misread letters repaired; numbers and what holds only punctuation stay."""
    core = word.strip(".,-'()")
    return word if core.replace("-", "").replace("'", "").isalpha() or core.isdigit() else read_as_letters(word)


@lru_cache(maxsize=1 << 14)
def standardise_region(raw: str, country: str = "US") -> Part:
    """Return a region as its code where `country`'s regions are known, else in capitals; never raises."""
    key = " ".join(re.sub("[^a-z0-9 ]", " ", fold(raw)).split())
    if not key or key in _FILLERS:
        return Part(reason="a placeholder")
    code = REGION_CODES.get(country, {}).get(key) or REGION_CODES.get(country, {}).get(key.replace(" ", ""))
    shown = visible(raw)
    return Part(code or key.upper(), code or (shown.upper() if len(key) <= _LONGEST_ABBREVIATION else cased(shown)))


@lru_cache(maxsize=1 << 12)
def standardise_country(raw: str) -> Part:
    """Return a country as its two-letter code where it is known, else in capitals; never raises."""
    key = " ".join(re.sub("[^a-z ]", " ", fold(raw)).split())
    if not key or key in _FILLERS:
        return Part(reason="a placeholder")
    code = COUNTRY_CODES.get(key) or COUNTRY_CODES.get(key.replace(" ", ""))
    return Part(code or key.upper(), code or cased(visible(raw)))


def cased(text: str) -> str:
    """Return `text` with a capital for each word, where it was all capitals or had none."""
    if not (text.isupper() or text.islower()):
        return text
    return " ".join(word[:1].upper() + word[1:].lower() for word in text.split())
