"""What belongs to a customer: what happened, what to know, where values come from, and how the customer came about."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from serving.api.answers import answer
from serving.api.bearer import Reader
from serving.api.customers import OF_A_CUSTOMER, GoldenId, living
from serving.api.document import problems
from serving.api.paging import Feed, Paged
from serving.api.problems import Problem
from serving.api.shapes import ActivityAnswer, HistoryAnswer, ProvenanceAnswer, SignalsAnswer
from serving.reading import feeds, knowing, who
from serving.reading.activities import Wanted, activities
from warehouse.tables.care import ACTIVITY, SIGNAL
from warehouse.tables.golden import CHANGE, PROVENANCE
from warehouse.tables.landing import HOLDS

router = APIRouter(tags=["customers"])


class Asked(Paged):
    """Which activities."""

    kind: list[Literal[HOLDS]] = Field([], max_length=len(HOLDS), description="one or more kinds")  # type: ignore[valid-type]  # the specs' own list
    since: datetime | None = Field(None, alias="from", description="at or after this time; without a zone it is UTC")
    until: datetime | None = Field(None, description="before this time; without a zone it is UTC")
    about: str | None = Field(
        None, min_length=1, max_length=64, description="an activity_id: that activity, and what is about it"
    )


@router.get("/customers/{golden_id}/activity", response_model=ActivityAnswer, responses=OF_A_CUSTOMER | problems(400))
def show_activity(caller: Reader, golden_id: GoldenId, asked: Annotated[Asked, Query()]) -> Response:
    """List what happened, over all channels: the newest first, and what has no time last."""
    row = living(caller, golden_id, "/activity")
    if isinstance(row, Response):
        return row
    wanted = Wanted(tuple(asked.kind), _utc(asked.since), _utc(asked.until), asked.about)
    page = activities(caller.pinned, golden_id, wanted, limit=asked.limit, cursor=asked.cursor)
    return answer(caller, {"activity": caller.see_all(ACTIVITY, page.rows), "next_cursor": page.next_cursor})


@router.get("/customers/{golden_id}/signals", response_model=SignalsAnswer, responses=OF_A_CUSTOMER)
def show_signals(caller: Reader, golden_id: GoldenId) -> Response:
    """List what to know before speaking: the most severe first."""
    row = living(caller, golden_id, "/signals")
    if isinstance(row, Response):
        return row
    return answer(caller, {"signals": caller.see_all(SIGNAL, knowing.signals(caller.pinned, golden_id))})


@router.get("/customers/{golden_id}/provenance", response_model=ProvenanceAnswer, responses=OF_A_CUSTOMER)
def show_provenance(caller: Reader, golden_id: GoldenId) -> Response:
    """Say where each attribute comes from, by which rule, and which values lost.

    The records of values that lost are told from the role steward on; a reader is told no values that lost.
    """
    row = living(caller, golden_id, "/provenance")
    if isinstance(row, Response):
        return row
    return answer(caller, {"provenance": caller.see_all(PROVENANCE, who.provenance(caller.pinned, golden_id))})


@router.get("/customers/{golden_id}/history", response_model=HistoryAnswer, responses=OF_A_CUSTOMER)
def show_history(caller: Reader, golden_id: GoldenId, asked: Annotated[Feed, Query()]) -> Response:
    """List the identity events that the customer had a part in, the oldest first."""
    row = living(caller, golden_id, "/history")
    if isinstance(row, Response):
        return row
    found = feeds.history(caller.pinned, golden_id, asked.after, asked.limit)
    events = caller.see_all(CHANGE, found.rows)
    return answer(caller, {"events": events, "next_after": found.next_after, "more": found.more})


def _utc(at: datetime | None) -> datetime | None:
    """Return a time as the release has it: UTC without saying so. Raises Problem for one before or after all time."""
    if at is None or at.tzinfo is None:
        return at
    try:
        return at.astimezone(UTC).replace(tzinfo=None)
    except OverflowError as error:
        raise Problem("invalid", "A time has to lie between the years 1 and 9999, in UTC, too.") from error
