"""Finding: a customer by what one remembers, and for a record the customers who share its values.

What is looked for comes in a form and never in an address, since it is somebody's name as a rule.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import Response

from stewardship.entry import written
from stewardship.find import candidates, own, search
from stewardship.pages.records import record_of
from stewardship.web.visit import Steward
from warehouse.errors import Refused, UsageError

router = APIRouter()
PATH = "/review/find"
MOST = 25


@router.get(PATH)
def ask(visit: Steward) -> Response:
    """Ask what to look for."""
    return visit.page("look/find.html", release_id=visit.pinned.release_id, **_nothing())


@router.post(PATH)
def find(visit: Steward, text: Annotated[str, Form()] = "") -> Response:
    """Show the customers that are found by a text."""
    pinned = visit.pinned
    found = search(pinned, text[:200], MOST)
    return visit.page(
        "look/find.html", release_id=pinned.release_id, **_nothing() | {"text": text, "found": found, "most": MOST}
    )


@router.post(PATH + "/candidates")
def find_candidates(visit: Steward, record: Annotated[str, Form()] = "") -> Response:
    """Show the customers who share a value with a record."""
    pinned = visit.pinned
    values = _nothing() | {"record": record, "most": MOST}
    try:
        asked = record_of(record)
        values |= {"owner": own(pinned, asked), "candidates": candidates(pinned, asked, MOST), "record": written(asked)}
    except (UsageError, Refused) as error:
        status = 400 if isinstance(error, UsageError) else 404
        return visit.page(
            "look/find.html", status=status, release_id=pinned.release_id, **values | {"problem": error.message}
        )
    return visit.page("look/find.html", release_id=pinned.release_id, **values)


def _nothing() -> dict[str, Any]:
    names = ("found", "candidates", "owner", "problem", "most")
    return dict.fromkeys(names) | {"text": "", "record": ""}
