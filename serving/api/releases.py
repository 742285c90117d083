"""The release that answers, and whether the site is alive."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from serving.api.answers import answer, in_json, stamp
from serving.api.bearer import Reader
from serving.api.document import problems
from serving.api.shapes import Health, ReleaseAnswer
from stewardship.web.visit import Site
from warehouse.errors import JoinedupError

router = APIRouter(tags=["releases"])
_TOLD = ("base_release_id", "content_hash", "release_hash", "model_version", "rows", "versions", "precision", "recall")


@router.get("/releases/current", response_model=ReleaseAnswer, responses=problems())
def show_release(caller: Reader) -> Response:
    """Return what the release says about itself: what is in it, what it was made of, and how exact it is."""
    manifest = caller.pinned.manifest
    told = {name: getattr(manifest, name) for name in _TOLD}
    return answer(caller, {"created_at": in_json(manifest.created_at), **told})


@router.get("/health", response_model=Health, responses={503: {"model": Health}})
def show_health(request: Request) -> Response:
    """Return whether requests can be answered, and how old the release is; it takes no token."""
    return health(request.app.state.site)


def health(site: Site) -> JSONResponse:
    """Say whether requests can be answered, without a word about anybody."""
    try:
        pinned = site.releases.current()
        site.store.head()
    except JoinedupError as error:
        return JSONResponse({"status": "failing", "reason": type(error).__name__}, 503)
    if pinned is None:
        return JSONResponse({"status": "ok", "release_id": None, "as_of": None, "age_seconds": None})
    age = datetime.now(UTC).replace(tzinfo=None) - pinned.manifest.created_at
    return JSONResponse({"status": "ok", **stamp(pinned), "age_seconds": max(0, int(age.total_seconds()))})
