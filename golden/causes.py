"""Gives every event its cause in words: the decision, the record, or what changed for everybody.

Causes name records, decisions, models, settings and releases, never a run or a clock: the same history gives the same
words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.connection import quote_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from golden.what_changed import Causes

_OF_VALUES = "updated"
"""The event that a changed value explains better than a decision: who is who stays as it was."""


def find_touched_customers(con: DuckDBPyConnection) -> None:
    """Make the temporary table `touched_customer`: golden_id, cause; from `touched` and `move`.

    A customer is touched by the records it had and by those it has. One record is named, the others are counted.
    """
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE touched_customer AS
        WITH side AS (
            SELECT old_id AS golden_id, source, source_record_id FROM move
            SEMI JOIN touched USING (source, source_record_id) WHERE old_id IS NOT NULL
            UNION
            SELECT new_id AS golden_id, source, source_record_id FROM move
            SEMI JOIN touched USING (source, source_record_id) WHERE new_id IS NOT NULL
        ), summary AS (
            SELECT side.golden_id, count(*) AS records,
                min({'source': source, 'source_record_id': source_record_id, 'what': touched.what}) AS first
            FROM side JOIN touched USING (source, source_record_id)
            GROUP BY ALL
        )
        SELECT golden_id,
            concat('record ', first.source, ':', first.source_record_id, ' ', first.what,
                CASE WHEN records = 2 THEN '; and one more record'
                    WHEN records > 2 THEN concat('; and ', records - 1, ' more records') END) AS cause
        FROM summary
        """
    )


def with_causes(event: str, causes: Causes) -> str:
    """Return a SELECT over the table `event` with the column `cause` added.

    Of who is who a decision speaks first, of what is published a pin and then the record. Then come the record's own
    change, a change in the customer, one in the other customer or in the one that a new customer came from (table
    `origin`), a value that a steward said means nothing, and last what holds for everybody.
    """
    record = "'record ' || event.source || ':' || event.source_record_id || ' ' || touched.what"
    decision = "coalesce(decided.cause, decided_other.cause)"
    is_value = f"event.event = '{_OF_VALUES}'"
    return f"""
        SELECT event.*, coalesce(
            CASE WHEN {is_value} AND event.source IS NULL THEN pinned.cause END,
            CASE WHEN {is_value} THEN coalesce({record}, own.cause) END,
            CASE WHEN event.source IS NULL OR event.other_golden_id IS NOT NULL OR {is_value} OR event.event = 'created'
                THEN {decision} END,
            {record}, own.cause, other.cause, voided.cause, voided_other.cause,
            CASE WHEN {is_value} AND event.source IS NULL
                THEN {quote_literal(causes.value)} ELSE {quote_literal(causes.identity)} END
        ) AS cause
        FROM {event} AS event
        LEFT JOIN touched
            ON touched.source = event.source AND touched.source_record_id = event.source_record_id
        LEFT JOIN touched_customer AS own ON own.golden_id = event.golden_id
        LEFT JOIN decided_customer AS decided ON decided.golden_id = event.golden_id
        LEFT JOIN origin ON origin.golden_id = event.golden_id
        LEFT JOIN touched_customer AS other
            ON other.golden_id = coalesce(event.other_golden_id, origin.other_golden_id)
        LEFT JOIN decided_customer AS decided_other
            ON decided_other.golden_id = coalesce(event.other_golden_id, origin.other_golden_id)
        LEFT JOIN pinned_customer AS pinned ON pinned.golden_id = event.golden_id
        LEFT JOIN voided_customer AS voided ON voided.golden_id = event.golden_id
        LEFT JOIN voided_customer AS voided_other
            ON voided_other.golden_id = coalesce(event.other_golden_id, origin.other_golden_id)
        """
