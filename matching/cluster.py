"""Clusters the distinct records into customers, component by component.

Reads matching.distinct_record, matching.member, matching.pair, matching.decision, matching.model and
matching.model_frequency. Writes matching.cluster, matching.cluster_tie and matching.possible_match. Keeps this: every
member is in exactly one cluster, and the clusters of a component are a function of its pairs, of what stewards decided
of its records and of the model alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matching.arrays import Flags, Floats, Levels, Numbers, columns, table
from matching.blocking import SAME_ATTRIBUTES
from matching.bound import load_bound
from matching.common_names import load_common_names, mark_common_names
from matching.entities import EntityPass, Resolution
from matching.features import load_features
from matching.model import Model, load_frequencies, tonights_model
from matching.observations import OBSERVED
from matching.weights import rarity_bits
from warehouse.connection import open_memory
from warehouse.run import Run, StageReport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

    from warehouse.settings import Settings

READS = (
    "matching.distinct_record",
    "matching.member",
    "matching.pair",
    "matching.decision",
    "matching.model",
    "matching.model_frequency",
)
WRITES = ("matching.cluster", "matching.cluster_tie", "matching.possible_match")


_NUMBERED_NODES_SQL = """
SELECT distinct_record_id, row_number() OVER (ORDER BY distinct_record_id) - 1 AS number FROM matching.distinct_record
"""


def cluster(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Resolve all components anew."""
    model = tonights_model(con, run)
    resolution, strongest = _resolve(con, model, run)
    for name in WRITES:
        con.execute(f"DELETE FROM {name}")
    _name_entities(con, model, resolution, strongest)
    con.execute(_CLUSTERS_SQL)
    con.execute(_TIES_SQL)
    _write_possible_matches(con, model, resolution)
    con.execute("DROP TABLE temp.entity_of_node")
    rows = {name: con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in WRITES}
    figures = {
        "clusters": rows[WRITES[1]],
        "rounds": resolution.rounds,
        "merge_at": model.merge_at,
        "estimated_precision": _estimated_precision(con, model, resolution),
    }
    return StageReport(rows=rows, figures=figures)


@dataclass(frozen=True, slots=True)
class Pairs:
    """All stored pairs by their nodes' numbers, in their order.

    `same` are those that say the same, and too little: no levels speak of them.
    """

    left: Numbers
    right: Numbers
    weight: Floats
    same: Flags
    gammas: Mapping[str, Levels]


def _resolve(con: DuckDBPyConnection, model: Model, run: Run) -> tuple[Resolution, Floats]:
    """Return the entities, and per node the weight of its strongest pair within its entity, -inf where it has none."""
    scratch = open_memory(threads=run.threads)
    threshold = model.entity_weight(model.merge_at)
    pairs = _read_pairs(con, model)
    left, right, weight = pairs.left, pairs.right, pairs.weight
    entity_pass, equal = _pass_over(pairs, con, scratch, model, threshold)
    del pairs  # the levels of all pairs, of which the pass has made what it needs
    resolution = entity_pass.run(threshold, equal, load_bound(con, _NUMBERED_NODES_SQL))
    scratch.close()
    strongest = np.full(len(resolution.entity), -np.inf)
    inner = np.flatnonzero(resolution.entity[left] == resolution.entity[right])
    for side in (left, right):
        np.maximum.at(strongest, side[inner], weight[inner])
    return resolution, strongest


def prepare_pass(
    con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model, threshold: float
) -> tuple[EntityPass, tuple[Numbers, Numbers, Floats]]:
    """Return the entity pass over all pairs of the warehouse, and the nodes that are one by their attributes alone.

    These weigh at least `threshold`, or infinitely where their attributes say enough for one node: such nodes exist
    because a decision names a record of theirs.
    """
    return _pass_over(_read_pairs(con, model), con, scratch, model, threshold)


def _pass_over(
    pairs: Pairs, con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model, threshold: float
) -> tuple[EntityPass, tuple[Numbers, Numbers, Floats]]:
    load_features(con, scratch, OBSERVED)
    load_frequencies(con, scratch, model)
    load_common_names(scratch, model.records)
    mark_common_names(scratch, "feature")
    tuples, crowd = tuples_and_crowds(scratch)
    alone = columns(scratch, "SELECT stands_alone FROM node ORDER BY distinct_record_id")["stands_alone"]
    weighed = ~pairs.same
    gammas = {name: levels[weighed] for name, levels in pairs.gammas.items()}
    compared = pairs.left[weighed], pairs.right[weighed], gammas
    entity_pass = EntityPass(scratch, model, tuples, rarity_bits(scratch, model), compared, crowd)
    weight = np.where(alone[pairs.left], pairs.weight - crowd[pairs.left], np.inf)
    alike = np.flatnonzero(pairs.same & (weight >= threshold))
    return entity_pass, (pairs.left[alike], pairs.right[alike], weight[alike])


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


def _read_pairs(con: DuckDBPyConnection, model: Model) -> Pairs:
    names = [comparison.name for comparison in model.definitions.comparisons]
    levels = ", ".join(f"gammas[{place + 1}] AS {name}" for place, name in enumerate(names))
    found = columns(
        con,
        f"""
        WITH node AS ({_NUMBERED_NODES_SQL})
        SELECT l.number AS one, r.number AS other, match_weight, match_key = '{SAME_ATTRIBUTES}' AS same, {levels}
        FROM matching.pair AS p
        JOIN node AS l ON l.distinct_record_id = p.distinct_record_id_l
        JOIN node AS r ON r.distinct_record_id = p.distinct_record_id_r
        ORDER BY one, other
        """,
    )
    gammas = {name: found[name] for name in names}
    return Pairs(found["one"], found["other"], found["match_weight"], found["same"], gammas)


def _estimated_precision(con: DuckDBPyConnection, model: Model, resolution: Resolution) -> float:
    """Return the share of joined pairs of records that the posteriors of the merges hold to be right.

    A merge of entities of n and m records at the posterior p joins n x m pairs, of which (1 - p) x n x m are wrong;
    records of one distinct record are held to be right.
    """
    records = columns(con, "SELECT records::DOUBLE AS n FROM matching.distinct_record ORDER BY distinct_record_id")["n"]
    size, wrong = records.copy(), 0.0
    for into, other, weight in resolution.merges:
        wrong += float(((1 - model.entity_posterior(weight)) * size[into] * size[other]).sum())
        np.add.at(size, into, size[other])
    joined = np.bincount(resolution.entity, records)
    pairs = float((joined * (joined - 1) / 2).sum())
    return round(1 - wrong / pairs, 6) if pairs else 1.0


def _name_entities(con: DuckDBPyConnection, model: Model, resolution: Resolution, strongest: Floats) -> None:
    """Make the temporary table `entity_of_node`: distinct record, entity, the cluster's name, cohesion, strongest."""
    entities = table(
        {
            "number": np.arange(len(resolution.entity)),
            "entity": resolution.entity,
            "cohesion": model.entity_posterior(resolution.weakest[resolution.entity]),
            "strongest": strongest,
        }
    )
    con.register("incoming_entity", entities)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE entity_of_node AS
        WITH node AS ({_NUMBERED_NODES_SQL}),
        resolved AS (
            SELECT distinct_record_id, entity, cohesion, CASE WHEN isfinite(strongest) THEN strongest END AS strongest
            FROM node JOIN incoming_entity USING (number)
        ),
        named AS (
            SELECT entity, min(source || ':' || source_record_id) AS cluster_id
            FROM resolved JOIN matching.member USING (distinct_record_id) GROUP BY entity
        )
        SELECT * FROM resolved JOIN named USING (entity)
    """)
    con.unregister("incoming_entity")


_CLUSTERS_SQL = """
INSERT INTO matching.cluster
WITH told AS (
    SELECT m.source, m.source_record_id, e.cluster_id, e.strongest AS match_weight,
        count(*) OVER (PARTITION BY e.cluster_id) AS records,
        count(*) OVER (PARTITION BY e.cluster_id, d.tuple_id) AS equals
    FROM matching.member AS m
    JOIN temp.entity_of_node AS e USING (distinct_record_id)
    JOIN matching.distinct_record AS d USING (distinct_record_id)
)
SELECT source, source_record_id, cluster_id,
    CASE WHEN records = 1 THEN 'single' WHEN equals > 1 THEN 'identical' ELSE 'probabilistic' END,
    match_weight
FROM told ORDER BY source, source_record_id
"""

_TIES_SQL = """
INSERT INTO matching.cluster_tie
SELECT cluster_id, count(*), count(DISTINCT distinct_record_id), min(cohesion)
FROM temp.entity_of_node JOIN matching.member USING (distinct_record_id)
GROUP BY cluster_id ORDER BY cluster_id
"""


def _write_possible_matches(con: DuckDBPyConnection, model: Model, resolution: Resolution) -> None:
    posterior = model.entity_posterior(resolution.weight)
    near = np.flatnonzero((posterior >= model.review_at) & (posterior < model.merge_at))
    pairs = {"one": resolution.left[near], "other": resolution.right[near], "posterior": posterior[near]}
    con.register("incoming_possible", table(pairs))
    con.execute("""
        INSERT INTO matching.possible_match
        WITH entity AS (SELECT DISTINCT entity, cluster_id FROM temp.entity_of_node)
        SELECT least(l.cluster_id, r.cluster_id) AS cluster_id_l, greatest(l.cluster_id, r.cluster_id) AS cluster_id_r,
            posterior, 'not enough evidence to merge'
        FROM incoming_possible AS p
        JOIN entity AS l ON l.entity = p.one JOIN entity AS r ON r.entity = p.other
        ORDER BY cluster_id_l, cluster_id_r
    """)
    con.unregister("incoming_possible")
