"""Clusters the distinct records into customers, component by component.

Reads matching.distinct_record, matching.member, matching.pair, matching.decision, matching.model and
matching.model_frequency; where tonight builds on the base, matching.node_change, matching.record_change and
matching.touched_node, and what the base came to. Writes matching.resolution, matching.merge, matching.near_entity and
matching.poisoned by distinct records, and by source records matching.cluster, matching.cluster_tie and
matching.possible_match. Keeps this: every member is in exactly one cluster, and the clusters of a component are a
function of its pairs, of what stewards decided of its records and of the model alone; so those of components that
nothing touched stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.bench import open_bench
from matching.bound import BINDING, BINDS_BY
from matching.merges import count_merged_pairs, estimated_precision
from matching.model import tonights_model
from matching.near_misses import write_near_misses
from matching.poisoned import MOST_RECORDS
from matching.resolve import ALL_NODES_SQL, resolve
from matching.write_clusters import write_clusters
from matching.write_resolution import write_resolution
from matching.yesterday import mark, scores_as_base, take_up
from warehouse.connection import has_rows
from warehouse.run import Run, StageReport

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.settings import Settings

READS = (
    "matching.distinct_record",
    "matching.member",
    "matching.pair",
    "matching.decision",
    "matching.model",
    "matching.model_frequency",
    "matching.node_change",
    "matching.record_change",
    "matching.touched_node",
    "yesterday.decision",
    "yesterday.resolution",
    "yesterday.merge",
    "yesterday.near_entity",
    "yesterday.poisoned",
    "yesterday.cluster",
    "yesterday.cluster_tie",
    "yesterday.possible_match",
)
WRITES = (
    "matching.cluster",
    "matching.cluster_tie",
    "matching.possible_match",
    "matching.resolution",
    "matching.merge",
    "matching.near_entity",
    "matching.poisoned",
    "matching.cluster_run",
)
CLUSTERS, TIES, POSSIBLE, RESOLUTION, MERGES, NEAR, POISONED, MARKER = WRITES


def cluster(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Resolve all components, or those that are not as in the base."""
    model = tonights_model(con, run)
    builds_on = scores_as_base(con, run, model)
    if builds_on:
        take_up(con, run, MARKER, (RESOLUTION, MERGES, NEAR, POISONED, CLUSTERS, TIES, POSSIBLE))
        con.execute(_STALE_SQL)
    else:
        for name in (RESOLUTION, MERGES, NEAR, POISONED, CLUSTERS, TIES, POSSIBLE):
            con.execute(f"DELETE FROM {name}")
        con.execute("CREATE OR REPLACE TEMP TABLE stale_node (distinct_record_id VARCHAR)")
    con.execute(_SOLVED_SQL if builds_on else f"CREATE OR REPLACE TEMP TABLE solved_node AS {ALL_NODES_SQL}")
    bench = open_bench(con, model, threads=run.threads)
    resolved = resolve(con, bench, model, SOLVED, "temp.solved_tuple" if builds_on else None)
    write_resolution(con, model, resolved)
    write_near_misses(con, bench, model)
    bench.close()
    con.execute(_REWRITTEN_SQL if builds_on else _ALL_REWRITTEN_SQL)
    count_merged_pairs(con)
    write_clusters(con)
    if not builds_on or has_rows(con, "SELECT 1 FROM temp.rewritten_node UNION ALL SELECT 1 FROM temp.stale_node"):
        mark(con, MARKER, run.run_id)
    rows = {name: int(con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]) for name in WRITES}
    figures = {
        "clusters": rows[TIES],
        "rounds": resolved.resolution.rounds,
        "merge_at": model.merge_at,
        "estimated_precision": estimated_precision(con),
        "taken_apart": int(con.execute("SELECT count(DISTINCT whole) FROM matching.poisoned").fetchall()[0][0]),
    }
    for name in ("stale_node", "solved_node", "solved_tuple", "rewritten_node"):
        con.execute(f"DROP TABLE IF EXISTS temp.{name}")
    return StageReport(rows=rows, figures=figures)


SOLVED = "SELECT distinct_record_id, number FROM temp.solved_node"

_STALE_SQL = f"""
CREATE OR REPLACE TEMP TABLE stale_node AS
WITH tonight AS (SELECT {BINDS_BY} FROM matching.decision WHERE state IN {BINDING}),
before AS (SELECT {BINDS_BY} FROM yesterday.matching.decision WHERE state IN {BINDING}),
turned AS ((FROM tonight EXCEPT FROM before) UNION ALL (FROM before EXCEPT FROM tonight)),
grown AS (
    SELECT distinct_record_id, component FROM matching.resolution
    SEMI JOIN (SELECT distinct_record_id FROM matching.node_change WHERE change = 'members') USING (distinct_record_id)
),
heavy AS (
    SELECT component FROM matching.resolution SEMI JOIN grown USING (component)
    JOIN matching.distinct_record USING (distinct_record_id)
    GROUP BY component HAVING sum(records) > {MOST_RECORDS}
    UNION
    SELECT component FROM matching.resolution
    SEMI JOIN matching.poisoned AS part ON part.entity = resolution.distinct_record_id
),
touched AS (
    SELECT distinct_record_id FROM matching.touched_node
    UNION
    SELECT distinct_record_id FROM matching.member SEMI JOIN (
        SELECT source_l AS source, source_record_id_l AS source_record_id FROM turned
        UNION ALL
        SELECT source_r, source_record_id_r FROM turned
    ) USING (source, source_record_id)
    UNION
    SELECT distinct_record_id FROM grown JOIN heavy USING (component)
)
SELECT distinct_record_id FROM touched
UNION
SELECT distinct_record_id FROM matching.resolution SEMI JOIN (
    SELECT component FROM matching.resolution SEMI JOIN touched USING (distinct_record_id)
) USING (component)
"""
"""What is touched, and all that hung together with it in the base; matching.resolution holds the base's still.

How many source records share a distinct record decides nothing, but whether so many can be one customer.
"""

_SOLVED_SQL = """
CREATE OR REPLACE TEMP TABLE solved_node AS
SELECT distinct_record_id, row_number() OVER (ORDER BY distinct_record_id) - 1 AS number
FROM matching.distinct_record SEMI JOIN temp.stale_node USING (distinct_record_id);
CREATE OR REPLACE TEMP TABLE solved_tuple AS
SELECT DISTINCT tuple_id FROM matching.distinct_record SEMI JOIN temp.solved_node USING (distinct_record_id)
"""

_REWRITTEN_SQL = """
CREATE OR REPLACE TEMP TABLE rewritten_node AS
SELECT distinct_record_id FROM matching.resolution SEMI JOIN (
    SELECT entity FROM matching.resolution SEMI JOIN (
        SELECT distinct_record_id FROM temp.solved_node
        UNION ALL
        SELECT distinct_record_id FROM matching.node_change
    ) USING (distinct_record_id)
) USING (entity)
"""
"""The nodes of tonight's entities of which a node was resolved anew, or is shared by other records than in the base."""

_ALL_REWRITTEN_SQL = """
CREATE OR REPLACE TEMP TABLE rewritten_node AS SELECT distinct_record_id FROM matching.distinct_record
"""
