"""What is open with a customer now: orders and what is on its way of them, cases, unanswered mails, unpaid invoices.

READS: what the page has read of activities and signals; issue_effect, known_issue. WRITES: nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from serving.pages.happened import DELIVERY
from serving.reading.tables import relation, rows
from warehouse.tables.care import ISSUE_EFFECT, KNOWN_ISSUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from serving.reading.tables import Row
    from stewardship.web.releases import Pinned

UNANSWERED = "unanswered_message"
"""The signal that a mail waits for an answer."""
_ORDER = ("message", "case", "order", "invoice", "interaction")
"""What waits for us comes before what goes its way."""
MOST_LINES = 4


@dataclass(frozen=True, slots=True)
class Open:
    """Something that is open: its activity, the deliveries of an order, and the problems of ours that touch it.

    `late_by` is by how many days a promise is past, 0 where none is.
    """

    row: Row
    deliveries: tuple[Row, ...]
    issues: tuple[Row, ...]
    late_by: int
    unanswered: bool


def open_now(
    activities: Sequence[Row], signals: Iterable[Row], issues: Mapping[str, Sequence[Row]], as_of: datetime
) -> list[Open]:
    """Return what is open, unanswered mails and cases first, then the oldest first."""
    unanswered = {row["activity_id"] for row in signals if row["signal"] == UNANSWERED}
    deliveries: dict[str, list[Row]] = defaultdict(list)
    for row in activities:
        if row["what"] == DELIVERY:
            deliveries[row["about_activity_id"]].append(row)
    own = {row["activity_id"] for row in activities}
    found = [
        Open(
            row,
            tuple(deliveries[row["activity_id"]]),
            tuple(issues.get(row["activity_id"], ())),
            _late_by(row, as_of),
            row["activity_id"] in unanswered,
        )
        for row in reversed(activities)
        if row["activity_id"] in unanswered or (row["is_open"] and not _is_told_of_an_order(row, own))
    ]
    return sorted(found, key=lambda one: (not one.unanswered, _ORDER.index(one.row["kind"])))


def issues_of(pinned: Pinned, golden_id: str) -> dict[str, list[Row]]:
    """Return the problems of ours that touch a customer's orders, by order: issue_id, title, url, because."""
    query = f"""
        SELECT activity_id, issue_id, min(title) AS title, min(url) AS url, min(until_at) AS until_at,
            string_agg(DISTINCT because, '; ' ORDER BY because) AS because
        FROM {relation(pinned, ISSUE_EFFECT)} LEFT JOIN {relation(pinned, KNOWN_ISSUE)} USING (issue_id)
        WHERE golden_id = $golden_id GROUP BY activity_id, issue_id ORDER BY activity_id, issue_id"""
    found: dict[str, list[Row]] = defaultdict(list)
    with pinned.golden() as con:
        for row in rows(con, query, {"golden_id": golden_id}):
            found[row["activity_id"]].append(row)
    return found


def _is_told_of_an_order(row: Row, own: set[str]) -> bool:
    """Say whether it is shown with the order that it is about."""
    return row["what"] == DELIVERY and row["about_activity_id"] in own


def _late_by(row: Row, as_of: datetime) -> int:
    promised = row["promised_at"]
    return max(0, (as_of - promised).days) if promised is not None else 0
