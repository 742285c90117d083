"""What happened with a customer, the newest first, a page at a time.

Reads activity and item of a release.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from serving.reading.tables import Row, of_customer, relation, rows, select
from warehouse.errors import UsageError
from warehouse.tables.care import ACTIVITY, ITEM

if TYPE_CHECKING:
    from stewardship.web.releases import Pinned

_MOST_ID = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which activities are wanted: of these kinds, from and before a time (naive UTC), about one of them."""

    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the cursor that asks for those after them; None where there are no more."""

    rows: list[Row]
    next_cursor: str | None


ALL = Wanted()


def activities(
    pinned: Pinned, golden_id: str, wanted: Wanted = ALL, *, limit: int = 50, cursor: str | None = None
) -> Page:
    """Return a customer's activities, the newest first and those without a time last; each has its `items`.

    The cursor names a place in time, and so holds in the next release, too. Raises UsageError for one that is none.
    """
    at, activity_id = _place(cursor) if cursor is not None else (None, None)
    where = """WHERE (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
        AND ($since::TIMESTAMP IS NULL OR "at" >= $since) AND ($until::TIMESTAMP IS NULL OR "at" < $until)
        AND ($about::VARCHAR IS NULL OR about_activity_id = $about OR activity_id = $about)
        AND ($after::VARCHAR IS NULL OR ("at" IS NOT DISTINCT FROM $at::TIMESTAMP AND activity_id > $after)
            OR ($at IS NOT NULL AND ("at" < $at OR "at" IS NULL)))
        ORDER BY "at" DESC NULLS LAST, activity_id LIMIT $limit"""
    parameters = {
        "kinds": list(wanted.kinds),
        "since": wanted.since,
        "until": wanted.until,
        "about": wanted.about,
        "at": at,
        "after": activity_id,
        "limit": limit + 1,
    }
    found = of_customer(pinned, ACTIVITY, golden_id, where, parameters)
    shown = found[:limit]
    _add_items(pinned, shown)
    last = shown[-1] if len(found) > limit else None
    return Page(shown, _cursor(last["at"], last["activity_id"]) if last else None)


def activity_count(pinned: Pinned, golden_id: str) -> dict[str, int]:
    """Return how many activities of each kind a customer has."""
    query = f"SELECT kind, count(*) AS n FROM {relation(pinned, ACTIVITY)} WHERE golden_id = $id GROUP BY 1 ORDER BY 1"
    with pinned.golden() as con:
        return {row["kind"]: row["n"] for row in rows(con, query, {"id": golden_id})}


def _add_items(pinned: Pinned, shown: list[Row]) -> None:
    items: dict[str, list[Row]] = {row["activity_id"]: row.setdefault("items", []) for row in shown}
    with_lines = [row["activity_id"] for row in shown if row["kind"] in ("order", "invoice")]
    if not with_lines:
        return
    rest = "WHERE activity_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY activity_id, line"
    for item in select(pinned, ITEM, rest, {"ids": with_lines}):
        items[item.pop("activity_id")].append(item)


def _cursor(at: datetime | None, activity_id: str) -> str:
    place = json.dumps([at.isoformat() if at else None, activity_id])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime | None, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        at, activity_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        when = datetime.fromisoformat(at) if at is not None else None
    except (ValueError, TypeError, RecursionError) as error:
        raise _no_cursor() from error
    is_naive = when is None or when.tzinfo is None
    if not isinstance(activity_id, str) or len(activity_id) > _MOST_ID or not activity_id.isascii() or not is_naive:
        raise _no_cursor()
    return when, activity_id


def _no_cursor() -> UsageError:
    return UsageError("the cursor is none of ours: give `next_cursor` of the page before, as it came")
