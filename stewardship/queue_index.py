"""What waits in one release, held in memory: each queue in its orders, so that any page of it is found at once.

READS: review.item, review.audit_pair. Keeps this: a release does not change, so what is held of it stays right for as
long as it is pinned. What stewards have done since lies over it and is looked up each time.
"""

from __future__ import annotations

import threading
import weakref
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from stewardship.audit_draw import source_of
from stewardship.priority import SHIPPED_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stewardship.web.releases import Pinned
    from warehouse.read import Release

Order = Literal["priority", "oldest"]
AUDIT = "audit"
OLDEST = "oldest"
"""The queue that is all others but the audit's, the oldest item first."""
_MOST_LINES = 64
"""So many lines of a release are kept at most; source and pattern make many."""


@dataclass(frozen=True, slots=True)
class Line:
    """The items of a queue in an order, by their numbers; the place of each, and the seconds needed up to each."""

    numbers: tuple[int, ...]
    place: Mapping[int, int] = field(repr=False)
    elapsed: tuple[float, ...] = field(repr=False)


class Index:
    """The items of a release by their numbers, which are their places when ordered by priority, audits behind them."""

    def __init__(self, release: Pinned | Release) -> None:
        self.head = release.manifest.decisions_head or 0
        """The last entry of the log that the release has taken into account."""
        self.model_version = release.manifest.model_version or ""
        self._release = weakref.ref(release)
        self.rows, self._audit = _load(release)
        ids: list[str] = _column(self.rows, "item_id")
        self.items = len(ids)
        self.ids = (*ids, *(str(pair["item_id"]) for pair in self._audit))
        self.number = {item_id: number for number, item_id in enumerate(self.ids)}
        self._seconds: list[float] = _column(self.rows, "seconds")
        self.worthwhile = sum(priority > 0 for priority in _column(self.rows, "priority"))
        """So many items, which are the first ones, are expected to remove more harm than stewards' errors add."""
        self._queue: list[str] = _column(self.rows, "queue")
        self._since: list[Any] = _column(self.rows, "since")
        self._sources: list[list[str]] = _column(self.rows, "sources")
        self._alike: dict[str, list[int]] = defaultdict(list)
        for number, pattern in enumerate(_column(self.rows, "pattern")):
            if pattern is not None:
                self._alike[pattern].append(number)
        self.audit_of = {
            ((row["source_l"], row["source_record_id_l"]), (row["source_r"], row["source_record_id_r"])): number
            for number, row in enumerate(self._audit, start=self.items)
        }
        """The item of the audit that asks about a pair."""
        self._lock = threading.Lock()
        self._lines: dict[tuple[str, Order, str | None, str | None], Line] = {}

    def queue_of(self, number: int) -> str:
        """Return the queue of an item."""
        return self._queue[number] if number < self.items else AUDIT

    def seconds_of(self, number: int) -> float:
        """Return the time that an item is expected to take, in seconds."""
        return self._seconds[number] if number < self.items else SHIPPED_SECONDS[AUDIT][0]

    def line(
        self, queue: str, order: Order = "priority", source: str | None = None, pattern: str | None = None
    ) -> Line:
        """Return a queue's items in their order, of one source or one pattern where these are given."""
        asked = (queue, "oldest" if queue == OLDEST else order, source, pattern)
        found = self._lines.get(asked)
        if found is None:
            numbers = self._ordered(*asked)
            elapsed = tuple(accumulate(self.seconds_of(number) for number in numbers))
            found = Line(numbers, {number: place for place, number in enumerate(numbers)}, elapsed)
            with self._lock:
                if len(self._lines) >= _MOST_LINES:
                    self._lines.clear()
                self._lines[asked] = found
        return found

    def _ordered(self, queue: str, order: Order, source: str | None, pattern: str | None) -> tuple[int, ...]:
        if queue == AUDIT:
            return () if source or pattern else tuple(range(self.items, len(self.ids)))
        numbers = [
            number
            for number in (range(self.items) if pattern is None else self._alike.get(pattern, ()))
            if (queue in (OLDEST, self._queue[number])) and (source is None or source in self._sources[number])
        ]
        if order == "oldest":
            numbers.sort(key=self._since.__getitem__)  # equally old ones stay by priority
        return tuple(numbers)

    def is_second_look(self, number: int) -> bool:
        """Say whether an item of the audit asks about a pair that was judged before."""
        row = self._audit[number - self.items]
        pair = (row["source_l"], row["source_record_id_l"]), (row["source_r"], row["source_record_id_r"])
        source = source_of(str(row["item_id"]), self.model_version, pair)
        return source is not None and source.look % 2 == 0

    @property
    def release(self) -> Pinned | Release | None:
        """The release that this is of, for as long as somebody holds it."""
        return self._release()

    def fields(self, numbers: list[int]) -> list[dict[str, Any]]:
        """Return the rows of review.item at these numbers; of an audit's pair what may be known of it."""
        of_items = [number for number in numbers if number < self.items]
        rows = dict(zip(of_items, self.rows.take(of_items).to_pylist(), strict=True)) if of_items else {}
        return [rows[number] if number in rows else self._audit[number - self.items] for number in numbers]


_ITEMS_SQL = "SELECT * FROM review.item ORDER BY priority DESC, item_id"
_AUDIT_SQL = """
    SELECT item_id, source_l, source_record_id_l, source_r, source_record_id_r
    FROM review.audit_pair ORDER BY place, item_id"""
_NEEDED = ("item_id", "queue", "priority", "seconds", "since", "sources", "pattern")


def _load(release: Pinned | Release) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Return the items by priority and the audit's pairs in their order; none where a release keeps none of it."""
    nothing: tuple[pa.Table, list[dict[str, Any]]] = (pa.table({name: pa.array([]) for name in _NEEDED}), [])
    if not release.has_workings:
        return nothing
    with release.workings() as con:
        kept = "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'review' AND table_name = 'item'"
        if not con.execute(kept).fetchall():
            return nothing  # a release of a version that had no queue
        return con.sql(_ITEMS_SQL).to_arrow_table(), con.sql(_AUDIT_SQL).to_arrow_table().to_pylist()


def _column(rows: pa.Table, name: str) -> list[Any]:
    return list(rows.column(name).to_pylist())


_HELD: weakref.WeakKeyDictionary[Pinned, Index] = weakref.WeakKeyDictionary()
_LOADING = threading.Lock()


def index_of(pinned: Pinned) -> Index:
    """Return the index of a release, loaded when it is first asked for."""
    with _LOADING:
        found = _HELD.get(pinned)
        if found is None:
            found = _HELD[pinned] = Index(pinned)
    return found
