"""Writes the customers by source records: what the entities of distinct records mean for the records that share them.

Reads matching.resolution, matching.near_entity, matching.member, matching.distinct_record, matching.decision and
matching.record_change. Changes matching.cluster, matching.cluster_tie and matching.possible_match in place, for the
nodes of the temporary table `rewritten_node`, which are those of whole entities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.bound import BINDING, SAME

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def write_clusters(con: DuckDBPyConnection) -> None:
    """Put the clusters of the rewritten nodes in the place of those that their records had before."""
    for statement in (_MEMBERS_SQL, _FORGET_SQL, _CLUSTERS_SQL, _TIES_SQL, _POSSIBLE_SQL):
        con.execute(statement)
    for name in ("rewritten_member", "old_cluster"):
        con.execute(f"DROP TABLE temp.{name}")


_MEMBERS_SQL = """
CREATE OR REPLACE TEMP TABLE rewritten_member AS
WITH node AS (
    SELECT r.distinct_record_id, entity, cohesion, match_weight, tuple_id
    FROM matching.resolution AS r SEMI JOIN temp.rewritten_node USING (distinct_record_id)
    JOIN matching.distinct_record USING (distinct_record_id)
),
shared AS (
    SELECT source, source_record_id, entity, distinct_record_id, cohesion, match_weight, tuple_id
    FROM matching.member JOIN node USING (distinct_record_id)
),
named AS (
    SELECT entity, min(source || ':' || source_record_id) AS cluster_id, count(*) AS records FROM shared GROUP BY entity
),
alike AS (SELECT entity, tuple_id, count(*) AS equals FROM shared GROUP BY entity, tuple_id)
SELECT shared.*, cluster_id, records, equals
FROM shared JOIN named USING (entity) JOIN alike USING (entity, tuple_id)
"""

_FORGET_SQL = """
CREATE OR REPLACE TEMP TABLE old_cluster AS
SELECT DISTINCT cluster_id FROM matching.cluster SEMI JOIN (
    SELECT source, source_record_id FROM temp.rewritten_member
    UNION ALL
    SELECT source, source_record_id FROM matching.record_change
) USING (source, source_record_id);
DELETE FROM matching.cluster WHERE cluster_id IN (SELECT cluster_id FROM temp.old_cluster);
DELETE FROM matching.cluster_tie WHERE cluster_id IN (SELECT cluster_id FROM temp.old_cluster);
DELETE FROM matching.possible_match WHERE cluster_id_l IN (SELECT cluster_id FROM temp.old_cluster)
    OR cluster_id_r IN (SELECT cluster_id FROM temp.old_cluster);
"""
"""A cluster that lost a record is among them even where nothing else of it is left."""

_CLUSTERS_SQL = f"""
INSERT INTO matching.cluster
WITH decided AS (
    SELECT l.source AS source_l, l.source_record_id AS record_l, r.source AS source_r, r.source_record_id AS record_r
    FROM matching.decision AS d
    JOIN temp.rewritten_member AS l ON l.source = d.source_l AND l.source_record_id = d.source_record_id_l
    JOIN temp.rewritten_member AS r ON r.source = d.source_r AND r.source_record_id = d.source_record_id_r
    WHERE decision = '{SAME}' AND state IN {BINDING} AND l.cluster_id = r.cluster_id
),
held AS (
    SELECT source_l AS source, record_l AS source_record_id, true AS is_held FROM decided
    UNION
    SELECT source_r, record_r, true FROM decided
)
SELECT source, source_record_id, cluster_id,
    CASE WHEN records = 1 THEN 'single' WHEN is_held THEN 'decision' WHEN equals > 1 THEN 'identical'
        ELSE 'probabilistic' END,
    match_weight
FROM temp.rewritten_member LEFT JOIN held USING (source, source_record_id) ORDER BY source, source_record_id
"""

_TIES_SQL = """
INSERT INTO matching.cluster_tie
SELECT cluster_id, count(*), count(DISTINCT distinct_record_id), min(cohesion)
FROM temp.rewritten_member GROUP BY cluster_id ORDER BY cluster_id
"""

_POSSIBLE_SQL = """
INSERT INTO matching.possible_match
WITH near AS (
    SELECT * FROM matching.near_entity
    WHERE entity_l IN (SELECT entity FROM temp.rewritten_member)
        OR entity_r IN (SELECT entity FROM temp.rewritten_member)
),
named AS (
    SELECT DISTINCT entity, cluster_id FROM temp.rewritten_member
    UNION
    SELECT distinct_record_id, cluster_id
    FROM matching.member SEMI JOIN (
        SELECT entity FROM (SELECT entity_l AS entity FROM near UNION SELECT entity_r FROM near)
        ANTI JOIN temp.rewritten_member USING (entity)
    ) ON entity = distinct_record_id
    JOIN matching.cluster USING (source, source_record_id)
)
SELECT least(l.cluster_id, r.cluster_id) AS cluster_id_l, greatest(l.cluster_id, r.cluster_id) AS cluster_id_r,
    match_probability, reason
FROM near JOIN named AS l ON l.entity = entity_l JOIN named AS r ON r.entity = entity_r
ORDER BY cluster_id_l, cluster_id_r
"""
"""A node that names its entity is one of it, so its members' cluster is the entity's."""
