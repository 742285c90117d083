"""For admins: who may come in and as what, and links that let somebody in once."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from stewardship.accounts import ROLES
from stewardship.accounts.accounts import LINK_MINUTES
from stewardship.web.visit import SIGN_IN, Admin, Visit
from warehouse.errors import Refused, UsageError

router = APIRouter()
Text = Annotated[str, Form()]

DONE = {
    "added": "The account is there. Make a link for it, and hand that over in person or by a channel that you trust.",
    "role": "The role is changed, from the next click on.",
    "disable": "The account is disabled, and signed out everywhere.",
    "enable": "The account lets its owner in again.",
}
"""What an address may ask to be said."""
MAY = {
    "reader": "sign in and see their own account",
    "agent": "what a reader may",
    "steward": "look customers up, review and decide",
    "admin": "what a steward may, and let people in",
}


@router.get("/account/users")
def users(visit: Admin, done: str | None = None) -> Response:
    """List who may come in, and as what."""
    return _page(visit, done=DONE.get(done or ""))


@router.post("/account/users")
def add_user(visit: Admin, name: Text = "", role: Text = "") -> Response:
    """Add somebody, who comes in by a link."""
    return _tried(visit, "added", lambda: visit.accounts.add(name.strip(), role, visit.user), name)


@router.post("/account/users/role")
def set_role(visit: Admin, name: Text, role: Text) -> Response:
    """Change what somebody may do."""
    return _tried(visit, "role", lambda: visit.accounts.set_role(_another(visit, name), role, visit.user))


@router.post("/account/users/disable")
def disable(visit: Admin, name: Text) -> Response:
    """Let somebody in no more."""
    return _tried(visit, "disable", lambda: visit.accounts.disable(_another(visit, name), visit.user))


@router.post("/account/users/enable")
def enable(visit: Admin, name: Text) -> Response:
    """Let somebody in again."""
    return _tried(visit, "enable", lambda: visit.accounts.enable(name, visit.user))


@router.post("/account/users/link")
def make_link(visit: Admin, name: Text) -> Response:
    """Show a link that lets somebody in once; it is shown this once."""
    try:
        link = visit.accounts.link(name, actor=visit.user)
    except (UsageError, Refused) as error:
        return _page(visit, status=409, problem=error.message)
    return _page(visit, link=f"{visit.origin}{SIGN_IN}/{link}", link_for=name)


def _another(visit: Visit, name: str) -> str:
    """Return the name. Raises Refused for one's own: nobody is to shut themselves out by a slip of the hand."""
    if name.casefold() == visit.user.casefold():
        raise Refused("this is your own account: let another admin do that")
    return name


def _tried(visit: Visit, done: str, change: Callable[[], object], name: str = "") -> Response:
    try:
        change()
    except (UsageError, Refused) as error:
        return _page(visit, status=409, problem=error.message, name=name)
    return visit.go(f"/account/users?done={done}")


def _page(visit: Visit, *, status: int = 200, **values: str | None) -> Response:
    told = {"done": None, "problem": None, "name": "", "link": None, "link_for": None} | values
    found = visit.accounts.users()
    return visit.page(
        "account/users.html", status=status, users=found, roles=ROLES, may=MAY, link_minutes=LINK_MINUTES, **told
    )
