"""Ties messages, cases and interactions together into conversations, whatever channels they came by.

Works on the temporary tables `happened`, `meant`, `tie` and `answer`, and leaves `thread` (activity_id,
conversation_id). Invariant: every message, case and interaction is in one conversation, named after its first activity;
which ones are together depends on what they say, not on their order. A thread that two customers write in is one
conversation; a number of a stranger's case, quoted by mistake, makes none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer360.roles import visit_sql

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

_KINDS = "('message', 'case', 'interaction')"

SILENCE_DAYS = 14
"""What a customer says about one order goes on as one conversation until nothing is said of it for longer than this."""

MOST_OF_ONE_THREAD = 1_000
"""What ties more activities together is a filler, such as a conversation called "n/a"."""

_KNOT = f"""
    CREATE OR REPLACE TEMP TABLE knot AS
    WITH spoken AS (
        SELECT activity_id, golden_id, kind, "at", reply_to, conversation, source_record_id,
            length(source) || ':' || source AS namespace,
            (direction IS DISTINCT FROM 'outbound' OR handled_by IS NOT NULL)
                AND NOT {visit_sql("kind", "channel")} AS is_talk
        FROM happened WHERE kind IN {_KINDS}
    ), on_one_matter AS (
        SELECT activity_id, golden_id, about_activity_id, "at", coalesce("at" > lag("at") OVER (
            PARTITION BY golden_id, about_activity_id ORDER BY "at", activity_id
        ) + INTERVAL {SILENCE_DAYS} DAY, false) AS is_after_silence
        FROM spoken JOIN tie USING (activity_id)
        ANTI JOIN (SELECT activity_id AS about_activity_id FROM spoken) AS itself USING (about_activity_id)
        WHERE is_talk AND "at" IS NOT NULL
    ), said AS (
        SELECT activity_id, activity_id AS token FROM spoken
        UNION
        SELECT activity_id, parent_id FROM answer SEMI JOIN spoken USING (activity_id)
        UNION
        SELECT activity_id, target_id
        FROM meant SEMI JOIN spoken USING (activity_id)
        SEMI JOIN spoken AS target ON target.activity_id = target_id
        WHERE is_own OR is_named
        UNION
        SELECT activity_id, golden_id || ' ' || about_activity_id || ' ' || count(*) FILTER (is_after_silence) OVER (
            PARTITION BY golden_id, about_activity_id ORDER BY "at", activity_id
        )
        FROM on_one_matter
        UNION
        SELECT activity_id, namespace || ' message ' || unnest([source_record_id, reply_to, conversation])
        FROM spoken WHERE kind = 'message'
        UNION
        SELECT activity_id, namespace || ' conversation ' || conversation FROM spoken WHERE kind <> 'message'
    )
    SELECT activity_id, token FROM said
    WHERE token IS NOT NULL
    QUALIFY count(*) OVER (PARTITION BY token) BETWEEN 2 AND {MOST_OF_ONE_THREAD}
    """
"""What ties activities together, where at least two have it.

Tokens are the activities themselves (as parent, as the case that a mail, call or chat names or quotes), a source's
Message-IDs, so that two replies to a mail that is not there belong together, what a source calls a conversation, and
what one customer talks of (an order, an invoice) without a long silence. A notice that only went out is no talk, since
nobody of us wrote it, nor is a visit to our pages.
"""

_THREAD = f"""
    CREATE OR REPLACE TEMP TABLE thread AS
    WITH together AS (
        SELECT unnest($activities::VARCHAR[]) AS activity_id, unnest($groups::VARCHAR[]) AS together
    ), spoken AS (
        SELECT activity_id, "at", coalesce(together.together, activity_id) AS together
        FROM happened LEFT JOIN together USING (activity_id)
        WHERE kind IN {_KINDS}
    )
    SELECT activity_id, first_value(activity_id) OVER (
        PARTITION BY together ORDER BY "at" NULLS LAST, activity_id
    ) AS conversation_id
    FROM spoken
    """


def find_conversations(con: DuckDBPyConnection) -> None:
    """Make `thread`."""
    con.execute(_KNOT)
    together = connect(con.execute("SELECT activity_id, token FROM knot").fetchall())
    con.execute(_THREAD, {"activities": list(together), "groups": list(together.values())})
    con.execute("DROP TABLE knot")


def connect(knots: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return activity -> its group, the least name in it; activities that share a token, directly or not, share it.

    Union-find with path halving; the result does not depend on the order of `knots`.
    """
    above: dict[str, str] = {}

    def root(name: str) -> str:
        above.setdefault(name, name)
        while above[name] != name:
            above[name] = above[above[name]]
            name = above[name]
        return name

    activities = set()
    for activity, token in knots:
        activities.add(activity)
        low, high = sorted((root(activity), root(token)))
        above[high] = low
    return {activity: root(activity) for activity in sorted(activities)}
