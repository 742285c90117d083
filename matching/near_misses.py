"""Finds the customers that are nearly one although no tie leads from one to the other.

Reads matching.distinct_record, matching.pair, matching.resolution, matching.decision, matching.member and
matching.model_frequency. Adds to matching.near_entity the pairs of entities of different components. Keeps this: what
two entities weigh is a function of their nodes, of the pairs between these, of what was decided and of the model; so
pairs of entities of which neither was resolved anew stand.

A component ends where no pair is strong enough to join anybody. Weaker ones, down to `review_at`, are still worth a
look: their entities, final by now, are weighed once more as the pass of entities weighs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matching.arrays import columns, table
from matching.resolve import prepare_pass
from warehouse.connection import has_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from matching.model import Model

LEFT_APART = "not enough evidence to merge"
NO_TIE = "near only as a whole: no two of their records say enough by themselves"
"""Of entities that reach what it takes to merge, though only all of their pairs together do."""

NEAR = "SELECT distinct_record_id, number FROM temp.near_node"


def write_near_misses(con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model) -> None:
    """Add the near misses that have an entity of the temporary table `solved_node` on one side at least.

    It works in `scratch`, a bench.
    """
    con.execute(_SEEDS_SQL, {"least": model.entity_weight(model.review_at)})
    if has_rows(con, "FROM temp.seed"):
        con.execute(_NODES_SQL)
        _weigh(con, scratch, model)
        for name in ("near_node", "near_tuple"):
            con.execute(f"DROP TABLE temp.{name}")
    con.execute("DROP TABLE temp.seed")


_SEEDS_SQL = """
CREATE OR REPLACE TEMP TABLE seed AS
WITH looked_at AS (
    SELECT distinct_record_id_l, distinct_record_id_r FROM matching.pair
    WHERE match_weight >= $least AND (
        distinct_record_id_l IN (SELECT distinct_record_id FROM temp.solved_node)
        OR distinct_record_id_r IN (SELECT distinct_record_id FROM temp.solved_node))
)
SELECT DISTINCT least(l.entity, r.entity) AS entity_l, greatest(l.entity, r.entity) AS entity_r
FROM looked_at
JOIN matching.resolution AS l ON l.distinct_record_id = distinct_record_id_l
JOIN matching.resolution AS r ON r.distinct_record_id = distinct_record_id_r
WHERE l.component <> r.component
"""
"""The pairs of entities that some pair of their nodes brings near, though it does not tie them."""

_NODES_SQL = """
CREATE OR REPLACE TEMP TABLE near_node AS
SELECT distinct_record_id, entity, tuple_id, row_number() OVER (ORDER BY distinct_record_id) - 1 AS number
FROM matching.resolution SEMI JOIN (SELECT entity_l AS entity FROM temp.seed UNION SELECT entity_r FROM temp.seed)
    USING (entity)
JOIN matching.distinct_record USING (distinct_record_id);
CREATE OR REPLACE TEMP TABLE near_tuple AS SELECT DISTINCT tuple_id FROM temp.near_node
"""


def _weigh(con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model) -> None:
    """Weigh the seeds' entities as they are, and write those from `review_at` on."""
    prepared = prepare_pass(con, scratch, model, NEAR, "temp.near_tuple", ties_at=-np.inf)
    inner = columns(
        con,
        """
        SELECT e.number AS entity, n.number AS node
        FROM temp.near_node AS n JOIN temp.near_node AS e ON e.distinct_record_id = n.entity
        WHERE n.number <> e.number ORDER BY entity, node
        """,
    )
    as_they_are = inner["entity"], inner["node"], np.full(len(inner["node"]), np.inf)
    weighed = prepared.entity_pass.run(np.inf, as_they_are, prepared.bound)
    posterior = model.entity_posterior(weighed.weight)
    near = np.flatnonzero(posterior >= model.review_at)
    pairs = {"one": weighed.left[near], "other": weighed.right[near], "posterior": posterior[near]}
    con.register("incoming_near", table(pairs))
    con.execute(_NEAR_SQL, {"merge_at": model.merge_at, "left_apart": LEFT_APART, "no_tie": NO_TIE})
    con.unregister("incoming_near")


_NEAR_SQL = """
INSERT INTO matching.near_entity
SELECT entity_l, entity_r, posterior, CASE WHEN posterior < $merge_at THEN $left_apart ELSE $no_tie END
FROM incoming_near AS i
JOIN temp.near_node AS l ON l.number = i.one
JOIN temp.near_node AS r ON r.number = i.other
JOIN temp.seed ON entity_l = l.distinct_record_id AND entity_r = r.distinct_record_id
ORDER BY entity_l, entity_r
"""
