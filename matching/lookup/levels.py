"""The levels of a few pairs: every comparison compiled, asked in the order of its levels."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from matching.lookup.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matching.comparison import Comparison
    from matching.lookup.compiled import Term

_compiled = lru_cache(maxsize=4096)(compiled)


class Levelling:
    """Some comparisons, ready to be asked. Raises CannotCompile for a definition that says more than is known here."""

    def __init__(self, comparisons: Sequence[Comparison]) -> None:
        self.names = tuple(comparison.name for comparison in comparisons)
        self._asked: list[tuple[Term, list[Term]]] = [
            (_compiled(c.null), [_compiled(level.sql) for level in c.levels[:-1]]) for c in comparisons
        ]

    def __call__(self, left: Mapping[str, Any], right: Mapping[str, Any]) -> tuple[int, ...]:
        """Return the gamma of each comparison of two tuples given by their features."""
        return tuple(_gamma(null, levels, left, right) for null, levels in self._asked)


def _gamma(null: Term, levels: Sequence[Term], left: Mapping[str, Any], right: Mapping[str, Any]) -> int:
    if null(left, right) is True:
        return -1
    for place, level in enumerate(levels):
        if level(left, right) is True:
            return len(levels) - place
    return 0
