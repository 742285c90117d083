"""Finds what each text of a customer tells of: the temporary table `saying`.

READS: care.activity, landing.live_record.
Leaves `saying` (activity_id, golden_id, kind, "at", conversation_id, tells_problem, praises, only_thanks) with a row
for every case and every contact.

A complaint or a refund that is owed is a problem. A question where an order is, is one only where it is asked again, or
where the order was late when it was asked: past what was promised, and not delivered by then. An order that is closed
tells when by its `updated_at`; where it does not, it is not held to have been late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer360.moments import end_sql
from customer360.signals.wording import only_thanks_sql, plain_sql, tells_of_praise_sql, tells_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ASKED_AGAIN_HOURS = 4
"""What comes sooner is a postscript to the same question."""

ASKED_AGAIN_DAYS = 14
"""What comes later is another question, unless the same order is named or it is one conversation."""

_REPLY = r"^\s*(re|aw|antw|fw|fwd|wg|tr|rv|sv|ref)\s*(\[\d+\])?:"
_IS_REPLY = f"trim(record.body) <> '' AND regexp_matches(lower(record.subject), '{_REPLY}')"
_SUBJECT = f"CASE WHEN {_IS_REPLY} THEN NULL ELSE record.subject END"
"""What a reply has in its subject was said by the mail that it answers."""

_TEXT = f"""
    CREATE OR REPLACE TEMP TABLE text_told AS
    WITH text AS (
        SELECT spoken.activity_id, spoken.golden_id, spoken.kind, spoken."at", spoken.conversation_id,
            CASE about.kind WHEN 'order' THEN about.activity_id ELSE about.about_activity_id END AS order_id,
            {plain_sql(_SUBJECT, "record.body")} AS plain
        FROM (FROM care.activity WHERE kind = 'case' OR role = 'contact') AS spoken
        JOIN landing.live_record AS record USING (source, source_record_id)
        LEFT JOIN care.activity AS about ON about.activity_id = spoken.about_activity_id
    )
    SELECT * EXCLUDE (plain), {tells_sql("plain", "complaint", "refund")} AS complains,
        {tells_sql("plain", "delay")} AS asks_where, {tells_of_praise_sql("plain")} AS praises,
        {only_thanks_sql("plain")} AS only_thanks
    FROM text
    """


def _due(zone: str) -> str:
    return f"""
        CREATE OR REPLACE TEMP TABLE due AS
        WITH delivery AS (
            SELECT about_activity_id AS activity_id, min(promised_at) AS promised_at,
                bool_and(coalesce(state IN ('closed', 'cancelled'), false)) AND bool_or(state = 'closed') AS has_come
            FROM care.activity WHERE role = 'delivery' GROUP BY ALL
        )
        SELECT activity_id AS order_id, golden_id, placed."at" AS placed_at,
            {end_sql("least(placed.promised_at, delivery.promised_at)", zone)} AS due_at,
            CASE WHEN state = 'closed' THEN record.updated_at END AS delivered_at
        FROM care.activity AS placed
        JOIN landing.live_record AS record USING (source, source_record_id)
        LEFT JOIN delivery USING (activity_id)
        WHERE kind = 'order' AND coalesce(placed.promised_at, delivery.promised_at) IS NOT NULL
            AND (state = 'closed' AND record.updated_at IS NOT NULL
                OR state = 'open' AND NOT coalesce(has_come, false))
        """


_SAYING = f"""
    CREATE OR REPLACE TEMP TABLE saying AS
    WITH asked AS (
        FROM text_told WHERE asks_where
    ), again AS (
        SELECT activity_id FROM asked SEMI JOIN asked AS before
        ON before.golden_id = asked.golden_id AND before."at" <= asked."at" - INTERVAL {ASKED_AGAIN_HOURS} HOUR
            AND (before.conversation_id = asked.conversation_id OR before.order_id = asked.order_id
                OR (before.order_id IS NULL OR asked.order_id IS NULL)
                    AND before."at" >= asked."at" - INTERVAL {ASKED_AGAIN_DAYS} DAY)
        WHERE asked.kind <> 'case'
    ), late AS (
        SELECT DISTINCT activity_id FROM text_told JOIN due USING (golden_id)
        WHERE asks_where AND coalesce(text_told.order_id = due.order_id, true)
            AND placed_at <= "at" AND due_at < "at" AND (delivered_at IS NULL OR delivered_at > "at")
    ), trouble AS (
        SELECT activity_id, true AS is_trouble FROM (FROM again UNION FROM late)
    )
    SELECT activity_id, golden_id, kind, "at", conversation_id, complains OR coalesce(is_trouble, false)
        AS tells_problem, praises, only_thanks
    FROM text_told LEFT JOIN trouble USING (activity_id)
    """
"""A case is not asking again: one is opened for the message in which somebody asked."""


def find_sayings(con: DuckDBPyConnection, zone: str) -> None:
    """Make `saying`."""
    con.execute(_TEXT)
    con.execute(_due(zone))
    con.execute(_SAYING)
    con.execute("DROP TABLE temp.text_told")
    con.execute("DROP TABLE temp.due")
