"""A customer's message is the last of its conversation, and has waited for two working days.

Raised where we said nothing after it, neither in the conversation nor about the same order or case, and no case of the
conversation is closed. A message that only says thanks waits for nothing. Where no answers of ours are delivered by the
channel that it came by, nobody can tell, and nothing is raised. Cleared by an answer, or after 30 days.
"""

from __future__ import annotations

import math
from datetime import timedelta

from customer360.signals.facts import ANSWERED_CHANNEL
from customer360.signals.rule import Limits, span

NAME = "unanswered_message"
TITLE = "Unanswered message"
SEVERITY = "warning"
LIMITS = Limits(after=timedelta(hours=48), within=timedelta(days=30))
"""Two working days are what a shop promises; after thirty days the customer has found another way."""


def working_days_later(moment: str, length: timedelta) -> str:
    """Return SQL for the moment so many working days later; what comes at a weekend comes on Monday, at midnight.

    The days are those of the local calendar in UTC, whole days from Monday to Friday; holidays are nobody's business
    here, as they differ from place to place.
    """
    days = math.ceil(length / timedelta(days=1))
    weekday = f"isodow({moment})"
    start = (
        f"CASE WHEN {weekday} > 5 THEN date_trunc('day', {moment}) + to_days((8 - {weekday})::INTEGER)"
        f" ELSE {moment} END"
    )
    weekends = f"2 * ((least({weekday}, 6) % 6 - 1 + {days}) // 5)"
    return f"({start} + to_days(({days} + {weekends})::INTEGER))"


def sql(limits: Limits) -> str:
    """Return whose messages wait."""
    return f"""
        WITH waiting AS (
            SELECT event.*, tells_problem FROM event JOIN said USING (activity_id) JOIN talk USING (conversation_id)
            WHERE kind = 'message' AND is_contact AND NOT has_closed_case AND NOT only_thanks
                AND (last_answer_at IS NULL OR last_answer_at < "at")
                AND {ANSWERED_CHANNEL}
            QUALIFY row_number() OVER (PARTITION BY conversation_id ORDER BY "at" DESC, activity_id DESC) = 1
        )
        SELECT golden_id, "at" AS since, activity_id,
            called(kind, channel, reference) || ' of ' || day_of("at") || quoted(subject) || ' has waited '
                || days_ago("at") || ' for an answer.' AS evidence,
            'Your ' || called(kind, channel, reference) || ' of ' || day_of("at") || quoted(subject)
                || ' has reached us. We are sorry that our answer takes so long.' AS words
        FROM waiting
        WHERE "at" > tonight() - {span(limits.within)}
            AND {working_days_later('"at"', limits.after or timedelta(0))} < tonight()
            AND NOT EXISTS (
                FROM answer WHERE answer.golden_id = waiting.golden_id AND answer."at" >= waiting."at"
                AND answer.about_activity_id = waiting.about_activity_id
            )
        """
