"""Says in words what caused an event: the record that is new, changed or gone, a rollback, or matching alone.

Causes name records and releases, never a run, a delivery or a clock: the same history gives the same words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.connection import quote_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.run import Run

FIRST_RELEASE = "first release"
MATCHED_ANEW = "matched anew"


def otherwise(run: Run) -> str:
    """Return the cause of an event that no record of its customers explains."""
    if run.latest_release_id is None:
        return FIRST_RELEASE
    if run.base is None or run.base.release_id != run.latest_release_id:
        return f"rolled back {run.latest_release_id}"
    return MATCHED_ANEW


def find_touched_records(con: DuckDBPyConnection, run: Run) -> None:
    """Make the temporary table `touched`: source, source_record_id, what happened to the record this night.

    On the first night nothing was touched: everything is new.
    """
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE touched AS
        WITH known AS (
            SELECT source, source_record_id FROM base.crosswalk
            UNION
            SELECT source, source_record_id FROM base.excluded_record
        )
        SELECT source, source_record_id,
            CASE
                WHEN live.source IS NULL THEN 'deleted'
                WHEN excluded.source IS NOT NULL THEN 'excluded: ' || excluded.reason
                WHEN known.source IS NULL THEN 'new'
                ELSE 'changed'
            END AS what
        FROM landing.live_record AS live
        FULL JOIN known USING (source, source_record_id)
        LEFT JOIN golden.excluded_record AS excluded USING (source, source_record_id)
        WHERE $later AND (live.source IS NULL OR live.run_id = $run_id)
        """,
        {"later": run.latest_release_id is not None, "run_id": run.run_id},
    )


def find_touched_customers(con: DuckDBPyConnection) -> None:
    """Make the temporary table `touched_customer`: golden_id, cause; from `touched` and `move`.

    A customer is touched by the records it had and by those it has. One record is named, the others are counted.
    """
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE touched_customer AS
        WITH side AS (
            SELECT old_id AS golden_id, source, source_record_id FROM move WHERE old_id IS NOT NULL
            UNION
            SELECT new_id AS golden_id, source, source_record_id FROM move WHERE new_id IS NOT NULL
        ), summary AS (
            SELECT side.golden_id, count(*) AS records,
                min({'source': source, 'source_record_id': source_record_id, 'what': touched.what}) AS first
            FROM side JOIN touched USING (source, source_record_id)
            GROUP BY ALL
        )
        SELECT golden_id,
            concat('record ', first.source, ':', first.source_record_id, ' ', first.what,
                CASE WHEN records > 1 THEN concat(', and ', records - 1, ' more') END) AS cause
        FROM summary
        """
    )


def with_causes(event: str, run: Run) -> str:
    """Return a SELECT over the table `event` with the column `cause` added.

    The record's own change comes first, then a change in the customer, then one in the other customer or in the one
    that a new customer came from (table `origin`).
    """
    return f"""
        SELECT event.*, coalesce(
            'record ' || event.source || ':' || event.source_record_id || ' ' || touched.what,
            own.cause, other.cause, {quote_literal(otherwise(run))}
        ) AS cause
        FROM {event} AS event
        LEFT JOIN touched
            ON touched.source = event.source AND touched.source_record_id = event.source_record_id
        LEFT JOIN touched_customer AS own ON own.golden_id = event.golden_id
        LEFT JOIN origin ON origin.golden_id = event.golden_id
        LEFT JOIN touched_customer AS other
            ON other.golden_id = coalesce(event.other_golden_id, origin.other_golden_id)
        """
