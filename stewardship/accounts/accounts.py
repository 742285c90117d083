"""Accounts: users who sign in, and tokens by which programs ask; what others call.

    accounts = Accounts(store)
    session = accounts.sign_in("ann", password, address="10.0.0.7")
    accounts.session(session.cookie)

READS and WRITES: the accounts' tables in the stewards' store. Keeps this: whatever changes who may do what, and every
sign-in, is in the audit chain, written in the same transaction.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stewardship.accounts import attempts, chain, passwords, sessions, sign_in, sign_in_links, tokens, users
from stewardship.accounts.roles import as_role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import sqlalchemy as sa

    from stewardship.accounts.sessions import Opened, Session
    from stewardship.accounts.sign_in_links import Invitation
    from stewardship.accounts.tokens import Token
    from stewardship.accounts.users import User
    from stewardship.store import Store

LINK_MINUTES = 15
FIRST_ADMIN = "admin"


def utc_now() -> datetime:
    """Return the time, naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


class Accounts:
    """The accounts in a store, for any number of threads. `now` gives the time, naive UTC.

    An `actor` is the name of whoever does something to an account. Errors are of `warehouse.errors`: UsageError for
    what was not well said, Refused for what does not go.
    """

    def __init__(self, store: Store, now: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self.now = now
        self._made = False

    # --- users

    def users(self) -> tuple[User, ...]:
        """Return the users in the order of their names."""
        with self._looking() as con:
            return users.every(con) if con else ()

    def user(self, name: str) -> User:
        """Return the user of that name in any case. Raises Refused where there is none."""
        with self._looking() as con:
            if con is None:
                raise users.missing(name)
            return users.get(con, name)

    def add(self, name: str, role: str, actor: str, password: str | None = None) -> User:
        """Add a user, and return it; without a password they come in by a link. Raises UsageError, Refused."""
        users.check_name(name)
        as_role(role)
        kept = self._hashed(name, password)
        with self._changing(actor, "user added", {"user": name, "role": role}) as (con, now):
            user = users.add(con, name, role, now)
            if kept:
                users.change(con, user, password=kept, password_at=now)
            return user

    def set_role(self, name: str, role: str, actor: str) -> User:
        """Change what a user may do, at once, and return them as they were. Raises UsageError, Refused."""
        as_role(role)
        about: dict[str, str | int | None] = {"to": role}
        with self._changing(actor, "role changed", about) as (con, _):
            user = users.get(con, name)
            about |= {"user": user.name, "from": user.role}
            users.change(con, user, role=role)
            return user

    def set_password(self, name: str, password: str, actor: str | None = None) -> None:
        """Set a user's password; their sessions and links end. Without an `actor` it is they. Raises Refused."""
        kept = self._hashed(name, password)
        about: dict[str, str | int | None] = {"user": name}
        with self._changing(actor or name, "password set", about) as (con, now):
            user = users.get(con, name)
            about["user"] = user.name
            users.change(con, user, password=kept, password_at=now)
            _shut_out(con, user)

    def disable(self, name: str, actor: str) -> User:
        """Let a user in no more, end every session and link of theirs, and return them. Raises Refused."""
        about: dict[str, str | int | None] = {}
        with self._changing(actor, "user disabled", about) as (con, now):
            user = users.get(con, name)
            about["user"] = user.name
            users.change(con, user, disabled_at=user.disabled_at or now)
            _shut_out(con, user)
            return user

    def enable(self, name: str, actor: str) -> User:
        """Let a user in again, and return them. Raises Refused where there is no such."""
        about: dict[str, str | int | None] = {}
        with self._changing(actor, "user enabled", about) as (con, _):
            user = users.get(con, name)
            about["user"] = user.name
            users.change(con, user, disabled_at=None)
            return user

    # --- signing in

    def sign_in(self, name: str, password: str, *, address: str, instead_of: str | None = None) -> Session:
        """Return a new session; the one whose cookie is `instead_of` ends. Raises SignInRefused, TooManyAttempts."""
        return sign_in.sign_in(self._store, (name, password), address, self.now(), instead_of)

    def session(self, cookie: str) -> Session | None:
        """Return the session of a cookie, None where there is none, or it has ended."""
        now = self.now()
        with self._looking() as con:
            found = sessions.find(con, cookie, now) if con else None
        if found and now >= found.seen_at + sessions.SEEN_EVERY:
            with self._store.changing() as con:
                sessions.seen(con, found, now)
        return found

    def end(self, session: Session) -> None:
        """End a session: its user signs out."""
        with self._store.changing() as con:
            if sessions.end(con, session.cookie):
                chain.append(con, self.now(), session.name, "signed out", {"user": session.name})

    def sessions(self, session: Session) -> tuple[Opened, ...]:
        """Return all sessions of who is signed in, this one among them, the one used last first."""
        with self._looking() as con:
            return sessions.every(con, session, self.now()) if con else ()

    def end_others(self, session: Session) -> int:
        """End every other session of who is signed in; return how many there were."""
        about: dict[str, str | int | None] = {"user": session.name}
        with self._changing(session.name, "other sessions ended", about) as (con, _):
            about["sessions"] = ended = sessions.end_others(con, session)
            return ended

    def change_password(self, session: Session, old: str, new: str, *, address: str) -> Session:
        """Set the password of who is signed in, and return a new session; all others of theirs end.

        `old` is not looked at where `session.may_set_password`. Raises PasswordRefused, SignInRefused, TooManyAttempts.
        """
        now = self.now()
        passwords.check_rules(session.name, new)
        if not session.may_set_password(now):
            sign_in.prove(self._store, session.name, old, address, now)
        kept = passwords.hashed(new)
        with self._changing(session.name, "password set", {"user": session.name}) as (con, now):
            user = users.get(con, session.name)
            if user.disabled_at is not None or sessions.find(con, session.cookie, now) is None:
                raise sign_in.SignInRefused
            attempts.forgive(con, attempts.attempt_of(users.folded(user.name), address))
            users.change(con, user, password=kept, password_at=now)
            _shut_out(con, user)
            return sessions.start(con, users.get(con, user.name), now, by_link=False, address=address)

    # --- one-time links

    def link(self, name: str, minutes: int = LINK_MINUTES, actor: str | None = None) -> str:
        """Return the secret of a new link that lets a user in once; an earlier one is worth nothing any more.

        Raises Refused, UsageError.
        """
        about: dict[str, str | int | None] = {"minutes": minutes}
        with self._changing(actor or name, "link made", about) as (con, now):
            user = users.get(con, name)
            about["user"] = user.name
            return sign_in_links.make(con, user, minutes, now)

    def first_link(self, minutes: int = LINK_MINUTES) -> str | None:
        """Return the secret of a link that makes the first admin, None where there is a user."""
        if self.users():
            return None
        with self._changing(sign_in.NOBODY, "link made", {"user": None, "minutes": minutes}) as (con, now):
            return sign_in_links.make(con, None, minutes, now)

    def invitation(self, link: str) -> Invitation | None:
        """Return what a link is good for, without redeeming it; None where it lets nobody in."""
        with self._looking() as con:
            return sign_in_links.find(con, link, self.now()) if con else None

    def redeem(
        self,
        link: str,
        *,
        password: str | None = None,
        name: str = FIRST_ADMIN,
        address: str = "",
        instead_of: str | None = None,
    ) -> Session:
        """Return a new session for whom the link was made; it is worth nothing after that.

        A password that is given is set, and ends their other sessions. `name` is that of the first admin, where the
        link is theirs. Raises LinkSpent, and PasswordRefused and UsageError, after which the link is as good as before.
        """
        invitation = self.invitation(link)
        if invitation is None:
            raise sign_in_links.LinkSpent
        kept = self._hashed(users.check_name(invitation.name or name), password)
        with self._store.changing() as con:
            now = self.now()
            found = sign_in_links.find(con, link, now)
            if found is None:
                raise sign_in_links.LinkSpent
            user = users.get(con, found.name) if found.name else self._first_admin(con, name, now)
            sign_in_links.drop(con, user if found.name else None)
            chain.append(con, now, user.name, "link redeemed", {"user": user.name})
            if kept:
                _shut_out(con, user)
                users.change(con, user, password=kept, password_at=now)
                chain.append(con, now, user.name, "password set", {"user": user.name})
            users.change(con, user, signed_in_at=now)
            user = users.get(con, user.name)
            return sessions.start(con, user, now, by_link=True, address=address, instead_of=instead_of)

    # --- tokens

    def tokens(self) -> tuple[Token, ...]:
        """Return the tokens in the order in which they were made, the revoked ones too."""
        with self._looking() as con:
            return tokens.every(con) if con else ()

    def create_token(self, name: str, role: str, actor: str) -> str:
        """Return the secret of a new token, which is shown this once. Raises UsageError, Refused."""
        about: dict[str, str | int | None] = {"name": name, "role": role}
        with self._changing(actor, "token created", about) as (con, now):
            token, secret = tokens.create(con, name, role, actor, now)
            about["token"] = token.id
            return secret

    def check_token(self, text: str) -> Token | None:
        """Return the token with this secret, None where there is none, or it was revoked."""
        now = self.now()
        with self._looking() as con:
            found = tokens.find(con, text) if con else None
        if found and (found.used_at is None or now >= found.used_at + tokens.USED_EVERY):
            with self._store.changing() as con:
                tokens.used(con, found, now)
        return found

    def revoke_token(self, name: str, actor: str) -> Token:
        """Make a token worth nothing, at once, and return it. Raises Refused where there is no such."""
        about: dict[str, str | int | None] = {}
        with self._changing(actor, "token revoked", about) as (con, now):
            token = tokens.revoke(con, name, now)
            about |= {"token": token.id, "name": token.name}
            return token

    # --- beneath

    def _hashed(self, name: str, password: str | None) -> str | None:
        if password is not None:
            passwords.check_rules(name, password)
        return None if password is None else passwords.hashed(password)

    def _first_admin(self, con: sa.Connection, name: str, now: datetime) -> User:
        user = users.add(con, name, "admin", now)
        chain.append(con, now, sign_in.NOBODY, "user added", {"user": user.name, "role": user.role})
        return user

    @contextmanager
    def _looking(self) -> Iterator[sa.Connection | None]:
        """Give a connection to read, None where there is no store; one of an older version is brought up to date."""
        if not self._made:
            with self._store.looking() as con:
                if con is None:
                    yield None
                    return
            with self._store.changing():  # which brings it up to date
                self._made = True
        with self._store.looking() as con:
            yield con

    @contextmanager
    def _changing(
        self, actor: str, action: str, about: Mapping[str, str | int | None]
    ) -> Iterator[tuple[sa.Connection, datetime]]:
        """Give a connection to write, and the time; what was done, as `about` says in the end, is in the chain, too."""
        now = self.now()
        with self._store.changing() as con:
            yield con, now
            chain.append(con, now, actor, action, about)


def _shut_out(con: sa.Connection, user: User) -> None:
    sessions.end_all(con, user)
    sign_in_links.drop(con, user)
