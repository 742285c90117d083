"""Finds what an activity is about: the order, case or invoice that its record names or quotes.

Works on the temporary table `happened` and leaves `tie` (activity_id, about_activity_id) and `answer` (activity_id,
parent_id). Invariant: at most one tie per activity, never to itself, none where the records do not say which one.

A tie may lead to another customer's order: a spouse writes about it, or somebody quotes a wrong number. It is kept as
evidence of what was said; whose activity it is stays with the crosswalk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.tables.landing import HOLDS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KINDS = ", ".join(f"'{kind}'" for kind in HOLDS)

_TIE = f"""
    CREATE OR REPLACE TEMP TABLE tie AS
    WITH mention AS (
        SELECT activity_id, golden_id, upper(trim(about)) AS reference, true AS is_named
        FROM happened WHERE about IS NOT NULL
        UNION
        SELECT activity_id, golden_id, upper(trim(reference)) AS reference, false AS is_named
        FROM (SELECT activity_id, golden_id, unnest(quoted_references) AS reference FROM happened)
    ), target AS (
        SELECT activity_id, golden_id, upper(trim(reference)) AS reference, list_position([{_KINDS}], kind) AS kind
        FROM happened WHERE reference IS NOT NULL
    ), meant AS (
        SELECT mention.activity_id, mention.reference, is_named, target.activity_id AS target_id,
            target.golden_id = mention.golden_id AS is_own
        FROM mention JOIN target
            ON target.reference = mention.reference AND target.activity_id <> mention.activity_id
        QUALIFY rank() OVER (
            PARTITION BY mention.activity_id, mention.reference, is_named ORDER BY is_own DESC, target.kind
        ) = 1
    ), resolved AS (
        SELECT activity_id, is_named, min(target_id) AS target_id, bool_and(is_own) AS is_own
        FROM meant GROUP BY activity_id, reference, is_named HAVING count(*) = 1
    )
    SELECT activity_id, coalesce(
        min(target_id) FILTER (is_named),
        CASE
            WHEN count(DISTINCT target_id) = 1 THEN min(target_id)
            WHEN count(DISTINCT target_id) FILTER (is_own) = 1 THEN min(target_id) FILTER (is_own)
        END
    ) AS about_activity_id
    FROM resolved GROUP BY activity_id HAVING about_activity_id IS NOT NULL
    """
"""A reference means the customer's own activity, then an order before an invoice and so on; a tie there means nothing.

What a record names (`about`) goes before what its text quotes. Of several quoted ones the only own one is meant.
"""

_ANSWER = """
    CREATE OR REPLACE TEMP TABLE answer AS
    SELECT reply.activity_id, parent.activity_id AS parent_id
    FROM happened AS reply
    JOIN happened AS parent ON parent.source_record_id = reply.reply_to AND parent.kind = 'message'
    WHERE reply.activity_id <> parent.activity_id
    QUALIFY row_number() OVER (
        PARTITION BY reply.activity_id ORDER BY parent.source <> reply.source, parent.source
    ) = 1
    """
_INHERIT = """
    INSERT INTO tie
    SELECT answer.activity_id, tie.about_activity_id
    FROM answer
    JOIN tie ON tie.activity_id = answer.parent_id
    ANTI JOIN tie AS own ON own.activity_id = answer.activity_id
    WHERE tie.about_activity_id <> answer.activity_id
    """


def find_what_it_is_about(con: DuckDBPyConnection) -> None:
    """Make `tie` and `answer`; a reply that says nothing is about what the nearest mail before it is about."""
    con.execute(_TIE)
    con.execute(_ANSWER)
    while con.execute(_INHERIT).fetchall() != [(0,)]:
        pass
