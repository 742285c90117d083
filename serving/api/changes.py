"""The feeds: identity events, and signals raised and cleared; gap-free, and replayable from 0.

A reader goes on after `next_after`. After a rollback a release may hold less than was read already: then nothing comes
until the next night, whose events take back what has to be taken back.
"""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from serving.api.answers import answer
from serving.api.bearer import Reader
from serving.api.document import problems
from serving.api.paging import Feed
from serving.api.shapes import ChangesAnswer, SignalChangesAnswer
from serving.reading import feeds
from warehouse.tables.care import SIGNAL_CHANGE
from warehouse.tables.golden import CHANGE

router = APIRouter(tags=["feeds"])


@router.get("/changes", response_model=ChangesAnswer, responses=problems(422))
def show_changes(caller: Reader, asked: Annotated[Feed, Query()]) -> Response:
    """List identity events in their order. Replayed from 0 they give exactly `customer` and `crosswalk`."""
    found = feeds.changes(caller.pinned, asked.after, asked.limit)
    last = feeds.last_sequence(caller.pinned, CHANGE)
    rows = caller.see_all(CHANGE, found.rows)
    return answer(caller, {"changes": rows, "next_after": found.next_after, "more": found.more, "last": last})


@router.get("/signals/changes", response_model=SignalChangesAnswer, responses=problems(422))
def show_signal_changes(caller: Reader, asked: Annotated[Feed, Query()]) -> Response:
    """List signals raised and cleared, in their order. Replayed from 0 they give exactly the signals there are."""
    found = feeds.signal_changes(caller.pinned, asked.after, asked.limit)
    last = feeds.last_sequence(caller.pinned, SIGNAL_CHANGE)
    rows = caller.see_all(SIGNAL_CHANGE, found.rows)
    return answer(caller, {"changes": rows, "next_after": found.next_after, "more": found.more, "last": last})
