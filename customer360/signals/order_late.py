"""An open order is past what was promised for it, by the order itself or by a shipment of it.

Raised when the promised moment is over, or the promised day. Cleared when the order is delivered or cancelled; a new
promise does not make the old one kept.
"""

from __future__ import annotations

from datetime import timedelta

from customer360.signals.rule import Limits, span

NAME = "order_late"
TITLE = "Order late"
SEVERITY = "warning"
LIMITS = Limits(after=timedelta(0))


def sql(limits: Limits) -> str:
    """Return whose orders are late, by the first promise that was not kept."""
    return f"""
        SELECT golden_id, due_at AS since, activity_id,
            called('order', NULL, reference) || ' of ' || day_of("at") || ' was promised for ' || day_of(due_at) || ', '
                || days_ago(due_at) || ' ago, and is not delivered.' AS evidence,
            'Your ' || called('order', NULL, reference) || ' of ' || day_of("at") || ' was promised for '
                || day_of(due_at) || ' and is late. We are sorry, and are seeing to it.' AS words
        FROM (
            SELECT activity_id, min(due_at) AS due_at FROM promise
            WHERE due_at + {span(limits.after)} < tonight() GROUP BY activity_id
        )
        JOIN open_order USING (activity_id)
        """
