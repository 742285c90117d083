"""Tokens: what a program shows to ask in its own name.

READS and WRITES: `account_token`. Keeps this: of tokens that are not revoked no two have one name; a token that is
revoked stays listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from stewardship.accounts.roles import Role, as_role
from stewardship.accounts.secret import new_secret, sealed
from stewardship.accounts.tables import TOKEN
from stewardship.accounts.users import check_name, folded
from warehouse.errors import Refused

PREFIX = "jut_"
"""By which whoever finds a token in a file knows what it is."""
USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Token:
    """A token, without its secret; times are naive UTC."""

    id: int
    name: str
    role: Role
    created_by: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def document(self) -> dict[str, object]:
        """Return the token as JSON-ready data."""
        times = ("created_at", "used_at", "revoked_at")
        said = {name: (f"{at.isoformat()}Z" if (at := getattr(self, name)) else None) for name in times}
        return {"id": self.id, "name": self.name, "role": self.role, "created_by": self.created_by, **said}


_COLUMNS = tuple(TOKEN.c[name] for name in Token.__slots__)


def every(con: sa.Connection) -> tuple[Token, ...]:
    """Return the tokens in the order in which they were made, the revoked ones too."""
    return tuple(Token(*row) for row in con.execute(sa.select(*_COLUMNS).order_by(TOKEN.c.id)))


def create(con: sa.Connection, name: str, role: str, actor: str, now: datetime) -> tuple[Token, str]:
    """Make a token, and return it with its secret. Raises UsageError, or Refused where the name is taken."""
    there = _live(con, check_name(name))
    if there is not None:
        message = f"there is a token {there.name} already: revoke it first, or take another name"
        raise Refused(message)
    last = con.execute(sa.select(sa.func.max(TOKEN.c.id))).scalar() or 0
    token = Token(last + 1, name, as_role(role), actor, now, None, None)
    secret = new_secret(PREFIX)
    values = {name: getattr(token, name) for name in Token.__slots__}
    con.execute(TOKEN.insert().values(hash=sealed(secret), **values))
    return token, secret


def find(con: sa.Connection, secret: str) -> Token | None:
    """Return the token with this secret, None where there is none, or it was revoked."""
    if not secret.startswith(PREFIX):
        return None
    row = con.execute(sa.select(*_COLUMNS).where(TOKEN.c.hash == sealed(secret))).one_or_none()
    return Token(*row) if row and row.revoked_at is None else None


def used(con: sa.Connection, token: Token, now: datetime) -> None:
    """Write down that the token is used."""
    con.execute(TOKEN.update().where(TOKEN.c.id == token.id).values(used_at=now))


def revoke(con: sa.Connection, name: str, now: datetime) -> Token:
    """Revoke the token of that name, and return it as it was. Raises Refused where there is none."""
    there = _live(con, name)
    if there is None:
        message = f"no token {name!r} that could be revoked: `joinedup token list` shows which there are"
        raise Refused(message)
    con.execute(TOKEN.update().where(TOKEN.c.id == there.id).values(revoked_at=now))
    return there


def _live(con: sa.Connection, name: str) -> Token | None:
    return next(
        (token for token in every(con) if token.revoked_at is None and folded(token.name) == folded(name)), None
    )
