"""Says what an activity is between a customer and us: the customer's word, a look at our pages, or goods on their way.

A *contact* is what a customer addressed to us: a message, a call, a chat, a case. A *visit* is an interaction by which
somebody looks and does not speak. A *delivery* is an interaction that goes out to the customer, is about an order, and
tells of goods: a carrier, a lot, an article or a tracking number, or a status that only goods have. Whatever else there
is, orders and what we said among them, is none of these.
"""

from __future__ import annotations

from warehouse.connection import quote_literal

ROLES = ("contact", "visit", "delivery")

_LOOKING = ("web", "web session", "web_session", "website", "online", "app", "browser")
"""Channels by which customers look and do not speak."""

_GOODS = ("sku", "lot", "carrier", "tracking")
"""The `extra.*` that only goods have."""

_GONE = (
    *("shipped", "dispatched", "in transit", "on the way", "in delivery", "out for delivery", "delivered"),
    *("versandt", "versendet", "verschickt", "unterwegs", "in zustellung", "geliefert", "zugestellt"),
    *("expedie", "expediee", "en livraison", "en transit", "livre", "livree"),
    *("enviado", "enviada", "despachado", "en reparto", "en camino", "en transito", "entregado", "entregada"),
)
"""Statuses of goods that have left the house."""


def gone_sql(status: str) -> str:
    """Return SQL for whether a status is one of goods that have left the house, however it is written."""
    folded = f"strip_accents(lower(trim(regexp_replace({status}, '[\\s_.-]+', ' ', 'g'))))"
    return f"coalesce({folded} IN ({_listed(_GONE)}), false)"


def goods_sql(status: str, extras: str) -> str:
    """Return SQL for whether a record tells of goods, by its status and its extras."""
    is_goods = f"lower(extra.name) IN ({_listed(_GOODS)}) AND trim(extra.value) <> ''"
    told = f"len(list_filter({extras}, lambda extra: {is_goods})) > 0"
    return f"({gone_sql(status)} OR coalesce({told}, false))"


def visit_sql(kind: str, channel: str) -> str:
    """Return SQL for whether somebody looks and does not speak."""
    return f"({kind} = 'interaction' AND coalesce(lower({channel}) IN ({_listed(_LOOKING)}), false))"


def role_sql(is_delivery: str) -> str:
    """Return SQL for the role over the columns `kind`, `channel` and `direction`, null where it is none.

    `is_delivery` is SQL for whether what goes out is about an order and tells of goods.
    """
    return f"""
        CASE
            WHEN kind = 'interaction' AND direction = 'outbound' AND {is_delivery} THEN 'delivery'
            WHEN coalesce(direction, 'inbound') <> 'inbound' THEN NULL
            WHEN {visit_sql("kind", "channel")} THEN 'visit'
            WHEN kind IN ('message', 'case', 'interaction') THEN 'contact'
        END"""


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(quote_literal(word) for word in words)
