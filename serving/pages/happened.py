"""All that happened with a customer, over all channels: whether it is open still, and the lines of what was ordered.

READS: activity, item. WRITES: nothing.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from customer360.states import STATELESS_ORDER_DAYS, STATES
from serving.reading.tables import of_customer, select
from warehouse.tables.care import ACTIVITY, ITEM

if TYPE_CHECKING:
    from collections.abc import Collection

    from serving.reading.tables import Row
    from stewardship.web.releases import Pinned

DELIVERY = "delivery"
"""What an activity is called that tells of goods on their way: its `role`."""
_ENDED = ("closed", "cancelled")
_OPEN_BY_STATE = ("case", "invoice", "interaction")


def happened(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return the activities of a customer, the latest first, those without a time last; in one look at the table.

    Each has the columns of `activity`, `what` (its kind, or a delivery) and `is_open`: open by its state, an order also
    while it is young and says nothing, and no longer once all its deliveries have arrived. In a release that has no
    states yet, only what its source declared to be open is; in one without roles nothing is a delivery.
    """
    found = of_customer(pinned, ACTIVITY, golden_id, 'ORDER BY "at" DESC NULLS LAST, activity_id')
    for row in found:
        if row["state"] is None and row["status"] in STATES:
            row["state"] = row["status"]
        row["what"] = DELIVERY if row["role"] == DELIVERY else row["kind"]
    deliveries = [row for row in found if row["what"] == DELIVERY]
    arrived = {row["about_activity_id"] for row in deliveries if row["state"] == "closed"}
    arrived -= {row["about_activity_id"] for row in deliveries if row["state"] not in _ENDED}
    young = pinned.manifest.as_of - timedelta(days=STATELESS_ORDER_DAYS)
    for row in found:
        is_young = row["state"] is None and row["at"] is not None and row["at"] > young
        if row["kind"] == "order":
            row["is_open"] = (row["state"] == "open" or is_young) and row["activity_id"] not in arrived
        else:
            row["is_open"] = row["kind"] in _OPEN_BY_STATE and row["state"] == "open"
    return found


def lines_of(pinned: Pinned, activity_ids: Collection[str]) -> dict[str, list[Row]]:
    """Return the lines of orders and invoices, by activity, each in its order."""
    found: dict[str, list[Row]] = defaultdict(list)
    if activity_ids:
        rest = "WHERE activity_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY activity_id, line"
        for row in select(pinned, ITEM, rest, {"ids": sorted(activity_ids)}):
            found[row["activity_id"]].append(row)
    return found
