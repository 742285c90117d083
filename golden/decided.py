"""Says in words which decision of a steward took effect tonight, and for which customers.

Reads matching.decision, yesterday.matching.decision and the temporary table `move`. Keeps this: a decision is named
only where two records that it speaks of came together or apart, and only in the night in which it came to bind or
ceased to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

READS = ("matching.decision", "yesterday.decision")

_BINDS = "state IN ('bound', 'reconfirm')"
_TURNED = f"""
    SELECT coalesce(now.decision_id, before.decision_id) AS decision_id, coalesce(now.place, before.place) AS place,
        unnest([coalesce(now.source_l, before.source_l), coalesce(now.source_r, before.source_r)]) AS source,
        unnest([
            coalesce(now.source_record_id_l, before.source_record_id_l),
            coalesce(now.source_record_id_r, before.source_record_id_r)
        ]) AS source_record_id,
        concat('decision ', coalesce(now.decision_id, before.decision_id),
            ' by ', coalesce(now.decided_by, before.decided_by), ': ', coalesce(now.decision, before.decision),
            CASE WHEN now.decision_id IS NULL THEN ', which binds no longer' ELSE '' END) AS words
    FROM (SELECT * FROM matching.decision WHERE {_BINDS}) AS now
    FULL JOIN (SELECT * FROM yesterday.matching.decision WHERE {_BINDS}) AS before
        ON before.decision_id = now.decision_id AND before.place = now.place
    WHERE now.decision_id IS NULL OR before.decision_id IS NULL
    """
_DECIDED = f"""
    CREATE OR REPLACE TEMP TABLE decided_customer AS
    WITH side AS (
        SELECT turned.decision_id, turned.place, turned.words, move.old_id, move.new_id
        FROM ({_TURNED}) AS turned JOIN move USING (source, source_record_id)
    ), effective AS (
        SELECT decision_id, place FROM side GROUP BY ALL
        HAVING count(*) = 2
            AND (min(old_id) = max(old_id) AND count(old_id) = 2) <> (min(new_id) = max(new_id) AND count(new_id) = 2)
    ), concerned AS (
        SELECT old_id AS golden_id, decision_id, words FROM side SEMI JOIN effective USING (decision_id, place)
        UNION
        SELECT new_id AS golden_id, decision_id, words FROM side SEMI JOIN effective USING (decision_id, place)
    )
    SELECT golden_id,
        concat(arg_min(words, decision_id), CASE WHEN count(*) > 1 THEN concat(', and ', count(*) - 1, ' more') END)
            AS cause
    FROM concerned WHERE golden_id IS NOT NULL
    GROUP BY golden_id
    """


def find_decided_customers(con: DuckDBPyConnection) -> None:
    """Make the temporary table `decided_customer`: golden_id, cause; from `move`."""
    con.execute(_DECIDED)
