"""The page of a customer, for whoever has them on the line: who this is, what is open, what to know, what happened."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.masking import mask_all
from serving.pages.customer_page import customer_values, timeline_values
from serving.pages.timeline import Asked
from serving.pages.words import ATTRIBUTES, RULES
from serving.reading import who
from stewardship.doubts import LONGEST_NOTE, raise_doubt
from stewardship.web.visit import Agent, SignedIn, Visit
from warehouse.errors import Refused, UsageError
from warehouse.tables.golden import PROVENANCE

router = APIRouter(prefix="/customers")
TIMELINE = "timeline"
"""The part of the page that filters change, as htmx names it."""


def _asked(kind: str = "", about: str = "", page: int = 1, open: str = "") -> Asked:  # noqa: A002 - as addresses say it
    return Asked(kind[:40], bool(open), about[:200], max(1, min(page, 100_000)))


@router.get("/{golden_id}")
def show(
    visit: SignedIn, golden_id: str, asked: Annotated[Asked, Depends(_asked)], was: str = "", told: str = ""
) -> Response:
    """Show a customer, or for htmx the asked part of the timeline; a retired id leads to who it is now."""
    found = who.find_customer(visit.pinned, golden_id)
    if found.row is None:
        return _nobody(visit, golden_id, found)
    if visit.by_htmx and visit.request.headers.get("hx-target") == TIMELINE:
        return visit.page("agent/timeline.html", golden_id=golden_id, **timeline_values(visit, golden_id, asked))
    return visit.page("agent/customer.html", **customer_values(visit, found.row, asked, was), told=bool(told))


@router.get("/{golden_id}/provenance")
def show_provenance(visit: SignedIn, golden_id: str) -> Response:
    """Show where each value of a customer comes from: for htmx the table alone."""
    found = who.find_customer(visit.pinned, golden_id)
    if found.row is None:
        return _nobody(visit, golden_id, found)
    rows = mask_all(PROVENANCE, who.provenance(visit.pinned, golden_id), visit.role)
    template = "agent/provenance_table.html" if visit.by_htmx else "agent/provenance.html"
    name = found.row["full_name"] or found.row["organisation"]
    values = {"attributes": ATTRIBUTES, "rules": RULES, "name": name, "golden_id": golden_id}
    return visit.page(template, rows=rows, **values)


@router.post("/{golden_id}/doubt")
def doubt(
    visit: Agent, golden_id: str, note: Annotated[str, Form()] = "", record: Annotated[str, Form()] = ""
) -> Response:
    """Tell the stewards that this may not be one person."""
    found = who.find_customer(visit.pinned, golden_id)
    if found.row is None:
        raise Refused("there is no such customer any more: find them again")
    if len(note) > LONGEST_NOTE:
        raise UsageError(f"the note is longer than {LONGEST_NOTE:,} characters: say what makes you doubt in fewer")
    raise_doubt(visit.store, golden_id, note, visit.user, record=_record(visit, golden_id, record))
    return visit.go(f"/customers/{golden_id}?told=1#doubt")


def _record(visit: Visit, golden_id: str, place: str) -> tuple[str, str] | None:
    """Return the record of the customer that a form names by its place among them, None where it names none."""
    if not place:
        return None
    records = who.records(visit.pinned, golden_id)
    if not place.isdecimal() or int(place) >= len(records):
        raise UsageError("that is no record of this customer: choose one of those that are listed")
    chosen = records[int(place)]
    return chosen["source"], chosen["source_record_id"]


def _nobody(visit: Visit, golden_id: str, found: who.Found) -> HTMLResponse | RedirectResponse:
    """Answer where there is no customer by an id: on to who it is now, gone for good, or never heard of."""
    if found.state == "retired":
        return RedirectResponse(f"/customers/{found.golden_id}?was={golden_id}", 307)
    is_gone = found.state == "gone"
    return visit.page("agent/nobody.html", status=410 if is_gone else 404, is_gone=is_gone)
