"""Sums up each customer in one row: the stage `build_profile`.

READS: golden.customer, golden.crosswalk, care.activity, care.signal, care.permission, care.household,
landing.live_record, landing.night.
WRITES: care.profile.
Invariant: one profile per customer, made of that customer's activities and permissions and of the household's open
complaints; all that is relative to now is relative to as_of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer360.consent_words import PREFERRED_CHANNEL, channel_sql
from customer360.moods import SATISFACTION, find_moods
from customer360.reasons_against import COMPLAINT, find_reasons_against
from warehouse.run import StageReport, as_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

READS = (
    "golden.customer",
    "golden.crosswalk",
    "care.activity",
    "care.signal",
    "care.permission",
    "care.household",
    "landing.live_record",
    "landing.night",
)
WRITES = ("care.profile",)

REGULAR_ORDERS = 3
EXPERT_ORDERS = 10
"""From so many orders on a customer knows us; with one or two orders he is new, with none he has no experience."""

NO_CURRENCY = "XXX"
"""Where an order names no currency: what ISO 4217 writes for that."""

_ORDER = "kind = 'order' AND state IS DISTINCT FROM 'cancelled'"

_PREFERRED = f"""
    CREATE OR REPLACE TEMP TABLE preferred AS
    WITH extra AS (
        SELECT source, source_record_id, trust, coalesce(updated_at, "at") AS "at", unnest(extras) AS extra
        FROM landing.live_record WHERE len(extras) > 0
    ), candidate AS (
        SELECT golden_id, {channel_sql("extra.value")} AS channel, 0 AS place, 0 AS times, "at", trust, source,
            source_record_id
        FROM extra JOIN golden.crosswalk USING (source, source_record_id)
        WHERE lower(extra.name) = '{PREFERRED_CHANNEL}'
        UNION ALL
        SELECT golden_id, channel, 1, count(*), max("at"), 0, '', ''
        FROM care.activity WHERE role = 'contact' GROUP BY golden_id, channel
    )
    SELECT golden_id, channel AS preferred_channel FROM candidate
    ANTI JOIN (FROM care.permission WHERE purpose = 'service' AND NOT allowed) USING (golden_id, channel)
    WHERE channel IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY golden_id
        ORDER BY place, times DESC, "at" DESC NULLS LAST, trust DESC, source, source_record_id, channel
    ) = 1
    """
"""The channel that was told last, else the one that was used most, then last; none that the customer refuses."""

_PROFILE = f"""
    INSERT INTO care.profile BY NAME
    WITH counted AS (
        SELECT golden_id,
            count(*) FILTER ({_ORDER}) AS orders,
            max("at") FILTER ({_ORDER}) AS last_order_at,
            count(*) FILTER (role = 'contact') AS contacts,
            max("at") FILTER (role = 'contact') AS last_contact_at,
            count(*) FILTER (kind = 'case' AND state = 'open') AS open_cases
        FROM care.activity GROUP BY golden_id
    ), spent AS (
        SELECT golden_id, upper(coalesce(currency, '{NO_CURRENCY}')) AS key, sum(amount)::DECIMAL(18,4) AS value
        FROM care.activity WHERE {_ORDER} AND amount IS NOT NULL GROUP BY ALL
    ), spend AS (
        SELECT golden_id, map_from_entries(list({{'key': key, 'value': value}} ORDER BY key)) AS spend
        FROM spent GROUP BY golden_id
    ), complaint AS (
        SELECT DISTINCT golden_id, true AS has_complaint FROM care.signal WHERE signal = '{COMPLAINT}'
    ), refused AS (
        SELECT golden_id, string_agg(channel, ' or ' ORDER BY channel) AS refused_channels
        FROM care.permission WHERE purpose = 'marketing' AND channel <> 'any' AND NOT allowed GROUP BY golden_id
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
        {SATISFACTION} AS satisfaction,
        coalesce(problems_12m, 0) AS problems_12m,
        last_problem_at,
        reasons IS NULL AS may_offer,
        CASE
            WHEN reasons IS NOT NULL THEN array_to_string(reasons, '; ')
            ELSE 'nothing speaks against it' || coalesce(', but not by ' || refused_channels, '')
        END AS may_offer_reason
    FROM golden.customer AS customer
    LEFT JOIN counted USING (golden_id)
    LEFT JOIN spend USING (golden_id)
    LEFT JOIN preferred USING (golden_id)
    LEFT JOIN mood USING (golden_id)
    LEFT JOIN complaint USING (golden_id)
    LEFT JOIN reason_against USING (golden_id)
    LEFT JOIN refused USING (golden_id)
    ORDER BY golden_id
    """


def build_profile(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write tonight's profiles; the figures are the customers by experience."""
    find_moods(con, settings.timezone, as_of(con))
    find_reasons_against(con)
    con.execute(_PREFERRED)
    con.execute("DELETE FROM care.profile")
    con.execute(_PROFILE)
    for table in ("mood", "reason_against", "preferred"):
        con.execute(f"DROP TABLE {table}")
    by_experience = con.execute("SELECT experience, count(*) FROM care.profile GROUP BY ALL ORDER BY ALL").fetchall()
    rows = {"care.profile": sum(int(customers) for _, customers in by_experience)}
    return StageReport(rows=rows, figures={str(level): int(customers) for level, customers in by_experience})
