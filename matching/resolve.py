"""Resolves distinct records into entities: the pass over the pairs of nodes that hang together, and what it came to.

Reads matching.distinct_record, matching.pair, matching.decision, matching.member and matching.model_frequency. Keeps
this: pairs that cross from one component to another say nothing, so a component may be resolved with or without others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matching.arrays import Flags, Floats, Levels, Numbers, columns, copy_table
from matching.blocking import SAME_ATTRIBUTES
from matching.bound import Bound, load_bound
from matching.common_names import load_common_names, mark_common_names
from matching.components import TIES_AT, components
from matching.entities import EntityPass, Resolution
from matching.features import load_features
from matching.model import Model, load_frequencies
from matching.observations import OBSERVED
from matching.weights import rarity_bits
from warehouse.connection import open_memory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

    from warehouse.run import Run

ALL_NODES_SQL = """
SELECT distinct_record_id, row_number() OVER (ORDER BY distinct_record_id) - 1 AS number FROM matching.distinct_record
"""
"""Every distinct record with its number, from 0 in the order of the ids."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Stored pairs by their nodes' numbers, in their order.

    `same` are those that say the same: no levels speak of them.
    """

    left: Numbers
    right: Numbers
    weight: Floats
    same: Flags
    gammas: Mapping[str, Levels]

    def at(self, places: Numbers) -> Pairs:
        """Return the pairs at these places."""
        gammas = {name: levels[places] for name, levels in self.gammas.items()}
        return Pairs(self.left[places], self.right[places], self.weight[places], self.same[places], gammas)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A pass ready to run: with nodes that are one by their attributes alone, what decisions bind, and components.

    `equal` are pairs of nodes and their weights, which are at least the threshold, or infinite where their attributes
    say enough for one node: such nodes exist because a decision names a record of theirs.
    """

    entity_pass: EntityPass
    equal: tuple[Numbers, Numbers, Floats]
    bound: Bound
    component: Numbers
    pairs: Pairs

    def run(self, threshold: float) -> Resolution:
        """Merge what is one with at least this weight."""
        return self.entity_pass.run(threshold, self.equal, self.bound)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the nodes came to: their components, and the weight of each one's strongest pair within its entity.

    `strongest` is -inf where there is none.
    """

    resolution: Resolution
    component: Numbers
    strongest: Floats


def resolve(con: DuckDBPyConnection, model: Model, run: Run, nodes: str, among: str | None) -> Resolved:
    """Resolve `nodes`, a query (distinct_record_id, number) of whole components; `among` names a table of their tuples.

    Without `among` the nodes must be all.
    """
    scratch = open_memory(threads=run.threads)
    threshold = model.entity_weight(model.merge_at)
    prepared = prepare_pass(con, scratch, model, threshold, nodes, among)
    resolution = prepared.run(threshold)
    scratch.close()
    left, right, weight = prepared.pairs.left, prepared.pairs.right, prepared.pairs.weight
    strongest = np.full(len(resolution.entity), -np.inf)
    inner = np.flatnonzero(resolution.entity[left] == resolution.entity[right])
    for side in (left, right):
        np.maximum.at(strongest, side[inner], weight[inner])
    return Resolved(resolution, prepared.component, strongest)


def prepare_pass(
    con: DuckDBPyConnection,
    scratch: DuckDBPyConnection,
    model: Model,
    threshold: float,
    nodes: str = ALL_NODES_SQL,
    among: str | None = None,
) -> Prepared:
    """Return the pass over the pairs of the nodes; see `resolve`."""
    load_features(con, scratch, OBSERVED, among)
    load_frequencies(con, scratch, model)
    load_common_names(scratch, model.records)
    mark_common_names(scratch, "feature")
    copy_table(con, nodes, scratch, "numbered")
    tuples, crowd = tuples_and_crowds(scratch)
    chosen = columns(scratch, _CHOSEN_SQL)
    tuples, crowd, alone = tuples[chosen["place"]], crowd[chosen["place"]], chosen["stands_alone"]
    bound = load_bound(con, nodes)
    pairs = _read_pairs(con, model, nodes)
    component = _components(pairs, alone, bound)
    pairs = pairs.at(np.flatnonzero(component[pairs.left] == component[pairs.right]))
    compared = pairs.at(np.flatnonzero(~pairs.same))
    entity_pass = EntityPass(
        scratch, model, tuples, rarity_bits(scratch, model), (compared.left, compared.right, compared.gammas), crowd
    )
    weight = np.where(alone[pairs.left], pairs.weight - crowd[pairs.left], np.inf)
    alike = np.flatnonzero(pairs.same & (weight >= threshold))
    return Prepared(entity_pass, (pairs.left[alike], pairs.right[alike], weight[alike]), bound, component, pairs)


_CHOSEN_SQL = """
SELECT place, stands_alone
FROM (SELECT *, row_number() OVER (ORDER BY distinct_record_id) - 1 AS place FROM node)
SEMI JOIN numbered USING (distinct_record_id) ORDER BY place
"""


def _components(pairs: Pairs, alone: Flags, bound: Bound) -> Numbers:
    """Return the component of each node. Decisions that yield to others tie, too: they might not, another night."""
    ties = np.flatnonzero((pairs.weight >= TIES_AT) | (pairs.same & ~alone[pairs.left]))
    left = np.concatenate([pairs.left[ties], bound.must_left, bound.overruled_left])
    right = np.concatenate([pairs.right[ties], bound.must_right, bound.overruled_right])
    return components(len(alone), left, right)


def tuples_and_crowds(scratch: DuckDBPyConnection) -> tuple[Numbers, Floats]:
    """Return per node of `node`, in the ids' order, its tuple and log2 of how many stand alone with the same tuple."""
    nodes = columns(
        scratch,
        """
        SELECT tuple_no::BIGINT AS tuple_no,
            CASE WHEN stands_alone THEN log2(count(*) OVER (PARTITION BY tuple_no)) ELSE 0.0 END::DOUBLE AS crowd
        FROM node ORDER BY distinct_record_id
        """,
    )
    return nodes["tuple_no"], nodes["crowd"]


def _read_pairs(con: DuckDBPyConnection, model: Model, nodes: str) -> Pairs:
    names = [comparison.name for comparison in model.definitions.comparisons]
    levels = ", ".join(f"gammas[{place + 1}] AS {name}" for place, name in enumerate(names))
    found = columns(
        con,
        f"""
        WITH node AS ({nodes})
        SELECT l.number AS one, r.number AS other, match_weight, match_key = '{SAME_ATTRIBUTES}' AS same, {levels}
        FROM matching.pair AS p
        JOIN node AS l ON l.distinct_record_id = p.distinct_record_id_l
        JOIN node AS r ON r.distinct_record_id = p.distinct_record_id_r
        ORDER BY one, other
        """,
    )
    gammas = {name: found[name] for name in names}
    return Pairs(found["one"], found["other"], found["match_weight"], found["same"], gammas)
