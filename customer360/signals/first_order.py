"""A customer's first order, and so far the only one.

Raised for 30 days after it was placed, and as long as it is open. Cleared then, by a second order, or when it is
cancelled.
"""

from __future__ import annotations

from datetime import timedelta

from customer360.signals.rule import Limits, span

NAME = "first_order"
TITLE = "First order"
SEVERITY = "info"
LIMITS = Limits(within=timedelta(days=30))


def sql(limits: Limits) -> str:
    """Return who ordered for the first time."""
    return f"""
        WITH only_one AS (
            SELECT golden_id, min(activity_id) AS activity_id FROM event
            WHERE kind = 'order' AND state IS DISTINCT FROM 'cancelled' GROUP BY golden_id HAVING count(*) = 1
        )
        SELECT golden_id, "at" AS since, activity_id,
            called(kind, NULL, reference) || ' of ' || day_of("at") || ' is their first.' AS evidence,
            'Thank you for your first order with us.' AS words
        FROM only_one JOIN event USING (activity_id, golden_id)
        WHERE "at" > tonight() - {span(limits.within)} OR activity_id IN (SELECT activity_id FROM open_order)
        """
