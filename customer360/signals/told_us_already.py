"""A customer has told us within 30 days of what is at hand: an open order or case, or a new contact point.

Raised for the last time that somebody spoke of each open order or case, and for each message with a new phone, e-mail,
name or address that the golden record does not have. Cleared when the order or case is closed, the record has it, or
after 30 days.
"""

from __future__ import annotations

from datetime import timedelta

from customer360.signals.rule import Limits, span

NAME = "told_us_already"
TITLE = "Told us already"
SEVERITY = "info"
LIMITS = Limits(within=timedelta(days=30))


def sql(limits: Limits) -> str:
    """Return who need not tell it again."""
    return f"""
        WITH at_hand AS (
            SELECT activity_id FROM open_order
            UNION
            SELECT activity_id FROM event WHERE kind = 'case' AND state = 'open'
        ), told AS (
            SELECT event.*, about.kind AS about_kind, about.reference AS about_reference,
                count(*) OVER (PARTITION BY event.golden_id, about.activity_id) AS times
            FROM event JOIN event AS about ON about.activity_id = event.about_activity_id
            SEMI JOIN at_hand ON at_hand.activity_id = about.activity_id
            WHERE event.is_contact AND event."at" > tonight() - {span(limits.within)}
            QUALIFY row_number() OVER (
                PARTITION BY event.golden_id, about.activity_id ORDER BY event."at" DESC, event.activity_id DESC
            ) = 1
        ), point AS (
            SELECT golden_id, activity_id, "at",
                string_agg(DISTINCT CASE attribute WHEN 'email' THEN 'e-mail address' WHEN 'phone' THEN 'phone number'
                    ELSE attribute END, ' and ') AS points
            FROM care.contact_fact
            WHERE told = 'new' AND NOT is_known AND "at" > tonight() - {span(limits.within)} AND "at" <= tonight()
            GROUP BY ALL
        )
        SELECT golden_id, "at" AS since, activity_id,
            'Told us on ' || day_of("at") || by_channel(channel, kind) || ' about '
                || called(about_kind, NULL, about_reference) || quoted(subject)
                || CASE times WHEN 1 THEN '' ELSE ', ' || times || ' times in all' END || '.' AS evidence,
            'You told us on ' || day_of("at") || ' about your ' || called(about_kind, NULL, about_reference)
                || '; we have it at hand.' AS words
        FROM told
        UNION ALL
        SELECT golden_id, "at", activity_id,
            'Told us on ' || day_of("at") || ' of a new ' || points || ', which no record has yet.',
            'You told us on ' || day_of("at") || ' of a new ' || points || '; we have it at hand.'
        FROM point
        """
