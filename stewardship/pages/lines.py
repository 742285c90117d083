"""A case in a line: who it is about, why it waits, what hangs on it, for how long, and on whose desk it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stewardship.card.reading import rows_by
from stewardship.queue_index import AUDIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from stewardship.queue import Item
    from stewardship.web.visit import Visit

_NAMED = 3
"""So many customers of a case are named; the others are counted."""
NAMELESS = "no name"


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as a list shows it; `query` is what its address carries."""

    item_id: str
    query: str
    who: str
    why: str
    hangs: str
    waits: str
    chips: tuple[str, ...]


def lines_of(visit: Visit, items: Sequence[Item], queue: str) -> list[CaseLine]:
    """Return the lines of some items; `queue` is where somebody goes on after each, empty for its own."""
    names = names_of(visit, [golden_id for item in items for golden_id in item.golden_ids[:_NAMED]])
    now = visit.pinned.manifest.as_of
    return [_line(item, names, now, visit.user, f"?queue={queue}" if queue else "") for item in items]


def names_of(visit: Visit, golden_ids: Sequence[str]) -> dict[str, str]:
    """Return what the customers are called, by their ids."""
    with visit.pinned.golden() as con:
        rows = rows_by(con, "customer", ("golden_id", "full_name", "organisation"), "golden_id", golden_ids)
    return {row["golden_id"]: row["full_name"] or row["organisation"] or NAMELESS for row in rows}


def _line(item: Item, names: Mapping[str, str], now: datetime, user: str, query: str) -> CaseLine:
    chips = []
    if item.claim:
        who = "you" if item.claim.by == user else item.claim.by
        chips.append(f"claimed by {who} until {item.claim.until:%H:%M} UTC")
    if item.assigned_to:
        chips.append("for you" if item.assigned_to == user else f"for {item.assigned_to}")
    if item.queue == AUDIT:
        return CaseLine(item.item_id, query, "Two records, to be judged blind", "", "", "", tuple(chips))
    shown = [names.get(golden_id, NAMELESS) for golden_id in item.golden_ids[:_NAMED]]
    more = len(item.golden_ids) - len(shown)
    who = f"{', '.join(shown)} and {more} more" if more else " and ".join((", ".join(shown[:-1]), shown[-1]))
    why = item.reason[:1].upper() + item.reason[1:]
    if item.match_probability is not None:
        why += f"; the model says {item.match_probability:.0%}"
    return CaseLine(item.item_id, query, who.removeprefix(" and "), why, _hangs(item), _waits(item, now), tuple(chips))


def _hangs(item: Item) -> str:
    told = [counted(item.records, "record"), counted(item.orders, "order")]
    if item.spend:
        told.append(f"{item.spend:,.2f} spent")
    if item.open_cases:
        told.append(counted(item.open_cases, "open case"))
    if item.questions > 1:
        told.append(f"settles {item.questions} pairs")
    return ", ".join(told)


def _waits(item: Item, now: datetime) -> str:
    if item.since is None:
        return ""
    days = (now.replace(tzinfo=None) - item.since).days
    return f"waits for {counted(days, 'day')}" if days > 0 else "new"


def counted(count: int, noun: str) -> str:
    """Return so many of something, in words."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}" if count else f"no {noun}s"
