"""An open invoice is past its due date.

Raised when the promised moment of an invoice whose status is open is over, or the promised day. Cleared when it is paid
or cancelled. An invoice whose status says nothing may be paid, and is left alone.
"""

from __future__ import annotations

from datetime import timedelta

from customer360.signals.rule import Limits, span

NAME = "overdue_invoice"
TITLE = "Invoice overdue"
SEVERITY = "notice"
LIMITS = Limits(after=timedelta(0))


def sql(limits: Limits) -> str:
    """Return whose invoices are overdue."""
    return f"""
        SELECT golden_id, end_of(promised_at) AS since, activity_id,
            called(kind, NULL, reference) || coalesce(' over ' || money(amount, currency), '') || ' was due by '
                || day_of(promised_at) || ', ' || days_ago(end_of(promised_at)) || ' ago, and is open.' AS evidence,
            'Your ' || called(kind, NULL, reference) || ' was due by ' || day_of(promised_at)
                || '. If you have paid it in the meantime, thank you; there is nothing left to do.' AS words
        FROM event
        WHERE kind = 'invoice' AND state = 'open' AND coalesce(amount, 1) > 0
            AND end_of(promised_at) + {span(limits.after)} < tonight()
        """
