"""What changed, in the order of its sequence: identity events of all or of one customer, and signals.

Reads change and signal_change of a release. Keeps this: a feed read on from its last sequence misses nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from serving.reading.tables import Row, of_customer, relation, rows, select
from warehouse.tables.care import SIGNAL_CHANGE
from warehouse.tables.golden import CHANGE

if TYPE_CHECKING:
    from stewardship.web.releases import Pinned
    from warehouse.table_spec import TableSpec

_NEXT = "WHERE sequence > $after ORDER BY sequence LIMIT $limit"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some rows of a feed, after what to ask for the next ones, and whether there are any yet."""

    rows: list[Row]
    next_after: int
    more: bool


def changes(pinned: Pinned, after: int = 0, limit: int = 500) -> Stretch:
    """Return the identity events after a sequence; `after` of a row is data, not text."""
    rows = select(pinned, CHANGE, _NEXT, {"after": after, "limit": limit + 1})
    return _told(_stretch(rows, after, limit))


def history(pinned: Pinned, golden_id: str, after: int = 0, limit: int = 500) -> Stretch:
    """Return the identity events that a golden id had a part in; `after` of a row is data, not text."""
    rows = of_customer(pinned, CHANGE, golden_id, _NEXT, {"after": after, "limit": limit + 1})
    return _told(_stretch(rows, after, limit))


def signal_changes(pinned: Pinned, after: int = 0, limit: int = 500) -> Stretch:
    """Return the signals raised and cleared after a sequence."""
    return _stretch(select(pinned, SIGNAL_CHANGE, _NEXT, {"after": after, "limit": limit + 1}), after, limit)


def last_sequence(pinned: Pinned, spec: TableSpec) -> int:
    """Return the last sequence of a feed, 0 where it is empty."""
    with pinned.golden() as con:
        found = rows(con, f"SELECT coalesce(max(sequence), 0) AS last FROM {relation(pinned, spec)}")
    return int(found[0]["last"])


def _stretch(found: list[Row], after: int, limit: int) -> Stretch:
    shown = found[:limit]
    return Stretch(shown, shown[-1]["sequence"] if shown else after, len(found) > limit)


def _told(stretch: Stretch) -> Stretch:
    for row in stretch.rows:
        row["after"] = json.loads(row["after"]) if row["after"] is not None else None
    return stretch
