"""The route of the figures: for any token, so that who watches the site need not be trusted with customers.

It is asked at `/metrics`, where such watchers look, beside the API and not below it.
"""

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPAuthorizationCredentials
from starlette.responses import Response

from serving.api.bearer import BEARER, token_of
from serving.metrics import MEDIA_TYPE, Metrics
from stewardship.web.security import METRICS
from warehouse.errors import JoinedupError

if TYPE_CHECKING:
    from stewardship.web.visit import Site

router = APIRouter()


@router.get(METRICS)
def show_metrics(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> Response:
    """Return the figures; without those of the release where it is out of reach."""
    token_of(request, given)
    site: Site = request.app.state.site
    metrics: Metrics = request.app.state.metrics
    try:
        pinned = site.releases.current()
    except JoinedupError:
        pinned = None
    return Response(metrics.text(pinned), media_type=MEDIA_TYPE)
