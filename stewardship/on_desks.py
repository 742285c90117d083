"""What stewards have done since a release was published, as it lies over its queue: few rows, looked up each time.

READS: the stewards' log, of which only what came since the last look, and the tables of desks.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from stewardship.answered import answers_of
from stewardship.desk_tables import ASSIGNMENT, CLAIM, PROPOSAL, SKIP

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
    """Numbers of the items that are settled by decisions that hold."""
    claims: Mapping[str, Claim] = field(default_factory=dict)
    assigned: Mapping[str, str] = field(default_factory=dict)
    proposed: Mapping[str, int] = field(default_factory=dict)
    """The open proposal on an item."""
    skipped: frozenset[str] = frozenset()
    not_theirs: frozenset[int] = frozenset()
    """Numbers of the second looks at pairs that `user` has judged: these are somebody else's."""

    def hidden(self, index: Index) -> set[int]:
        """Return the numbers of the items that are not open to the user."""
        ids = (*self.proposed, *self.skipped)
        return {
            *self.answered,
            *self.not_theirs,
            *(index.number[item_id] for item_id in ids if item_id in index.number),
        }


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
    given = answers_of(store, index).look(con, store)
    not_theirs = given.judged_by.get(user or "", frozenset())
    return Desks(given.answered, found, assigned, by_item, skipped, not_theirs)
