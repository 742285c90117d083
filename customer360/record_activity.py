"""Puts what happened on the customers' timelines: the stage `record_activity`.

READS: landing.live_record, golden.crosswalk.
WRITES: care.activity, care.item.
Invariant: one activity per record of a customer, except stock and known issues, which are about nobody. An activity
hangs on its record and reaches the customer through the crosswalk: an unmerge takes it along by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer360.conversations import find_conversations
from customer360.references import find_what_it_is_about
from customer360.roles import goods_sql, role_sql
from customer360.states import state_sql
from warehouse.run import StageReport

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

READS = ("landing.live_record", "golden.crosswalk")
WRITES = ("care.activity", "care.item")

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _crockford(number: str) -> str:
    """Return SQL for the eight characters of Crockford base32 that a number of 40 bits makes."""
    fives = (f"(({number} >> {shift}) & 31)::INTEGER" for shift in range(35, -1, -5))
    return " || ".join(f"substr('{_ALPHABET}', {five} + 1, 1)" for five in fives)


ACTIVITY_ID = f"""
    SELECT source, source_record_id, 'act_' || {_crockford("high")} || {_crockford("low")} AS activity_id
    FROM (
        SELECT source, source_record_id,
            ('0x' || substr(hash, 1, 10))::UBIGINT AS high, ('0x' || substr(hash, 11, 10))::UBIGINT AS low
        FROM (
            SELECT source, source_record_id, sha256(length(source) || ':' || source || source_record_id) AS hash
            FROM golden.crosswalk
        )
    )
    """
"""Each record's activity id: the first 80 bits of sha256 over source and source_record_id, kept apart by a length."""

_HAPPENED = f"""
    CREATE OR REPLACE TEMP TABLE happened AS
    SELECT named.activity_id, held.golden_id, record.* REPLACE (coalesce(status_class, status) AS status)
    FROM golden.crosswalk AS held
    JOIN ({ACTIVITY_ID}) AS named USING (source, source_record_id)
    JOIN (
        SELECT source, source_record_id, holds AS kind, "at", reference, about, quoted_references, reply_to,
            conversation, channel, direction, amount, currency, status, status_class, subject, body, promised_at,
            handled_by, items, {goods_sql("status", "extras")} AS is_of_goods
        FROM landing.live_record WHERE holds NOT IN ('inventory', 'known_issue')
    ) AS record USING (source, source_record_id)
    """
LONGEST_EXCERPT = 300
"""Characters of what was said that are published; the text itself stays in the warehouse."""

_BEGINNING = f"trim(regexp_replace(left(body, {5 * LONGEST_EXCERPT}), '[\\s\\pZ\\p{{Cc}}]+', ' ', 'g'))"
_CUT = f"left(beginning, {LONGEST_EXCERPT})"
_EXCERPT = f"""
    CASE WHEN length(beginning) > {LONGEST_EXCERPT}
    THEN coalesce(nullif(regexp_extract({_CUT}, '^(.*[^ ]) ', 1), ''), left({_CUT}, {LONGEST_EXCERPT - 1})) || '…'
    ELSE nullif(beginning, '') END"""
"""The beginning with its white space folded, cut at a word."""

_ACTIVITY = f"""
    INSERT INTO care.activity BY NAME
    SELECT activity_id, golden_id, source, source_record_id, kind, "at", reference, tie.about_activity_id,
        thread.conversation_id, channel, direction, amount, currency, status, meaning.state,
        subject, {_EXCERPT} AS excerpt, promised_at, handled_by, {role_sql("is_of_goods AND is_about_order")} AS role
    FROM (SELECT *, {_BEGINNING} AS beginning FROM happened)
    LEFT JOIN (
        SELECT kind, status, {state_sql("kind", "status")} AS state FROM (SELECT DISTINCT kind, status FROM happened)
    ) AS meaning USING (kind, status)
    LEFT JOIN tie USING (activity_id)
    LEFT JOIN (
        SELECT activity_id AS about_activity_id, true AS is_about_order FROM happened WHERE kind = 'order'
    ) AS placed ON placed.about_activity_id = tie.about_activity_id
    LEFT JOIN thread USING (activity_id)
    ORDER BY activity_id
    """
_ITEM = """
    INSERT INTO care.item BY NAME
    SELECT activity_id, item.line, item.sku, item.description, item.quantity, item.amount
    FROM (SELECT activity_id, unnest(items) AS item FROM happened)
    ORDER BY activity_id, item.line
    """


def record_activity(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write tonight's activity and items, with what each activity is about and which conversation it belongs to."""
    con.execute(_HAPPENED)
    find_what_it_is_about(con)
    find_conversations(con)
    con.execute("DELETE FROM care.activity")
    con.execute(_ACTIVITY)
    con.execute("DELETE FROM care.item")
    con.execute(_ITEM)
    for table in ("happened", "meant", "tie", "answer", "thread"):
        con.execute(f"DROP TABLE {table}")
    rows = {table: _count(con, f"SELECT count(*) FROM {table}") for table in WRITES}
    tied = _count(con, "SELECT count(about_activity_id) FROM care.activity")
    elsewhere = _count(
        con,
        "SELECT count(*) FROM care.activity AS one JOIN care.activity AS other"
        " ON other.activity_id = one.about_activity_id WHERE other.golden_id <> one.golden_id",
    )
    return StageReport(rows=rows, figures={"about_another": tied, "about_another_customers": elsewhere})


def _count(con: DuckDBPyConnection, query: str) -> int:
    return int(con.execute(query).fetchall()[0][0])
