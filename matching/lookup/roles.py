"""One name put right by the roles that its words have in a release: `name_roles`, for a single name.

A twin in Python of what the night does in SQL to all names at once; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from matching.attributes.name_roles import SURE_OF_LONE, SURE_OF_ONE, SURE_OF_TWO, VOTES
from matching.attributes.nickname import known_given_names

if TYPE_CHECKING:
    from matching.attributes.name import Name
    from matching.lookup.taught import Taught


def put_right(name: Name, taught: Taught) -> Name:
    """Return the name with its parts where their words belong."""
    if not name.order_certain and name.given and name.family and len(name.given) > 1 and " " not in name.family:
        name = _turned(name, taught)
    if name.given and len(name.given) > 1 and name.family is None and not name.order_certain:
        votes = taught.votes.get(name.given)
        if votes is not None and _odds(name.given, taught) >= SURE_OF_LONE:
            name = replace(name, given=None, clean_given=None, family=name.given, clean_family=name.clean_given)
    return _joined_family(name, taught)


def _odds(word: str | None, taught: Taught, *, votes_here: bool = False) -> float:
    """Return the odds that a word is a family name, the votes of other names alone; `votes_here`: it votes itself."""
    as_given, as_family = taught.votes.get(word or "", (0, 0))
    known = (word or "") in known_given_names() and (votes_here or word in taught.votes)
    return (as_family + 0.5) / (as_given + 0.5 + known)


def _turned(name: Name, taught: Taught) -> Name:
    given, family, middle = name.given or "", name.family or "", name.middle
    of_given = _without(given.split(" ")[-1], (given, family), taught, side=0)
    of_middle = _odds(middle.split(" ")[0], taught) if middle else _odds(None, taught)
    if len(family) > 1:
        of_family = _without(family, (given, family), taught, side=1)
        own = min(taught.pairs.get((given, family), 0) + 1, VOTES)
        seen_turned = max(taught.pairs.get((family, given), 0) / own, 1) ** 2
        needed = SURE_OF_TWO * of_family * (SURE_OF_ONE if middle and len(middle) == 1 else 1)
        if of_given > 1 and of_family < 1 and of_given * seen_turned >= needed:
            return _rotated(name) if middle and len(middle) > 1 and of_middle < 1 else _exchanged(name)
        return name
    beside = _odds(given.split(" ")[-1], taught)
    if middle and len(middle) > 1:
        return _rotated(name) if beside > 1 and of_middle < 1 and beside >= SURE_OF_TWO * of_middle else name
    return _exchanged(name) if beside >= SURE_OF_ONE else name


def _without(word: str, pair: tuple[str, str], taught: Taught, *, side: int) -> float:
    """Return the odds of a word of the name (given, family) without the votes of names that are equal to it."""
    votes = list(taught.votes.get(word, (0, 0)))
    votes[side] -= taught.pairs.get(pair, 0)
    return (votes[1] + 0.5) / (votes[0] + 0.5 + (word in known_given_names()))


def _rotated(name: Name) -> Name:
    """Move each part of `Family Given Middle` to its place."""
    return replace(
        name,
        given=name.middle,
        clean_given=name.clean_middle,
        middle=name.family,
        clean_middle=name.clean_family,
        family=name.given,
        clean_family=name.clean_given,
        order_certain=True,
    )


def _exchanged(name: Name) -> Name:
    """Let given and family name change places; a middle name that is written out belongs to the family name."""
    long = name.middle is not None and len(name.middle) > 1
    return replace(
        name,
        given=name.family,
        clean_given=name.clean_family,
        middle=None if long else name.middle,
        clean_middle=None if long else name.clean_middle,
        family=f"{name.given} {name.middle}" if long else name.given,
        clean_family=f"{name.clean_given} {name.clean_middle}" if long else name.clean_given,
        order_certain=True,
    )


def _joined_family(name: Name, taught: Taught) -> Name:
    """Join the last middle name to the family name where other names have the two as a double family name."""
    middles = (name.middle or "").split(" ")
    last = middles[-1]
    double = f"{last} {name.family}"
    if len(last) <= 1 or name.family is None or double not in taught.double_families:
        return name
    return replace(name, family=double, middle=" ".join(middles[:-1]) or None)
