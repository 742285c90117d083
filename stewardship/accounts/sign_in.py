"""Signing in by name and password.

READS and WRITES: the accounts' tables and the audit chain. Keeps this: whoever fails learns nothing of why, neither by
what they are told nor by how long it takes; while a password is hashed, nobody waits for the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stewardship.accounts import attempts, chain, passwords, sessions, users
from warehouse.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from stewardship.accounts.sessions import Session
    from stewardship.accounts.users import User
    from stewardship.store import Store

NOBODY = "(not signed in)"
"""The actor of what was done by nobody knows whom; no user can have this name."""


class SignInRefused(Refused):
    """The name or the password is wrong, or the account is disabled."""

    def __init__(self) -> None:
        super().__init__("the name or the password is wrong, or the account is disabled")


def prove(store: Store, name: str, password: str, address: str, now: datetime) -> tuple[User, str | None]:
    """Return the user that the password proves, and what to keep of it from now on where that has changed.

    The attempt is counted. Raises SignInRefused, TooManyAttempts.
    """
    attempt = attempts.attempt_of(users.folded(name), address)
    with store.looking() as con:
        if con is not None:
            attempts.check(con, attempt, now)
    with store.changing() as con:
        attempts.count(con, attempt, now)
        user = users.find(con, name)
    right, better = passwords.matches(password, user.kept if user else None)
    if user is None or not right or user.disabled_at is not None:
        with store.changing() as con:
            about = {"user": user.name if user else None}
            chain.append(con, now, NOBODY, "sign-in failed", about, address)
        raise SignInRefused
    return user, better


def sign_in(
    store: Store, credentials: tuple[str, str], address: str, now: datetime, instead_of: str | None = None
) -> Session:
    """Return a new session for a name and a password. Raises SignInRefused, TooManyAttempts."""
    user, better = prove(store, *credentials, address, now)
    with store.changing() as con:
        found = users.find(con, user.name)
        if found is None or found.disabled_at is not None or found.kept != user.kept:  # since it was looked up
            raise SignInRefused
        attempts.forgive(con, attempts.attempt_of(users.folded(user.name), address))
        users.change(con, found, signed_in_at=now, **({"password": better} if better else {}))
        chain.append(con, now, user.name, "signed in", {"user": user.name}, address)
        return sessions.start(con, found, now, by_link=False, address=address, instead_of=instead_of)
