"""What waits for a second pair of eyes: answers that somebody proposed, for another one to confirm or decline."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, Response

from stewardship import desk
from stewardship.card.preview import preview
from stewardship.decide import say
from stewardship.entry import written
from stewardship.pages.acts import done
from stewardship.pages.going_on import to_page
from stewardship.pages.lines import lines_of
from stewardship.pages.words import KEYS, SAID
from stewardship.queue import item_of
from stewardship.queue_index import AUDIT
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
def confirm(
    visit: Steward,
    proposal_id: int,
    reason: Annotated[str, Form(max_length=2000)] = "",
    knowing: Annotated[str, Form()] = "",
) -> Response:
    """Write a proposed answer into the log; `knowing` names the release that showed that records have changed."""
    pinned = visit.pinned
    said = say(visit.user, reason.strip() or "looked at again", pinned.release)
    try:
        with pinned.alone() as release:
            knows = knowing == release.release_id
            act = desk.confirm(visit.store, release, proposal_id, said, knowing=knows).act
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
    """Return a proposal as the page shows it; of the audit it is not told what it would do, so that it stays blind."""
    item = item_of(visit.pinned, visit.store, proposal.item_id)
    line = lines_of(visit, [item], "")[0] if item else None
    effects: tuple[str, ...] = ()
    if proposal.statements and previewed and (item is None or item.queue != AUDIT):
        found = preview(visit.pinned, visit.store, proposal.statements)
        effects = (found.problem,) if found.problem else found.sentences
    with visit.pinned.alone() as release:
        changed = desk.changed_since(release, proposal)
    return {
        "id": proposal.id,
        "who": line.who if line else "A case that is not in this release any more",
        "href": f"/review/item/{proposal.item_id}" if line else "",
        "says": _says(visit, proposal),
        "by": proposal.said.decided_by,
        "at": proposal.said.decided_at,
        "reason": proposal.said.reason,
        "why": proposal.why,
        "effects": effects,
        "changed": ", ".join(map(written, changed)),
        "own": proposal.said.decided_by == visit.user,
    }


def _says(visit: Visit, proposal: desk.Proposal) -> str:
    kinds = dict.fromkeys(SAID.get(statement.kind, statement.kind) for statement in proposal.statements)
    if not proposal.takes_back:
        return ", ".join(kinds)
    log = visit.site.log.now()
    entries = [log.decisions[number] for number in proposal.takes_back]
    kinds = dict.fromkeys(SAID.get(entry.kind, entry.kind) for entry in entries)
    return f"take back that it is decided: {', '.join(kinds)}"
