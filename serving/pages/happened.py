"""All that happened with a customer, over all channels: whether it is open still, and the lines of what was ordered.

READS: activity, item. WRITES: nothing.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from customer360.states import open_order_sql, state_sql
from serving.reading.tables import Row, relation, rows, select
from warehouse.tables.care import ACTIVITY, ITEM

if TYPE_CHECKING:
    from collections.abc import Collection

    from stewardship.web.releases import Pinned

_STATE = state_sql("kind", "status")
_ENDED = ("closed", "cancelled")
_OPEN_BY_WORD = ("case", "invoice", "interaction")


def happened(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return the activities of a customer, the latest first, those without a time last; in one look at the table.

    Each has the columns of `activity`, `state` and `is_open`: open by its state, an order also while it is young and
    says nothing, and no longer once all its deliveries have arrived.
    """
    query = f"""
        WITH own AS (
            SELECT * REPLACE (coalesce(state, {_STATE}) AS state) FROM {relation(pinned, ACTIVITY)}
            WHERE golden_id = $golden_id
        )
        SELECT *, kind = 'order' AND {open_order_sql("state", '"at"', "$as_of::TIMESTAMP")} AS is_open
        FROM own ORDER BY "at" DESC NULLS LAST, activity_id"""
    with pinned.golden() as con:
        found = rows(con, query, {"golden_id": golden_id, "as_of": pinned.manifest.as_of})
    deliveries = [row for row in found if is_delivery(row)]
    arrived = {row["about_activity_id"] for row in deliveries if row["state"] == "closed"}
    arrived -= {row["about_activity_id"] for row in deliveries if row["state"] not in _ENDED}
    for row in found:
        by_word = row["kind"] in _OPEN_BY_WORD and row["state"] == "open"
        row["is_open"] = by_word or (row["is_open"] and row["activity_id"] not in arrived)
    return found


def is_delivery(row: Row) -> bool:
    """Say whether an activity tells of goods on their way: something of ours about an order that has a state."""
    about = row["about_activity_id"] is not None and row["direction"] == "outbound"
    return bool(about and row["kind"] == "interaction" and (row["state"] or row["promised_at"]))


def lines_of(pinned: Pinned, activity_ids: Collection[str]) -> dict[str, list[Row]]:
    """Return the lines of orders and invoices, by activity, each in its order."""
    found: dict[str, list[Row]] = defaultdict(list)
    if activity_ids:
        rest = "WHERE activity_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY activity_id, line"
        for row in select(pinned, ITEM, rest, {"ids": sorted(activity_ids)}):
            found[row["activity_id"]].append(row)
    return found
