"""A name read out of an e-mail address, where the record lacks it and nothing contradicts.

The words are the data's own given and family names: `kwaters`, `kay.waters`, `waterskay` and `kdwaters` are read only
where Waters is somebody's family name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matching.attributes.word_list import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NOT_LETTERS = re.compile("[^a-z]+")
_FAMILY_WORDS = words_of("thefamily family famille familie familia the team casa house haus")
"""Words of a household's address: whose family name stands beside one, not everybody there bears."""
_SHORT_FAMILY = 4
"""A family name as short as this is read only beside a given name that is written out, or already known."""
_LEAST = 3
_GIVEN_FIRST = 50
"""So much more often does an address have the given name before the family name."""


@dataclass(frozen=True, slots=True)
class NameWords:
    """The data's names: folded given names, and folded family names without spaces, each with how many bear it."""

    given: Mapping[str, int]
    family: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class EmailName:
    """What an address says about a name: `given` (a letter for an initial), `middle` initial, joined `family`."""

    given: str | None = None
    middle: str | None = None
    family: str | None = None


def name_from_email(local: str, known: EmailName, words: NameWords) -> EmailName | None:
    """Return `known` with what the local part of an address adds to it, or None where it adds nothing.

    A given name is added where it is missing or an initial, a family name likewise, a middle initial where it is
    missing; of several readings the one with the most frequent names counts. Never raises.
    """
    if known.given and len(known.given) > 1 and known.family and len(known.family) > 1:
        return None
    readings = {reading for reading in _readings(local, known, words) if _agrees(reading, known)}
    if not readings:
        return None
    best = max(readings, key=lambda reading: (_weight(reading, local, words), _spelling(reading)))
    if best.family == known.given and known.family is None:
        return best
    merged = EmailName(
        _longer(known.given, best.given), known.middle or best.middle, _longer(known.family, best.family)
    )
    return merged if merged != known else None


def _readings(local: str, known: EmailName, words: NameWords) -> Iterator[EmailName]:
    parts = [part for part in _NOT_LETTERS.split(local) if part]
    letters = "".join(parts)
    lone = known.given if known.given and known.family is None else ""
    if lone in words.family:
        yield from _beside_family(letters, lone, words)
        if {letters.removesuffix(lone), letters.removeprefix(lone)} & _FAMILY_WORDS:
            yield EmailName(None, None, lone)
    family = known.family if known.family and len(known.family) > 1 else None
    given = known.given if known.given and len(known.given) > 1 else None
    if family:
        yield from _beside_family(letters, family, words)
        return
    if len(parts) in {2, 3}:
        yield from _from_parts(parts, words)
    if given:
        yield from _beside_given(letters, given, words)
    elif len(parts) == 1:
        yield from _from_letters(letters, words)


def _beside_family(letters: str, family: str, words: NameWords) -> Iterator[EmailName]:
    """Read what stands before or after a known family name: a given name, an initial, or two initials."""
    for rest in (letters.removesuffix(family), letters.removeprefix(family)):
        if rest == letters or not rest or rest in _FAMILY_WORDS:
            continue
        if rest in words.given or len(rest) == 1:
            yield EmailName(rest, None, family)
        elif len(rest) == 2:  # noqa: PLR2004 - first and middle initial
            yield EmailName(rest[0], rest[1], family)
        elif rest[:-1] in words.given and rest not in words.family:
            yield EmailName(rest[:-1], rest[-1], family)


def _beside_given(letters: str, given: str, words: NameWords) -> Iterator[EmailName]:
    """Read the family name beside a known given name, or beside its initial."""
    plain = given.replace(" ", "")
    for rest in (letters.removeprefix(plain), letters.removesuffix(plain)):
        if rest in _FAMILY_WORDS:
            continue
        if rest != letters and rest in words.family:
            yield EmailName(given, None, rest)
        elif rest != letters and rest[1:] in words.family and len(rest) > _SHORT_FAMILY:
            yield EmailName(given, rest[0], rest[1:])
    if letters[:1] == given[0] and not letters.startswith(plain):
        yield from (
            reading for reading in _after_initials(letters, words) if len(reading.family or "") >= _SHORT_FAMILY
        )


def _from_parts(parts: list[str], words: NameWords) -> Iterator[EmailName]:
    """Read `first.last`, `last.first`, `f.last` and `first.m.last`."""
    first, *middle, last = parts
    initial = middle[0] if middle else None
    if initial is not None and len(initial) > 1:
        return
    if last in words.family and (first in words.given or len(first) == 1):
        yield EmailName(first, initial, last)
    if first in words.family and last in words.given:
        yield EmailName(last, initial, first)


def _from_letters(letters: str, words: NameWords) -> Iterator[EmailName]:
    """Read letters without a separator: `firstlast`, `lastfirst`, `flast`, `fmlast`, or a given name."""
    for cut in range(_LEAST, len(letters) - 1):
        left, right = letters[:cut], letters[cut:]
        if left in _FAMILY_WORDS or right in _FAMILY_WORDS:
            continue
        if left in words.given and right in words.family:
            yield EmailName(left, None, right)
        if left in words.family and right in words.given:
            yield EmailName(right, None, left)
    if letters in words.given:
        yield EmailName(letters)
    else:
        yield from (r for r in _after_initials(letters, words) if len(r.family or "") > _SHORT_FAMILY)


def _after_initials(letters: str, words: NameWords) -> Iterator[EmailName]:
    if letters[1:] in words.family:
        yield EmailName(letters[0], None, letters[1:])
    if letters[2:] in words.family:
        yield EmailName(letters[0], letters[1], letters[2:])


def _agrees(reading: EmailName, known: EmailName) -> bool:
    """Tell whether a reading contradicts nothing that is known."""
    if known.family is None and known.given and known.given == reading.family and reading.given != known.given:
        return True  # a name on its own that the address has as family name
    return (
        _fits(known.given, reading.given)
        and _fits(known.family, reading.family)
        and (known.middle is None or reading.middle is None or known.middle[0] == reading.middle[0])
    )


def _fits(known: str | None, read: str | None) -> bool:
    if known is None or read is None or known == read:
        return True
    return known[0] == read[0] and (len(known) == 1 or len(read) == 1)


def _longer(known: str | None, read: str | None) -> str | None:
    return read if read and (known is None or len(known) == 1) else known


def _weight(reading: EmailName, local: str, words: NameWords) -> int:
    """Return how many bear the names read, times the odds that the given name stands first where it does."""
    given = words.given.get(reading.given or "", 0)
    bearers = (1 + given) * (1 + words.family.get(reading.family or "", 0))
    return bearers * (_GIVEN_FIRST if reading.given and local.startswith(reading.given) else 1)


def _spelling(reading: EmailName) -> tuple[str, str, str]:
    return (reading.family or "", reading.given or "", reading.middle or "")
