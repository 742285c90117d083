"""Components: distinct records that ties lead to, one after the other; each is resolved by itself.

A tie is a pair that is not clearly two, or a decision that two records are one. Weaker pairs speak only within a
component. So what a component comes to is a function of its own pairs, decisions and the model, and stands while these
do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matching.model import DECIMALS

if TYPE_CHECKING:
    from matching.arrays import Numbers
    from matching.model import Model

MARGIN = 0.5
"""A pair that weighs so much less than it takes to merge two customers ties nobody.

Measured on data of known truth, at the thresholds that joinedup ships with: clusters are as good as with every pair
kept, to one part in a hundred thousand, and components of dozens of nodes take the place of one of most.
"""


def tying_weight(model: Model, merge_at: float | None = None) -> float:
    """Return the weight from which on a pair ties where customers merge from `merge_at` on, or the model's own."""
    return round(model.entity_weight(merge_at or model.merge_at) - MARGIN, DECIMALS)


def components(nodes: int, left: Numbers, right: Numbers) -> Numbers:
    """Return per node, of so many, the least node of its component; `left` and `right` are the ends of the ties."""
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(nodes, nodes))
    label = connected_components(graph, directed=False)[1] if nodes else np.empty(0, np.int64)
    least = np.full(nodes, nodes)
    np.minimum.at(least, label, np.arange(nodes))
    found: Numbers = least[label]
    return found
