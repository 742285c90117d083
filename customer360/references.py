"""Finds what an activity is about: the order, case or invoice that its record names or quotes.

Works on the temporary table `happened` and leaves `meant` (activity_id, target_id, is_own, is_named: all that it names
and quotes), `tie` (activity_id, about_activity_id) and `answer` (activity_id, parent_id). Invariant: at most one tie
per activity, never to itself, none where the records do not say which one.

A tie may lead to another customer's order: a spouse writes about it, or somebody quotes a wrong number. It is kept as
evidence of what was said; whose activity it is stays with the crosswalk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer360.quotations import SHORTEST_NUMBER, find_mentions

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_BARE_OF_ANOTHER = 5
_BARE_WITHOUT_CUE = 6
"""Digits from which a bare number found in a text may be another customer's, if a word says what it is, and from which
it is the customer's own without such a word."""

_MEANT = f"""
    CREATE OR REPLACE TEMP TABLE meant AS
    WITH alike AS (
        SELECT mention.* EXCLUDE (number), target.* EXCLUDE (key, golden_id, number, activity_id, exact),
            target.activity_id AS target_id, target.golden_id = mention.golden_id AS is_own,
            CASE WHEN target.exact = mention.exact THEN 2 ELSE 1 END AS likeness
        FROM mention JOIN target ON target.key = mention.key WHERE NOT is_common
        UNION ALL
        SELECT mention.* EXCLUDE (number), target.* EXCLUDE (key, golden_id, number, activity_id, exact),
            target.activity_id, true, CASE WHEN target.exact = mention.exact THEN 2 ELSE 1 END
        FROM mention JOIN target ON target.key = mention.key AND target.golden_id = mention.golden_id WHERE is_common
    ), candidate AS (
        SELECT activity_id, key, how, target_id, kind, place, is_own, likeness
        FROM alike
        WHERE (how <> 'has' OR is_own AND kind = 'order' AND likeness = 2)
        AND (
            how <> 'found' OR NOT is_bare
            OR has_cue AND length(key) >= CASE WHEN is_own THEN {SHORTEST_NUMBER} ELSE {_BARE_OF_ANOTHER} END
            OR is_own AND length(key) >= {_BARE_WITHOUT_CUE}
        )
        UNION ALL
        SELECT mention.activity_id, mention.key, how, target.activity_id, target.kind, place, true, 0
        FROM mention JOIN target USING (number, golden_id)
        WHERE how <> 'has' AND mention.number <> ''
    ), nearest AS (
        SELECT * FROM candidate WHERE target_id <> activity_id
        QUALIFY rank() OVER (
            PARTITION BY activity_id, key, how ORDER BY likeness DESC, is_own DESC, place
        ) = 1
    ), resolved AS (
        SELECT activity_id, how, min(target_id) AS target_id, min(kind) AS kind, bool_and(is_own) AS is_own
        FROM nearest GROUP BY activity_id, key, how HAVING count(*) = 1
    )
    SELECT activity_id, target_id, min(kind) AS kind, bool_and(is_own) AS is_own, bool_or(how = 'named') AS is_named
    FROM resolved GROUP BY activity_id, target_id
    """
"""A reference means what is spelt like it, of that the customer's own, then an order before an invoice and so on; a tie
there means nothing. A bare number means the one own reference that ends in it."""

_TIE = """
    CREATE OR REPLACE TEMP TABLE tie AS
    WITH counted AS (
        SELECT activity_id, min(target_id) FILTER (is_named) AS named,
            list(DISTINCT target_id) AS any_kind,
            list(DISTINCT target_id) FILTER (is_own) AS own,
            list(DISTINCT target_id) FILTER (is_own AND kind = 'order') AS own_order,
            list(DISTINCT target_id) FILTER (is_own AND kind = 'case') AS own_case,
            list(DISTINCT target_id) FILTER (is_own AND kind = 'invoice') AS own_invoice
        FROM meant GROUP BY activity_id
    )
    SELECT activity_id, coalesce(named, CASE
        WHEN len(any_kind) = 1 THEN any_kind[1]
        WHEN len(own) = 1 THEN own[1]
        WHEN len(own_order) = 1 THEN own_order[1]
        WHEN len(own_case) = 1 THEN own_case[1]
        WHEN own_order IS NULL AND len(own_invoice) = 1 THEN own_invoice[1]
    END) AS about_activity_id
    FROM counted WHERE about_activity_id IS NOT NULL
    """
"""What a record names (`about`) goes before what its text quotes. Of several quoted ones the only own one is meant, of
several own ones the only order, else the only case, else, without orders, the only invoice."""

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
_CLIMBING = """
    CREATE OR REPLACE TEMP TABLE climbing AS
    SELECT activity_id, parent_id AS above FROM answer ANTI JOIN tie USING (activity_id)
    """
_CLIMB = """
    UPDATE climbing SET above = next.above FROM climbing AS next WHERE climbing.above = next.activity_id
    """
_INHERIT = """
    INSERT INTO tie
    SELECT climbing.activity_id, about_activity_id
    FROM climbing JOIN tie ON tie.activity_id = above
    WHERE about_activity_id <> climbing.activity_id
    """
"""Each mail that says nothing climbs to what its parent has climbed to, twice as far each time, up to one that says."""

_CARRY_ON = """
    INSERT INTO tie
    WITH spoken AS (
        SELECT activity_id, about_activity_id, last_value(about_activity_id IGNORE NULLS) OVER (
            PARTITION BY source, conversation, golden_id ORDER BY "at" NULLS LAST, activity_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS carried
        FROM happened LEFT JOIN tie USING (activity_id)
        WHERE conversation IS NOT NULL AND kind IN ('message', 'case', 'interaction')
    )
    SELECT activity_id, carried FROM spoken
    WHERE about_activity_id IS NULL AND carried <> activity_id
    """
"""What a source itself calls one conversation goes on about what the same customer last spoke of in it."""


def find_what_it_is_about(con: DuckDBPyConnection) -> None:
    """Make `meant`, `tie` and `answer`; a reply that says nothing is about what the nearest mail before it is about."""
    find_mentions(con)
    con.execute(_MEANT)
    con.execute(_TIE)
    con.execute(_ANSWER)
    con.execute(_CLIMBING)
    climbers = int(con.execute("SELECT count(*) FROM climbing").fetchall()[0][0])
    for _ in range(climbers.bit_length()):  # as far as any chain goes; replies in a circle would climb for ever
        con.execute(_CLIMB)
    con.execute(_INHERIT)
    con.execute("DROP TABLE climbing")
    con.execute(_CARRY_ON)
    con.execute("DROP TABLE mention")
    con.execute("DROP TABLE target")
