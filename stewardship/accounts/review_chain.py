"""Holds the audit chain against what it vouches for: the releases' manifests, and the stewards' log.

READS: the stewards' store. WRITES nothing. A release whose manifest names a head that the chain does not have shows
that the chain was cut off, or made up anew; an entry of the log that the chain does not have as it stands shows that
the log was changed beside joinedup.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from stewardship.accounts import chain
from stewardship.accounts.tables import AUDIT_ENTRY, AUDIT_SALT
from stewardship.log import audited
from warehouse.errors import SurroundingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stewardship.store import Store

_OF_THE_LOG = ("decided", "revoked")
"""The actions of rows that vouch for an entry of the log."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What was found of a chain that holds: its rows and head, where each release stands in it, and the log's entries.

    `releases` has the row that each release was made at, None for one whose manifest names no head. `decisions` is how
    many entries of the log the chain vouches for, `erased` how many of them by who and when alone, `earlier` how many
    entries are from before there was a chain.
    """

    rows: int
    head: str
    releases: dict[str, int | None]
    decisions: int
    erased: int
    earlier: int

    def document(self) -> dict[str, Any]:
        """Return what was found as JSON-ready data."""
        return asdict(self)


class ChainBroken(SurroundingsError):
    """The audit chain, or what it vouches for, is not what was written."""


def head_of(store: Store) -> str | None:
    """Return the head of the store's chain, None where there is no store, or it has no chain yet."""
    with store.looking() as con:
        return chain.head(con) if con is not None and _has_chain(con) else None


def latest(store: Store, count: int) -> list[dict[str, Any]]:
    """Return the last so many rows of the chain as JSON-ready data, in their order."""
    with store.looking() as con:
        if con is None or not _has_chain(con):
            return []
        entry = AUDIT_ENTRY.c
        rows = con.execute(sa.select(AUDIT_ENTRY).order_by(entry.id.desc()).limit(count)).all()
    return [
        {
            "id": row.id,
            "at": f"{row.at.isoformat()}Z",
            "actor": row.actor,
            "action": row.action,
            "about": json.loads(row.about),
            "hash": row.hash,
        }
        for row in reversed(rows)
    ]


def review(store: Store, heads: Iterable[tuple[str, str | None]]) -> Reviewed:
    """Return what the chain says, which holds; `heads` are those of releases, as (release_id, audit_head).

    Raises ChainBroken, which names the first row that is broken, or the release, or the entry of the log.
    """
    with store.looking() as con:
        if con is None or not _has_chain(con):
            known = [release for release, head in heads if head not in (None, chain.BEGINNING)]
            if known:
                raise _broken(store, f"there is none, and {known[0]} was made after its beginning")
            return Reviewed(0, chain.BEGINNING, {}, 0, 0, 0)
        broken = chain.verify(con)
        if broken is not None:
            raise _broken(store, f"row {broken.id} {broken.problem}")
        releases: dict[str, int | None] = {}
        for release, head in heads:
            releases[release] = chain.position(con, head) if head is not None else None
            if head is not None and releases[release] is None:
                raise _broken(store, f"it has not the head that {release} was made at, {head[:12]}…")
        rows = con.execute(sa.select(sa.func.count()).select_from(AUDIT_ENTRY)).scalar() or 0
        found, head = dict(_vouched(con)), chain.head(con)
    return Reviewed(rows, head, releases, *_hold_log_against(store, found))


def _hold_log_against(store: Store, found: dict[int, sa.Row[tuple[object, ...]]]) -> tuple[int, int, int]:
    first = min(found, default=None)
    entries = {entry.id: entry for entry in store.entries()}
    missing = next((number for number in found if number not in entries), None)
    if missing is not None:
        raise _broken(store, f"row {found[missing].id} vouches for entry {missing} of the log, which is not there")
    erased = 0
    for number, entry in entries.items():
        if first is None or number < first:
            continue
        row = found.get(number)
        if row is None:
            if number > max(found):  # written since the chain was read
                continue
            raise _broken(store, f"no row of it vouches for entry {number} of the log")
        act = audited(entry, row.at)
        same = (row.actor, row.action, row.about) == (act.actor, act.action, chain.canonical(act.about))
        opens = row.salt is None or row.commitment == chain.commitment(row.salt, act.text or "")
        if not same or not opens:
            raise _broken(store, f"entry {number} of the log is not what row {row.id} vouches for")
        erased += row.salt is None
    earlier = sum(first is None or number < first for number in entries)
    return len(found), erased, earlier


def _vouched(con: sa.Connection) -> Iterator[tuple[int, sa.Row[tuple[object, ...]]]]:
    """Yield the rows that vouch for entries of the log, with the entry's id."""
    entry = AUDIT_ENTRY.c
    rows = con.execute(
        sa.select(AUDIT_ENTRY, AUDIT_SALT.c.salt)
        .outerjoin(AUDIT_SALT, AUDIT_SALT.c.audit_id == entry.id)
        .where(entry.action.in_(_OF_THE_LOG))
        .order_by(entry.id)
    )
    for row in rows:
        yield json.loads(row.about)["decision_id"], row


def _has_chain(con: sa.Connection) -> bool:
    return sa.inspect(con).has_table(AUDIT_ENTRY.name)


def _broken(store: Store, problem: str) -> ChainBroken:
    return ChainBroken(
        f"the audit chain of {store.place.shown} does not hold: {problem}; "
        "find out who has changed the database, and restore it from a backup"
    )
