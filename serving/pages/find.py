"""Finding a customer as one types: the first page of the site.

What is looked for comes in a form and never in an address, since it is somebody's name as a rule.
"""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse

from serving.pages.hits import Hits, find
from serving.pages.words import MONTHS
from stewardship.web.visit import SignedIn

router = APIRouter()


@router.get("/")
def ask(visit: SignedIn) -> HTMLResponse:
    """Ask whom to find."""
    return visit.page("agent/find.html", text="", found=None, release=visit.pinned.manifest)


@router.post("/")
def show(visit: SignedIn, text: Annotated[str, Form()] = "") -> HTMLResponse:
    """Show who is found: to htmx the hits alone, to a browser the page with them."""
    index = visit.request.app.state.indexes.current()
    found: Hits | None = find(visit.pinned, index, text, visit.role) if text.strip() else None
    if visit.by_htmx:
        return visit.page("agent/hits.html", found=found, months=MONTHS)
    return visit.page("agent/find.html", text=text, found=found, months=MONTHS, release=visit.pinned.manifest)
