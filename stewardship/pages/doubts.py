"""What agents doubt: the customers of whom somebody at the telephone thought that they may not be one person."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, Response

from stewardship.doubts import Doubt, open_doubts, settle
from stewardship.pages.lines import NAMELESS, names_of
from stewardship.web.visit import Steward, Visit
from warehouse.errors import Refused

router = APIRouter(prefix="/review/doubts")


@dataclass(frozen=True, slots=True)
class Doubted:
    """A doubt, and who the customer is now; no `golden_id` where there is nobody any more."""

    doubt: Doubt
    golden_id: str | None
    name: str


@router.get("")
def show(visit: Steward) -> HTMLResponse:
    """Show what nobody has looked at yet, the oldest first."""
    return visit.page("review/doubts.html", doubts=_doubted(visit))


@router.post("/{number}/settle")
def take_off(visit: Steward, number: int, note: Annotated[str, Form()] = "") -> Response:
    """Say that one has looked at a doubt, whatever was decided."""
    settle(visit.store, number, visit.user, note)
    return visit.go("/review/doubts")


def _doubted(visit: Visit) -> list[Doubted]:
    doubts = open_doubts(visit.store)
    now = {doubt.id: _now(visit, doubt.golden_id) for doubt in doubts}
    names = names_of(visit, [golden_id for golden_id in now.values() if golden_id is not None])
    return [Doubted(doubt, now[doubt.id], names.get(now[doubt.id] or "", NAMELESS)) for doubt in doubts]


def _now(visit: Visit, golden_id: str) -> str | None:
    with visit.pinned.alone() as release:
        try:
            return release.resolve(golden_id)
        except Refused:
            return None
