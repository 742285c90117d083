"""Finds the open orders that a problem of ours touches, before their customers call: the stage `trace_known_issues`.

READS: landing.live_record, landing.night, matching.standardised, care.activity, care.item.
WRITES: care.known_issue, care.issue_effect.
Invariant: an issue touches an open line if and only if the line meets everything that the issue names: article, lot,
carrier, region, and time. What an order does not tell is not met. An issue that names none of the first four is told,
and touches no order: there is nothing that would tie it to one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer360.known_issues import PART, drop_issues, find_issues
from customer360.moments import day_sql
from customer360.open_orders import drop_open_orders, find_open_orders
from warehouse.run import StageReport, as_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

READS = ("landing.live_record", "landing.night", "matching.standardised", "care.activity", "care.item")
WRITES = ("care.known_issue", "care.issue_effect")

STOCK = "stock:"
"""What the name of an issue begins with that is an article out of stock."""

_ORDER_TELLS = f"""
    CREATE OR REPLACE TEMP TABLE order_tells AS
    WITH about AS (
        SELECT activity_id AS order_id, source, source_record_id, NULL AS only_sku, true AS tells_where FROM open_order
        UNION
        SELECT about_activity_id, source, source_record_id, NULL, false FROM care.activity
        WHERE about_activity_id IN (SELECT activity_id FROM open_order) AND kind = 'invoice'
            AND status IS DISTINCT FROM 'cancelled'
        UNION
        SELECT order_id, source, source_record_id, sku, true FROM shipment
        WHERE state IS DISTINCT FROM 'closed' AND state IS DISTINCT FROM 'cancelled'
    ), extra AS (
        SELECT about.*, lot, carrier, told_extra.region
        FROM about JOIN told_extra USING (source, source_record_id)
    ), told AS (
        SELECT order_id, only_sku, 'lot' AS what, unnest(regexp_split_to_array(upper(lot), '{PART}')) AS value
        FROM extra
        UNION ALL
        SELECT order_id, only_sku, 'carrier', unnest(regexp_split_to_array(upper(carrier), '{PART}')) FROM extra
        UNION ALL
        SELECT order_id, NULL, 'region', upper(region) FROM extra
        UNION ALL
        SELECT order_id, NULL, 'region', upper(trim(record.region))
        FROM about JOIN landing.live_record AS record USING (source, source_record_id) WHERE tells_where
        UNION ALL
        SELECT order_id, NULL, 'region', upper(clean_region)
        FROM about JOIN matching.standardised USING (source, source_record_id) WHERE tells_where
    )
    SELECT DISTINCT told.* FROM told SEMI JOIN issue_wants USING (what, value)
    """
"""What is told of an order's goods; what a shipment tells that names articles, is told of these alone.

Where goods go is told by the order and its shipments, not by an invoice, which goes to whoever pays.
"""

_LINE_TELLS = """
    CREATE OR REPLACE TEMP TABLE line_tells AS
    SELECT activity_id, line, 'sku' AS what, sku AS value
    FROM open_line WHERE sku IN (SELECT value FROM issue_wants WHERE what = 'sku')
    UNION
    SELECT activity_id, line, what, value
    FROM order_tells JOIN open_line ON activity_id = order_id
    WHERE only_sku IS NULL OR list_contains(regexp_split_to_array(upper(only_sku), '\\s*[,;|]\\s*|\\s+'), sku)
        OR upper(trim(only_sku)) = sku
    """

_TOUCHED = """
    CREATE OR REPLACE TEMP TABLE touched AS
    WITH named AS (
        SELECT source, source_record_id, count(DISTINCT what) AS whats, bool_or(what = 'sku') AS names_sku
        FROM issue_wants GROUP BY ALL
    ), met AS (
        SELECT source, source_record_id, activity_id, line, count(DISTINCT what) AS whats,
            string_agg(DISTINCT CASE what WHEN 'sku' THEN 'article' ELSE what END || ' ' || told, ', '
                ORDER BY CASE what WHEN 'sku' THEN 'article' ELSE what END || ' ' || told) AS because
        FROM issue_wants JOIN line_tells USING (what, value)
        GROUP BY ALL
    )
    SELECT issue_id, activity_id, line, because, names_sku, from_at, issue.until_at,
        count(*) OVER (PARTITION BY source, source_record_id, activity_id) AS lines
    FROM met
    JOIN named USING (source, source_record_id, whats)
    JOIN issue_record AS issue USING (source, source_record_id)
    JOIN open_order USING (activity_id)
    WHERE NOT is_over AND (from_at IS NULL OR from_at <= $as_of)
        AND (issue.until_at IS NULL OR open_order."at" <= issue.until_at)
    """
"""An open order is in time where what is wrong had begun by now, and lasts or lasted beyond when it was placed."""

_OUT_OF_STOCK = f"""
    CREATE OR REPLACE TEMP TABLE lacking AS
    SELECT '{STOCK}' || told AS issue_id, activity_id, line, told, expected_at,
        coalesce(out_of_stock.description, open_line.description) AS description
    FROM open_line JOIN out_of_stock USING (sku)
    WHERE NOT has_left
    """
"""An empty shelf touches nobody whose goods have left the house."""


_KNOWN_ISSUE = """
    INSERT INTO care.known_issue BY NAME
    SELECT issue_id, title, sku, lot, carrier, region, from_at, until_at, url FROM issue
    UNION ALL BY NAME
    SELECT issue_id, 'Out of stock' || coalesce(': ' || min(description), '') AS title, min(told) AS sku,
        min(expected_at) AS until_at
    FROM lacking GROUP BY issue_id
    ORDER BY issue_id
    """
"""Of the articles out of stock only those that somebody waits for are problems."""


def _issue_effect(zone: str) -> str:
    return f"""
        INSERT INTO care.issue_effect BY NAME
        WITH whole AS (
            SELECT activity_id, count(*) AS lines FROM open_line GROUP BY activity_id
        ), told AS (
            SELECT issue_id, activity_id, CASE WHEN names_sku OR touched.lines < whole.lines THEN line ELSE 0 END
                AS line, because
            FROM touched JOIN whole USING (activity_id)
            UNION ALL
            SELECT issue_id, activity_id, line, 'article ' || told || ', none left'
                || coalesce(', expected on ' || {day_sql("expected_at", zone)}, '')
            FROM lacking
        )
        SELECT issue_id, activity_id, line, golden_id, min(because) AS because
        FROM told JOIN open_order USING (activity_id)
        GROUP BY ALL
        ORDER BY issue_id, activity_id, line
        """


def trace_known_issues(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write tonight's problems of ours, and the open order lines that they touch."""
    now = as_of(con)
    find_open_orders(con, now)
    find_issues(con, settings.timezone, now)
    con.execute(_ORDER_TELLS)
    con.execute(_LINE_TELLS)
    con.execute(_TOUCHED, {"as_of": now})
    con.execute(_OUT_OF_STOCK)
    for table in WRITES:
        con.execute(f"DELETE FROM {table}")
    con.execute(_KNOWN_ISSUE)
    con.execute(_issue_effect(settings.timezone))
    for table in ("order_tells", "line_tells", "touched", "lacking"):
        con.execute(f"DROP TABLE temp.{table}")
    drop_issues(con)
    drop_open_orders(con)
    rows = {table: _count(con, f"SELECT count(*) FROM {table}") for table in WRITES}
    customers = _count(con, "SELECT count(DISTINCT golden_id) FROM care.issue_effect")
    return StageReport(rows=rows, figures={"customers_touched": customers})


def _count(con: DuckDBPyConnection, query: str) -> int:
    return int(con.execute(query).fetchall()[0][0])
