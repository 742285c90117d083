"""A customer wrote of a new address, or that the old one is no longer theirs.

Raised for each message that tells it, while the golden record has not the new address. Cleared when it has, or after
half a year.
"""

from __future__ import annotations

from datetime import timedelta

from customer360.signals.rule import Limits, span

NAME = "possible_move"
TITLE = "Possible move"
SEVERITY = "info"
LIMITS = Limits(within=timedelta(days=180))


def sql(limits: Limits) -> str:
    """Return who may have moved; the address itself stands in `contact_fact`."""
    return f"""
        SELECT golden_id, "at" AS since, activity_id,
            'Wrote on ' || day_of("at")
                || CASE WHEN bool_or(told = 'new') THEN ' of a new address, which no record has yet.'
                ELSE ' that the address on record is no longer theirs.' END AS evidence,
            'On ' || day_of("at") || ' you told us of a change of address. May we confirm it with you?' AS words
        FROM care.contact_fact
        WHERE attribute = 'address' AND told IN ('new', 'no_longer') AND (told = 'no_longer') = is_known
            AND "at" > tonight() - {span(limits.within)} AND "at" <= tonight()
        GROUP BY golden_id, "at", activity_id
        """
