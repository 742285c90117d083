"""How a column's numbers are written: which mark parts the decimals, and which the thousands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLAIN = re.compile(r"[+-]?\d+")
_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d*,\d+")
_US = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_EUROPE = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d+)?")
_SWISS = re.compile(r"[+-]?\d{1,3}(?:['\u2019]\d{3})+(?:\.\d+)?")
_SIGN = re.compile(r"(?:[$€£¥]|[A-Z]{3})\s?|\s?(?:[$€£¥]|[A-Z]{3}|%)$")
_ENOUGH = 0.9


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """The marks of numbers, the share of texts that are such, what they may be instead, and the sign beside them."""

    share: float = 0.0
    decimal: str | None = None
    thousands: str | None = None
    instead: str = ""
    sign: str = ""

    @property
    def keys(self) -> dict[str, str]:
        """The keys of an expression that say so."""
        found = {"decimal": self.decimal, "thousands": self.thousands}
        return {name: mark for name, mark in found.items() if mark is not None}


def number_style(texts: Sequence[str]) -> NumberStyle:
    """Return how the numbers of a column are written."""
    if not texts:
        return NumberStyle()
    bare = [text.strip() for text in texts]
    signs = [found[0].strip() for text in bare if (found := _SIGN.search(text)) and any(map(str.isdigit, text))]
    if len(signs) > len(bare) / 2:
        inner = number_style([_SIGN.sub("", text).strip() for text in bare])
        return NumberStyle(inner.share, inner.decimal, inner.thousands, inner.instead, max(set(signs), key=signs.count))
    point = _only(bare, _PLAIN, _POINT, _US)
    comma = _only(bare, _PLAIN, _COMMA, _EUROPE)
    spaced = _only(bare, _PLAIN, _POINT, _COMMA, _SPACED)
    swiss = _only(bare, _PLAIN, _POINT, _SWISS)
    best = max(point, comma, spaced, swiss)
    if best < _ENOUGH / 2:
        return NumberStyle(best)
    return _styled(bare, best, point, comma, spaced)


def _styled(bare: Sequence[str], best: float, point: float, comma: float, spaced: float) -> NumberStyle:
    grouped_point = any(map(_US.fullmatch, bare))
    if best == point and best == comma:
        three = any(_POINT.fullmatch(text) or _COMMA.fullmatch(text) for text in bare)
        return NumberStyle(best, instead="its marks may part thousands or decimals" if three else "")
    if best == point:
        return NumberStyle(best, None, "," if grouped_point else None)
    if best == comma:
        return NumberStyle(best, ",", "." if any(map(_EUROPE.fullmatch, bare)) else None)
    if best == spaced:
        return NumberStyle(best, "," if any("," in text for text in bare) else None, " ")
    return NumberStyle(best, None, "'")


def _only(texts: Sequence[str], *patterns: re.Pattern[str]) -> float:
    return sum(any(pattern.fullmatch(text) for pattern in patterns) for text in texts) / len(texts)
