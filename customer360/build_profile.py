"""Sums up each customer in one row: the stage `build_profile`.

READS: golden.customer, care.activity, landing.night.
WRITES: care.profile.
Invariant: one profile per customer, made of that customer's activities alone; all that is relative to now is relative
to as_of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.run import StageReport, as_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

READS = ("golden.customer", "care.activity", "landing.night")
WRITES = ("care.profile",)

REGULAR_ORDERS = 3
EXPERT_ORDERS = 10
"""From so many orders on a customer knows us; with one or two orders he is new, with none he has no experience."""

NO_CURRENCY = "XXX"
"""Where an order names no currency: what ISO 4217 writes for that."""

_CONTACT = "kind IN ('message', 'case', 'interaction') AND coalesce(direction, 'inbound') = 'inbound'"
"""What came from the customer; a source that tells no direction delivers what customers said."""

_ORDER = "kind = 'order' AND state IS DISTINCT FROM 'cancelled'"

_PROFILE = f"""
    INSERT INTO care.profile BY NAME
    WITH counted AS (
        SELECT golden_id,
            count(*) FILTER ({_ORDER}) AS orders,
            max("at") FILTER ({_ORDER}) AS last_order_at,
            count(*) FILTER ({_CONTACT}) AS contacts,
            max("at") FILTER ({_CONTACT}) AS last_contact_at,
            count(*) FILTER (kind = 'case' AND state = 'open') AS open_cases,
            count(*) FILTER (kind = 'case' AND "at" > $as_of::TIMESTAMP - INTERVAL 12 MONTH AND "at" <= $as_of)
                AS problems_12m,
            max("at") FILTER (kind = 'case') AS last_problem_at
        FROM care.activity GROUP BY golden_id
    ), spent AS (
        SELECT golden_id, upper(coalesce(currency, '{NO_CURRENCY}')) AS key, sum(amount)::DECIMAL(18,4) AS value
        FROM care.activity WHERE {_ORDER} AND amount IS NOT NULL GROUP BY ALL
    ), spend AS (
        SELECT golden_id, map_from_entries(list({{'key': key, 'value': value}} ORDER BY key)) AS spend
        FROM spent GROUP BY golden_id
    ), preferred AS (
        SELECT golden_id, channel AS preferred_channel
        FROM care.activity WHERE {_CONTACT} AND channel IS NOT NULL
        GROUP BY golden_id, channel
        QUALIFY row_number() OVER (
            PARTITION BY golden_id ORDER BY count(*) DESC, max("at") DESC NULLS LAST, channel
        ) = 1
    )
    SELECT
        golden_id,
        coalesce(orders, 0) AS orders,
        coalesce(spend, MAP {{}}) AS spend,
        last_order_at,
        coalesce(contacts, 0) AS contacts,
        last_contact_at,
        preferred_channel,
        coalesce(open_cases, 0) AS open_cases,
        CASE
            WHEN coalesce(orders, 0) = 0 THEN 'none'
            WHEN orders < {REGULAR_ORDERS} THEN 'new'
            WHEN orders < {EXPERT_ORDERS} THEN 'regular'
            ELSE 'expert'
        END AS experience,
        coalesce(problems_12m, 0) AS problems_12m,
        last_problem_at,
        coalesce(open_cases, 0) = 0 AS may_offer,
        CASE coalesce(open_cases, 0)
            WHEN 0 THEN 'nothing speaks against it'
            WHEN 1 THEN 'a case is open'
            ELSE open_cases || ' cases are open'
        END AS may_offer_reason
    FROM golden.customer AS customer
    LEFT JOIN counted USING (golden_id)
    LEFT JOIN spend USING (golden_id)
    LEFT JOIN preferred USING (golden_id)
    ORDER BY golden_id
    """


def build_profile(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write tonight's profiles."""
    con.execute("DELETE FROM care.profile")
    con.execute(_PROFILE, {"as_of": as_of(con)})
    by_experience = con.execute("SELECT experience, count(*) FROM care.profile GROUP BY ALL ORDER BY ALL").fetchall()
    rows = {"care.profile": sum(int(customers) for _, customers in by_experience)}
    return StageReport(rows=rows, figures={str(level): int(customers) for level, customers in by_experience})
