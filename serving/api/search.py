"""Customers by one thing that is known of them: an e-mail, a phone, a reference, a source record, or any words."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from serving.api.answers import answer
from serving.api.bearer import Caller, Reader
from serving.api.document import problems
from serving.api.shapes import SearchAnswer
from serving.masking import sees_masked
from serving.reading import searching
from serving.reading.tables import Row
from warehouse.tables.golden import CUSTOMER

if TYPE_CHECKING:
    from serving.lookup import Indexes

router = APIRouter(tags=["search"])
MOST_FOUND = 100
_LONGEST = 2000
Text = Annotated[str | None, Field(min_length=1, max_length=_LONGEST)]


class Search(BaseModel):
    """What is known: one of these, and no other; `source` and `source_record_id` go together."""

    model_config = ConfigDict(extra="forbid")

    reference: Text = Field(None, description="an order, invoice or case number, in any case of its letters")
    email: Text = Field(None, description="an e-mail address, however it is written")
    phone: Text = Field(None, description="a phone number in any format; without its area code, how it ends")
    q: Text = Field(None, description="anything: parts of a name, an e-mail, a phone, a number, a golden id")
    source: Text = Field(None, description="the name of a source, as in joinedup.yaml")
    source_record_id: Text = Field(None, description="the record's key in that source, byte for byte")
    limit: int = Field(25, ge=1, le=MOST_FOUND, description="how many customers at most")

    @model_validator(mode="after")
    def one_thing(self) -> Self:
        """Raise ValueError unless exactly one thing is asked for."""
        alone = [self.reference, self.email, self.phone, self.q]
        record = (self.source is not None) + (self.source_record_id is not None)
        if record == 1 or sum(each is not None for each in alone) + record / 2 != 1:
            allowed = "one of reference, email, phone and q, or source together with source_record_id"
            raise ValueError(allowed)
        return self


@router.get("/customers", response_model=SearchAnswer, responses=problems(422))
def find_customers(caller: Reader, asked: Annotated[Search, Query()]) -> Response:
    """Find customers by one thing. What is personal is better sent by `POST /customers/search`, and kept in no log."""
    return _found(caller, asked)


@router.post("/customers/search", response_model=SearchAnswer, responses=problems(413, 422))
def search_customers(caller: Reader, asked: Search) -> Response:
    """Find customers by one thing, without it being part of an address."""
    return _found(caller, asked)


def _found(caller: Caller, asked: Search) -> Response:
    if asked.q is not None:
        return _by_words(caller, asked.q, asked.limit)
    why, rows = _rows(caller, asked)
    shown = [row | {"why": why} for row in caller.see_all(CUSTOMER, rows[: asked.limit])]
    return answer(caller, {"customers": shown, "more": len(rows) > asked.limit})


def _by_words(caller: Caller, text: str, limit: int) -> Response:
    """Answer from the index in memory, and from the release that it is of: that before, until the new one is made."""
    indexes: Indexes = caller.request.app.state.indexes
    ready = indexes.with_release()
    if ready is None:
        return answer(caller, {"customers": [], "more": False})
    index, pinned = ready
    caller = replace(caller, pinned=pinned)
    found = index.find(text, limit, masked=sees_masked(caller.role))
    why = {hit.golden_id: hit.why for hit in found.hits}
    rows = searching.summaries(pinned, list(why))
    shown = [row | {"why": why[row["golden_id"]]} for row in caller.see_all(CUSTOMER, rows)]
    return answer(caller, {"customers": shown, "more": found.more})


def _rows(caller: Caller, asked: Search) -> tuple[str, list[Row]]:
    """Return what customers are looked for by, and one customer more than asked for, where there are so many."""
    pinned, limit = caller.pinned, asked.limit + 1
    indexes: Indexes = caller.request.app.state.indexes
    if asked.email is not None:
        return "e-mail", searching.by_email(pinned, asked.email, limit, indexes.of(pinned))
    if asked.phone is not None:
        country, whole = caller.site.settings.country, sees_masked(caller.role)
        return "phone", searching.by_phone(pinned, asked.phone, country, limit, whole=whole)
    if asked.reference is not None:
        return "order or case number", searching.by_reference(pinned, asked.reference, limit, indexes.of(pinned))
    key = asked.source or "", asked.source_record_id or ""
    return "record", searching.by_record(pinned, *key, limit)
