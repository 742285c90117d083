"""The queue at the command line: how much waits, and what is worth most a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stewardship.entry import written
from stewardship.on_desks import desks
from stewardship.queue import utc_now
from stewardship.queue_index import Index

if TYPE_CHECKING:
    from stewardship.store import Store
    from warehouse.read import Release


def queue_overview(release: Release, store: Store, limit: int) -> dict[str, Any]:
    """Return how many items wait, the minutes that they are expected to take, and the first `limit`, by priority.

    Each is JSON-ready: item_id, queue, priority, seconds, reason, and `records`, the two by which its first question is
    decided. Left out is what was settled since the release, and what waits for a second person.
    """
    index = Index(release)
    hidden = desks(store, index, None, utc_now()).hidden(index)
    waiting = [number for number in range(index.items) if number not in hidden]
    shown = index.fields(waiting[:limit])
    asked = _first_questions(release, [row["item_id"] for row in shown])
    minutes = sum(index.seconds_of(number) for number in waiting) / 60
    names = ("item_id", "queue", "priority", "seconds", "reason")
    items = [{name: row[name] for name in names} | {"records": asked[row["item_id"]]} for row in shown]
    return {"items": len(waiting), "minutes": round(minutes, 1), "first": items}


def _first_questions(release: Release, item_ids: list[str]) -> dict[str, list[str]]:
    if not item_ids:
        return {}
    with release.workings() as con:
        rows = con.execute(_FIRST_SQL, [item_ids]).fetchall()
    return {row[0]: [written((row[1], row[2])), written((row[3], row[4]))] for row in rows}


_FIRST_SQL = """
    SELECT item_id, source_l, source_record_id_l, source_r, source_record_id_r
    FROM review.question WHERE place = 0 AND item_id IN (SELECT unnest(?::VARCHAR[]))"""
