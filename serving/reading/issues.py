"""Known issues, and whose open orders they touch.

Reads known_issue, issue_effect, activity and customer of a release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.reading.tables import Row, relation, rows
from warehouse.tables.care import ACTIVITY, ISSUE_EFFECT, KNOWN_ISSUE

if TYPE_CHECKING:
    from stewardship.web.releases import Pinned


def known_issues(pinned: Pinned, issue_id: str | None = None) -> list[Row]:
    """Return the known issues, or the one of that id: as in `known_issue`, with `customers` and `orders` touched.

    An issue that no source tells of, as missing stock, has nothing but its id.
    """
    query = f"""
        WITH touched AS (
            SELECT issue_id, count(DISTINCT golden_id) AS customers, count(DISTINCT activity_id) AS orders
            FROM {relation(pinned, ISSUE_EFFECT)} GROUP BY issue_id
        )
        SELECT * REPLACE (coalesce(customers, 0) AS customers, coalesce(orders, 0) AS orders)
        FROM {relation(pinned, KNOWN_ISSUE)} FULL JOIN touched USING (issue_id)
        WHERE $issue_id::VARCHAR IS NULL OR issue_id = $issue_id
        ORDER BY customers DESC, issue_id"""
    with pinned.golden() as con:
        return rows(con, query, {"issue_id": issue_id})


def touched_customers(pinned: Pinned, issue_id: str, *, limit: int = 100, after: str = "") -> tuple[list[Row], bool]:
    """Return whose open orders an issue touches, after a golden id, and whether there are more.

    Each: golden_id, full_name, organisation, email, phone, `orders` of activity_id, reference, line and because.
    """
    query = f"""
        WITH told AS (
            SELECT effect.golden_id, effect.activity_id, activity.reference, effect.line, effect.because
            FROM {relation(pinned, ISSUE_EFFECT)} AS effect
            LEFT JOIN {relation(pinned, ACTIVITY)} AS activity USING (activity_id)
            WHERE issue_id = $issue_id
        )
        SELECT golden_id, full_name, organisation, email, phone,
            list({{activity_id: activity_id, reference: reference, line: line, because: because}}
                ORDER BY activity_id, line) AS orders
        FROM told JOIN customer USING (golden_id) WHERE golden_id > $after
        GROUP BY ALL ORDER BY golden_id LIMIT $limit"""
    with pinned.golden() as con:
        found = rows(con, query, {"issue_id": issue_id, "after": after, "limit": limit + 1})
    return found[:limit], len(found) > limit
