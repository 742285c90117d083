"""What ties two distinct records of one cluster: the path of compared pairs whose weakest tie is the strongest.

Reads matching.member, matching.cluster and matching.pair.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from duckdb import DuckDBPyConnection

Neighbours = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Tie:
    """One compared pair on the way: a source record of either distinct record, the rule that found it, its weight."""

    left: str
    right: str
    match_key: str
    weight: float


def ties_between(con: DuckDBPyConnection, cluster_id: str, left: str, right: str) -> tuple[Tie, ...]:
    """Return the strongest path between two distinct records of a cluster; empty where no pairs lead there."""
    pairs = con.execute(_INNER_PAIRS_SQL, [cluster_id]).fetchall()
    rules = {(one, other): rule for one, other, rule, _ in pairs}
    names = dict(con.execute(_NAMES_SQL, [cluster_id]).fetchall())
    path = strongest_path(((one, other, weight) for one, other, _, weight in pairs), left, right)
    neighbours = _neighbours((one, other, weight) for one, other, _, weight in pairs)
    return tuple(
        Tie(names[one], names[other], rules[min(one, other), max(one, other)], neighbours[one][other])
        for one, other in pairwise(path)
    )


def strongest_path(pairs: Iterable[tuple[str, str, float]], start: str, end: str) -> list[str]:
    """Return the path whose weakest pair is the strongest, of those the shortest; [] where none leads to `end`."""
    neighbours = _neighbours(pairs)
    weakest = _weakest_on_the_way(neighbours, start, end)
    if weakest is None:
        return []
    before: dict[str, str] = {start: start}
    waiting = deque([start])
    while end not in before:
        here = waiting.popleft()
        for there in sorted(neighbours[here]):
            if neighbours[here][there] >= weakest and there not in before:
                before[there] = here
                waiting.append(there)
    path = [end]
    while path[-1] != start:
        path.append(before[path[-1]])
    return path[::-1]


def _weakest_on_the_way(neighbours: Mapping[str, Mapping[str, float]], start: str, end: str) -> float | None:
    """Return the weakest weight of the strongest path, by Dijkstra's method with the minimum in place of the sum."""
    reached: set[str] = set()
    heap = [(-float("inf"), start)]
    while heap:
        negative, here = heappop(heap)
        if here == end:
            return -negative
        if here in reached:
            continue
        reached.add(here)
        for there, weight in neighbours.get(here, {}).items():
            if there not in reached:
                heappush(heap, (max(negative, -weight), there))
    return None


def _neighbours(pairs: Iterable[tuple[str, str, float]]) -> Neighbours:
    neighbours: Neighbours = defaultdict(dict)
    for one, other, weight in pairs:
        neighbours[one][other] = neighbours[other][one] = weight
    return neighbours


_INNER_PAIRS_SQL = """
WITH node AS (
    SELECT DISTINCT distinct_record_id FROM matching.member JOIN matching.cluster USING (source, source_record_id)
    WHERE cluster_id = ?
)
SELECT distinct_record_id_l, distinct_record_id_r, match_key, match_weight FROM matching.pair
SEMI JOIN node AS l ON l.distinct_record_id = distinct_record_id_l
SEMI JOIN node AS r ON r.distinct_record_id = distinct_record_id_r
"""

_NAMES_SQL = """
SELECT distinct_record_id, min(source || ':' || source_record_id)
FROM matching.member JOIN matching.cluster USING (source, source_record_id)
WHERE cluster_id = ? GROUP BY distinct_record_id
"""
