"""The common name that a rare one is meant for: `common_names`, for a single name.

A twin in Python of what the night does in SQL to all names at once; a test holds the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rapidfuzz.distance import DamerauLevenshtein

from matching.common_names import LEAST_LETTERS, NAMES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Roots:
    """The common names of a model, by all that is left of them when a letter is left out."""

    def __init__(self, bench: DuckDBPyConnection) -> None:
        self._common: dict[str, dict[str, float]] = {name: {} for name in NAMES}
        rows = bench.execute("SELECT attribute, value, frequency FROM common_name").fetchall()
        for attribute, value, frequency in rows:
            self._common[attribute][value] = frequency
        self._near: dict[str, dict[str, list[str]]] = {name: {} for name in NAMES}
        for attribute, names in self._common.items():
            for value, frequency in names.items():
                if frequency > 0 and len(value) >= LEAST_LETTERS:
                    for part in _cut(value):
                        self._near[attribute].setdefault(part, []).append(value)

    def marked(self, features: dict[str, Any]) -> dict[str, Any]:
        """Add whether the names are common."""
        for name in NAMES:
            features[f"{name}_is_common"] = features[name] in self._common[name]
        return features

    def rooted(self, features: dict[str, Any]) -> dict[str, Any]:
        """Add the roots of the names."""
        for name in NAMES:
            features[f"{name}_root"] = self.of(name, features[name])
        return features

    def of(self, attribute: str, value: str | None) -> str | None:
        """Return the name that a given or a family name is meant for: the commonest one slip away, or itself."""
        common = self._common[attribute]
        if value is None or len(value) < LEAST_LETTERS or value in common:
            return value
        near = {name for part in _cut(value) for name in self._near[attribute].get(part, ())}
        alike = [name for name in near if DamerauLevenshtein.distance(value, name) <= 1]
        return max(alike, key=lambda name: (common[name], name)) if alike else value


def _cut(value: str) -> set[str]:
    return {value, *(value[:place] + value[place + 1 :] for place in range(len(value)))}
