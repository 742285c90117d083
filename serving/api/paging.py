"""How much is asked for at once, and from where on; a parameter that no route has is an error."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MOST_ROWS = 1000
_GREATEST = 2**63 - 1
Limit = Annotated[int, Field(ge=1, le=MOST_ROWS, description="how many at most")]


class Paged(BaseModel):
    """A place in pages of rows."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)

    cursor: str | None = Field(None, max_length=500, description="`next_cursor` of the page before")
    limit: Limit = 50


class Feed(BaseModel):
    """A place in a feed."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(0, ge=0, le=_GREATEST, description="the sequence after which to go on; 0: from the start")
    limit: Limit = 500
