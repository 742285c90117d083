"""What stewards have done since a release was published, as it lies over its queue: few rows, looked up each time.

READS: decision_log, of which only what came since the last look, and the tables of desks.
"""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from stewardship.desk_tables import ASSIGNMENT, CLAIM, PROPOSAL, SKIP
from stewardship.queue_index import AUDIT
from stewardship.tables import DECISION_LOG

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from stewardship.queue_index import Index
    from stewardship.store import Store


@dataclass(frozen=True, slots=True)
class Claim:
    """Who works on an item, and until when (naive UTC) nobody else may."""

    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Desks:
    """What lies over a queue now: what was answered, who works on what, and what `user` has put off."""

    answered: frozenset[int] = frozenset()
    """Numbers of the items that were answered and not taken back."""
    claims: Mapping[str, Claim] = field(default_factory=dict)
    assigned: Mapping[str, str] = field(default_factory=dict)
    proposed: Mapping[str, int] = field(default_factory=dict)
    """The open proposal on an item."""
    skipped: frozenset[str] = frozenset()

    def hidden(self, index: Index) -> set[int]:
        """Return the numbers of the items that are not open to the user."""
        ids = (*self.proposed, *self.skipped)
        return {*self.answered, *(index.number[item_id] for item_id in ids if item_id in index.number)}


class Answers:
    """Which items of a release the log has answers to that hold; each look reads what came since the one before.

    What the release has taken into account answers nothing any more, except in the audit, whose pairs are asked once.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._seen = 0
        self._item_of: dict[int, int] = {}
        self._live: dict[int, set[int]] = {}
        self._lock = threading.Lock()

    def look(self, con: sa.Connection) -> frozenset[int]:
        """Return the numbers of the items that are answered now."""
        log = DECISION_LOG.c
        with self._lock:
            news = con.execute(
                sa.select(log.id, log.item_id, log.revokes)
                .where(log.id > self._seen, sa.or_(log.item_id.is_not(None), log.revokes.is_not(None)))
                .order_by(log.id)
            )
            for entry_id, item_id, revokes in news:
                self._seen = entry_id
                if revokes is not None:
                    self._end(revokes)
                elif (number := self._index.number.get(item_id)) is not None and self._counts(number, entry_id):
                    self._item_of[entry_id] = number
                    self._live.setdefault(number, set()).add(entry_id)
            return frozenset(self._live)

    def _counts(self, number: int, entry_id: int) -> bool:
        return entry_id > self._index.head or self._index.queue_of(number) == AUDIT

    def _end(self, entry_id: int) -> None:
        number = self._item_of.pop(entry_id, None)
        if number is not None:
            self._live[number].discard(entry_id)
            if not self._live[number]:
                del self._live[number]


_ANSWERS: weakref.WeakKeyDictionary[Index, weakref.WeakKeyDictionary[Store, Answers]] = weakref.WeakKeyDictionary()
_MAKING = threading.Lock()
_WITH_DESKS: weakref.WeakSet[Store] = weakref.WeakSet()


def desks(store: Store, index: Index, user: str | None, now: datetime) -> Desks:
    """Return what lies over the release's queue now, for this user."""
    with store.looking() as con:
        if con is None or not has_desks(con, store):
            return Desks()
        return desks_on(con, store, index, user, now)


def has_desks(con: sa.Connection, store: Store) -> bool:
    """Say whether the store has the tables of desks: one that nobody has written since an older version has not."""
    if store not in _WITH_DESKS and sa.inspect(con).has_table(CLAIM.name):
        _WITH_DESKS.add(store)
    return store in _WITH_DESKS


def desks_on(con: sa.Connection, store: Store, index: Index, user: str | None, now: datetime) -> Desks:
    """Return what lies over the queue as an open transaction sees it."""
    claims = con.execute(sa.select(CLAIM).where(CLAIM.c.until > now))
    found = {row.item_id: Claim(row.claimed_by, row.until) for row in claims}
    handed_on = con.execute(sa.select(ASSIGNMENT))
    assigned = {row.item_id: row.assigned_to for row in handed_on}
    proposed = con.execute(sa.select(PROPOSAL.c.item_id, PROPOSAL.c.id).where(PROPOSAL.c.state == "open"))
    by_item = {row.item_id: row.id for row in proposed}
    skipped: frozenset[str] = frozenset()
    if user is not None:
        mine = sa.select(SKIP.c.item_id).where(SKIP.c.skipped_by == user, SKIP.c.until > now)
        skipped = frozenset(con.execute(mine).scalars())
    return Desks(answers_of(store, index).look(con), found, assigned, by_item, skipped)


def answers_of(store: Store, index: Index) -> Answers:
    """Return what is known of a store's answers to a release's items, empty at first."""
    with _MAKING:
        by_store = _ANSWERS.setdefault(index, weakref.WeakKeyDictionary())
        found = by_store.get(store)
        if found is None:
            found = by_store[store] = Answers(index)
        return found
