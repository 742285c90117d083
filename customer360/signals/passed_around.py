"""One conversation, or what was said about one order, invoice or case, went through the hands of three of us.

Raised when the third of us took part, by the names that sources give. Cleared 90 days after the last time that
something was said in it.
"""

from __future__ import annotations

from datetime import timedelta

from customer360.signals.rule import Limits, span

NAME = "passed_around"
TITLE = "Passed around"
SEVERITY = "notice"
LIMITS = Limits(within=timedelta(days=90), at_least=3)
"""Two may be a colleague who takes over; with the third the customer tells it all over again."""


def sql(limits: Limits) -> str:
    """Return who went from hand to hand, at the last thing that was said."""
    return f"""
        WITH spoken AS (
            SELECT activity_id, golden_id, "at", unnest([conversation_id, about_activity_id]) AS matter,
                nullif(lower(trim(handled_by)), '') AS hand, trim(handled_by) AS name
            FROM event WHERE kind IN ('message', 'case', 'interaction') AND "at" IS NOT NULL
        ), hand AS (
            SELECT matter, hand, min("at") AS first_at, min(name) AS name FROM spoken
            WHERE matter IS NOT NULL AND hand IS NOT NULL GROUP BY ALL
        ), passed AS (
            SELECT matter, count(*) AS hands, list(first_at ORDER BY first_at)[{limits.at_least}] AS since,
                string_agg(left(name, 30), ', ' ORDER BY first_at, hand) AS names
            FROM hand GROUP BY matter HAVING count(*) >= {limits.at_least}
        )
        SELECT golden_id, since, activity_id,
            'Went through the hands of ' || hands || ' of us: ' || left(names, 200) || '.' AS evidence,
            'Several of us have seen to your request. Thank you for your patience; you need not tell it all again.'
                AS words
        FROM spoken JOIN passed USING (matter)
        WHERE "at" > tonight() - {span(limits.within)}
        QUALIFY row_number() OVER (PARTITION BY golden_id, matter ORDER BY "at" DESC, activity_id DESC) = 1
        """
