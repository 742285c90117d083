"""The pass of entities over a handful of nodes: the night's own, its comparing of consensus said in Python.

Setting up queries takes longer than what they compute of so few. Keeps this: levels are those of the very definitions,
compiled; all else is inherited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matching.lookup.levels import Levelling
from matching.lookup.spelled import features_of
from matching.observations import COUNTED, SINGLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyarrow as pa

    from matching.arrays import Levels, Numbers
    from matching.comparison import Comparison
    from matching.lookup.roots import Roots
    from matching.observations import Observations

QUICK = list(dict.fromkeys([*SINGLE, *COUNTED.values(), "nicknames"]))
"""The features that it reads."""

_NOTHING = dict.fromkeys(
    ("email", "phone", "street_number", "street", "po_box", "postal_code", "city", "organisation"), None
) | {name: [] for name in ("emails", "phones", "identifiers", "quoted")}


@dataclass(frozen=True, slots=True)
class InMemory:
    """The features of the tuples, in their order, and the names that are common: what a pass of entities reads."""

    table: pa.Table
    roots: Roots

    def features(self) -> pa.Table:
        """Return the features of the tuples."""
        return self.table

    def levels(
        self, observed: Observations, comparisons: Iterable[Comparison]
    ) -> Callable[[Numbers, Numbers], dict[str, Levels]]:
        """Return what compares by the compiled definitions."""
        return _QuickLevels(self, observed, Levelling([c for c in comparisons if c.name in SINGLE]))


class _QuickLevels:
    """Compares the consensus of entities; each two values once."""

    def __init__(self, source: InMemory, observed: Observations, levelling: Levelling) -> None:
        self._roots, self._observed, self._levelling = source.roots, observed, levelling
        self._nicknames: dict[str, list[str]] = {}
        given, nicknames = (source.table[name].to_pylist() for name in ("given", "nicknames"))
        for name, short in zip(given, nicknames, strict=True):
            if name is not None and short is not None:
                self._nicknames[name] = min(self._nicknames.get(name, short), short)
        self._values = {name: observed.coded[name].values.to_pylist() for name in SINGLE}
        self._spelled: dict[tuple[int, ...], dict[str, Any]] = {}
        self._known: dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[int, ...]] = {}

    def __call__(self, left: Numbers, right: Numbers) -> dict[str, Levels]:
        """Return the gammas of the single attributes for each pair of entities."""
        codes = np.stack([self._observed.consensus[name] for name in SINGLE], axis=1)
        found = [
            self._gammas(tuple(one), tuple(other))
            for one, other in zip(codes[left].tolist(), codes[right].tolist(), strict=True)
        ]
        levels = np.array(found, np.int8).reshape(len(found), len(self._levelling.names))
        return {name: levels[:, place] for place, name in enumerate(self._levelling.names)}

    def _gammas(self, one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
        if (one, other) not in self._known:
            self._known[one, other] = self._levelling(self._spell(one), self._spell(other))
        return self._known[one, other]

    def _spell(self, codes: tuple[int, ...]) -> dict[str, Any]:
        if codes not in self._spelled:
            said = {
                name: self._values[name][code] if code >= 0 else None for name, code in zip(SINGLE, codes, strict=True)
            }
            nicknames = self._nicknames.get(said["given"] or "", [])
            self._spelled[codes] = self._roots.marked(features_of({**_NOTHING, **said, "nicknames": nicknames}))
        return self._spelled[codes]
