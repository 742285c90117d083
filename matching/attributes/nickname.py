"""Nicknames: which given names one may stand for, as a set to overlap, never as an equality."""

from __future__ import annotations

from functools import cache

from nicknames import NickNamer

LABEL = "Nickname"


@cache
def _tables() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    namer = NickNamer()
    return namer.nickname_lookup, namer.canonical_lookup


@cache
def known_given_names() -> frozenset[str]:
    """Return the given names and nicknames, folded, that are known as such without any data."""
    nicknames, canonicals = _tables()
    return frozenset(nicknames) | frozenset(canonicals)


@cache
def canonical_names(given: str) -> tuple[str, ...]:
    """Return the given names that folded `given` may stand for, itself among them, sorted.

    The source lists some pairs both ways (Bill and William); of two such names the one with more nicknames is the
    canonical one, so that William does not stand for Bill.
    """
    nicknames, canonicals = _tables()
    own = nicknames.get(given, set())
    found = {given}
    for canonical in canonicals.get(given, set()):
        if canonical not in own or len(nicknames.get(canonical, set())) > len(own):
            found.add(canonical)
    return tuple(sorted(found))


def nickname_grade(left: str, right: str) -> int:
    """Grade two folded given names: 3 equal, 2 one stands for the other, 1 both may stand for a third, 0 unrelated."""
    if left == right:
        return 3
    left_names, right_names = set(canonical_names(left)), set(canonical_names(right))
    if left in right_names or right in left_names:
        return 2
    return 1 if left_names & right_names else 0
