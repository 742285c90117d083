"""Known issues, and whose open orders they touch."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from serving.api.answers import answer
from serving.api.bearer import Reader
from serving.api.document import problems
from serving.api.paging import Paged
from serving.api.problems import Problem
from serving.api.shapes import IssuesAnswer, TouchedAnswer
from serving.reading import issues
from warehouse.tables.golden import CUSTOMER

router = APIRouter(tags=["known issues"])
# an id is the key that a source gives, and may hold a slash
IssueId = Annotated[str, Path(description="the issue's id, as in `GET /known-issues`", max_length=2000)]


@router.get("/known-issues", response_model=IssuesAnswer, responses=problems())
def list_issues(caller: Reader) -> Response:
    """List the known issues, those that touch most customers first."""
    return answer(caller, {"issues": issues.known_issues(caller.pinned)})


@router.get("/known-issues/{issue_id:path}/customers", response_model=TouchedAnswer, responses=problems(404, 422))
def show_touched(caller: Reader, issue_id: IssueId, asked: Annotated[Paged, Query()]) -> Response:
    """List whose open orders an issue touches, and why, in the order of their golden ids."""
    found = issues.known_issues(caller.pinned, issue_id)
    if not found:
        raise Problem("unknown-issue", "This release knows no issue of the id: `GET /known-issues` lists them.")
    rows, more = issues.touched_customers(caller.pinned, issue_id, limit=asked.limit, after=asked.cursor or "")
    shown = caller.see_all(CUSTOMER, rows)
    next_cursor = rows[-1]["golden_id"] if more else None
    return answer(caller, {"issue": found[0], "customers": shown, "next_cursor": next_cursor})
