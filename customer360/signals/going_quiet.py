"""A customer who ordered regularly has not been heard of for longer than twice their usual time.

Raised where no complaint explains it (see `silent_after_complaint`). Cleared by any sign of life, or after two years.
"""

from __future__ import annotations

from datetime import timedelta

from customer360.signals.quiet import TIMES, quiet_sql
from customer360.signals.rule import Limits

NAME = "going_quiet"
TITLE = "Going quiet"
SEVERITY = "info"
LIMITS = Limits(within=timedelta(days=730), at_least=3)
"""Three days on which something was ordered make the first rhythm; after two years somebody has gone."""


def sql(limits: Limits) -> str:
    """Return who fell silent; there is nothing to say to them of it."""
    return f"""
        SELECT golden_id, last_sign_at + to_days(({TIMES} * interval_days)::INTEGER) AS since,
            last_order_id AS activity_id,
            'Has not been heard of since ' || day_of(last_sign_at) || '; used to order every ' || interval_days
                || ' days, last on ' || day_of(last_order_at) || '.' AS evidence,
            NULL::VARCHAR AS words
        {quiet_sql(limits, complained=False)}
        """
