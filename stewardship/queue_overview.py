"""The queue at the command line: how much waits, and what is worth most a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stewardship.entry import written
from stewardship.look_up import look_up
from stewardship.on_desks import desks
from stewardship.queue import utc_now
from stewardship.queue_index import Index

if TYPE_CHECKING:
    from collections.abc import Collection

    from stewardship.entry import Pair
    from stewardship.store import Store
    from warehouse.read import Release


def queue_overview(release: Release, store: Store, limit: int, decided: Collection[Pair] = ()) -> dict[str, Any]:
    """Return how many items wait, the minutes that they are expected to take, and the first `limit`, by priority.

    Each is JSON-ready: item_id, queue, priority, seconds, reason, and `records`, the two by which its first question is
    decided. Left out is what was answered since the release, what waits for a second person, and items of which every
    question is about the customers of a pair in `decided`.
    """
    index = Index(release)
    hidden = desks(store, index, None, utc_now()).hidden(index)
    hidden.update(index.number[item_id] for item_id in _settled(release, decided))
    waiting = [number for number in range(index.items) if number not in hidden]
    shown = index.fields(waiting[:limit])
    asked = _first_questions(release, [row["item_id"] for row in shown])
    minutes = sum(index.seconds_of(number) for number in waiting) / 60
    names = ("item_id", "queue", "priority", "seconds", "reason")
    items = [{name: row[name] for name in names} | {"records": asked[row["item_id"]]} for row in shown]
    return {"items": len(waiting), "minutes": round(minutes, 1), "first": items}


def _settled(release: Release, decided: Collection[Pair]) -> list[str]:
    """Return the items that ask about nothing but customers of these pairs of records."""
    if not decided or not release.has_workings:
        return []
    known = look_up(release, {record for pair in decided for record in pair})
    about = [(known[one].golden_id, known[other].golden_id) for one, other in decided if {one, other} <= known.keys()]
    with release.workings() as con:
        rows = con.execute(_SETTLED_SQL, [[one for one, _ in about], [other for _, other in about]]).fetchall()
    return [item_id for (item_id,) in rows]


def _first_questions(release: Release, item_ids: list[str]) -> dict[str, list[str]]:
    if not item_ids:
        return {}
    with release.workings() as con:
        rows = con.execute(_FIRST_SQL, [item_ids]).fetchall()
    return {row[0]: [written((row[1], row[2])), written((row[3], row[4]))] for row in rows}


_FIRST_SQL = """
    SELECT item_id, source_l, source_record_id_l, source_r, source_record_id_r
    FROM review.question WHERE place = 0 AND item_id IN (SELECT unnest(?::VARCHAR[]))"""

_SETTLED_SQL = """
    WITH said AS (SELECT unnest(?::VARCHAR[]) AS one, unnest(?::VARCHAR[]) AS other),
    decided AS (SELECT DISTINCT least(one, other) AS one, greatest(one, other) AS other FROM said)
    SELECT item_id FROM review.question
    LEFT JOIN decided ON one = least(golden_id_l, golden_id_r) AND other = greatest(golden_id_l, golden_id_r)
    GROUP BY item_id HAVING count(one) = count(*)"""
