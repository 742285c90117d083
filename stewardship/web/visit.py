"""A visit: who is there, what they may do, and what a page needs to answer them.

    @router.get("/review/item/{item_id}")
    def show(visit: Steward, item_id: str) -> HTMLResponse:
        with visit.pinned.workings() as con:
            …
        return visit.page("review/card.html", item=item)

`SignedIn`, `Agent`, `Steward` and `Admin` say who may ask; a role above the one that is needed may, too. Whoever is not
signed in is sent to sign in, and comes back; whoever may not is told so. Modules of routes do without postponed
annotations: FastAPI reads them when they are made.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse

from stewardship.accounts import Accounts, Session, allows
from stewardship.listing import Reading
from stewardship.store import Store
from stewardship.web import csrf
from stewardship.web.releases import Pinned, Releases
from stewardship.web.render import render
from warehouse.settings import Settings
from warehouse.workspace import Workspace

SIGN_IN = "/sign-in"
HOME = "/"


class NotSignedIn(Exception):
    """Nobody is signed in, or not any more; `to` is where they wanted to go, to go on there."""

    def __init__(self, to: str) -> None:
        super().__init__()
        self.to = to


class MayNot(Exception):
    """Who is signed in has a role that may not do this; `needed` is the one that may."""

    def __init__(self, needed: str) -> None:
        super().__init__(needed)
        self.needed = needed


class NothingPublished(Exception):
    """A page needs a release, and there is none yet."""


@dataclass(frozen=True, slots=True)
class Site:
    """What all visits share; `log.now()` is the log as it stands, `origin` where a proxy has people find the site."""

    workspace: Workspace
    settings: Settings
    store: Store
    accounts: Accounts
    releases: Releases
    log: Reading
    origin: str | None = None

    @property
    def secure(self) -> bool:
        """Whether browsers come over https."""
        return self.origin is not None and self.origin.startswith("https:")


class Guest:
    """Somebody of whom nothing is known but the token that their forms have to carry."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.site: Site = request.app.state.site
        found = csrf.secret_of(request.cookies, secure=self.site.secure)
        self._new_secret = None if found else csrf.new_secret()
        self.csrf = csrf.token_of(found or self._new_secret or "")

    @property
    def address(self) -> str:
        """The address that the request came from."""
        return self.request.client.host if self.request.client else ""

    @property
    def origin(self) -> str:
        """The address of this site, as whoever asks has found it."""
        return self.site.origin or f"{self.request.url.scheme}://{self.request.url.netloc}"

    @property
    def by_htmx(self) -> bool:
        """Whether a part of a page asks, and not the browser for a page."""
        return "hx-request" in self.request.headers

    def page(self, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """Return the template as an answer to somebody who is not signed in."""
        answer = render(template, None, status=status, csrf=self.csrf, **values)
        if self._new_secret is not None:
            set_cookie(answer, csrf.visit_cookie(secure=self.site.secure), self._new_secret, secure=self.site.secure)
        return answer


class Visit(Guest):
    """Somebody who is signed in: `user` is their name, `role` what they may do, `session` what they came in with."""

    def __init__(self, request: Request, session: Session) -> None:
        super().__init__(request)
        self.session = session
        self.user: str = session.name
        self.role: str = session.role
        self.store = self.site.store
        self.accounts = self.site.accounts
        self.settings = self.site.settings
        self.workspace = self.site.workspace

    @cached_property
    def release_or_none(self) -> Pinned | None:
        """The release that this visit looks at, the same from its beginning to its end; None before the first."""
        return self.site.releases.current()

    @property
    def pinned(self) -> Pinned:
        """The release that this visit looks at. Raises NothingPublished, which shows a page that says so."""
        if self.release_or_none is None:
            raise NothingPublished
        return self.release_or_none

    def may(self, needed: str) -> bool:
        """Say whether they may do what needs that role."""
        return allows(self.role, needed)

    def page(self, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """Return the template as an answer; it sees this visit as `visit`, and `csrf` for the field of that name."""
        return render(template, self, status=status, csrf=self.csrf, **values)

    def go(self, path: str) -> RedirectResponse | HTMLResponse:
        """Return the answer to a form that was taken: on to another page of ours, which `path` names."""
        return go(self.request, path)


def set_cookie(answer: HTMLResponse | RedirectResponse, name: str, value: str, *, secure: bool) -> None:
    """Set a cookie that no script reads, no other site sends along with a form, and no disk keeps."""
    answer.set_cookie(name, value, path="/", secure=secure, httponly=True, samesite="lax")


def go(request: Request, path: str) -> RedirectResponse | HTMLResponse:
    """Return what sends a browser, or the page that htmx asks for, on to another page of ours."""
    if "hx-request" in request.headers:
        return HTMLResponse(headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)


def own_path(path: str | None) -> str:
    """Return the path if it is one of ours, else the first page: nobody is sent on to another site."""
    plain = path is not None and path.isascii() and path.isprintable() and "\\" not in path
    return path if path and plain and path.startswith("/") and not path.startswith("//") else HOME


def sign_in_path(to: str) -> str:
    """Return where to sign in, with the page to go on to."""
    return SIGN_IN if own_path(to) == HOME else f"{SIGN_IN}?to={quote(to, safe='/')}"


def find_visit(request: Request) -> Visit | None:
    """Return the visit of who is signed in, None where nobody is; looked up once per request."""
    if not hasattr(request.state, "visit"):
        site: Site = request.app.state.site
        cookie = request.cookies.get(csrf.session_cookie(secure=site.secure))
        session = site.accounts.session(cookie) if cookie else None
        request.state.visit = Visit(request, session) if session else None
    found: Visit | None = request.state.visit
    return found


def _needs(role: str) -> Callable[[Request], Visit]:
    def dependency(request: Request) -> Visit:
        visit = find_visit(request)
        if visit is None:
            raise NotSignedIn(request.url.path if request.method == "GET" else HOME)
        if not visit.may(role):
            raise MayNot(role)
        return visit

    return dependency


def _may_be_signed_in(request: Request) -> Guest:
    return find_visit(request) or Guest(request)


Anybody = Annotated[Guest, Depends(_may_be_signed_in)]
SignedIn = Annotated[Visit, Depends(_needs("reader"))]
Agent = Annotated[Visit, Depends(_needs("agent"))]
Steward = Annotated[Visit, Depends(_needs("steward"))]
Admin = Annotated[Visit, Depends(_needs("admin"))]
