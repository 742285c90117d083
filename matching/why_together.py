"""What ties two distinct records of one cluster: the path of ties whose weakest one is the strongest.

A tie is a compared pair, or a steward's decision that two records are one customer, which is stronger than any pair.
Reads matching.member, matching.cluster, matching.pair and matching.decision.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING

from matching.decided import Decided, decided_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from duckdb import DuckDBPyConnection

Neighbours = dict[str, dict[str, float]]


BY_DECISION = "decision"
"""What stands in the place of the blocking rule where a decision ties."""


@dataclass(frozen=True, slots=True)
class Tie:
    """One step on the way: a source record of either distinct record, the rule that found the pair, and its weight.

    Where a decision ties them it is `decided`, the records are those that it names, and there is no weight.
    """

    left: str
    right: str
    match_key: str
    weight: float | None
    decided: Decided | None = None


def ties_between(con: DuckDBPyConnection, cluster_id: str, left: str, right: str) -> tuple[Tie, ...]:
    """Return the strongest path between two distinct records of a cluster; empty where no ties lead there."""
    pairs = {
        (one, other): (rule, weight)
        for one, other, rule, weight in con.execute(_INNER_PAIRS_SQL, [cluster_id]).fetchall()
    }
    node = dict(con.execute(_NODES_SQL, [cluster_id]).fetchall())
    names = {distinct: record for record, distinct in sorted(node.items(), reverse=True)}
    decided = {(node[said.left], node[said.right]): said for said in decided_within(con, cluster_id) if said.is_same}
    weights = {ends: weight for ends, (_, weight) in pairs.items()}
    for one, other in decided:
        weights[min(one, other), max(one, other)] = float("inf")
    path = strongest_path(((one, other, weight) for (one, other), weight in weights.items()), left, right)
    return tuple(_tie(one, other, names, pairs, decided) for one, other in pairwise(path))


def _tie(
    one: str,
    other: str,
    names: Mapping[str, str],
    pairs: Mapping[tuple[str, str], tuple[str, float]],
    decided: Mapping[tuple[str, str], Decided],
) -> Tie:
    if said := decided.get((one, other)):
        return Tie(said.left, said.right, BY_DECISION, None, said)
    if said := decided.get((other, one)):
        return Tie(said.right, said.left, BY_DECISION, None, said)
    return Tie(names[one], names[other], *pairs[min(one, other), max(one, other)])


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

_NODES_SQL = """
SELECT source || ':' || source_record_id, distinct_record_id
FROM matching.member JOIN matching.cluster USING (source, source_record_id) WHERE cluster_id = ?
"""
