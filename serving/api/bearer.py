"""Who asks: a program with a token, of a role, with a budget of requests; and the release that it is answered from.

    @router.get("/customers/{golden_id}")
    def show(caller: Reader, golden_id: str) -> Response:
        with caller.pinned.golden() as con:
            …
        return answer(caller, {"customer": row})

`Reader`, `Agent`, `Steward` and `Admin` say who may ask; a role above the one that is needed may, too. Cookies are not
looked at, so that no other site's page can ask in the name of who is signed in. Modules of routes do without postponed
annotations: FastAPI reads them when they are made.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from serving.api.problems import Problem
from serving.masking import mask, mask_all
from serving.reading.tables import Row
from stewardship.accounts import Token, allows
from stewardship.web.budget import Budget
from stewardship.web.releases import Pinned
from stewardship.web.visit import Site
from warehouse.table_spec import TableSpec

PER_SECOND, AT_ONCE = 200.0, 2000.0
"""What one token may go on asking, and how many requests in a burst."""
_NO_TOKEN_COSTS = 10
"""What a request without a token takes of its address's budget: programs that have one are not slowed by it."""
BEARER = HTTPBearer(auto_error=False, scheme_name="token", description="`joinedup token create NAME --role ROLE`")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, by the name and role of their token, and the one release that this request is answered from."""

    role: str
    name: str
    pinned: Pinned
    request: Request
    site: Site

    def may(self, needed: str) -> bool:
        """Say whether they may do what needs that role."""
        return allows(self.role, needed)

    def see(self, spec: TableSpec, row: Row) -> Row:
        """Return a row of a table as they may see it."""
        return mask(spec, row, self.role)

    def see_all(self, spec: TableSpec, rows: Iterable[Row]) -> list[Row]:
        """Return rows of a table as they may see them."""
        return mask_all(spec, rows, self.role)

    def spend(self, requests: float) -> None:
        """Take what a large request costs beyond one out of the token's budget. Raises Problem."""
        _spend(self.request, f"token {self.name}", requests)


def new_budget() -> Budget:
    """Return the budget that the tokens of a site share out, each its own."""
    return Budget(PER_SECOND, AT_ONCE)


def token_of(request: Request, given: HTTPAuthorizationCredentials | None) -> Token:
    """Return the token that a request shows, its budget charged. Raises Problem."""
    site: Site = request.app.state.site
    found = site.accounts.check_token(given.credentials) if given else None
    if found is None:
        address = request.client.host if request.client else ""
        _spend(request, f"no token at {address}", _NO_TOKEN_COSTS)
        challenge = 'Bearer realm="joinedup"' + (', error="invalid_token"' if given else "")
        detail = "Send `Authorization: Bearer jut_…`; `joinedup token create` makes one."
        raise Problem("no-token", detail, {"www-authenticate": challenge})
    _spend(request, f"token {found.name}", 1)
    return found


def _needs(role: str) -> Callable[..., Caller]:
    def dependency(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> Caller:
        token = token_of(request, given)
        if not allows(token.role, role):
            challenge = {"www-authenticate": 'Bearer realm="joinedup", error="insufficient_scope"'}
            raise Problem("not-allowed", f"It takes a token of the role {role}.", challenge)
        site: Site = request.app.state.site
        pinned = site.releases.current()
        if pinned is None:
            detail = "The first night has not been published: ask again after it."
            raise Problem("nothing-published", detail, {"retry-after": "60"})
        caller = Caller(token.role, token.name, pinned, request, site)
        request.state.caller = caller
        return caller

    return dependency


def _spend(request: Request, who: str, requests: float) -> None:
    budget: Budget = request.app.state.api_budget
    if not budget.spend(who, requests):
        wait = budget.wait(who, requests)
        detail = f"A token may ask {PER_SECOND:.0f} times a second in the long run: wait as `Retry-After` says."
        raise Problem("too-many-requests", detail, {"retry-after": str(wait)})


Reader = Annotated[Caller, Depends(_needs("reader"))]
Agent = Annotated[Caller, Depends(_needs("agent"))]
Steward = Annotated[Caller, Depends(_needs("steward"))]
Admin = Annotated[Caller, Depends(_needs("admin"))]
