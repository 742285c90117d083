"""What entities start from: nodes that are one by their attributes alone, or because a steward said so.

Where such a group holds nodes that were decided to be two, it is cut between them so that the least evidence is lost:
a minimum cut (Ford and Fulkerson 1956), pair by pair in the order of the nodes. What was decided to be one is never
cut. Nodes that say the same are tied to a vertex of its own, that what they all say is, rather than to each other:
so what stays behind when one of them leaves stays together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

from matching.arrays import numbers
from matching.bound import settled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matching.arrays import Flags, Floats, Numbers
    from matching.bound import Bound

Ties = tuple["Numbers", "Numbers", "Floats"]
"""Pairs and what holds each together, in bits."""

MOST_BITS = 100.0
"""What the cut takes a tie for that is certain."""

_PER_BIT = 1000.0
_MOST_CAPACITY = float(2**31 - 1)


@dataclass(frozen=True, slots=True)
class Start:
    """The merges that come before the first round: nodes that are equal, then what must be one, which is certain."""

    by_attributes: Ties
    by_decision: Ties

    @property
    def merges(self) -> tuple[Ties, Ties]:
        """Both, in the order in which they are to be made: into which entity, which other, and the weight."""
        return self.by_attributes, self.by_decision


def starting_merges(nodes: int, equal: Ties, bound: Bound, compared: Ties) -> Start:
    """Return the merges of the `equal` nodes and of what must be one, none of which joins what is held apart.

    `compared` are the pairs that speak for one customer or against it; they decide where a group is cut.
    """
    left, right, weight = equal
    alike = _joined(nodes, left, right)
    held = alike
    if bound:
        must = _consistent(bound)
        leader = _joined(nodes, bound.must_left[must], bound.must_right[must])
        held = _held_together(nodes, alike, leader, equal, bound, compared)
    else:
        leader = np.arange(nodes)
    # of those that are alike the ones that were not cut off from each other
    piece = _least(alike * nodes + held)
    weakest = np.full(nodes, np.inf)
    np.minimum.at(weakest, alike[left], weight)
    inner = np.flatnonzero(piece != np.arange(nodes))
    by_attributes = piece[inner], inner, weakest[alike[inner]]
    whole = _joined(nodes, np.concatenate([piece, leader]), np.concatenate([np.arange(nodes)] * 2))
    heads = np.flatnonzero((piece == np.arange(nodes)) & (whole != np.arange(nodes)))
    return Start(by_attributes, (whole[heads], heads, np.full(len(heads), np.inf)))


def _consistent(bound: Bound) -> Flags:
    """Return which must-links join nothing that is held apart, the later ones first."""
    links = len(bound.must_left)
    one = np.concatenate([bound.must_left, bound.apart_left]).tolist()
    other = np.concatenate([bound.must_right, bound.apart_right]).tolist()
    return settled(one, other, [place < links for place in range(len(one))])[:links]


def _held_together(nodes: int, alike: Numbers, leader: Numbers, equal: Ties, bound: Bound, compared: Ties) -> Numbers:
    """Return the group of each node: what equals and must-links join, cut where that joins what is held apart."""
    everyone = np.arange(nodes)
    group = _joined(nodes, np.concatenate([alike, leader]), np.concatenate([everyone, everyone]))
    torn = np.unique(group[bound.apart_left][group[bound.apart_left] == group[bound.apart_right]])
    if not len(torn):
        return group
    is_torn = np.zeros(nodes, bool)
    is_torn[torn] = True
    inside = np.flatnonzero((group[compared[0]] == group[compared[1]]) & is_torn[group[compared[0]]])
    evidence = compared[0][inside], compared[1][inside], compared[2][inside]
    for name in torn:
        members = np.flatnonzero(group == name)
        group[members] = _parted(members, alike, leader, equal, bound, evidence)
    return group


def _parted(members: Numbers, alike: Numbers, leader: Numbers, equal: Ties, bound: Bound, evidence: Ties) -> Numbers:
    """Return the least node of the part of each of `members`, a group that holds nodes held apart."""
    # a vertex per set of nodes that must be one, then one per set of nodes that say the same
    heads, vertex = np.unique(leader[members], return_inverse=True)
    said, saying = np.unique(alike[members], return_inverse=True)
    vertex_of = {int(node): int(place) for node, place in zip(members, vertex, strict=True)}
    bits = {int(name): MOST_BITS for name in said}
    for name, weight in zip(alike[equal[0]].tolist(), equal[2].tolist(), strict=True):
        if name in bits:
            bits[name] = min(bits[name], weight)
    ties = [(int(v), len(heads) + int(s), bits[int(said[s])]) for v, s in zip(vertex, saying, strict=True)]
    for one, other, weight in zip(*(array.tolist() for array in evidence), strict=True):
        if one in vertex_of and other in vertex_of and vertex_of[one] != vertex_of[other] and weight > 0:
            ties.append((vertex_of[one], vertex_of[other], min(weight, MOST_BITS)))
    apart = {
        (min(pair), max(pair))
        for pair in (
            (vertex_of[one], vertex_of[other])
            for one, other in zip(bound.apart_left.tolist(), bound.apart_right.tolist(), strict=True)
            if one in vertex_of and other in vertex_of
        )
    }
    part = cut_apart(len(heads) + len(said), ties, sorted(apart))
    names = {name: int(members[part[vertex] == name].min()) for name in np.unique(part[vertex]).tolist()}
    return np.array([names[int(name)] for name in part[vertex]])


def cut_apart(vertices: int, ties: Sequence[tuple[int, int, float]], apart: Sequence[tuple[int, int]]) -> Numbers:
    """Return the part of each vertex: one pair of `apart` after the other is cut where the least evidence is lost.

    A tie is two vertices and its bits. Of cuts that lose equally little the one nearest to a pair's first is made.
    """
    part = np.zeros(vertices, np.int64)
    one, other = (np.array([tie[side] for tie in ties], np.int64) for side in (0, 1))
    bits = np.array([tie[2] for tie in ties])
    scale = min(_PER_BIT, _MOST_CAPACITY / max(2 * float(bits.sum()) + 2 * len(bits), 1.0))
    capacity = np.maximum(np.floor(bits * scale), 1).astype(np.int32)
    for source, target in apart:
        if part[source] != part[target]:
            continue
        inside = (part[one] == part[source]) & (part[other] == part[source])
        side = _source_side(vertices, (one[inside], other[inside], capacity[inside]), source, target)
        part[side] = part.max() + 1
    return part


def _source_side(vertices: int, ties: tuple[Numbers, Numbers, Numbers], source: int, target: int) -> Numbers:
    """Return the vertices that stay with `source` in the minimum cut nearest to it."""
    one, other, capacity = ties
    both = np.concatenate([capacity, capacity]), (np.concatenate([one, other]), np.concatenate([other, one]))
    graph = csr_array(coo_array(both, shape=(vertices, vertices)))
    flow = maximum_flow(graph, source, target).flow
    left_over = csr_array(graph - flow)
    left_over.data[left_over.data < 0] = 0
    left_over.eliminate_zeros()
    return numbers(breadth_first_order(left_over, source, return_predecessors=False))


def _joined(nodes: int, left: Numbers, right: Numbers) -> Numbers:
    """Return the least node that each node is connected with."""
    if not len(left):
        return np.arange(nodes)
    links = coo_array((np.ones(len(left), bool), (left, right)), shape=(nodes, nodes))
    return _least(numbers(connected_components(links, directed=False)[1]))


def _least(labels: Numbers) -> Numbers:
    """Return for each node the least one that has the same label."""
    _, first, place = np.unique(labels, return_index=True, return_inverse=True)
    least: Numbers = first[place]
    return least
