"""What every answer carries: the release it is of, a tag by which a client asks again for nothing, and how it is kept.

Keeps this: two answers of one tag are the same byte for byte; nobody but who asked keeps one, and asks again first.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serving.api.bearer import Caller
    from stewardship.web.releases import Pinned

KEPT = {"cache-control": "private, no-cache", "vary": "authorization"}
"""A client may keep the answer for itself, and asks with `If-None-Match` whether it still holds."""
_DECIMALS = Decimal("0.01")


def stamp(pinned: Pinned) -> dict[str, str]:
    """Return which release an answer is of, and the time that all in it which is relative to now is relative to."""
    return {"release_id": pinned.release_id, "as_of": in_json(pinned.manifest.as_of)}


def answer(caller: Caller, body: Mapping[str, object], *, status: int = 200) -> Response:
    """Return the answer to a caller: `body` with the release's stamp; not modified where they have it already."""
    content = encoded({**stamp(caller.pinned), **body})
    if caller.request.method != "GET":
        return Response(content, status, {"cache-control": "no-store"}, "application/json")
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {**KEPT, "etag": tag}
    if _has(caller.request.headers.getlist("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(content, status, headers, "application/json")


def moved(caller: Caller, path: str) -> Response:
    """Return what leads to the customer that an id stands for now; it may be another one tomorrow."""
    headers = {"cache-control": "no-store"}
    content = encoded({**stamp(caller.pinned), "location": path})
    answer = RedirectResponse(path, 307, headers)
    answer.body = content
    answer.headers["content-length"] = str(len(content))
    answer.headers["content-type"] = "application/json"
    return answer


def encoded(body: Mapping[str, object]) -> bytes:
    """Return data as JSON: times with Z, money and quantities as text that loses nothing."""
    return json.dumps(body, default=in_json, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def in_json(value: object) -> str:
    """Return what JSON has no type for. Raises TypeError for what no table of a release holds."""
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        short = value.normalize()
        return f"{short if short.as_tuple().exponent < -2 else value.quantize(_DECIMALS):f}"  # type: ignore[operator]  # noqa: PLR2004
    message = f"no JSON for a {type(value).__name__}"
    raise TypeError(message)


def _has(given: list[str], tag: str) -> bool:
    """Say whether the tags of If-None-Match name this one, compared weakly as RFC 9110 has it."""
    tags = {each.strip().removeprefix("W/") for line in given for each in line.split(",")}
    return tag in tags or "*" in tags
