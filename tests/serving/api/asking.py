"""Asking the API as a program does: over HTTP, with a token of a role."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from serving.app import create_app
from stewardship.accounts import ROLES
from stewardship.web.budget import Budget
from tests.serving.site import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from warehouse.workspace import Workspace

UNBOUND = 1e9


@dataclass(frozen=True)
class Api:
    """A running API at `base`; `tokens` are those of each role."""

    app: FastAPI
    base: str
    client: httpx.Client
    tokens: dict[str, str]

    def ask(self, method: str, path: str, role: str | None = "steward", **rest: Any) -> httpx.Response:  # noqa: ANN401 - as httpx takes it
        """Ask below /api/v1 as a role, None: without a token; redirects are not followed."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}
        headers |= rest.pop("headers", {})
        return self.client.request(method, path, headers=headers, **rest)

    def get(self, path: str, role: str | None = "steward", **rest: Any) -> httpx.Response:  # noqa: ANN401 - the same
        return self.ask("GET", f"/api/v1{path}", role, **rest)

    def post(self, path: str, role: str | None = "steward", **rest: Any) -> httpx.Response:  # noqa: ANN401 - the same
        return self.ask("POST", f"/api/v1{path}", role, **rest)


@contextmanager
def asking(workspace: Workspace, budget: Budget | None = None) -> Iterator[Api]:
    """Serve a workspace for the block; its tokens may ask without end where no budget is given."""
    app = create_app(workspace, budget=Budget(UNBOUND, UNBOUND))
    app.state.api_budget = budget or Budget(UNBOUND, UNBOUND)
    accounts = app.state.site.accounts
    for token in accounts.tokens():
        if token.revoked_at is None:
            accounts.revoke_token(token.name, "tests")
    tokens: dict[str, str] = {role: accounts.create_token(f"a-{role}", role, "tests") for role in ROLES}
    with served(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield Api(app, str(client.base_url), client, tokens)
