"""A problem of ours that we know of touches an open order: see `trace_known_issues`.

Raised for each order that is touched, once, however many problems touch it. Cleared when the order is delivered or
cancelled, the problem is over, or the article is in stock again.
"""

from __future__ import annotations

from customer360.signals.rule import Limits

NAME = "known_issue"
TITLE = "Known issue"
SEVERITY = "warning"
LIMITS = Limits()


def sql(limits: Limits) -> str:
    """Return whose open orders are touched.

    What an issue is called is for us; the customer reads which order it is, and of an article that it is missing.
    """
    return """
        WITH touched AS (
            SELECT activity_id, issue.issue_id, title, because, from_at, until_at,
                starts_with(issue.issue_id, 'stock:') AS is_stock,
                coalesce(item.description, item.sku, '') AS article,
                row_number() OVER (PARTITION BY activity_id ORDER BY issue.issue_id, line) AS place,
                count(DISTINCT issue.issue_id) OVER (PARTITION BY activity_id) AS issues
            FROM care.issue_effect AS effect JOIN care.known_issue AS issue USING (issue_id)
            LEFT JOIN care.item AS item USING (activity_id, line)
        ), first_of AS (
            SELECT *, min(from_at) OVER (PARTITION BY activity_id) AS first_at FROM touched
        )
        SELECT placed.golden_id, greatest(first_at, placed."at") AS since, activity_id,
            called('order', NULL, placed.reference) || ' of ' || day_of(placed."at") || ' is touched by ' || issue_id
                || quoted(title) || ' (' || left(because, 120) || ')'
                || CASE issues WHEN 1 THEN '' ELSE ' and ' || (issues - 1) || ' more' END || '.' AS evidence,
            CASE WHEN is_stock THEN
                '“' || left(article, 80) || '” of your ' || called('order', NULL, placed.reference)
                || ' is not in stock at the moment'
                || CASE WHEN until_at > tonight() THEN '; we expect it by ' || day_of(until_at) ELSE '' END
                || '. We are sorry that you have to wait.'
            ELSE
                'Your ' || called('order', NULL, placed.reference) || ' of ' || day_of(placed."at")
                || ' is touched by a problem that we know of. We are seeing to it, and are sorry for the trouble.'
            END AS words
        FROM first_of JOIN event AS placed USING (activity_id)
        WHERE place = 1
        """
