"""What the rules ask of: temporary tables and macros, made once for all of them.

READS: landing.live_record, care.activity.
Leaves `event` (every activity so far), `said` (what a customer's text tells of), `answer` (what we said), `talk` (per
conversation, when we last answered, and its cases), `rhythm` (per customer who orders now and then), `promise` (per
open order, what was promised) and the macros; `forget_facts` takes them away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer360.moments import day_sql, end_sql
from customer360.sayings import find_sayings
from warehouse.connection import quote_literal

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

LONGEST_QUOTE = 80
"""Characters of a subject that evidence quotes."""
LONGEST_REFERENCE = 40

SHORTEST_INTERVAL = 7
"""Days: who orders more often than weekly is not missed sooner than after two weeks."""

_EVENT = """
    CREATE OR REPLACE TEMP TABLE event AS
    SELECT activity_id, golden_id, source, source_record_id, kind, "at", reference, about_activity_id,
        conversation_id, channel, direction, amount, currency, state, subject, promised_at, handled_by,
        role, coalesce(role = 'contact', false) AS is_contact
    FROM care.activity WHERE "at" IS NULL OR "at" <= $as_of
    """

_SAID = """
    CREATE OR REPLACE TEMP TABLE said AS
    SELECT activity_id, tells_problem, only_thanks
    FROM saying SEMI JOIN (FROM event WHERE is_contact) USING (activity_id)
    """

_ANSWER = """
    CREATE OR REPLACE TEMP TABLE answer AS
    SELECT activity_id, golden_id, kind, channel, conversation_id, about_activity_id, "at"
    FROM event
    WHERE kind IN ('message', 'interaction') AND direction = 'outbound' AND role IS DISTINCT FROM 'delivery'
    """
"""What we said to a customer; a parcel says nothing."""

ANSWERED_CHANNEL = "coalesce(event.channel, '') IN (SELECT coalesce(channel, '') FROM answer WHERE kind = 'message')"
"""Whether answers come by the channel of an event; where none are delivered, nobody can tell what is unanswered."""

_TALK = """
    CREATE OR REPLACE TEMP TABLE talk AS
    SELECT conversation_id, max(answer."at") AS last_answer_at,
        coalesce(bool_or(event.kind = 'case' AND event.state = 'closed'), false) AS has_closed_case,
        coalesce(bool_or(event.kind = 'case'), false) AS has_case
    FROM event LEFT JOIN answer USING (activity_id, conversation_id)
    WHERE conversation_id IS NOT NULL
    GROUP BY conversation_id
    """

_RHYTHM = f"""
    CREATE OR REPLACE TEMP TABLE rhythm AS
    WITH placed AS (
        SELECT golden_id, "at", activity_id, "at"::DATE - lag("at"::DATE) OVER (
            PARTITION BY golden_id ORDER BY "at", activity_id
        ) AS days
        FROM event WHERE kind = 'order' AND state IS DISTINCT FROM 'cancelled' AND "at" IS NOT NULL
    ), ordered AS (
        SELECT golden_id, count(DISTINCT "at"::DATE) AS order_days, max("at") AS last_order_at,
            arg_max(activity_id, ("at", activity_id)) AS last_order_id,
            greatest(quantile_disc(days, 0.5) FILTER (days > 0), {SHORTEST_INTERVAL}) AS interval_days
        FROM placed GROUP BY golden_id
    ), heard AS (
        SELECT golden_id, max("at") AS last_sign_at FROM event
        WHERE kind = 'order' OR is_contact OR (kind = 'interaction' AND direction IS DISTINCT FROM 'outbound')
        GROUP BY golden_id
    ), complaint AS (
        SELECT golden_id, max("at") AS complained_at, arg_max(activity_id, ("at", activity_id)) AS complaint_id
        FROM event JOIN said USING (activity_id) LEFT JOIN talk USING (conversation_id)
        WHERE tells_problem AND CASE kind WHEN 'case' THEN state = 'closed' ELSE last_answer_at >= "at" END
        GROUP BY golden_id
    )
    SELECT golden_id, order_days, last_order_at, last_order_id, interval_days, last_sign_at,
        CASE WHEN complained_at >= last_order_at
            AND last_sign_at < complained_at + to_days(interval_days::INTEGER) THEN complaint_id END AS complaint_id,
        complained_at
    FROM ordered JOIN heard USING (golden_id) LEFT JOIN complaint USING (golden_id)
    WHERE order_days > 1
    """
"""How often somebody orders is the middle of the days between his orders; a complaint counts that came after the last,
where the customer was not heard of much longer.

A complaint is over when its case is closed, or its message was answered.
"""

_PROMISE = """
    CREATE OR REPLACE TEMP TABLE promise AS
    SELECT activity_id, promised_at AS due_from, end_of(promised_at) AS due_at
    FROM open_order WHERE promised_at IS NOT NULL
    UNION
    SELECT order_id, shipment.promised_at, end_of(shipment.promised_at)
    FROM shipment JOIN open_order ON activity_id = order_id
    WHERE shipment.promised_at IS NOT NULL AND coalesce(state NOT IN ('closed', 'cancelled'), true)
    """
"""What was promised for an open order, by itself or by a shipment of it that has not arrived."""

_NOUN = (
    "CASE kind WHEN 'message' THEN"
    " CASE WHEN coalesce(channel, 'email') = 'email' THEN 'e-mail' ELSE channel || ' message' END"
    " WHEN 'interaction' THEN coalesce(nullif(channel, kind) || ' ', '') || 'contact' ELSE kind END"
)
_QUOTED = f"' “' || trim(left(trim(told), {LONGEST_QUOTE})) || '”'"
_DAYS = "date_diff('day', moment, tonight())"


def _macros(zone: str, as_of: datetime) -> tuple[str, ...]:
    return (
        f"tonight() AS TIMESTAMP {quote_literal(as_of.isoformat(sep=' '))}",
        f"end_of(moment) AS {end_sql('moment', zone)}",
        f"day_of(moment) AS coalesce({day_sql('moment', zone)}, 'an unknown day')",
        f"called(kind, channel, reference) AS {_NOUN} || coalesce(' ' || left(reference, {LONGEST_REFERENCE}), '')",
        f"quoted(told) AS CASE WHEN trim(told) <> '' AND NOT starts_with(trim(told), '(') THEN {_QUOTED} ELSE '' END",
        "money(amount, currency) AS amount::DECIMAL(18,2)::VARCHAR || coalesce(' ' || upper(currency), '')",
        "by_channel(channel, kind) AS coalesce(' by ' || nullif(channel, kind), '')",
        f"days_ago(moment) AS {_DAYS} || CASE {_DAYS} WHEN 1 THEN ' day' ELSE ' days' END",
    )


_MACROS = ("tonight", "end_of", "day_of", "called", "quoted", "money", "by_channel", "days_ago")
_TABLES = ("saying", "event", "said", "answer", "talk", "rhythm", "promise")


def gather_facts(con: DuckDBPyConnection, zone: str, as_of: datetime) -> None:
    """Make the tables and macros; those of `open_orders` have to be there."""
    for macro in _macros(zone, as_of):
        con.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")
    find_sayings(con, zone)
    con.execute(_EVENT, {"as_of": as_of})
    for query in (_SAID, _ANSWER, _TALK, _RHYTHM, _PROMISE):
        con.execute(query)


def forget_facts(con: DuckDBPyConnection) -> None:
    """Take the tables and macros away."""
    for table in _TABLES:
        con.execute(f"DROP TABLE temp.{table}")
    for name in _MACROS:
        con.execute(f"DROP MACRO {name}")
