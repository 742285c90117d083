"""Something that was promised, or is to be paid, is due within two days.

Raised for an open order that is promised for then and not late already, an open invoice that is due then, and an open
case or a contact by which we promised something for then. Cleared when it is done, or the time is over.
"""

from __future__ import annotations

from datetime import timedelta

from customer360.signals.rule import Limits, span

NAME = "deadline_near"
TITLE = "Deadline near"
SEVERITY = "notice"
LIMITS = Limits(within=timedelta(days=2))
"""Two days are what is needed to hurry a parcel, or to write before somebody is dunned."""


def sql(limits: Limits) -> str:
    """Return who waits for something soon."""
    return f"""
        WITH due AS (
            SELECT activity_id, min(due_from) AS due_from, min(due_at) AS due_at FROM promise GROUP BY activity_id
            UNION ALL
            SELECT activity_id, promised_at, end_of(promised_at) FROM event
            WHERE promised_at IS NOT NULL AND (
                (kind IN ('invoice', 'case') AND state = 'open')
                OR (kind = 'interaction' AND state IS DISTINCT FROM 'closed' AND state IS DISTINCT FROM 'cancelled'
                    AND (source, source_record_id) NOT IN (SELECT (source, source_record_id) FROM shipment))
            )
        )
        SELECT golden_id, "at" AS since, activity_id,
            called(kind, channel, reference) || ' of ' || day_of("at")
                || CASE kind WHEN 'invoice' THEN ' is due by ' WHEN 'order' THEN ' is promised for '
                    ELSE ': something is promised for ' END
                || day_of(due_at) || '.' AS evidence,
            CASE kind
                WHEN 'invoice' THEN 'Your ' || called(kind, channel, reference) || ' is due by '
                    || day_of(due_at) || '.'
                WHEN 'order' THEN 'Your ' || called(kind, channel, reference) || ' is to be with you by '
                    || day_of(due_at) || '.'
                ELSE 'We promised to be back to you by ' || day_of(due_at) || '.'
            END AS words
        FROM due JOIN event USING (activity_id)
        WHERE due_at >= tonight() AND due_from <= tonight() + {span(limits.within)}
        """
