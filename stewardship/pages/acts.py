"""What has just been done, as the next page tells it: by the number of the act, so that no address holds more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from stewardship.pages.card_page import Done
from stewardship.pages.words import SAID
from stewardship.tables import DECISION_LOG

if TYPE_CHECKING:
    from stewardship.web.visit import Visit

TOLD = {
    "proposed": "Written down as your proposal: it counts once somebody else confirms it.",
    "confirmed": "Confirmed: it binds from the next night on.",
    "taking_back": "Two have said that, and it takes two to unsay it: your proposal waits for another one.",
    "declined": "Declined: nothing of it counts.",
    "later": "You will not be asked this before that day.",
    "assigned": "Assigned.",
    "commented": "Commented.",
    "claimed": "Claimed by you.",
    "nothing": "Nothing is left in this queue for you now.",
}
"""What happened that is no entry of the log, by the word that addresses carry."""


def done(visit: Visit, act: int, told: str = "", item_id: str = "") -> Done | None:
    """Return what this visitor has just written, None where nothing was, or somebody else wrote it."""
    others = TOLD.get(told, "")
    if not act:
        return Done(0, item_id, others) if others else None
    log = DECISION_LOG.c
    with visit.store.looking() as con:
        found = (
            con.execute(sa.select(log.kind, log.item_id, log.decided_by).where(log.id == act)).first() if con else None
        )
    if found is None or found.decided_by != visit.user:
        return Done(0, item_id, others) if others else None
    if found.kind == "revoke":
        return Done(0, item_id, f"Undone (entry {act} of the log). {others}".strip())
    binds = "The matching decides." if found.kind == "unsure" else "It binds from the next night on."
    sentence = f"Decision {act}: {SAID.get(found.kind, found.kind)}. {binds} {others}".strip()
    return Done(act, found.item_id or item_id, sentence)
