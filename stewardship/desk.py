"""A steward's desk: what they claim, put off, hand on, remark and answer, so that no two do the same work.

    item = next_item(pinned, store, "ann", "default")     # claimed for ann, or None
    answer_item(store, release, item, statements, said, shown)

Keeps this: of any number who claim an item at once one has it; an answer is written only by who may still give it,
which is looked at in the transaction that writes it. Claims end by themselves.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from stewardship.answer import Answered, prepare, write
from stewardship.decide import plain_text
from stewardship.desk_tables import ASSIGNMENT, CLAIM, COMMENT, SKIP
from stewardship.four_eyes import replaced_of_two
from stewardship.hanging import worth_of
from stewardship.may_answer import Lost, check_claim, check_others_look, check_unanswered
from stewardship.on_desks import Claim, desks_on
from stewardship.proposals import (
    Proposal,
    changed_since,
    check_not_proposed,
    confirm,
    decline,
    evidence_in,
    needs_second,
    proposals,
    propose,
    propose_on,
    take_back,
)
from stewardship.queue import chosen_line, item_of, utc_now
from stewardship.queue_index import AUDIT, index_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from stewardship.answer import Shown, Statement
    from stewardship.log import Said
    from stewardship.on_desks import Desks
    from stewardship.queue import Item
    from stewardship.queue_index import Index, Order
    from stewardship.store import Store
    from stewardship.web.releases import Pinned
    from warehouse.read import Release

MINUTES = 15
"""How long a claim lasts, where nothing else is said."""
LONGEST_TEXT = 2000
"""A comment has so many characters at most."""


def claim(store: Store, item_id: str, user: str, *, minutes: float = MINUTES, now: datetime | None = None) -> Claim:
    """Claim an item for a user, or go on claiming it. Raises Lost where another one has it."""
    now = now or utc_now()
    with store.changing() as con:
        return _claim_on(con, item_id, user, minutes, now)


def release_claim(store: Store, item_id: str, user: str) -> None:
    """Give a claim back; one of others, or none, is left as it is."""
    with store.changing() as con:
        con.execute(CLAIM.delete().where(CLAIM.c.item_id == item_id, CLAIM.c.claimed_by == user))


def next_item(  # noqa: PLR0913 - by name
    pinned: Pinned,
    store: Store,
    user: str,
    queue: str,
    *,
    order: Order = "priority",
    minutes: float = MINUTES,
    budget: float | None = None,
    now: datetime | None = None,
) -> Item | None:
    """Claim the first open item of a queue for a user and return it, None where nothing is left for them.

    What is assigned to the user comes first, what is assigned to or claimed by others not at all. Their own claims on
    other items of theirs stay. Choosing and claiming are one transaction: many who ask at once get an item each.
    """
    now = now or utc_now()
    index = index_of(pinned)
    line, cut = chosen_line(index, queue, order, None, None, budget)
    with store.changing() as con:
        over = desks_on(con, store, index, user, now)
        number = _first(index, over, user, line.numbers[:cut])
        if number is None:
            return None
        item_id = index.ids[number]
        _claim_on(con, item_id, user, minutes, now)
    return item_of(pinned, store, item_id, now=now)


def skip(store: Store, item_id: str, user: str, until: datetime) -> None:
    """Hide an item from a user until then (naive UTC), and give their claim back."""
    with store.changing() as con:
        con.execute(SKIP.delete().where(SKIP.c.item_id == item_id, SKIP.c.skipped_by == user))
        con.execute(SKIP.insert(), {"item_id": item_id, "skipped_by": user, "until": until})
        con.execute(CLAIM.delete().where(CLAIM.c.item_id == item_id, CLAIM.c.claimed_by == user))


def assign(store: Store, item_id: str, to: str | None, by: str, *, now: datetime | None = None) -> None:
    """Hand an item to somebody, or with None back to everybody; whoever hands it on gives their claim back."""
    with store.changing() as con:
        con.execute(ASSIGNMENT.delete().where(ASSIGNMENT.c.item_id == item_id))
        if to is not None:
            row = {"item_id": item_id, "assigned_to": to, "assigned_by": by, "assigned_at": now or utc_now()}
            con.execute(ASSIGNMENT.insert(), row)
        if to != by:
            con.execute(CLAIM.delete().where(CLAIM.c.item_id == item_id, CLAIM.c.claimed_by == by))


def comment(store: Store, item_id: str, user: str, text: str, *, now: datetime | None = None) -> None:
    """Add a comment to an item. Raises UsageError where it is empty, or holds what no store can keep."""
    said = plain_text(text, "the comment", "say in a few words what others should know")[:LONGEST_TEXT]
    with store.changing() as con:
        number = (con.execute(sa.select(sa.func.max(COMMENT.c.id))).scalar() or 0) + 1
        row = {"id": number, "item_id": item_id, "said_by": user, "said_at": now or utc_now(), "text": said}
        con.execute(COMMENT.insert(), row)


def answer_item(  # noqa: PLR0913 - what an answer consists of, the rest by name
    store: Store,
    release: Release,
    item: Item,
    statements: Sequence[Statement],
    said: Said,
    shown: Shown,
    *,
    second_from: float | None = None,
    anyway: bool = False,
    settles: bool = True,
    now: datetime | None = None,
) -> Answered | Proposal:
    """Write the answer to an item of the release, or where a second person has to confirm it, propose it.

    With `settles` False it is said of a value or a record of its card, and leaves the item open. Raises Lost where
    another one has claimed or answered the item, Refused where an answer to it waits for a second person or the item is
    a second look at what the same person has judged, and what `answer` raises; then nothing is written.
    """
    why = why_second(release.con, item, statements, second_from)
    drafts = prepare(release, statements, said, anyway=anyway)
    now = now or utc_now()
    with store.writing() as log:
        check_claim(log.con, item.item_id, said.decided_by, now)
        if settles:
            check_unanswered(log, item, release.manifest.decisions_head or 0)
            check_others_look(log, item, said.decided_by, release.manifest.model_version or "")
        check_not_proposed(log.con, item.item_id)
        why = why or replaced_of_two(log, drafts)
        if settles or why is not None:
            clear(log.con, item.item_id)
        if why is None:
            return write(log, drafts, shown)
        made = Proposal(0, item.item_id, tuple(statements), said, shown, why, evidence=evidence_in(drafts))
        return propose_on(log.con, made)


def why_second(
    golden: DuckDBPyConnection, item: Item, statements: Sequence[Statement], second_from: float | None
) -> str | None:
    """Return why an answer to an item of the release needs a second person, None where it does not."""
    worth = None
    if item.queue == AUDIT and second_from is not None:
        worth = worth_of(golden, [record for asked in item.asked for record in asked.records])
    return needs_second(item, statements, second_from, worth)


def clear(con: sa.Connection, item_id: str) -> None:
    """Take an item off all desks."""
    for statement in _CLEARED:
        con.execute(statement, {"cleared": item_id})


_CLEARED = tuple(
    table.delete().where(table.c.item_id == sa.bindparam("cleared")) for table in (CLAIM, SKIP, ASSIGNMENT)
)
"""Made once: others wait while a transaction writes."""


def _claim_on(con: sa.Connection, item_id: str, user: str, minutes: float, now: datetime) -> Claim:
    check_claim(con, item_id, user, now)
    until = now + timedelta(minutes=minutes)
    con.execute(CLAIM.delete().where(sa.or_(CLAIM.c.item_id == item_id, CLAIM.c.until <= now)))
    con.execute(CLAIM.insert(), {"item_id": item_id, "claimed_by": user, "until": until})
    return Claim(user, until)


def _first(index: Index, over: Desks, user: str, numbers: Sequence[int]) -> int | None:
    """Return the first of these items that is open to the user: one assigned to them, else one that is nobody's."""
    taken = over.hidden(index)
    mine: set[int] = set()
    for item_id, to in over.assigned.items():
        if (number := index.number.get(item_id)) is not None:
            (mine if to == user else taken).add(number)
    claimed = (item_id for item_id, held in over.claims.items() if held.by != user)
    taken.update(index.number[item_id] for item_id in claimed if item_id in index.number)
    free = (number for number in numbers if number not in taken)
    if not mine:
        return next(free, None)
    ordered = list(free)
    return next((number for number in ordered if number in mine), ordered[0] if ordered else None)


__all__ = [
    "Claim",
    "Lost",
    "Proposal",
    "answer_item",
    "assign",
    "changed_since",
    "claim",
    "comment",
    "confirm",
    "decline",
    "needs_second",
    "next_item",
    "proposals",
    "propose",
    "release_claim",
    "skip",
    "take_back",
    "why_second",
]
