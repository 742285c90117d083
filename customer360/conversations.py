"""Ties messages, cases and interactions together into conversations.

Works on the temporary tables `happened`, `tie` and `answer`, and leaves `thread` (activity_id, conversation_id).
Invariant: every message, case and interaction is in one conversation, named after its first activity; which ones are
together depends on what they say, not on their order. A thread that two customers write in is one conversation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

_KINDS = "('message', 'case', 'interaction')"

_KNOT = f"""
    CREATE OR REPLACE TEMP TABLE knot AS
    WITH spoken AS (
        SELECT activity_id, kind, reply_to, conversation, source_record_id, length(source) || ':' || source AS namespace
        FROM happened WHERE kind IN {_KINDS}
    ), said AS (
        SELECT activity_id, activity_id AS token FROM spoken
        UNION
        SELECT activity_id, parent_id FROM answer SEMI JOIN spoken USING (activity_id)
        UNION
        SELECT tie.activity_id, tie.about_activity_id
        FROM tie SEMI JOIN spoken USING (activity_id)
        SEMI JOIN spoken AS target ON target.activity_id = tie.about_activity_id
        UNION
        SELECT activity_id, namespace || ' message ' || unnest([source_record_id, reply_to, conversation])
        FROM spoken WHERE kind = 'message'
        UNION
        SELECT activity_id, namespace || ' conversation ' || conversation FROM spoken WHERE kind <> 'message'
    )
    SELECT activity_id, token FROM said
    WHERE token IS NOT NULL
    QUALIFY count(*) OVER (PARTITION BY token) > 1
    """
"""What ties activities together, where at least two have it.

Tokens are the activities themselves (as parent, as the case that a mail is about), a source's Message-IDs, so that two
replies to a mail that is not there belong together, and what a source calls a conversation.
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
