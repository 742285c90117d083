"""One's own account: who is signed in, until when, and the password."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from stewardship.accounts import PasswordRefused, SignInRefused, TooManyAttempts
from stewardship.accounts.passwords import SHORTEST
from stewardship.accounts.sessions import ABSOLUTE, IDLE
from stewardship.web import csrf
from stewardship.web.visit import SignedIn, Visit, set_cookie

router = APIRouter()
Text = Annotated[str, Form()]

DONE = {
    "password": "Your password is changed, and every other session of yours has ended.",
    "sessions": "Every other session of yours has ended.",
}
"""What an address may ask to be said."""


@router.get("/account")
def show(visit: SignedIn, done: str | None = None) -> Response:
    """Show who is signed in, until when, and where to set a password."""
    return _account(visit, done=DONE.get(done or ""))


@router.post("/account/password")
def change_password(visit: SignedIn, new: Text = "", old: Text = "") -> Response:
    """Set one's password; every other session ends."""
    try:
        session = visit.accounts.change_password(visit.session, old, new, address=visit.address)
    except PasswordRefused as error:
        return _account(visit, status=400, new_problem=error.message)
    except (SignInRefused, TooManyAttempts) as error:
        problem = "That is not your password." if isinstance(error, SignInRefused) else error.message
        return _account(visit, status=403, old_problem=problem)
    answer = visit.go("/account?done=password")
    secure = visit.site.secure
    set_cookie(answer, csrf.session_cookie(secure=secure), session.cookie, secure=secure)
    return answer


@router.post("/account/sessions/end")
def end_others(visit: SignedIn) -> Response:
    """End every other session of whoever asks."""
    visit.accounts.end_others(visit.session)
    return visit.go("/account?done=sessions")


def _account(visit: Visit, *, status: int = 200, **values: str | None) -> Response:
    session = visit.session
    told = {"done": None, "old_problem": None, "new_problem": None} | values
    return visit.page(
        "account/own.html",
        status=status,
        session=session,
        others=[opened for opened in visit.accounts.sessions(session) if not opened.is_this],
        asks_for_old=not session.may_set_password(visit.accounts.now()),
        least_password=SHORTEST,
        ends_at=session.created_at + ABSOLUTE,
        idle_minutes=int(IDLE.total_seconds() // 60),
        **told,
    )
