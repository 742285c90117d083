"""Who may still answer an item: looked at in the transaction that writes the answer, so that nothing comes between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from stewardship.audit_draw import source_of
from stewardship.desk_tables import CLAIM
from stewardship.entry import ANSWERS
from stewardship.queue_index import AUDIT
from stewardship.tables import DECISION_LOG, DECISION_RECORD
from warehouse.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from stewardship.log import Log
    from stewardship.queue import Item


class Lost(Refused):
    """An item that another one has: who claimed it until when, or who answered it (`answered`) at that time."""

    def __init__(self, by: str, until: datetime, *, answered: bool = False) -> None:
        self.by, self.until, self.answered = by, until, answered
        what = f"was answered by {by} at" if answered else f"is claimed by {by} until"
        super().__init__(f"this item {what} {until:%H:%M} UTC; go on with the next one")


def check_claim(con: sa.Connection, item_id: str, user: str, now: datetime) -> None:
    """Raise Lost where somebody else has claimed the item."""
    found = con.execute(_CLAIMED, {"item_id": item_id, "now": now}).one_or_none()
    if found is not None and found.claimed_by != user:
        raise Lost(found.claimed_by, found.until)


def check_unanswered(log: Log, item: Item, head: int) -> None:
    """Raise Lost where the item has an answer that holds, and that the release, with this head, does not know of.

    So has one whose pairs were decided elsewhere. A pair of the audit is asked once, whatever releases have come since.
    """
    known = 0 if item.queue == AUDIT else head
    ids = log.con.execute(_ANSWERS, {"item_id": item.item_id, "known": known}).scalars().all()
    found = next((log.standing.decisions[number] for number in ids if number not in log.standing.ended), None)
    if found is None and item.asked and item.queue != AUDIT:
        words = [log.standing.on(asked.records) for asked in item.asked]
        if all(word is not None and word.id > head for word in words):
            found = words[-1]
    if found is not None:
        raise Lost(found.decided_by, found.decided_at, answered=True)


def check_others_look(log: Log, item: Item, user: str, model_version: str) -> None:
    """Raise Refused where an item is a second look at a pair that this very person has judged."""
    if item.queue != AUDIT:
        return
    pair = item.asked[0].records
    source = source_of(item.item_id, model_version, pair)
    if source is None or source.look % 2:
        return
    left, right = pair
    about = {"user": user, "source_l": left[0], "record_l": left[1], "source_r": right[0], "record_r": right[1]}
    if log.con.execute(_JUDGED, about).first() is not None:
        raise Refused("you have judged this pair before; a second look at it is another steward's")


def _is_record(record: Any, side: str) -> sa.ColumnElement[bool]:  # noqa: ANN401 - the columns of a table of SQLAlchemy
    found: sa.ColumnElement[bool] = sa.and_(
        record.source == sa.bindparam(f"source_{side}"), record.source_record_id == sa.bindparam(f"record_{side}")
    )
    return found


_LOG = DECISION_LOG.c
_LEFT, _RIGHT = DECISION_RECORD.alias().c, DECISION_RECORD.alias().c
_ANSWERS = (
    sa.select(_LOG.id)
    .where(_LOG.item_id == sa.bindparam("item_id"), _LOG.id > sa.bindparam("known"), _LOG.kind.in_(ANSWERS))
    .order_by(_LOG.id)
)
_JUDGED = (
    sa.select(_LOG.id)
    .where(_LOG.queue == AUDIT, _LOG.decided_by == sa.bindparam("user"))
    .where(sa.exists().where(_LEFT.log_id == _LOG.id, _is_record(_LEFT, "l")))
    .where(sa.exists().where(_RIGHT.log_id == _LOG.id, _is_record(_RIGHT, "r")))
    .limit(1)
)
_CLAIMED = sa.select(CLAIM).where(CLAIM.c.item_id == sa.bindparam("item_id"), CLAIM.c.until > sa.bindparam("now"))
"""Made once: others wait while a transaction writes."""
