"""What went wrong, as a browser is told: a page in the layout, or for htmx a note in the page that is there.

Users' mistakes and contradictions are told in the words of their error; a defect of ours without any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from serving.api.problems import Problem, by_status, told
from stewardship.pages.prepared import NoSuchCase
from stewardship.web.csrf import secret_of, token_of
from stewardship.web.render import render
from stewardship.web.security import is_api
from stewardship.web.visit import MayNot, NothingPublished, NotSignedIn, go, sign_in_path
from warehouse.errors import JoinedupError, Refused, SurroundingsError, UsageError, WorkspaceBusy

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

    from stewardship.web.visit import Visit

HEADINGS = {
    400: "That cannot be taken as it is",
    401: "Please sign in",
    403: "That is not allowed",
    404: "There is no such page",
    405: "That cannot be done here",
    409: "That cannot be done to what is there now",
    413: "That is too much",
    421: "Not this site",
    429: "Too many requests",
    500: "Something went wrong in joinedup",
    503: "Out of reach for now",
}
SENTENCES = {
    404: "What the address names is not here, or not any more.",
    405: "The address is right, but it is not for this.",
}
DEFECT = 500
_STATUSES: tuple[tuple[type[JoinedupError], int], ...] = (
    (NoSuchCase, 404),
    (Refused, 409),
    (UsageError, 400),
    (WorkspaceBusy, 503),
    (SurroundingsError, 503),
)


def problem(request: Request, status: int, sentence: str) -> Response:
    """Return the answer that says what went wrong: a page, or to a program a problem document."""
    if is_api(request.scope):
        return by_status(request, status, sentence)
    visit: Visit | None = getattr(request.state, "visit", None)
    heading = HEADINGS.get(status, "That did not work")
    if "hx-request" in request.headers:
        answer = render("problem.html", visit, status=status, heading=heading, sentence=sentence)
        answer.headers.update({"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"})
        return answer
    secret = secret_of(request.cookies, secure=request.app.state.site.secure)
    csrf = token_of(secret) if secret else ""
    return render("error.html", visit, status=status, csrf=csrf, heading=heading, sentence=sentence)


def status_of(error: JoinedupError) -> int:
    """Return the status that an error of ours is answered with."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), DEFECT)


def tell_problems(app: FastAPI) -> None:
    """Let the application answer every error with a page."""
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)


def _ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, JoinedupError) or status_of(error) == DEFECT:
        raise error
    return problem(request, status_of(error), error.message)


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else DEFECT
    return problem(request, status, SENTENCES.get(status, "Go back, look at what you sent, and try again."))


def _not_filled_in(request: Request, error: Exception) -> Response:
    places = error.errors() if isinstance(error, RequestValidationError) else ()
    names = sorted({str(place["loc"][-1]).replace("_", " ") for place in places})
    return problem(request, 400, f"Something is missing or not of its kind: {', '.join(names)}.")


def _not_signed_in(request: Request, error: Exception) -> Response:
    return go(request, sign_in_path(error.to if isinstance(error, NotSignedIn) else "/"))


def _may_not(request: Request, error: Exception) -> Response:
    needed = error.needed if isinstance(error, MayNot) else "other"
    return problem(request, 403, f"It takes the role {needed}, which an admin can give you.")


def _nothing_published(request: Request, _error: Exception) -> Response:
    visit: Visit | None = getattr(request.state, "visit", None)
    if visit is None or visit.by_htmx:
        return problem(request, 409, "Nothing is published yet.")
    return visit.page("nothing_published.html", workspace=visit.workspace.path.name)


def _to_a_program(request: Request, error: Exception) -> Response:
    return told(request, error) if isinstance(error, Problem) else problem(request, DEFECT, "")


_HANDLERS = {
    Problem: _to_a_program,
    JoinedupError: _ours,
    HTTPException: _http,
    RequestValidationError: _not_filled_in,
    NotSignedIn: _not_signed_in,
    MayNot: _may_not,
    NothingPublished: _nothing_published,
}
