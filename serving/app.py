"""The web application: the guard at its door, the pages behind it, and what they share.

READS: the published release, the stewards' store, joinedup.yaml. WRITES: the stewards' store, by forms alone. Keeps
this: nothing is changed by looking; no answer without the guard's headers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from serving.api import create_api
from serving.api.document import PREFIX
from serving.problems import problem, tell_problems
from serving.sign_in import router as sign_in
from stewardship.accounts import Accounts
from stewardship.listing import Reading
from stewardship.pages import PAGES
from stewardship.store import open_store
from stewardship.web.budget import Budget
from stewardship.web.releases import Releases
from stewardship.web.security import HEALTH, Door, Guard
from stewardship.web.visit import Site
from warehouse.errors import JoinedupError
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from warehouse.workspace import Workspace

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names that a machine has for itself."""


def create_app(workspace: Workspace, door: Door | None = None, budget: Budget | None = None) -> FastAPI:
    """Return the application over a workspace; without a `door` it answers to the names of this machine alone.

    Settings are read once. Raises SettingsError for a joinedup.yaml that is wrong.
    """
    door = door or Door(LOCAL)
    settings = load_settings(workspace.settings_file)
    store = open_store(settings, workspace.path)
    guard = Middleware(Guard, door=door, refuse=problem, budget=budget or Budget())
    app = FastAPI(title="joinedup", openapi_url=None, middleware=[guard])
    app.state.site = Site(workspace, settings, store, Accounts(store), Releases(workspace), Reading(store), door.origin)
    app.mount("/static", StaticFiles(packages=[("stewardship.web", "static")]), name="static")
    app.mount(PREFIX, create_api(app.state), name="api")
    app.get(HEALTH)(lambda: _health(app.state.site))
    for router in (sign_in, *PAGES):
        app.include_router(router)
    tell_problems(app)
    return app


def _health(site: Site) -> JSONResponse:
    """Say whether pages can be answered, without a word about anybody."""
    try:
        pinned = site.releases.current()
        site.store.head()
    except JoinedupError as error:
        return JSONResponse({"status": "failing", "reason": type(error).__name__}, 503)
    return JSONResponse({"status": "ok", "release_id": pinned.release_id if pinned else None})
