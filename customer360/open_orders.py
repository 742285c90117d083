"""Finds the orders and lines that are still under way, and what is told of their goods.

READS: landing.live_record, care.activity, care.item.
Leaves the temporary tables `state_of`, `told_extra`, `shipment`, `open_order`, `shipped_article` and `open_line`;
`drop_open_orders` takes them away.

A shipment is what `roles` calls a delivery, whoever's it is. One that is delivered closes what it carried: the lines
of the articles that it names, else the whole order, as long as no other shipment of them is still under way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer360.roles import gone_sql, goods_sql
from customer360.states import open_order_sql, state_sql
from warehouse.connection import quote_literal

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

EXTRAS = (
    *("sku", "lot", "carrier", "tracking", "region", "until", "url"),
    *("issue_id", "title", "from_at", "until_at"),
    *("on_hand", "quantity", "stock", "expected"),
)
"""The `extra.*` that tell of goods, of stock and of problems with them."""

_TELLING = ("order", "invoice", "interaction", "known_issue", "inventory")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(quote_literal(word) for word in words)


_BY_NAME = ", ".join(f"max(value) FILTER (name = '{name}') AS {name}" for name in EXTRAS)
_STATE_OF = f"""
    CREATE OR REPLACE TEMP TABLE state_of AS
    SELECT kind, status, status_class, {state_sql("kind", "status", "status_class")} AS state
    FROM (
        SELECT DISTINCT CASE holds WHEN 'known_issue' THEN 'case' ELSE holds END AS kind, status, status_class
        FROM landing.live_record
        WHERE holds IN ('interaction', 'known_issue') AND (status IS NOT NULL OR status_class IS NOT NULL)
    )
    """
"""Statuses are few and records many, so each status is judged once; a known issue is over as a case is."""

_TOLD_EXTRA = f"""
    CREATE OR REPLACE TEMP TABLE told_extra AS
    WITH each AS (
        SELECT source, source_record_id, unnest(extras) AS told
        FROM landing.live_record WHERE holds IN ({_listed(_TELLING)}) AND extras IS NOT NULL
    ), named AS (
        SELECT DISTINCT source, source_record_id, lower(told.name) AS name, trim(told.value) AS value FROM each
        WHERE trim(told.value) <> '' AND lower(told.name) IN ({_listed(EXTRAS)})
    ), several AS (
        SELECT source, source_record_id, name, string_agg(value, ', ' ORDER BY value) AS value
        FROM named SEMI JOIN (
            SELECT source, source_record_id, name FROM named GROUP BY ALL HAVING count(*) > 1
        ) USING (source, source_record_id, name)
        GROUP BY ALL
    )
    SELECT source, source_record_id, {_BY_NAME}
    FROM (FROM named ANTI JOIN several USING (source, source_record_id, name) UNION ALL FROM several)
    GROUP BY source, source_record_id
    """
"""A name with several values, which is rare, has them one after another."""


_SHIPMENT = f"""
    CREATE OR REPLACE TEMP TABLE shipment AS
    WITH sent AS (
        SELECT source, source_record_id, upper(trim(about)) AS about, "at", promised_at, region, state,
            {gone_sql("record.status")} AS is_said_gone, record.status IS NULL AS says_nothing,
            {goods_sql("record.status", "extras")} AS is_of_goods
        FROM landing.live_record AS record
        LEFT JOIN state_of ON kind = 'interaction' AND state_of.status IS NOT DISTINCT FROM record.status
            AND state_of.status_class IS NOT DISTINCT FROM record.status_class
        WHERE holds = 'interaction' AND direction = 'outbound'
    ), by_reference AS (
        SELECT upper(trim(reference)) AS about, min(activity_id) AS order_id
        FROM care.activity WHERE kind = 'order' AND upper(trim(reference)) IN (SELECT about FROM sent)
        GROUP BY ALL HAVING count(*) = 1
    ), meant AS (
        SELECT sent.*, coalesce(about_order.activity_id, by_reference.order_id) AS order_id
        FROM sent
        LEFT JOIN care.activity AS own USING (source, source_record_id)
        LEFT JOIN care.activity AS about_order
            ON about_order.activity_id = own.about_activity_id AND about_order.kind = 'order'
        LEFT JOIN by_reference ON by_reference.about = sent.about
    )
    SELECT order_id, source, source_record_id, "at", promised_at, meant.region, state, sku,
        coalesce(is_said_gone OR state = 'closed' OR says_nothing, false) AS is_gone
    FROM meant
    LEFT JOIN told_extra USING (source, source_record_id)
    WHERE order_id IS NOT NULL AND is_of_goods
    QUALIFY row_number() OVER (
        PARTITION BY order_id, coalesce('n ' || tracking, source || ' ' || source_record_id)
        ORDER BY "at" DESC NULLS LAST, source, source_record_id
    ) = 1
    """
"""Of the events of one tracking number the last one counts; without a number each record is a shipment.

A record that nobody can be found for still tells of the order that it names, where one order alone has that number.
"""

_OPEN_ORDER = f"""
    CREATE OR REPLACE TEMP TABLE open_order AS
    WITH carried AS (
        SELECT order_id AS activity_id,
            bool_or(state = 'closed' AND sku IS NULL) AND bool_and(coalesce(state IN ('closed', 'cancelled'), false))
                AS has_arrived,
            bool_or(is_gone AND sku IS NULL) AS has_left
        FROM shipment GROUP BY order_id
    )
    SELECT activity_id, golden_id, placed.source, placed.source_record_id, placed.reference, placed."at",
        placed.promised_at, {gone_sql("record.status")} OR coalesce(has_left, false) AS has_left
    FROM care.activity AS placed
    JOIN landing.live_record AS record USING (source, source_record_id)
    LEFT JOIN carried USING (activity_id)
    WHERE placed.kind = 'order' AND {open_order_sql("placed.state", 'placed."at"', "$as_of::TIMESTAMP")}
        AND NOT coalesce(has_arrived, false)
    """

_SHIPPED_ARTICLE = """
    CREATE OR REPLACE TEMP TABLE shipped_article AS
    WITH each AS (
        SELECT order_id, state, is_gone, unnest(regexp_split_to_array(upper(sku), '\\s*[,;|]\\s*|\\s+')) AS sku
        FROM shipment WHERE sku IS NOT NULL
        UNION ALL
        SELECT order_id, state, is_gone, upper(sku) FROM shipment WHERE sku IS NOT NULL
    ), may_carry_any AS (
        SELECT DISTINCT order_id FROM shipment
        WHERE sku IS NULL AND NOT coalesce(state IN ('closed', 'cancelled'), false)
    )
    SELECT order_id AS activity_id, sku, bool_or(is_gone) AS has_left,
        bool_or(state = 'closed') AND bool_and(coalesce(state IN ('closed', 'cancelled'), false))
            AND bool_and(may_carry_any.order_id IS NULL) AS has_arrived
    FROM each LEFT JOIN may_carry_any USING (order_id) WHERE sku <> '' GROUP BY ALL
    """

_OPEN_LINE = """
    CREATE OR REPLACE TEMP TABLE open_line AS
    WITH line AS (
        SELECT activity_id, line, upper(trim(sku)) AS sku, description
        FROM care.item SEMI JOIN open_order USING (activity_id)
        WHERE trim(sku) <> ''
    ), without AS (
        SELECT activity_id, 0 AS line, article.sku, NULL AS description
        FROM open_order ANTI JOIN line USING (activity_id)
        LEFT JOIN shipped_article AS article USING (activity_id)
    )
    SELECT told.activity_id, line, told.sku, description, open_order.has_left OR coalesce(article.has_left, false)
        AS has_left
    FROM (FROM line UNION ALL FROM without) AS told
    JOIN open_order USING (activity_id)
    LEFT JOIN shipped_article AS article ON article.activity_id = told.activity_id AND article.sku = told.sku
    WHERE NOT coalesce(article.has_arrived, false)
    """
"""An order of which no article is told has line 0: one for each article that its shipments name, else one for none."""

_CLOSED_BY_LINES = "DELETE FROM open_order WHERE activity_id NOT IN (SELECT activity_id FROM open_line)"

_TABLES = ("state_of", "told_extra", "shipment", "open_order", "shipped_article", "open_line")


def find_open_orders(con: DuckDBPyConnection, as_of: datetime) -> None:
    """Make the temporary tables."""
    con.execute(_STATE_OF)
    con.execute(_TOLD_EXTRA)
    con.execute(_SHIPMENT)
    con.execute(_OPEN_ORDER, {"as_of": as_of})
    con.execute(_SHIPPED_ARTICLE)
    con.execute(_OPEN_LINE)
    con.execute(_CLOSED_BY_LINES)


def drop_open_orders(con: DuckDBPyConnection) -> None:
    """Take the temporary tables away."""
    for table in _TABLES:
        con.execute(f"DROP TABLE temp.{table}")
