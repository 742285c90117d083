"""Who ordered regularly and has not been heard of for longer than twice their usual time: for two signals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer360.signals.rule import span

if TYPE_CHECKING:
    from customer360.signals.rule import Limits

TIMES = 2
"""Once the usual time is over somebody is late; twice it, and something is the matter."""


def quiet_sql(limits: Limits, *, complained: bool) -> str:
    """Return SQL of the rows of `rhythm` that fell silent, after a complaint or without one."""
    after = "IS NOT NULL" if complained else "IS NULL"
    return f"""
        FROM rhythm
        WHERE order_days >= {limits.at_least} AND complaint_id {after}
            AND last_sign_at + to_days(({TIMES} * interval_days)::INTEGER) < tonight()
            AND last_sign_at > tonight() - {span(limits.within)}
        """
