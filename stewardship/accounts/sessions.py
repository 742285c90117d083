"""Sessions: who has signed in, known by a secret that their browser holds.

READS and WRITES: `account_session`, and reads `account_user`. Keeps this: a session ends 30 minutes after it was last
used, 12 hours after it began, and at once when its user is disabled or has a new password; what a user may do is looked
up every time.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from stewardship.accounts.secret import new_secret, sealed
from stewardship.accounts.tables import SESSION, USER
from stewardship.accounts.users import User, folded

if TYPE_CHECKING:
    from stewardship.accounts.roles import Role

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
"""How often it is written down that a session is used."""
LINK_COUNTS = timedelta(minutes=15)
"""For how long who came in by a link may set a password without the old one."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has signed in: `name` and `role` of the user; `cookie` is the secret that the browser holds.

    `by_link` says that they came in by a one-time link, `has_password` whether they could do without. `created_at` and
    `seen_at` are naive UTC.
    """

    name: str
    role: Role
    cookie: str = field(repr=False)
    created_at: datetime
    seen_at: datetime
    by_link: bool
    has_password: bool

    def ended(self, now: datetime) -> bool:
        """Say whether the session has ended by then."""
        return now >= self.created_at + ABSOLUTE or now >= self.seen_at + IDLE

    def may_set_password(self, now: datetime) -> bool:
        """Say whether a password may be set without saying the old one: just come in by a link, or there is none."""
        return not self.has_password or (self.by_link and now < self.created_at + LINK_COUNTS)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session as its user sees it among theirs: `place` is the kind of address that it was begun from, if known."""

    created_at: datetime
    seen_at: datetime
    by_link: bool
    place: str | None
    is_this: bool


def start(
    con: sa.Connection,
    user: User,
    now: datetime,
    *,
    by_link: bool,
    address: str = "",
    instead_of: str | None = None,
) -> Session:
    """Begin a session and return it, with a secret of its own; that of the cookie `instead_of` ends."""
    end(con, instead_of)
    con.execute(SESSION.delete().where((SESSION.c.created_at <= now - ABSOLUTE) | (SESSION.c.seen_at <= now - IDLE)))
    cookie = new_secret()
    of_it = {"created_at": now, "seen_at": now, "by_link": by_link, "place": place_of(address)}
    con.execute(SESSION.insert().values(hash=sealed(cookie), folded=folded(user.name), **of_it))
    return Session(user.name, user.role, cookie, now, now, by_link, user.kept is not None)


def find(con: sa.Connection, cookie: str, now: datetime) -> Session | None:
    """Return the session of that cookie, None where there is none, or it has ended."""
    row = con.execute(
        sa.select(SESSION, USER.c.name, USER.c.role, USER.c.password, USER.c.disabled_at)
        .join(USER, USER.c.folded == SESSION.c.folded)
        .where(SESSION.c.hash == sealed(cookie))
    ).one_or_none()
    if row is None or row.disabled_at is not None:
        return None
    session = Session(row.name, row.role, cookie, row.created_at, row.seen_at, row.by_link, row.password is not None)
    return None if session.ended(now) else session


def every(con: sa.Connection, session: Session, now: datetime) -> tuple[Opened, ...]:
    """Return all sessions of the user of one that have not ended, the one used last first."""
    column = SESSION.c
    rows = con.execute(
        sa.select(SESSION)
        .where(column.folded == folded(session.name), column.created_at > now - ABSOLUTE, column.seen_at > now - IDLE)
        .order_by(column.seen_at.desc(), column.created_at.desc(), column.hash)
    )
    this = sealed(session.cookie)
    return tuple(Opened(row.created_at, row.seen_at, row.by_link, row.place, row.hash == this) for row in rows)


def place_of(address: str) -> str | None:
    """Return what kind of address one is, None for one that is none: no more of it is kept."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    plain = getattr(found, "ipv4_mapped", None) or found
    if plain.is_loopback:
        return "the server itself"
    return "the local network" if plain.is_private else "the internet"


def seen(con: sa.Connection, session: Session, now: datetime) -> None:
    """Write down that the session is used."""
    con.execute(SESSION.update().where(SESSION.c.hash == sealed(session.cookie)).values(seen_at=now))


def end(con: sa.Connection, cookie: str | None) -> bool:
    """End the session of that cookie; False where there is none."""
    if cookie is None:
        return False
    return con.execute(SESSION.delete().where(SESSION.c.hash == sealed(cookie)).returning(SESSION.c.hash)).all() != []


def end_others(con: sa.Connection, session: Session) -> int:
    """End every session of the user of one but that one; return how many there were."""
    others = (SESSION.c.folded == folded(session.name)) & (SESSION.c.hash != sealed(session.cookie))
    return len(con.execute(SESSION.delete().where(others).returning(SESSION.c.hash)).all())


def end_all(con: sa.Connection, user: User) -> None:
    """End every session of a user."""
    con.execute(SESSION.delete().where(SESSION.c.folded == folded(user.name)))
