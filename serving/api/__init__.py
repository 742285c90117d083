"""The HTTP API: an application of its own below `/api/v1`, over the published release.

`create_api` makes it of `ROUTES`, one module per thing that is asked for. `bearer` says who asks, `answers` what every
answer carries, `problems` how errors are told, `frontage` what stands before every route, `shapes` what the answers
look like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from serving.api.bearer import new_budget
from serving.api.changes import router as changes
from serving.api.customers import router as customers
from serving.api.document import with_document
from serving.api.frontage import Frontage
from serving.api.known_issues import router as known_issues
from serving.api.match import router as match
from serving.api.parts import router as parts
from serving.api.problems import DEFECT_DETAIL, Problem, tell_problems, told
from serving.api.releases import router as releases
from serving.api.resolve import router as resolve
from serving.api.search import router as search

if TYPE_CHECKING:
    from starlette.datastructures import State
    from starlette.requests import Request
    from starlette.responses import Response

ROUTES = (search, match, customers, parts, resolve, known_issues, changes, releases)
LARGER = {"/resolve": 1024 * 1024}
"""Paths, by their ends, that take larger bodies."""


def create_api(state: State) -> FastAPI:
    """Return the API; `state.site` is what it shares with the pages, `state.api_budget` what each token may ask."""
    state.api_budget = getattr(state, "api_budget", None) or new_budget()
    api = FastAPI(
        title="joinedup",
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    api.add_middleware(Frontage, routes=api.routes, larger=LARGER)
    api.state = state
    for router in ROUTES:
        api.include_router(router)
    tell_problems(api)
    api.add_exception_handler(Exception, _defect)
    with_document(api)
    return api


def _defect(request: Request, _error: Exception) -> Response:
    """Tell of a defect without a word about it; the guard writes it into the log."""
    return told(request, Problem("defect", DEFECT_DETAIL))
