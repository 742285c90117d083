"""The web application: the guard at its door, the pages behind it, and what they share.

READS: the published release, the stewards' store, joinedup.yaml. WRITES: the stewards' store, by forms alone. Keeps
this: nothing is changed by looking; no answer without the guard's headers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from serving.api import create_api
from serving.api.document import PREFIX
from serving.api.metrics import router as metrics
from serving.api.releases import health
from serving.lookup import Indexes, Matchers
from serving.metrics import Metrics
from serving.pages import PAGES as AGENTS_PAGES
from serving.problems import problem, tell_problems
from serving.sign_in import router as sign_in
from stewardship.accounts import Accounts
from stewardship.listing import Reading
from stewardship.pages import PAGES
from stewardship.store import open_store
from stewardship.web.budget import Budget
from stewardship.web.releases import Releases
from stewardship.web.render import PACKAGES
from stewardship.web.security import HEALTH, Door, Guard
from stewardship.web.visit import Site
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
    figures = Metrics()
    guard = Middleware(Guard, door=door, refuse=problem, budget=budget or Budget(), count=figures.count)
    app = FastAPI(title="joinedup", openapi_url=None, middleware=[guard])
    app.state.metrics = figures
    app.state.site = Site(workspace, settings, store, Accounts(store), Releases(workspace), Reading(store), door.origin)
    app.state.indexes = Indexes(app.state.site.releases, settings)
    app.state.matchers = Matchers(app.state.site.releases, settings)
    app.mount("/static", StaticFiles(packages=[(package, "static") for package in PACKAGES]), name="static")
    app.mount(PREFIX, create_api(app.state), name="api")
    app.get(HEALTH)(lambda: health(app.state.site))
    for router in (sign_in, metrics, *AGENTS_PAGES, *PAGES):
        app.include_router(router)
    tell_problems(app)
    return app
