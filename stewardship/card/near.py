"""Whether two values are nearly the same, as a person sees it: a slip, a short form, the same line of another area.

What the matching makes of it stands in the waterfall; this only says which cells deserve a second look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA, JaroWinkler

if TYPE_CHECKING:
    from collections.abc import Callable

    from stewardship.card.attributes import Kind

_ALIKE = 0.9
_LINE = 7
"""Digits of a telephone number without its area."""
_LEAST_PREFIX = 3


def are_near(kind: Kind, one: str, other: str) -> bool:
    """Say whether two different values of this kind are nearly the same."""
    return _NEAR[kind](one, other)


def _text(one: str, other: str) -> bool:
    words, others = set(one.split()), set(other.split())
    return JaroWinkler.similarity(one, other) >= _ALIKE or words <= others or others <= words


def _name(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    is_cut = long.startswith(short) and (len(short) == 1 or len(short) >= _LEAST_PREFIX)
    return is_cut or _text(one, other)


def _one_slip(one: str, other: str) -> bool:
    return OSA.distance(one, other) <= 1


def _date(one: str, other: str) -> bool:
    return _one_slip(one, other) or sorted(one.split("-")) == sorted(other.split("-"))


def _phone(one: str, other: str) -> bool:
    return one[-_LINE:] == other[-_LINE:] or _one_slip(one, other)


def _email(one: str, other: str) -> bool:
    local, _, domain = one.partition("@")
    its_local, _, its_domain = other.partition("@")
    return local == its_local or (domain == its_domain and OSA.distance(local, its_local) <= 1)


def _street(one: str, other: str) -> bool:
    number, _, street = one.partition(" ")
    its_number, _, its_street = other.partition(" ")
    return (number == its_number and _text(street, its_street)) or street == its_street


_NEAR: dict[Kind, Callable[[str, str], bool]] = {
    "text": _text,
    "name": _name,
    "date": _date,
    "phone": _phone,
    "email": _email,
    "street": _street,
    "code": _one_slip,
}
