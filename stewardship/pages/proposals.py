"""What waits for a second pair of eyes: answers that somebody proposed, for another one to confirm or decline."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, Response

from stewardship import desk
from stewardship.card.preview import preview
from stewardship.decide import say
from stewardship.pages.acts import done
from stewardship.pages.going_on import to_page
from stewardship.pages.lines import lines_of
from stewardship.pages.words import KEYS, SAID
from stewardship.queue import item_of
from stewardship.web.visit import Steward, Visit
from warehouse.errors import Refused

router = APIRouter(prefix="/review/proposals")

MOST = 50
"""So many are shown at once, the oldest first."""
PREVIEWED = 10
"""Of so many it is said what they would do; of the others once these are done."""


@router.get("")
def show(visit: Steward, did: int = 0, told: str = "") -> HTMLResponse:
    """Show what waits to be confirmed, the oldest first."""
    return _page(visit, did=did, told=told)


@router.post("/{proposal_id}/confirm")
def confirm(visit: Steward, proposal_id: int, reason: Annotated[str, Form(max_length=2000)] = "") -> Response:
    """Write a proposed answer into the log."""
    said = say(visit.user, reason.strip() or "looked at again", visit.pinned.release)
    try:
        with visit.pinned.alone() as release:
            act = desk.confirm(visit.store, release, proposal_id, said).act
    except Refused as error:
        return _page(visit, status=409, refused=f"{error.message} Nothing was written.")
    return to_page(f"/review/proposals?did={act}&told=confirmed")


@router.post("/{proposal_id}/decline")
def decline(visit: Steward, proposal_id: int, reason: Annotated[str, Form(max_length=2000)] = "") -> Response:
    """Turn a proposed answer down; its case is open again."""
    said = say(visit.user, reason.strip() or "not convinced", visit.pinned.release)
    try:
        desk.decline(visit.store, proposal_id, said)
    except Refused as error:
        return _page(visit, status=409, refused=error.message)
    return to_page("/review/proposals?told=declined")


def _page(visit: Visit, *, status: int = 200, refused: str = "", did: int = 0, told: str = "") -> HTMLResponse:
    waiting = desk.proposals(visit.store)
    shown = [_told(visit, proposal, previewed=place < PREVIEWED) for place, proposal in enumerate(waiting[:MOST])]
    return visit.page(
        "review/proposals.html",
        status=status,
        proposals=shown,
        more=max(len(waiting) - MOST, 0),
        refused=refused,
        done=done(visit, did, told),
        queue="",
        keys=KEYS,
    )


def _told(visit: Visit, proposal: desk.Proposal, *, previewed: bool) -> dict[str, object]:
    """Return a proposal as the page shows it."""
    item = item_of(visit.pinned, visit.store, proposal.item_id)
    line = lines_of(visit, [item], "")[0] if item else None
    found = preview(visit.pinned, visit.store, proposal.statements) if previewed else None
    effects = () if found is None else (found.problem,) if found.problem else found.sentences
    kinds = dict.fromkeys(SAID.get(statement.kind, statement.kind) for statement in proposal.statements)
    return {
        "id": proposal.id,
        "who": line.who if line else "A case that is not in this release any more",
        "href": f"/review/item/{proposal.item_id}" if line else "",
        "says": ", ".join(kinds),
        "by": proposal.said.decided_by,
        "at": proposal.said.decided_at,
        "reason": proposal.said.reason,
        "why": proposal.why,
        "effects": effects,
        "own": proposal.said.decided_by == visit.user,
    }
