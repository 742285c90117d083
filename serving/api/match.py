"""Which customer one record is: matched against the release in memory, as the night would."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from matching.lookup import Candidate, asked_from
from serving.api.answers import answer
from serving.api.bearer import Caller, Reader
from serving.api.document import problems
from serving.api.problems import Problem
from serving.api.shapes import MatchAnswer
from warehouse.errors import SurroundingsError

if TYPE_CHECKING:
    from serving.lookup import Matchers

router = APIRouter(tags=["search"])
_MOST = 20
_ASK_AGAIN = "5"
Text = Annotated[str, Field(max_length=1000)]
Texts = Annotated[list[Text], Field(max_length=_MOST)]


class Record(BaseModel):
    """A record's identity attributes, named and meant as under `fields` in joinedup.yaml; all optional."""

    model_config = ConfigDict(extra="forbid")

    full_name: Text | None = Field(None, description="a name on one line")
    name_order: Literal["given_first", "family_first"] | None = Field(None, description="how `full_name` is ordered")
    given_name: Text | None = Field(None, description="the first name")
    middle_name: Text | None = Field(None, description="full or an initial")
    family_name: Text | None = Field(None, description="the last name")
    name_suffix: Text | None = Field(None, description="as Jr or III")
    organisation: Text | None = Field(None, description="the company or other body")
    birth_date: date | None = Field(None, description="as 1971-05-17")
    email: Text | Texts | None = Field(None, description="one or several")
    phone: Text | Texts | None = Field(None, description="one or several, in any format")
    street: Text | None = Field(None, description="house number and street")
    unit: Text | None = Field(None, description="apartment, suite or floor")
    city: Text | None = Field(None, description="the town")
    region: Text | None = Field(None, description="state or province")
    postal_code: Text | None = Field(None, description="as written")
    country: Text | None = Field(None, description="its name or two letters")
    address: Text | Texts | None = Field(None, description="an address on one line")
    identifiers: dict[Text, Text | Texts] | None = Field(
        None, max_length=_MOST, description="shared numbers and handles: name to one value or several"
    )
    reference: Text | Texts | None = Field(None, description="numbers that it quotes, as of an order or a case")


@router.post("/match", response_model=MatchAnswer, responses=problems(409, 413, 422))
def match_record(caller: Reader, record: Record) -> Response:
    """Say which customer the record would join tonight, if any; a reader is not told why."""
    matchers: Matchers = caller.request.app.state.matchers
    try:
        ready = matchers.with_release()
    except SurroundingsError as error:
        detail = "The release is still being read into memory."
        raise Problem("out-of-reach", detail, {"retry-after": _ASK_AGAIN}) from error
    if ready is None:
        raise Problem("nothing-published", "The first night has not been published: ask again after it.")
    lookup, pinned = ready
    caller = replace(caller, pinned=pinned)
    found = lookup.match(asked_from(record.model_dump(exclude_none=True)))
    candidates = [_told(caller, candidate) for candidate in found.candidates]
    return answer(caller, {"verdict": found.verdict, "candidates": candidates})


def _told(caller: Caller, candidate: Candidate) -> dict[str, object]:
    told: dict[str, object] = {"golden_id": candidate.golden_id, "probability": candidate.probability, "reasons": []}
    if caller.may("agent"):
        told["reasons"] = [
            {"comparison": one.comparison, "level": one.level, "words": one.words, "bits": one.bits}
            for one in candidate.reasons
        ]
    return told
