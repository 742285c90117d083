"""Parts what came out as one customer and cannot be one: a giant, or one whose decisions contradict each other.

Such a cluster neither holds the night nor is published as one customer. Its nodes are resolved once more, by their own
pairs alone and at the strictest level; what even so comes out as a giant falls apart into its distinct records, save
for what stewards decided to be one. The parts are flagged, and stewards are asked about the ties that were cut: the
strongest that would join the parts again, not all of them. It is a function of a component, as everything else is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matching.arrays import numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matching.arrays import Flags, Numbers
    from matching.bound import Bound
    from matching.bound_groups import Ties
    from matching.entities import EntityPass, Resolution

    Prepare = Callable[[Numbers], tuple[EntityPass, Ties]]

MOST_DISTINCT_RECORDS = 250
"""No customer has more distinct records: the largest of the open sets has some 60 in twenty years."""

MOST_RECORDS = 5000
"""No customer of more than one distinct record has more source records: what so many share singles nobody out."""

STRICTEST = 0.9999
"""The posterior from which on the nodes of a poisoned cluster still merge."""

MOST_ASKED = 100
"""So many ties of one poisoned cluster at most are put before a steward."""

GIANT, CONFLICT = "giant", "decisions_conflict"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a poisoned cluster, both named by their least node; sizes in distinct and in source records.

    `asked_with` is the part that a steward is asked about together with it, None for the first and beyond MOST_ASKED;
    `weight` is what ties the two, None where no pair does.
    """

    entity: int
    whole: int
    reason: str
    distinct_records: int
    records: int
    whole_distinct_records: int
    whole_records: int
    asked_with: int | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Parted:
    """A resolution without poisoned clusters, and what became of these."""

    resolution: Resolution
    parts: tuple[Part, ...] = field(default=())


def part_poisoned(resolution: Resolution, records: Numbers, bound: Bound, strict: float, prepare: Prepare) -> Parted:
    """Part the giants and what the decisions contradict each other about; `records` counts the records of each node.

    `prepare` returns a pass over some nodes, in their order, with the nodes that are one by their attributes; in it and
    its answer the nodes are numbered by their places. `strict` is the weight from which on they merge.
    """
    wholes = list(_wholes(resolution.entity, records, bound))
    if not wholes:
        return Parted(resolution)
    entity, weakest = resolution.entity.copy(), resolution.weakest.copy()
    is_poisoned = np.zeros(len(entity), bool)
    is_poisoned[np.concatenate([nodes for nodes, _ in wholes])] = True
    merges = [[_without(merge, is_poisoned)] for merge in resolution.merges]
    parts: list[Part] = []
    for nodes, reason in wholes:
        inner = _resolved_strictly(nodes, records, bound, strict, prepare)
        entity[nodes], weakest[nodes] = nodes[inner.entity], inner.weakest
        merges += [[] for _ in range(len(inner.merges) - len(merges))]
        for of_round, (into, other, weight) in zip(merges, inner.merges, strict=False):
            of_round.append((nodes[into], nodes[other], weight))
        parts += _parts(nodes, inner, records[nodes], reason)
    left, right, weight = _without((resolution.left, resolution.right, resolution.weight), is_poisoned)
    parted = replace(
        resolution,
        entity=entity,
        weakest=weakest,
        left=left,
        right=right,
        weight=weight,
        merges=tuple(_together(of_round) for of_round in merges),
    )
    return Parted(parted, tuple(parts))


def _is_giant(distinct_records: Numbers, records: Numbers) -> Flags:
    return (distinct_records > MOST_DISTINCT_RECORDS) | ((distinct_records > 1) & (records > MOST_RECORDS))


def _sizes(entity: Numbers, records: Numbers) -> tuple[Numbers, Numbers]:
    """Return how many nodes and how many records every entity has."""
    return np.bincount(entity, minlength=len(entity)), numbers(np.bincount(entity, records, minlength=len(entity)))


def _wholes(entity: Numbers, records: Numbers, bound: Bound) -> Iterator[tuple[Numbers, str]]:
    """Yield the nodes of each poisoned cluster, and why it is one."""
    is_giant = _is_giant(*_sizes(entity, records))
    # the entities that an overruled decision speaks of are one case, even where it would have joined them
    one, other = entity[bound.overruled_left], entity[bound.overruled_right]
    conflicts = coo_array((np.ones(len(one), bool), (one, other)), shape=(len(entity), len(entity)))
    case = numbers(connected_components(conflicts, directed=False)[1])[entity]
    is_conflict = np.isin(case, case[np.concatenate([bound.overruled_left, bound.overruled_right])])
    poisoned = np.flatnonzero(is_giant[entity] | is_conflict)
    order = poisoned[np.argsort(case[poisoned], kind="stable")]
    for nodes in np.split(order, np.flatnonzero(np.diff(case[order])) + 1):
        if len(nodes):
            yield nodes, CONFLICT if is_conflict[nodes[0]] else GIANT


def _resolved_strictly(nodes: Numbers, records: Numbers, bound: Bound, strict: float, prepare: Prepare) -> Resolution:
    """Resolve `nodes` at the strict weight, and what is a giant even then by decisions alone."""
    entity_pass, equal = prepare(nodes)
    bound = bound.among(nodes)
    found = entity_pass.run(strict, _weighing(equal, strict), bound)
    giants = np.flatnonzero(_is_giant(*_sizes(found.entity, records[nodes])))
    if not len(giants):
        return found
    loose = np.isin(found.entity, giants)
    entity_pass, equal = prepare(nodes)
    # the giants' nodes are joined by decisions alone, those of the others as they were
    held = np.flatnonzero(~loose & (found.entity != np.arange(len(nodes))))
    certain = _weighing(equal, np.inf)
    stays = found.entity[held], held, found.weakest[found.entity[held]]
    left, right, weight = (np.concatenate(both) for both in zip(certain, stays, strict=True))
    return entity_pass.run(np.inf, (left, right, weight), bound)


def _weighing(ties: Ties, least: float) -> Ties:
    left, right, weight = ties
    kept = weight >= least
    return left[kept], right[kept], weight[kept]


def _without(pairs: Ties, is_poisoned: Flags) -> Ties:
    kept = ~(is_poisoned[pairs[0]] | is_poisoned[pairs[1]])
    return pairs[0][kept], pairs[1][kept], pairs[2][kept]


def _together(merges: list[Ties]) -> Ties:
    into, other, weight = (np.concatenate([merge[place] for merge in merges]) for place in range(3))
    return into, other, weight


def _parts(nodes: Numbers, inner: Resolution, records: Numbers, reason: str) -> Iterator[Part]:
    """Yield the parts of the cluster of `nodes`, the largest first, each with the one it is asked about with."""
    sizes, counted = _sizes(inner.entity, records)
    heads = np.flatnonzero(sizes)
    order = heads[np.lexsort((heads, -counted[heads], -sizes[heads]))].tolist()
    links = spanning(order, inner)
    for head in order:
        other, weight = links.get(head, (None, None))
        yield Part(
            entity=int(nodes[head]),
            whole=int(nodes[0]),
            reason=reason,
            distinct_records=int(sizes[head]),
            records=int(counted[head]),
            whole_distinct_records=len(nodes),
            whole_records=int(records.sum()),
            asked_with=None if other is None else int(nodes[other]),
            weight=weight,
        )


def spanning(order: list[int], inner: Resolution) -> dict[int, tuple[int, float | None]]:
    """Return of each part but the first the one it hangs on in the strongest tree over all of them, and the weight.

    What no pair ties to the rest hangs on the first. Of more than MOST_ASKED the strongest are kept.
    """
    tree: dict[int, dict[int, float]] = {head: {} for head in order}
    group = {head: head for head in order}
    weight = np.round(inner.weight, 6)
    for place in np.lexsort((inner.right, inner.left, -weight)).tolist():
        left, right = int(inner.left[place]), int(inner.right[place])
        one, other = _leader(group, left), _leader(group, right)
        if one != other:
            group[other] = one
            tree[left][right] = tree[right][left] = float(weight[place])
    links: dict[int, tuple[int, float | None]] = {}
    reached = set()
    for start in order:
        if start in reached:
            continue
        if start != order[0]:
            links[start] = order[0], None
        reached.add(start)
        waiting = [start]
        while waiting:
            here = waiting.pop()
            for there, tie in tree[here].items():
                if there not in reached:
                    reached.add(there)
                    links[there] = here, tie
                    waiting.append(there)
    strongest = sorted(links, key=lambda head: (-np.inf if links[head][1] is None else links[head][1], -head))
    return {head: links[head] for head in strongest[::-1][:MOST_ASKED]}


def _leader(group: dict[int, int], member: int) -> int:
    while (above := group[member]) != member:
        group[member] = group[above]
        member = above
    return member
