"""The users: a name, a role, and what is kept of a password. They are disabled, never deleted: the log names them.

READS and WRITES: `account_user`. Keeps this: two names never differ in upper and lower case alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from stewardship.accounts.roles import Role, as_role
from stewardship.accounts.tables import USER
from warehouse.errors import Refused, UsageError

if TYPE_CHECKING:
    from datetime import datetime

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


@dataclass(frozen=True, slots=True)
class User:
    """A user; times are naive UTC. `kept` is what is kept of the password, None where none was set yet."""

    name: str
    role: Role
    created_at: datetime
    password_at: datetime | None
    signed_in_at: datetime | None
    disabled_at: datetime | None
    kept: str | None = field(repr=False)

    def document(self) -> dict[str, object]:
        """Return the user as JSON-ready data, without the password's hash."""
        times = ("created_at", "password_at", "signed_in_at", "disabled_at")
        said = {name: (f"{at.isoformat()}Z" if (at := getattr(self, name)) else None) for name in times}
        return {"name": self.name, "role": self.role, **said}


def check_name(name: str) -> str:
    """Return the name. Raises UsageError where it is none for an account."""
    if not _NAME.fullmatch(name):
        message = (
            f"{name!r} is no name for an account: up to 64 letters a to z, digits, and . _ @ - "
            "which it does not begin with"
        )
        raise UsageError(message)
    return name


def folded(name: str) -> str:
    """Return what two names have in common that are the same but for upper and lower case."""
    return name.casefold()


def find(con: sa.Connection, name: str) -> User | None:
    """Return the user of that name in any case, None where there is none."""
    if not _NAME.fullmatch(name):  # nobody's, and not every text can be asked of a database
        return None
    row = con.execute(sa.select(USER).where(USER.c.folded == folded(name))).one_or_none()
    return _user(row) if row else None


def get(con: sa.Connection, name: str) -> User:
    """Return the user of that name in any case. Raises Refused where there is none."""
    found = find(con, name)
    if found is None:
        raise missing(name)
    return found


def missing(name: str) -> Refused:
    """Return the error that there is no user of that name."""
    return Refused(f"no user {name!r}: `joinedup users list` shows which there are")


def every(con: sa.Connection) -> tuple[User, ...]:
    """Return the users in the order of their names."""
    return tuple(map(_user, con.execute(sa.select(USER).order_by(USER.c.folded))))


def add(con: sa.Connection, name: str, role: str, now: datetime) -> User:
    """Add a user without a password, and return it. Raises UsageError, or Refused where the name is taken."""
    there = find(con, check_name(name))
    if there is not None:
        disabled = ", disabled" if there.disabled_at else ""
        message = f"there is a user {there.name} already ({there.role}{disabled}): take another name"
        raise Refused(message)
    con.execute(USER.insert().values(folded=folded(name), name=name, role=as_role(role), created_at=now))
    return get(con, name)


def change(con: sa.Connection, user: User, **values: object) -> None:
    """Write new values of the table's columns."""
    con.execute(USER.update().where(USER.c.folded == folded(user.name)).values(values))


def _user(row: sa.Row[tuple[object, ...]]) -> User:
    found = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    names = ("name", "role", "created_at", "password_at", "signed_in_at", "disabled_at")
    return User(**{name: found[name] for name in names}, kept=found["password"])
