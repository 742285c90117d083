"""Resolves distinct records into entities: the pass over the pairs of nodes that hang together, and what it came to.

Reads matching.distinct_record, matching.pair, matching.decision, matching.member and matching.model_frequency. Keeps
this: pairs that cross from one component to another say nothing, so a component may be resolved with or without others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from matching.arrays import Flags, Floats, Levels, Numbers, columns, copy_table
from matching.blocking import SAME_ATTRIBUTES
from matching.bound import Bound, load_bound
from matching.common_names import mark_common_names
from matching.components import components, tying_weight
from matching.entities import EntityPass, Resolution
from matching.features import load_features
from matching.observations import OBSERVED, OnBench
from matching.poisoned import STRICTEST, Part, part_poisoned
from matching.weights import rarity_bits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

    from matching.bound_groups import Ties
    from matching.model import Model
    from matching.observations import Source

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
class Nodes:
    """What is known of each node: its tuple, what its crowd costs, whether it stands alone, and its source records."""

    tuples: Numbers
    crowd: Floats
    alone: Flags
    records: Numbers

    def at(self, places: Numbers) -> Nodes:
        """Return the nodes at these places."""
        return Nodes(self.tuples[places], self.crowd[places], self.alone[places], self.records[places])


@dataclass(frozen=True, slots=True)
class Prepared:
    """A pass ready to run: with nodes that are one by their attributes alone, what decisions bind, and components.

    `equal` are pairs of nodes that say the same and their weights, infinite where their attributes say enough for one
    node: such nodes exist because a decision names a record of theirs.
    """

    source: Source
    model: Model
    nodes: Nodes
    pairs: Pairs
    bound: Bound
    component: Numbers
    entity_pass: EntityPass
    equal: Ties
    bits: Mapping[str, Floats]

    def run(self, threshold: float) -> Resolution:
        """Merge what is one with at least this weight."""
        left, right, weight = self.equal
        alike = weight >= threshold
        return self.entity_pass.run(threshold, (left[alike], right[alike], weight[alike]), self.bound)

    def among(self, nodes: Numbers) -> tuple[EntityPass, Ties]:
        """Return a pass over these nodes alone, which are in their order, numbered by their places; and the equal ones.

        It takes the place of the former one, which is not to be run afterwards.
        """
        place = np.full(len(self.component), -1)
        place[nodes] = np.arange(len(nodes))
        left, right = place[self.pairs.left], place[self.pairs.right]
        inside = np.flatnonzero((left >= 0) & (right >= 0))
        pairs = replace(self.pairs.at(inside), left=left[inside], right=right[inside])
        return pass_over(self.source, self.model, self.nodes.at(nodes), pairs, self.bits)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the nodes came to: their components, and the weight of each one's strongest pair within its entity.

    `strongest` is -inf where there is none. `parts` are the entities that came out as one and were taken apart.
    """

    resolution: Resolution
    component: Numbers
    strongest: Floats
    parts: tuple[Part, ...]


def resolve(
    con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model, nodes: str, among: str | None
) -> Resolved:
    """Resolve `nodes`, a query (distinct_record_id, number) of whole components; `among` names a table of their tuples.

    Without `among` the nodes must be all. It works in `scratch`, a bench.
    """
    threshold = model.entity_weight(model.merge_at)
    prepared = prepare_pass(con, scratch, model, nodes, among)
    found, strictest = prepared.run(threshold), model.entity_weight(STRICTEST)
    parted = part_poisoned(found, prepared.nodes.records, prepared.bound, strictest, prepared.among)
    resolution = parted.resolution
    left, right, weight = prepared.pairs.left, prepared.pairs.right, prepared.pairs.weight
    strongest = np.full(len(resolution.entity), -np.inf)
    inner = np.flatnonzero(resolution.entity[left] == resolution.entity[right])
    for side in (left, right):
        np.maximum.at(strongest, side[inner], weight[inner])
    return Resolved(resolution, prepared.component, strongest, parted.parts)


def prepare_pass(
    con: DuckDBPyConnection,
    scratch: DuckDBPyConnection,
    model: Model,
    nodes: str = ALL_NODES_SQL,
    among: str | None = None,
    *,
    ties_at: float | None = None,
) -> Prepared:
    """Return the pass over the pairs of the nodes; see `resolve`. It works in `scratch`, a bench.

    Pairs of at least `ties_at` make components; without it those that tie where the model's own threshold holds.
    """
    ties_at = tying_weight(model) if ties_at is None else ties_at
    load_features(con, scratch, OBSERVED, among)
    mark_common_names(scratch, "feature")
    known = _read_nodes(con, scratch, nodes)
    bound = load_bound(con, nodes)
    pairs = read_pairs(con, model, nodes)
    component = components_of_pairs(pairs, ties_at, known.alone, bound)
    pairs = pairs.at(np.flatnonzero(component[pairs.left] == component[pairs.right]))
    bits, source = rarity_bits(scratch, model), OnBench(scratch)
    entity_pass, equal = pass_over(source, model, known, pairs, bits)
    return Prepared(source, model, known, pairs, bound, component, entity_pass, equal, bits)


def pass_over(
    source: Source, model: Model, nodes: Nodes, pairs: Pairs, bits: Mapping[str, Floats]
) -> tuple[EntityPass, Ties]:
    """Return the pass over the pairs of these nodes, and those that say the same, with their weights.

    `bits` is the rarity of values per attribute and tuple, `source` knows what the tuples say.
    """
    compared = pairs.at(np.flatnonzero(~pairs.same))
    between = compared.left, compared.right, compared.gammas
    entity_pass = EntityPass(source, model, nodes.tuples, bits, between, nodes.crowd)
    equal = pairs.at(np.flatnonzero(pairs.same))
    weight = np.where(nodes.alone[equal.left], equal.weight - nodes.crowd[equal.left], np.inf)
    return entity_pass, (equal.left, equal.right, weight)


def _read_nodes(con: DuckDBPyConnection, scratch: DuckDBPyConnection, nodes: str) -> Nodes:
    told = f"SELECT distinct_record_id, records FROM matching.distinct_record JOIN ({nodes}) USING (distinct_record_id)"
    copy_table(con, told, scratch, "numbered")
    tuples, crowd = tuples_and_crowds(scratch)
    chosen = columns(scratch, _CHOSEN_SQL)
    place = chosen["place"]
    return Nodes(tuples[place], crowd[place], chosen["stands_alone"], chosen["records"])


_CHOSEN_SQL = """
SELECT place, stands_alone, records
FROM (SELECT *, row_number() OVER (ORDER BY distinct_record_id) - 1 AS place FROM node)
JOIN numbered USING (distinct_record_id) ORDER BY place
"""


def components_of_pairs(pairs: Pairs, ties_at: float, alone: Flags, bound: Bound) -> Numbers:
    """Return the component of each node. Decisions that yield to others tie, too: they might not, another night."""
    ties = np.flatnonzero((pairs.weight >= ties_at) | (pairs.same & ~alone[pairs.left]))
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


def read_pairs(con: DuckDBPyConnection, model: Model, nodes: str) -> Pairs:
    """Return the stored pairs of the nodes; see `resolve`."""
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
