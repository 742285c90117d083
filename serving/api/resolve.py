"""Whose records are: many keys of sources at once, each to the golden id of its customer."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from serving.api.answers import answer
from serving.api.bearer import Reader
from serving.api.document import problems
from serving.api.shapes import ResolveAnswer
from serving.reading import who

router = APIRouter(tags=["search"])
MOST_RECORDS = 1000
_PER_REQUEST = 100
"""So many records cost as much of a token's budget as one request."""


class Key(BaseModel):
    """A source record."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(min_length=1, max_length=200, description="the name of a source, as in joinedup.yaml")
    source_record_id: str = Field(min_length=1, max_length=2000, description="its key in that source, byte for byte")


class Keys(BaseModel):
    """Source records."""

    model_config = ConfigDict(extra="forbid")

    records: Annotated[list[Key], Field(min_length=1, max_length=MOST_RECORDS, description="whose these are")]


@router.post("/resolve", response_model=ResolveAnswer, responses=problems(413, 422))
def resolve(caller: Reader, asked: Keys) -> Response:
    """Return whose records these are, in the order asked."""
    caller.spend(len(asked.records) // _PER_REQUEST)
    found = who.resolve(caller.pinned, [(key.source, key.source_record_id) for key in asked.records])
    for row in found:
        row["state"] = "customer" if row["golden_id"] else "nobody" if row["reason"] else "unknown"
    return answer(caller, {"records": found})
