"""What went wrong, as a program is told: problem documents of RFC 9457, each with a type that stays.

Nothing that was sent is repeated in them: it may be somebody's data.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from serving.api.answers import stamp
from warehouse.errors import JoinedupError, Refused, SurroundingsError, UsageError, WorkspaceBusy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

Kind = Literal[
    "bad-request",
    "no-token",
    "not-allowed",
    "not-found",
    "unknown-customer",
    "unknown-issue",
    "no-such-method",
    "refused",
    "customer-gone",
    "too-large",
    "other-host",
    "invalid",
    "too-many-requests",
    "defect",
    "nothing-published",
    "out-of-reach",
]
KINDS: Mapping[Kind, tuple[int, str]] = {
    "bad-request": (400, "That cannot be taken as it is"),
    "no-token": (401, "A token is needed"),
    "not-allowed": (403, "The token's role may not do that"),
    "not-found": (404, "There is no such address"),
    "unknown-customer": (404, "No such customer"),
    "unknown-issue": (404, "No such known issue"),
    "no-such-method": (405, "The address does not take this method"),
    "refused": (409, "That cannot be done to what is there now"),
    "customer-gone": (410, "The customer is gone, without a successor"),
    "too-large": (413, "The body is too large"),
    "other-host": (421, "Not this site"),
    "invalid": (422, "Something is missing or not of its kind"),
    "too-many-requests": (429, "Too many requests"),
    "defect": (500, "A defect of joinedup"),
    "nothing-published": (503, "Nothing is published yet"),
    "out-of-reach": (503, "Out of reach for now"),
}
"""Every kind of problem: its status, and its title; the type is `urn:joinedup:problem:` and the name."""
TYPE = "urn:joinedup:problem:"
MEDIA_TYPE = "application/problem+json"
DEFECT_DETAIL = "This is a defect of ours; the log says where it broke."
_BY_STATUS: Mapping[int, Kind] = {
    400: "bad-request",
    403: "not-allowed",
    404: "not-found",
    405: "no-such-method",
    413: "too-large",
    421: "other-host",
    429: "too-many-requests",
    503: "out-of-reach",
}
_BY_ERROR: tuple[tuple[type[JoinedupError], Kind], ...] = (
    (Refused, "refused"),
    (UsageError, "bad-request"),
    (WorkspaceBusy, "out-of-reach"),
    (SurroundingsError, "out-of-reach"),
)
_NAMED = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Problem(Exception):
    """A request that is answered with a problem; `detail` is a sentence without anything that was sent."""

    def __init__(self, kind: Kind, detail: str, headers: Mapping[str, str] | None = None, **members: object) -> None:
        super().__init__(kind)
        self.kind, self.detail, self.headers, self.members = kind, detail, dict(headers or {}), members


def told(request: Request, problem: Problem) -> Response:
    """Return the answer that says what went wrong; where a release was asked, it says which."""
    status, title = KINDS[problem.kind]
    caller = getattr(request.state, "caller", None)
    body = {
        "type": TYPE + problem.kind,
        "title": title,
        "status": status,
        "detail": problem.detail,
        **(stamp(caller.pinned) if caller is not None else {}),
        **problem.members,
    }
    headers = {"cache-control": "no-store", **problem.headers}
    return Response(json.dumps(body, ensure_ascii=False), status, headers, MEDIA_TYPE)


def by_status(request: Request, status: int, sentence: str) -> Response:
    """Return the problem of a status that the guard or the framework found."""
    kind = _BY_STATUS.get(status, "bad-request" if status < 500 else "defect")  # noqa: PLR2004 - ours from 500 on
    headers = {"retry-after": "1"} if status == KINDS["too-many-requests"][0] else None
    return told(request, Problem(kind, sentence, headers))


def tell_problems(api: FastAPI) -> None:
    """Let an application answer every error with a problem document."""
    for error, handler in _HANDLERS.items():
        api.add_exception_handler(error, handler)


def _problem(request: Request, error: Exception) -> Response:
    return told(request, error if isinstance(error, Problem) else Problem("defect", DEFECT_DETAIL))


def _ours(request: Request, error: Exception) -> Response:
    kind = next((kind for class_, kind in _BY_ERROR if isinstance(error, class_)), None)
    if kind is None or not isinstance(error, JoinedupError):
        raise error
    return told(request, Problem(kind, error.message))


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    details = {404: "No route has this address.", 405: "`Allow` names the methods that it takes."}
    answer = by_status(request, error.status_code, details.get(error.status_code, "The body could not be read."))
    answer.headers.update(error.headers or {})
    return answer


def _invalid(request: Request, error: Exception) -> Response:
    errors = error.errors() if isinstance(error, RequestValidationError) else ()
    wrong = [_wrong(found) for found in errors]
    return told(request, Problem("invalid", "`errors` says where, and what is expected there.", errors=wrong))


def _wrong(found: Mapping[str, Any]) -> dict[str, str]:
    """Return where something is wrong and what is expected: no value, and no key that the API does not know."""
    is_unknown = found["type"] == "extra_forbidden"
    parts = found["loc"][:-1] if is_unknown else found["loc"]
    where = ".".join(str(part) for part in parts if isinstance(part, int) or _NAMED.fullmatch(part))
    expected = "nothing but the keys that are documented" if is_unknown else found["msg"]
    return {"where": where, "expected": expected.removeprefix("Value error, ")}


_HANDLERS = {Problem: _problem, JoinedupError: _ours, HTTPException: _http, RequestValidationError: _invalid}
