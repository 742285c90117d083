"""Signing in, by name and password or by a one-time link, and signing out.

A link is redeemed by a form and never by being opened, so that what looks at links before people do burns none.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import Response

from stewardship.accounts import LinkSpent, Session, SignInRefused, TooManyAttempts
from stewardship.accounts.passwords import SHORTEST, check_rules
from stewardship.web import csrf
from stewardship.web.visit import SIGN_IN, Anybody, Guest, SignedIn, Visit, go, own_path, set_cookie
from warehouse.errors import UsageError

router = APIRouter()


@router.get(SIGN_IN)
def ask(guest: Anybody, to: str | None = None) -> Response:
    """Ask for a name and a password."""
    if isinstance(guest, Visit):
        return guest.go(own_path(to))
    return guest.page("sign_in/ask.html", to=own_path(to), name="", problem=None)


@router.post(SIGN_IN)
def sign_in(
    guest: Anybody,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "/",
) -> Response:
    """Let in whoever says the right name and password."""
    try:
        session = guest.site.accounts.sign_in(name, password, address=guest.address, instead_of=_cookie(guest))
    except TooManyAttempts as error:
        return guest.page("sign_in/ask.html", status=429, to=own_path(to), name=name, problem=error.message)
    except SignInRefused as error:
        return guest.page("sign_in/ask.html", status=401, to=own_path(to), name=name, problem=error.message)
    return _let_in(guest, session, own_path(to))


@router.get(SIGN_IN + "/{link}")
def ask_by_link(guest: Anybody, link: str) -> Response:
    """Show what a link is good for, without using it."""
    invitation = guest.site.accounts.invitation(link)
    if invitation is None:
        return guest.page("sign_in/spent.html", status=404)
    values: dict[str, Any] = {"link": link, "invitation": invitation, "name": "", "problem": None}
    return guest.page("sign_in/by_link.html", least_password=SHORTEST, **values)


@router.post(SIGN_IN + "/{link}")
def sign_in_by_link(
    guest: Anybody, link: str, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> Response:
    """Let in whom the link was made for, and set the password that they choose."""
    accounts = guest.site.accounts
    invitation = accounts.invitation(link)
    if invitation is None:
        return guest.page("sign_in/spent.html", status=404)
    chosen = {} if invitation.name else {"name": name.strip()}
    try:
        if invitation.name is None:
            check_rules(name.strip(), password)  # there is no other way for them to come in again
        session = accounts.redeem(
            link, password=password or None, address=guest.address, instead_of=_cookie(guest), **chosen
        )
    except LinkSpent:
        return guest.page("sign_in/spent.html", status=404)
    except UsageError as error:
        values: dict[str, Any] = {"link": link, "invitation": invitation, "name": name, "problem": error.message}
        return guest.page("sign_in/by_link.html", status=400, least_password=SHORTEST, **values)
    return _let_in(guest, session, "/")


@router.post("/sign-out")
def sign_out(visit: SignedIn) -> Response:
    """End the session."""
    visit.accounts.end(visit.session)
    answer = visit.go(SIGN_IN)
    answer.delete_cookie(csrf.session_cookie(secure=visit.site.secure), secure=visit.site.secure, httponly=True)
    return answer


def _cookie(guest: Guest) -> str | None:
    return guest.request.cookies.get(csrf.session_cookie(secure=guest.site.secure))


def _let_in(guest: Guest, session: Session, to: str) -> Response:
    """Give the browser a new secret, whatever it had before."""
    answer = go(guest.request, to)
    secure = guest.site.secure
    set_cookie(answer, csrf.session_cookie(secure=secure), session.cookie, secure=secure)
    answer.delete_cookie(csrf.visit_cookie(secure=secure), secure=secure, httponly=True)
    return answer
