"""A customer has asked about the same thing at least twice within two weeks.

Raised at the last time. The same thing is an order, invoice or case that is named, a conversation, or a subject. Asking
counts again where at least four hours lie between (a postscript is no second question), and in one conversation only
where we had not answered in between: an ordinary exchange is not asking twice, nor is the case that is opened for a
message. Cleared two weeks after the last time.
"""

from __future__ import annotations

from datetime import timedelta

from customer360.signals.rule import Limits, span

NAME = "asked_again"
TITLE = "Asked again"
SEVERITY = "warning"
LIMITS = Limits(within=timedelta(days=14), at_least=2)

POSTSCRIPT = timedelta(hours=4)
"""What comes sooner belongs to the same question."""

_REPLY = r"^((re|aw|antw|fw|fwd|wg|tr|rv|sv|ref)\s*(\[\d+\])?:\s*)+"

_MATTER = """
            SELECT asked.*, about_activity_id AS matter, 1 AS rank FROM asked WHERE about_activity_id IS NOT NULL
            UNION ALL
            SELECT asked.*, conversation_id, 2 FROM asked WHERE conversation_id IS NOT NULL
            UNION ALL
            SELECT asked.*, topic, 3 FROM asked WHERE length(topic) > 3 AND NOT regexp_matches(topic, '^\\(.*\\)$')
        """
"""What somebody asked about, in each of its meanings; of subjects none that say nothing, as "(no subject)"."""


def _asked(limits: Limits) -> str:
    return f"""
            SELECT activity_id, golden_id, kind, "at", channel, conversation_id, about_activity_id,
                regexp_replace(lower(trim(subject)), '{_REPLY}', '') AS topic
            FROM event JOIN said USING (activity_id)
            WHERE NOT only_thanks AND "at" > tonight() - 2 * {span(limits.within)}
        """


def sql(limits: Limits) -> str:
    """Return who asks again, at the last time."""
    return f"""
        WITH asked AS ({_asked(limits)}), matter AS ({_MATTER}), gap AS (
            SELECT *, lag("at") OVER told AS before_at, lag(conversation_id) OVER told AS before_conversation
            FROM matter
            WINDOW told AS (PARTITION BY golden_id, rank, matter ORDER BY "at", activity_id)
        ), again AS (
            SELECT *, "at" - before_at <= {span(limits.within)} AND "at" - before_at >= {span(POSTSCRIPT)} AND (
                conversation_id IS DISTINCT FROM before_conversation OR kind <> 'case' AND NOT EXISTS (
                    FROM answer WHERE answer.conversation_id = gap.conversation_id
                    AND answer."at" BETWEEN before_at AND gap."at"
                )
            ) AS is_again
            FROM gap
        ), counted AS (
            SELECT golden_id, rank, matter, arg_max(activity_id, ("at", activity_id)) FILTER (is_again) AS last_id,
                max("at") FILTER (is_again) AS last_at, min(before_at) FILTER (is_again) AS first_at,
                1 + count(*) FILTER (is_again) AS times
            FROM again GROUP BY golden_id, rank, matter
            HAVING times >= greatest({limits.at_least}, 2) AND last_at > tonight() - {span(limits.within)}
        ), told AS (
            FROM counted
            QUALIFY row_number() OVER (PARTITION BY golden_id, last_id ORDER BY times DESC, rank, matter) = 1
        )
        SELECT told.golden_id, first_at AS since, last_id AS activity_id,
            'Asked ' || times || ' times since ' || day_of(first_at) || ' about '
                || CASE rank WHEN 1 THEN called(about.kind, about.channel, about.reference)
                    ELSE 'one thing' || quoted(last.subject) END
                || ', last on ' || day_of(last_at) || by_channel(last.channel, last.kind) || '.' AS evidence,
            'You have asked us about this more than once, last on ' || day_of(last_at)
                || '. We are sorry that it took a second time.' AS words
        FROM told JOIN event AS last ON last.activity_id = last_id
        LEFT JOIN event AS about ON rank = 1 AND about.activity_id = matter
        """
