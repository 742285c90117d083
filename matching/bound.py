"""What stewards decided, as numbers of nodes: which must be one customer, and which are held apart.

Reads matching.decision and matching.member. Keeps this: what is bound contradicts itself nowhere; of decisions that do,
which only an import by hand can bring in, the later one counts, and those that yield to it are named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from matching.arrays import columns, numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from matching.arrays import Flags, Numbers

SAME, DIFFERENT = "same", "different"
BINDING = ("bound", "reconfirm")
"""The states of a decision that binds tonight."""
BINDS_BY = "decision_id, decision, source_l, source_record_id_l, source_r, source_record_id_r"
"""All that a decision binds by: in another log the same number may stand for another one."""


def _nobody() -> Numbers:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Bound:
    """Pairs of nodes that must be one customer, and pairs that must not, by the nodes' numbers.

    Later must-links stand behind earlier ones. `overruled_left`, `overruled_right` are the pairs of decisions that
    yielded to later ones; they bind nothing.
    """

    must_left: Numbers = field(default_factory=_nobody)
    must_right: Numbers = field(default_factory=_nobody)
    apart_left: Numbers = field(default_factory=_nobody)
    apart_right: Numbers = field(default_factory=_nobody)
    overruled_left: Numbers = field(default_factory=_nobody)
    overruled_right: Numbers = field(default_factory=_nobody)

    def __bool__(self) -> bool:
        """Whether anything is bound."""
        return bool(len(self.must_left) or len(self.apart_left))

    def among(self, nodes: Numbers) -> Bound:
        """Return what is bound among `nodes`, which are in their order; they are numbered by their places."""
        pairs = (
            (self.must_left, self.must_right),
            (self.apart_left, self.apart_right),
            (self.overruled_left, self.overruled_right),
        )
        kept: list[Numbers] = []
        for left, right in pairs:
            inside = np.isin(left, nodes) & np.isin(right, nodes)
            kept += [np.searchsorted(nodes, left[inside]), np.searchsorted(nodes, right[inside])]
        return Bound(*kept)


NOTHING_BOUND = Bound()


def load_bound(con: DuckDBPyConnection, numbered_nodes: str) -> Bound:
    """Return what the binding decisions say of the nodes of `numbered_nodes`, a query (distinct_record_id, number).

    A decision of which a record is not among these nodes is left out; one of two records of one node is kept where it
    holds them apart, and then yields, for a record that a decision names is a node by itself.
    """
    found = columns(
        con,
        f"""
        WITH node AS ({numbered_nodes})
        SELECT l.number AS one, r.number AS other, d.decision = '{SAME}' AS same
        FROM matching.decision AS d
        JOIN matching.member AS ml ON ml.source = d.source_l AND ml.source_record_id = d.source_record_id_l
        JOIN matching.member AS mr ON mr.source = d.source_r AND mr.source_record_id = d.source_record_id_r
        JOIN node AS l ON l.distinct_record_id = ml.distinct_record_id
        JOIN node AS r ON r.distinct_record_id = mr.distinct_record_id
        WHERE d.state IN {BINDING} AND d.decision IN ('{SAME}', '{DIFFERENT}')
        ORDER BY d.decision_id, d.place
        """,
    )
    one, other, same = numbers(found["one"]), numbers(found["other"]), found["same"].astype(bool)
    return bound_by(one, other, same)


def bound_by(one: Numbers, other: Numbers, same: Flags) -> Bound:
    """Return what pairs of nodes bind that are decided to be the `same` or not, the earliest decision first."""
    holds = settled(one.tolist(), other.tolist(), same.tolist())
    must, apart, yields = holds & same, holds & ~same, ~holds
    return Bound(one[must], other[must], one[apart], other[apart], one[yields], other[yields])


def settled(one: Sequence[int], other: Sequence[int], same: Sequence[bool]) -> Flags:
    """Return which of these decisions hold, the latest (the last) first: what contradicts those that hold does not."""
    leader: dict[int, int] = {}
    foes: dict[int, set[int]] = {}

    def find(node: int) -> int:
        while (above := leader.get(node, node)) != node:
            leader[node] = leader.get(above, above)
            node = above
        return node

    holds = np.zeros(len(one), bool)
    for place in reversed(range(len(one))):
        left, right = find(one[place]), find(other[place])
        if same[place]:
            if left != right and right in foes.get(left, ()):
                continue
            if left != right:
                leader[right] = left
                for foe in foes.pop(right, set()):
                    foes[foe].discard(right)
                    foes[foe].add(left)
                    foes.setdefault(left, set()).add(foe)
        elif left == right:
            continue
        else:
            foes.setdefault(left, set()).add(right)
            foes.setdefault(right, set()).add(left)
        holds[place] = True
    return holds
