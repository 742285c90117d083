"""A complaint is open: a case that tells of a problem and is open, or a message that does and has no answer.

Raised while the case is open, of whatever age. A message counts where no case came of it, for 30 days: what was left
that long is no longer waited for. To ask where an order is, is a question, and a problem only where it is asked again
or the order was late by then. Cleared when the case is closed, or the message is answered.
"""

from __future__ import annotations

from datetime import timedelta

from customer360.signals.facts import ANSWERED_CHANNEL
from customer360.signals.rule import Limits, span

NAME = "open_complaint"
TITLE = "Open complaint"
SEVERITY = "urgent"
LIMITS = Limits(within=timedelta(days=30))


def sql(limits: Limits) -> str:
    """Return who complained and waits."""
    return f"""
        SELECT golden_id, "at" AS since, activity_id,
            called(kind, channel, reference) || ' of ' || day_of("at") || quoted(subject) || ' is open.' AS evidence,
            'Your ' || called(kind, channel, reference) || ' of ' || day_of("at")
                || ' is open, and we are seeing to it.' AS words
        FROM event JOIN said USING (activity_id)
        WHERE kind = 'case' AND state = 'open' AND tells_problem
        UNION ALL
        SELECT golden_id, "at", activity_id,
            called(kind, channel, reference) || ' of ' || day_of("at") || quoted(subject)
                || ' tells of a problem and has no answer.',
            'Your ' || called(kind, channel, reference) || ' of ' || day_of("at")
                || ' has reached us; we owe you an answer.'
        FROM event JOIN said USING (activity_id) JOIN talk USING (conversation_id)
        WHERE kind = 'message' AND tells_problem AND NOT has_case AND "at" > tonight() - {span(limits.within)}
            AND (last_answer_at IS NULL OR last_answer_at < "at")
            AND {ANSWERED_CHANNEL}
        """
