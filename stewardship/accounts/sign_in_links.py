"""One-time links: they let somebody in once, within minutes, so that no password is sent around.

READS and WRITES: `account_link`, and reads `account_user`. Keeps this: of any number who redeem one link at once,
exactly one gets in; a user has at most one link. A link without a user makes the first admin, and is worth nothing once
there is a user.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from stewardship.accounts.secret import new_secret, sealed
from stewardship.accounts.tables import LINK, USER
from stewardship.accounts.users import User, folded
from warehouse.errors import Refused, UsageError

LONGEST = timedelta(days=7)


class LinkSpent(Refused):
    """A link that lets nobody in: it was used, or is too old, or there never was such a one."""

    def __init__(self) -> None:
        super().__init__("this link was used already, or is too old: ask for a new one")


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link is good for: it lets `name` in, None where it makes the first admin; until `expires_at`."""

    name: str | None
    expires_at: datetime


def make(con: sa.Connection, user: User | None, minutes: int, now: datetime) -> str:
    """Make a link for a user, or for the first admin, and return its secret. Raises UsageError, Refused."""
    if not timedelta(0) < timedelta(minutes=minutes) <= LONGEST:
        message = f"a link cannot last {minutes} minutes: 1 to {LONGEST // timedelta(minutes=1)}"
        raise UsageError(message)
    if user is not None and user.disabled_at is not None:
        message = f"{user.name} is disabled, and cannot sign in: `joinedup users enable {user.name}` first"
        raise Refused(message)
    drop(con, user)
    secret = new_secret()
    whose = folded(user.name) if user else None
    con.execute(LINK.insert().values(hash=sealed(secret), folded=whose, expires_at=now + timedelta(minutes=minutes)))
    return secret


def find(con: sa.Connection, secret: str, now: datetime) -> Invitation | None:
    """Return what the link is good for now, None where it lets nobody in."""
    row = con.execute(
        sa.select(LINK.c.folded, LINK.c.expires_at, USER.c.name, USER.c.disabled_at)
        .outerjoin(USER, USER.c.folded == LINK.c.folded)
        .where(LINK.c.hash == sealed(secret), LINK.c.expires_at > now)
    ).one_or_none()
    if row is None or row.disabled_at is not None:
        return None
    if row.folded is None and con.execute(sa.select(USER.c.folded).limit(1)).one_or_none():
        return None
    return Invitation(row.name, row.expires_at)


def drop(con: sa.Connection, user: User | None) -> None:
    """Drop the link of a user, or those for the first admin."""
    con.execute(LINK.delete().where(LINK.c.folded == folded(user.name) if user else LINK.c.folded.is_(None)))
