"""How well two partitions of the same records agree, from the sizes of their groups and of what these have in common.

No pair is ever enumerated: a group of n records has n (n - 1) / 2 of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and their harmonic mean; None where there is nothing to take a share of."""

    precision: float | None
    recall: float | None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall."""
        if self.precision is None or self.recall is None:
            return None
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def document(self) -> dict[str, float | None]:
        """Return the three figures as data for JSON."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1}


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Pairs that were joined, that belong together, and that are both."""

    right: int
    joined: int
    true: int

    @property
    def score(self) -> Score:
        """Precision: of the joined pairs the share that is right; recall: of the true ones."""
        return Score(_share(self.right, self.joined), _share(self.right, self.true))

    def document(self) -> dict[str, float | int | None]:
        """Return counts and figures as data for JSON."""
        return {"right": self.right, "joined": self.joined, "true": self.true, **self.score.document()}


def pairwise(scratch: DuckDBPyConnection, told: str = "told") -> PairCounts:
    """Return the pairs of records of the scratch table `told`, by its columns `person` and `cluster`."""
    groups = (_pairs_sql(told, group) for group in ("person, cluster", "cluster", "person"))
    right, joined, true = scratch.execute(f"SELECT {', '.join(groups)}").fetchall()[0]
    return PairCounts(int(right), int(joined), int(true))


def _pairs_sql(told: str, group: str) -> str:
    sizes = f"SELECT count(*)::HUGEINT AS n FROM {told} GROUP BY {group}"
    return f"(SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM ({sizes}))"


def b_cubed(scratch: DuckDBPyConnection) -> Score:
    """Return B-cubed precision and recall of the table `told` (Bagga and Baldwin 1998).

    Each record counts once: which share of its cluster is of its person, which share of its person is in its cluster.
    """
    cells = scratch.execute("""
        SELECT n, sum(n) OVER (PARTITION BY cluster)::BIGINT, sum(n) OVER (PARTITION BY person)::BIGINT
        FROM (SELECT person, cluster, count(*) AS n FROM told GROUP BY person, cluster)
    """).fetchall()
    records = sum(n for n, _, _ in cells)
    if not records:
        return Score(None, None)
    # fsum is exact to the last rounding, so the order of the groups does not matter
    of_cluster = math.fsum(n * n / size for n, size, _ in cells)
    of_person = math.fsum(n * n / size for n, _, size in cells)
    return Score(of_cluster / records, of_person / records)


def by_source_pair(scratch: DuckDBPyConnection) -> dict[tuple[str, str], PairCounts]:
    """Return the pairs of records by the two sources, in alphabetical order, that they are of."""
    found: dict[tuple[str, str], list[int]] = {}
    for place, group in enumerate(("person, cluster", "cluster", "person")):
        for one, other, pairs in scratch.execute(_source_pairs_sql(group)).fetchall():
            found.setdefault((one, other), [0, 0, 0])[place] = int(pairs)
    return {sources: PairCounts(*counts) for sources, counts in sorted(found.items()) if any(counts)}


def _source_pairs_sql(group: str) -> str:
    return f"""
    WITH part AS (SELECT {group}, source, count(*)::HUGEINT AS n FROM told GROUP BY {group}, source)
    SELECT l.source, r.source, sum(CASE WHEN l.source = r.source THEN l.n * (l.n - 1) // 2 ELSE l.n * r.n END)
    FROM part AS l JOIN part AS r USING ({group}) WHERE l.source <= r.source
    GROUP BY l.source, r.source
    """


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
