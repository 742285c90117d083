"""The guard at the door: every request passes it before any route sees it, and every answer after.

It refuses a host that is not ours, a body beyond `MOST_BYTES`, more requests than a person makes,
and every request that may change something without the token of our own form or from another site's page. Programs
show a token of their own instead, in a header that no other site's page can send (`serving.api`). It gives each
answer the headers that tell browsers what they may do with it, catches what went wrong in us, and writes one line per
request, without the path as typed, query, name or value.
"""

from __future__ import annotations

import logging
import os
import time
import traceback
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request

from stewardship.web import csrf

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from stewardship.web.budget import Budget

LOG = logging.getLogger("joinedup.access")
FAULTS = logging.getLogger("joinedup.faults")
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    # not `no-referrer`: with it browsers hide from us, too, where a form of ours comes from
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
SAFE = ("GET", "HEAD", "OPTIONS")
STATIC = "/static/"
API = "/api/"
METRICS = "/metrics"
HEALTH = "/health"
_HEALTH = (HEALTH, "/api/v1/health")
"""Asked by who only wants to know whether the site is alive, by any name of it."""
MOST_BYTES = 256 * 1024
"""The largest body of a request: a note is the longest thing that anybody writes."""
_FORM = "application/x-www-form-urlencoded"
Refusal = tuple[int, str]
"""The status and the sentence that a request is refused with."""
OTHER_HOST: Refusal = (421, "This site does not go by the name that your browser asked for.")
TOO_OFTEN: Refusal = (429, "That was more than anybody can read. Wait a few seconds, then go on.")
TOO_LARGE: Refusal = (413, "That was more than a form of ours takes.")
OTHER_SITE: Refusal = (403, "This came from a page of another site, and was not taken.")
STALE: Refusal = (403, "This page was too old, or you signed in anew since. Open it again and repeat it.")
DEFECT: Refusal = (500, "This is a defect of ours. What you sent may not have been taken; the log says where it broke.")
_OF_AN_ADDRESS = 0.05
"""What a request takes of its address's budget: twenty people can be busy behind one."""


@dataclass(frozen=True, slots=True)
class Door:
    """Who may come in: `hosts` are the names that this site goes by, without ports.

    Addresses in numbers always are: no name of somebody else's can be made to lead to them unnoticed. `origin` is where
    people find the site where a proxy stands before it, as in https://customers.example.
    """

    hosts: frozenset[str]
    origin: str | None = None

    @property
    def secure(self) -> bool:
        """Whether browsers come over https."""
        return self.origin is not None and self.origin.startswith("https:")


class TooMuch(Exception):
    """The body is larger than any form of ours."""


class Guard:
    """The guard, as a layer around the application; `refuse` makes the pages that it answers with itself.

    `count` is told of each answer: method, route, status and seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        door: Door,
        refuse: Callable[[Request, int, str], Response],
        budget: Budget,
        count: Callable[[str, str, int | None, float], None],
    ) -> None:
        self._app, self._door, self._refuse, self._budget, self._count = app, door, refuse, budget, count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = Answer(scope, send, secure=self._door.secure)
        began = time.perf_counter()
        try:
            refusal, receive = await self._check(scope, receive)
            if refusal is None:
                await self._app(scope, receive, answer)
            else:
                await self._refuse(Request(scope), *refusal)(scope, receive, answer)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, its text may hold somebody's data: it ends here
            tell_fault(error)
            if answer.status is None:
                await self._refuse(Request(scope), *DEFECT)(scope, receive, answer)
        finally:
            seconds, route = time.perf_counter() - began, route_of(scope)
            LOG.info("%s %s %s %.0f ms", scope["method"], route, answer.status, seconds * 1000)
            self._count(scope["method"], route, answer.status, seconds)

    async def _check(self, scope: Scope, receive: Receive) -> tuple[Refusal | None, Receive]:
        """Return what to refuse the request with, if anything, and the body to go on with."""
        request = Request(scope)
        is_page = scope["path"] not in _HEALTH and not scope["path"].startswith(STATIC) and not is_api(scope)
        secret = csrf.secret_of(request.cookies, secure=self._door.secure)
        refusal = None
        if scope["path"] not in _HEALTH and not self._is_our_host(request):
            refusal = OTHER_HOST
        elif is_page and not self._has_budget(request, secret):
            refusal = TOO_OFTEN
        if refusal is not None or scope["method"] in SAFE or not is_page:
            return refusal, receive
        try:
            body = await _whole(receive)
        except TooMuch:
            return TOO_LARGE, receive
        if not self._is_our_page(request):
            return OTHER_SITE, receive
        if not csrf.is_token(_token(request, body), secret):
            return STALE, receive
        return None, _replay(body, receive)

    def _has_budget(self, request: Request, secret: str | None) -> bool:
        """Say whether the visitor may ask again; a cookie is easily changed, and an address shared by many people."""
        address = request.client.host if request.client else ""
        whose = secret or f"nobody known at {address}"
        return self._budget.spend(f"all at {address}", _OF_AN_ADDRESS) and self._budget.spend(whose)

    def _is_our_host(self, request: Request) -> bool:
        found = request.headers.getlist("host")
        if len(found) != 1:
            return False
        try:
            name = urlsplit(f"//{found[0]}").hostname or ""
        except ValueError:
            return False
        return name in self._door.hosts or _is_number(name)

    def _is_our_page(self, request: Request) -> bool:
        """Say whether the browser says that a page of ours asks; one that says nothing has the token to show."""
        site = request.headers.get("sec-fetch-site")
        if site is not None and site != "same-origin":
            return False
        origin = request.headers.get("origin")
        ours = self._door.origin or f"{request.url.scheme}://{request.headers.get('host', '')}"
        return origin is None or origin == ours


class Answer:
    """Sends an answer with the headers that every one has, and remembers its status."""

    def __init__(self, scope: Scope, send: Send, *, secure: bool) -> None:
        self._send, self._secure = send, secure
        self._lasts = scope["path"].startswith(STATIC) and b"v=" in scope.get("query_string", b"")
        self._may_be_kept = is_api(scope)
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        """Send one message of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            lasts = self._lasts and self.status == 200  # noqa: PLR2004 - found
            if not (self._may_be_kept and "cache-control" in headers):
                headers["cache-control"] = "public, max-age=31536000, immutable" if lasts else "no-store"
            if self._secure:
                headers["strict-transport-security"] = "max-age=31536000"
        await self._send(message)


def tell_fault(error: Exception) -> None:
    """Log a defect by its kind and place; its words, which may hold somebody's data, only with JOINEDUP_DEBUG."""
    if os.environ.get("JOINEDUP_DEBUG"):
        FAULTS.error("a defect of ours", exc_info=error)
        return
    frames = traceback.extract_tb(error.__traceback__)
    places = " > ".join(f"{'/'.join(frame.filename.rsplit('/', 2)[-2:])}:{frame.lineno}" for frame in frames[-4:])
    FAULTS.error("a defect of ours: %s at %s", type(error).__name__, places)


def _is_number(name: str) -> bool:
    try:
        return bool(ip_address(name))
    except ValueError:
        return False


def is_api(scope: Scope) -> bool:
    """Say whether a program asks: by a token and never by a cookie, so that its requests need no token of a form."""
    return bool(scope["path"].startswith(API) or scope["path"] == METRICS)


def route_of(scope: Scope) -> str:
    """Return the path as the program has it, with names for what people put in."""
    path = getattr(scope.get("route"), "path", None)
    if path is not None:
        return f"{scope.get('root_path', '')}{path}"
    return "/static/…" if scope["path"].startswith(STATIC) else "…"


async def _whole(receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BYTES:
            raise TooMuch
        if not message.get("more_body", False):
            break
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body once more, and then what comes after it."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


def _token(request: Request, body: bytes) -> str | None:
    """Return the token that came in the header, or in the field of a form."""
    if (found := request.headers.get(csrf.HEADER)) is not None:
        return found
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return None
    try:
        fields = parse_qs(body.decode("ascii", "replace"), max_num_fields=10_000)
    except ValueError:
        return None
    given = fields.get(csrf.FIELD, [])
    return given[0] if len(given) == 1 else None
