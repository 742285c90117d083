"""The log: what was decided, by whom and why, what became of it, and taking it back."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from stewardship.decide import say
from stewardship.entry import DECISIONS
from stewardship.listing import STATES, State, Wanted, list_decisions
from stewardship.proposals import Proposal
from stewardship.proposals import take_back as take_back_one
from stewardship.web.visit import Steward, Visit
from warehouse.errors import Refused, UsageError

router = APIRouter()
PATH = "/review/decisions"
A_PAGE = 50

KINDS = {
    "same": "same",
    "different": "different",
    "unsure": "unsure",
    "split": "split",
    "pin": "pinned value",
    "placeholder": "placeholder",
    "household": "household",
    "not_a_customer": "not a customer",
}
"""What a kind is called on a page."""
MEANINGS: dict[State, str] = {
    "new": "decided since the release; the next night takes it in",
    "bound": "its records are there, and what they were when it was decided",
    "reconfirm": "a record says something else now: decide again, or revoke it",
    "dormant": "a record is not there, or nobody's; it binds when that is back",
    "expired": "a pin whose time is over",
    "revoked": "taken back",
    "replaced": "a later decision says something else",
}


@router.get(PATH)
def decisions(
    visit: Steward,
    state: str = "",
    kind: str = "",
    by: str = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    revoked: int | None = None,
) -> Response:
    """List decisions, the newest first."""
    return _page(visit, state=state, kind=kind, by=by, page=page, revoked=revoked)


@router.post(PATH + "/revoke")
def take_back(visit: Steward, decision_id: Annotated[int, Form()], reason: Annotated[str, Form()] = "") -> Response:
    """Revoke a decision, with a reason; what two have said, propose to."""
    pinned = visit.release_or_none
    try:
        said = say(visit.user, reason, pinned.release if pinned else None)
        done = take_back_one(visit.store, said, decision_id=decision_id)
    except (UsageError, Refused) as error:
        empty = isinstance(error, UsageError)
        problem = "Say in a few words why: it is what others will go by." if empty else error.message
        return _page(visit, status=400 if empty else 409, problem=problem, asked=decision_id)
    if isinstance(done, Proposal):
        return visit.go("/review/proposals?told=taking_back")
    return visit.go(f"{PATH}?revoked={decision_id}")


def _page(  # noqa: PLR0913 - an argument per filter
    visit: Visit,
    *,
    status: int = 200,
    state: str = "",
    kind: str = "",
    by: str = "",
    page: int = 1,
    revoked: int | None = None,
    problem: str | None = None,
    asked: int | None = None,
) -> Response:
    wanted = Wanted(
        next((known for known in STATES if known == state), None), kind if kind in DECISIONS else None, by or None
    )
    listing = list_decisions(
        visit.site.log.now(), visit.release_or_none, wanted, limit=A_PAGE, offset=(page - 1) * A_PAGE
    )
    filters = {"state": wanted.state, "kind": wanted.kind, "by": wanted.by}
    query = urlencode({name: value for name, value in filters.items() if value})
    return visit.page(
        "look/decisions.html",
        status=status,
        listing=listing,
        kinds=KINDS,
        meanings=MEANINGS,
        filters=filters,
        page=page,
        pages=max(1, -(-listing.total // A_PAGE)),
        address=f"{PATH}?{query}&" if query else f"{PATH}?",
        revoked=revoked,
        problem=problem,
        asked=asked,
    )
