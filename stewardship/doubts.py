"""What agents doubt: that a customer whom they have on the line is one person, told to the stewards.

    raise_doubt(store, golden_id, "he has never lived there", "adam", record=("billing", "A17"))
    open_doubts(store)
    settle(store, number, "ann", "parted them")

READS and WRITES: `doubt` in the stewards' store. Keeps this: doubts decide nothing; what was told is never changed, and
stays open until a steward says that they have looked at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from stewardship.accounts import chain
from stewardship.decide import plain_text
from stewardship.desk_tables import DOUBT
from stewardship.queue import utc_now
from warehouse.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from stewardship.entry import Record
    from stewardship.store import Store

LONGEST_NOTE = 2000
"""A note has so many characters at most."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What somebody doubts of a customer; `record` is the one that they think is not theirs, where they named one."""

    id: int
    golden_id: str
    record: Record | None
    note: str | None
    by: str
    at: datetime


def raise_doubt(
    store: Store,
    golden_id: str,
    note: str,
    by: str,
    *,
    record: Record | None = None,
    now: datetime | None = None,
) -> Doubt:
    """Tell the stewards of a doubt. Raises UsageError for a note that is empty, or that no store can keep."""
    said = plain_text(note, "the note", "say in a few words what makes you doubt")[:LONGEST_NOTE]
    source, key = record or (None, None)
    row = {"golden_id": golden_id, "source": source, "source_record_id": key, "note": said, "said_by": by}
    with store.changing() as con:
        number = _next(con)
        at = now or utc_now()
        con.execute(DOUBT.insert(), {"id": number, "said_at": at, **row})
        chain.append(con, at, by, "doubted", {"doubt": number, "golden_id": golden_id}, said)
    return Doubt(number, golden_id, record, said, by, at)


def settle(store: Store, number: int, by: str, note: str = "", *, now: datetime | None = None) -> None:
    """Say that a steward has looked at a doubt. Raises Refused where there is none, or somebody has settled it."""
    with store.changing() as con:
        found = con.execute(sa.select(DOUBT).where(DOUBT.c.id == number, DOUBT.c.settles.is_(None))).one_or_none()
        if found is None:
            raise Refused(f"there is no doubt {number}")
        before = con.execute(sa.select(DOUBT).where(DOUBT.c.settles == number)).one_or_none()
        if before is not None:
            raise Refused(f"{before.said_by} looked at this on {before.said_at:%Y-%m-%d}")
        said = plain_text(note, "the note", "leave it out")[:LONGEST_NOTE] if note.strip() else None
        at = now or utc_now()
        row = {"id": _next(con), "golden_id": found.golden_id, "note": said, "said_by": by}
        con.execute(DOUBT.insert(), {**row, "said_at": at, "settles": number})
        chain.append(con, at, by, "doubt settled", {"doubt": number, "golden_id": found.golden_id}, said)


def open_doubts(store: Store, golden_ids: Collection[str] | None = None) -> tuple[Doubt, ...]:
    """Return the doubts that no steward has looked at, of these customers or of all, the oldest first."""
    with store.looking() as con:
        if con is None or not sa.inspect(con).has_table(DOUBT.name):
            return ()
        asked = _OPEN if golden_ids is None else _OPEN.where(_TOLD.golden_id.in_(sorted(golden_ids)))
        return tuple(
            Doubt(
                row.id,
                row.golden_id,
                (row.source, row.source_record_id) if row.source is not None else None,
                row.note,
                row.said_by,
                row.said_at,
            )
            for row in con.execute(asked)
        )


_TOLD, _SETTLING = DOUBT.c, DOUBT.alias().c
_OPEN = (
    sa.select(DOUBT)
    .where(_TOLD.settles.is_(None), ~sa.exists().where(_SETTLING.settles == _TOLD.id))
    .order_by(_TOLD.id)
)


def _next(con: sa.Connection) -> int:
    return (con.execute(sa.select(sa.func.max(DOUBT.c.id))).scalar() or 0) + 1
