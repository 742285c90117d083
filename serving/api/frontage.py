"""What stands before every route of the API: methods that HTTP has everywhere, and how large a body may be.

HEAD is answered as GET without a body, OPTIONS with the methods that an address takes; no other site's page is let in
(no CORS). A body beyond the limit is not read to its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from serving.api.problems import Problem, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 256 * 1024
_METHODS = ("GET", "POST")


class TooLarge(Exception):
    """The body is larger than the route takes."""


class Frontage:
    """The layer around the API; `larger` says which paths, by their ends, take larger bodies."""

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute], larger: Mapping[str, int]) -> None:
        self._app, self._routes, self._larger = app, routes, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or let it through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await self._options(scope)(scope, receive, send)
        elif scope["method"] == "HEAD":
            as_get = {**scope, "method": "GET"}  # a copy: the server reads off its own that no body is to come
            await self._app(as_get, receive, _without_body(send))
            scope["route"] = as_get.get("route")
        elif scope["method"] == "GET":
            await self._app(scope, receive, send)
        else:
            await self._limited(scope, receive, send)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through where its body is not too large."""
        most = next((size for end, size in self._larger.items() if scope["path"].endswith(end)), MOST_BYTES)
        try:
            body = await _whole(Headers(scope=scope), receive, most)
        except TooLarge:
            detail = f"This address takes bodies of up to {most // 1024} KiB."
            await told(Request(scope), Problem("too-large", detail))(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    def _options(self, scope: Scope) -> Response:
        """Return which methods an address takes."""
        taken = {
            method
            for method in _METHODS
            for route in self._routes
            if route.matches({**scope, "method": method})[0] is Match.FULL
        }
        if not taken:
            return told(Request(scope), Problem("not-found", "No route has this address."))
        allowed = taken | {"OPTIONS"} | ({"HEAD"} if "GET" in taken else set())
        return Response(status_code=204, headers={"allow": ", ".join(sorted(allowed)), "cache-control": "no-store"})


async def _whole(headers: Headers, receive: Receive, most: int) -> bytes:
    """Return the body. Raises TooLarge as soon as it is known to be."""
    said = headers.get("content-length", "")
    if said.isascii() and said.isdigit() and int(said) > most:
        raise TooLarge
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise TooLarge
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


def _without_body(send: Send) -> Send:
    async def only_head(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return only_head
