"""The queue as stewards see it: what waits in the published release, with what they have done about it since.

Every call costs the same with a hundred items or a hundred thousand: the release's queue is held in memory in its
orders (`queue_index`), what lies over it is a few rows of the store (`on_desks`), and a page is cut out of both.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from stewardship.desk_tables import COMMENT
from stewardship.on_desks import Claim, Desks, desks, has_desks
from stewardship.priority import SHIPPED_SECONDS, within_budget
from stewardship.queue_index import AUDIT, OLDEST, index_of
from warehouse.errors import UsageError
from warehouse.tables.review import QUEUES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from stewardship.entry import Pair
    from stewardship.queue_index import Index, Line, Order
    from stewardship.store import Store
    from stewardship.web.releases import Pinned

ALL_QUEUES = (*QUEUES, OLDEST, AUDIT)
"""What can be asked for; `oldest` is all but the audit, the oldest first."""
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody told the others about an item; `at` is naive UTC."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A pair of records that an item asks about, and their customers; of an audit no more than the records."""

    records: Pair
    golden_ids: tuple[str, str] | None = None
    match_probability: float | None = None
    reason: str | None = None
    decision_id: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A case that waits, as review.item has it, with what stewards have done about it.

    An item of the audit is blind: of its records no more is told than which they are. `asked` and `comments` are there
    where the item alone was asked for. `is_open` is False once it was answered.
    """

    item_id: str
    queue: str
    golden_ids: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    questions: int = 1
    records: int = 2
    match_probability: float | None = None
    p_wrong: float = 0.0
    orders: int = 0
    spend: Decimal | None = None
    open_cases: int = 0
    record_pairs: int = 1
    harm: float = 0.0
    seconds: float = SHIPPED_SECONDS[AUDIT][0]
    priority: float = 0.0
    pattern: str | None = None
    since: datetime | None = None
    reason: str = ""
    is_open: bool = True
    claim: Claim | None = None
    assigned_to: str | None = None
    proposal_id: int | None = None
    asked: tuple[Asked, ...] = ()
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a queue; `total` is how many of it are open, `below_budget` how many more the night's budget leaves."""

    items: tuple[Item, ...]
    total: int
    below_budget: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queue in figures: how many items are open to the user, and the seconds that they are expected to take."""

    queue: str
    total: int
    seconds: float
    below_budget: int = 0


def open_items(  # noqa: PLR0913 - what a list can be asked for, by name
    pinned: Pinned,
    store: Store,
    *,
    queue: str = DEFAULT,
    user: str | None = None,
    order: Order = "priority",
    source: str | None = None,
    pattern: str | None = None,
    limit: int = 50,
    offset: int = 0,
    budget: float | None = None,
    now: datetime | None = None,
) -> Page:
    """Return a page of what is open in a queue, of one source or pattern where these are given.

    Left out is what was answered and not taken back, what waits for a second person, and what `user` has put off. Of
    the default queue by priority, no more is shown than `budget` minutes of work, and nothing that costs more than it
    brings. Raises UsageError for a queue that there is not.
    """
    index = index_of(pinned)
    over = desks(store, index, user, now or utc_now())
    line, cut = chosen_line(index, queue, order, source, pattern, budget)
    hidden = over.hidden(index)
    found: list[int] = []
    left = offset
    for number in line.numbers[:cut]:
        if number in hidden:
            continue
        if left:
            left -= 1
            continue
        if len(found) == limit:
            break
        found.append(number)
    places = [place for number in hidden if (place := line.place.get(number)) is not None]
    shown = cut - sum(place < cut for place in places)
    below = len(line.numbers) - len(places) - shown
    return Page(items_at(index, over, found), shown, below)


def waiting(
    pinned: Pinned, store: Store, *, user: str | None = None, budget: float | None = None, now: datetime | None = None
) -> tuple[Waiting, ...]:
    """Return every queue in figures."""
    index = index_of(pinned)
    over = desks(store, index, user, now or utc_now())
    hidden = over.hidden(index)
    told = []
    for queue in ALL_QUEUES:
        line, cut = chosen_line(index, queue, "priority", None, None, budget)
        gone = [place for number in hidden if (place := line.place.get(number)) is not None]
        within = [place for place in gone if place < cut]
        needed = line.elapsed[cut - 1] - sum(index.seconds_of(line.numbers[place]) for place in within) if cut else 0.0
        below = len(line.numbers) - cut - (len(gone) - len(within))
        told.append(Waiting(queue, cut - len(within), max(round(needed, 1), 0.0), below))
    return tuple(told)


def item_of(pinned: Pinned, store: Store, item_id: str, *, now: datetime | None = None) -> Item | None:
    """Return an item with its questions, claim, assignment and comments; None where the release has no such item."""
    index = index_of(pinned)
    number = index.number.get(item_id)
    if number is None:
        return None
    over = desks(store, index, None, now or utc_now())
    item = next(_items(index, over, [number]))
    return replace(item, asked=_asked(pinned, index, number), comments=_comments(store, item_id))


def chosen_line(
    index: Index, queue: str, order: Order, source: str | None, pattern: str | None, budget: float | None
) -> tuple[Line, int]:
    """Return the line that is asked for, and how many of it are within the budget. Raises UsageError."""
    if queue not in ALL_QUEUES:
        raise UsageError(f"there is no queue {queue!r}; there are {', '.join(ALL_QUEUES)}")
    line = index.line(queue, order, source, pattern)
    if budget is None or (queue, order, source, pattern) != (DEFAULT, "priority", None, None):
        return line, len(line.numbers)
    return line, min(within_budget(line.elapsed, budget), bisect_left(line.numbers, index.worthwhile))


def items_at(index: Index, over: Desks, numbers: list[int]) -> tuple[Item, ...]:
    """Return the items of these numbers."""
    return tuple(_items(index, over, numbers))


def utc_now() -> datetime:
    """Return the time as the store keeps it: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def _items(index: Index, over: Desks, numbers: list[int]) -> Iterator[Item]:
    for number, row in zip(numbers, index.fields(numbers), strict=True):
        item_id = index.ids[number]
        on_desk: dict[str, Any] = {
            "is_open": number not in over.answered,
            "claim": over.claims.get(item_id),
            "assigned_to": over.assigned.get(item_id),
            "proposal_id": over.proposed.get(item_id),
        }
        if index.queue_of(number) == AUDIT:
            yield Item(item_id, AUDIT, **on_desk)
        else:
            lists = {name: tuple(row[name]) for name in ("golden_ids", "sources")}
            yield Item(**(row | lists), **on_desk)


def _asked(pinned: Pinned, index: Index, number: int) -> tuple[Asked, ...]:
    if index.queue_of(number) == AUDIT:
        row = index.fields([number])[0]
        left, right = (row["source_l"], row["source_record_id_l"]), (row["source_r"], row["source_record_id_r"])
        return (Asked((left, right)),)
    with pinned.workings() as con:
        rows = con.execute(_ASKED_SQL, [index.ids[number]]).fetchall()
    return tuple(Asked(((row[2], row[3]), (row[4], row[5])), (row[0], row[1]), *row[6:]) for row in rows)


def _comments(store: Store, item_id: str) -> tuple[Comment, ...]:
    with store.looking() as con:
        if con is None or not has_desks(con, store):
            return ()
        said = sa.select(COMMENT).where(COMMENT.c.item_id == item_id).order_by(COMMENT.c.id)
        return tuple(Comment(row.said_by, row.said_at, row.text) for row in con.execute(said))


_ASKED_SQL = """
    SELECT golden_id_l, golden_id_r, source_l, source_record_id_l, source_r, source_record_id_r,
        match_probability, reason, decision_id
    FROM review.question WHERE item_id = ? ORDER BY place"""
