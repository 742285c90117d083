"""Reads what is known of problems of our own: known issues, and articles of which nothing is left in stock.

READS: landing.live_record, care.item, matching.standardised, the temporary tables `told_extra` and `state_of`.
Leaves the temporary tables `issue` (a row per issue, as published, and whether it is over), `issue_wants` (issue_id,
what, value, told: one of these values has to be met for each `what`) and `out_of_stock` (sku, expected_at).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer360.moments import end_sql, told_end_sql, told_sql, unless_never_sql

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

PART = "\\s*[,;|]\\s*"
"""What parts several values of one field; between articles blanks do, too, unless an article is written with one."""


_ARTICLES = "nullif(array_to_string(list_transform(items, lambda item: item.sku), ', '), '')"
"""The articles of a record that has lines."""


def _issue(zone: str) -> str:
    until = told_end_sql("coalesce(until, told_extra.until_at)", zone)
    told_end = f"coalesce({unless_never_sql(end_sql('promised_at', zone))}, {until})"
    from_at = f'coalesce("at", {told_sql("told_extra.from_at", zone)})'
    return f"""
        CREATE OR REPLACE TEMP TABLE issue_record AS
        WITH told AS (
            SELECT source, coalesce(trim(reference), told_extra.issue_id, source_record_id) AS name, source_record_id,
                coalesce(subject, told_extra.title) AS title, coalesce(sku, {_ARTICLES}) AS sku, lot, carrier,
                coalesce(told_extra.region, record.region) AS region, {from_at} AS from_at,
                {told_end} AS told_end, url, coalesce(updated_at, "at", $as_of::TIMESTAMP) AS changed_at,
                coalesce(state IN ('closed', 'cancelled'), false) AS is_over
            FROM landing.live_record AS record
            LEFT JOIN told_extra USING (source, source_record_id)
            LEFT JOIN state_of ON kind = 'case' AND state_of.status IS NOT DISTINCT FROM record.status
                AND state_of.status_class IS NOT DISTINCT FROM record.status_class
            WHERE holds = 'known_issue'
        )
        SELECT * EXCLUDE (told_end, changed_at, name),
            CASE WHEN count(DISTINCT source) OVER (PARTITION BY name) > 1 THEN source || ':' || name ELSE name END
                AS issue_id,
            CASE WHEN is_over THEN least(coalesce(told_end, changed_at), $as_of::TIMESTAMP)
                ELSE told_end END AS until_at
        FROM told
        """


_ISSUE = """
    CREATE OR REPLACE TEMP TABLE issue AS
    SELECT issue_id, min(title) AS title,
        string_agg(DISTINCT sku, ', ' ORDER BY sku) AS sku, string_agg(DISTINCT lot, ', ' ORDER BY lot) AS lot,
        string_agg(DISTINCT carrier, ', ' ORDER BY carrier) AS carrier,
        string_agg(DISTINCT region, ', ' ORDER BY region) AS region,
        min(from_at) AS from_at, CASE WHEN bool_and(until_at IS NOT NULL) THEN max(until_at) END AS until_at,
        min(url) AS url
    FROM issue_record GROUP BY issue_id
    """
"""Records of one source with one reference tell of one issue: an export with a row per article, say."""

_WANTS = f"""
    CREATE OR REPLACE TEMP TABLE issue_wants AS
    WITH piece AS (
        SELECT source, source_record_id, 'sku' AS what, unnest(regexp_split_to_array(sku, '{PART}')) AS told
        FROM issue_record
        UNION ALL
        SELECT source, source_record_id, 'lot', unnest(regexp_split_to_array(lot, '{PART}')) FROM issue_record
        UNION ALL
        SELECT source, source_record_id, 'carrier', unnest(regexp_split_to_array(carrier, '{PART}')) FROM issue_record
        UNION ALL
        SELECT source, source_record_id, 'region', unnest(regexp_split_to_array(region, '{PART}')) FROM issue_record
    ), article AS (
        SELECT DISTINCT upper(trim(sku)) AS value FROM care.item
    ), apart AS (
        SELECT source, source_record_id, what, told,
            CASE WHEN what = 'sku' AND upper(trim(told)) NOT IN (SELECT value FROM article WHERE value IS NOT NULL)
                THEN regexp_split_to_array(trim(told), '\\s+') ELSE [trim(told)] END AS values
        FROM piece
    ), each AS (
        SELECT source, source_record_id, what, unnest(values) AS told FROM apart
    ), region_name AS (
        SELECT DISTINCT upper(trim(record.region)) AS value, upper(clean_region) AS other
        FROM landing.live_record AS record JOIN matching.standardised USING (source, source_record_id)
        WHERE clean_region IS NOT NULL AND upper(trim(record.region)) IN (
            SELECT upper(told) FROM each WHERE what = 'region'
        )
    )
    SELECT source, source_record_id, what, upper(told) AS value, told FROM each WHERE told <> ''
    UNION
    SELECT source, source_record_id, what, other, told
    FROM each JOIN region_name ON region_name.value = upper(each.told) WHERE what = 'region'
    """
"""A region may be told by its name or its code, wherever some record's address shows that the two are the same."""

_STOCK = """
    CREATE OR REPLACE TEMP TABLE out_of_stock AS
    WITH shelf AS (
        SELECT upper(told) AS sku, told, subject, quantity, expected_at
        FROM (
            SELECT trim(coalesce(sku, items[1].sku, reference, split_part(source_record_id, '|', 1))) AS told, subject,
                coalesce(TRY_CAST(coalesce(on_hand, quantity, stock) AS DECIMAL(18,4)), items[1].quantity) AS quantity,
                {expected} AS expected_at
            FROM landing.live_record LEFT JOIN told_extra USING (source, source_record_id)
            WHERE holds = 'inventory'
        )
    )
    SELECT sku, min(told) AS told, min(subject) AS description, min(expected_at) AS expected_at
    FROM shelf WHERE sku <> ''
    GROUP BY sku HAVING bool_and(coalesce(quantity <= 0, false))
    """
"""Nothing is left where all shelves say so; a shelf whose quantity cannot be read may hold some."""

_TABLES = ("issue_record", "issue", "issue_wants", "out_of_stock")


def find_issues(con: DuckDBPyConnection, zone: str, as_of: datetime) -> None:
    """Make the temporary tables."""
    con.execute(_issue(zone), {"as_of": as_of})
    con.execute(_ISSUE)
    con.execute(_WANTS)
    expected = f"coalesce({unless_never_sql(end_sql('promised_at', zone))}, {told_end_sql('expected', zone)})"
    con.execute(_STOCK.replace("{expected}", expected))


def drop_issues(con: DuckDBPyConnection) -> None:
    """Take the temporary tables away."""
    for table in _TABLES:
        con.execute(f"DROP TABLE temp.{table}")
