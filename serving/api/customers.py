"""A customer by golden id: who they are, what happened, what to know, where it comes from, and how it came about."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from serving.api.answers import answer, moved
from serving.api.bearer import Caller, Reader
from serving.api.document import PREFIX, problems
from serving.api.problems import Problem
from serving.api.shapes import CustomerAnswer
from serving.reading import knowing, who
from serving.reading.tables import Row
from warehouse.tables.care import CONTACT_FACT, OFFER, PERMISSION, PROFILE
from warehouse.tables.golden import CUSTOMER

router = APIRouter(tags=["customers"])
GoldenId = Annotated[str, Path(description="a golden id, as in `cus_0123456789ABCDEF`", max_length=64)]
OF_A_CUSTOMER = problems(404, 410, 422) | {307: {"description": "The id is retired: `Location` is who it is now"}}


@router.get("/customers/{golden_id}", response_model=CustomerAnswer, responses=OF_A_CUSTOMER)
def show_customer(caller: Reader, golden_id: GoldenId) -> Response:
    """Say who a customer is, with all that is known of them but what happened."""
    row = living(caller, golden_id)
    if isinstance(row, Response):
        return row
    pinned = caller.pinned
    profile = knowing.profile(pinned, golden_id)
    return answer(
        caller,
        {
            "customer": caller.see(CUSTOMER, row),
            "profile": caller.see(PROFILE, profile) if profile else None,
            "records": who.records(pinned, golden_id),
            "household": who.household(pinned, golden_id),
            "possible_matches": who.possible_matches(pinned, golden_id),
            "contact_facts": caller.see_all(CONTACT_FACT, knowing.contact_facts(pinned, golden_id)),
            "permissions": caller.see_all(PERMISSION, knowing.permissions(pinned, golden_id)),
            "offers": caller.see_all(OFFER, knowing.offers(pinned, golden_id)),
        },
    )


def living(caller: Caller, golden_id: str, part: str = "") -> Row | Response:
    """Return the row of a customer, or what leads to who they are now. Raises Problem where there is nobody."""
    found = who.find_customer(caller.pinned, golden_id)
    if found.row is not None:
        return found.row
    if found.state == "retired":
        query = caller.request.url.query
        return moved(caller, f"{PREFIX}/customers/{found.golden_id}{part}{'?' if query else ''}{query}")
    if found.state == "gone":
        raise Problem("customer-gone", "This id was a customer's once: forget it, and what you keep under it.")
    raise Problem("unknown-customer", "This release has never heard of the id.")
