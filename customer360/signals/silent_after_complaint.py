"""A customer who ordered regularly has been silent since a complaint that we hold to be settled.

Raised where the complaint came after the last order, its case is closed or its message answered, at most the usual time
between two orders passed until the customer was last heard of, and twice that time has passed since. Cleared by any
sign of life, or after two years.
"""

from __future__ import annotations

from datetime import timedelta

from customer360.signals.quiet import TIMES, quiet_sql
from customer360.signals.rule import Limits

NAME = "silent_after_complaint"
TITLE = "Silent since complaint"
SEVERITY = "notice"
LIMITS = Limits(within=timedelta(days=730), at_least=3)
"""Three days on which something was ordered make the first rhythm; after two years somebody has gone."""


def sql(limits: Limits) -> str:
    """Return who fell silent; there is nothing to say to them of it."""
    return f"""
        SELECT golden_id, last_sign_at + to_days(({TIMES} * interval_days)::INTEGER) AS since,
            complaint_id AS activity_id,
            'Complained on ' || day_of(complained_at) || ' and has not been heard of since ' || day_of(last_sign_at)
                || '; used to order every ' || interval_days || ' days.' AS evidence,
            NULL::VARCHAR AS words
        {quiet_sql(limits, complained=True)}
        """
