"""The audit chain: who did what when, each row holding the hash of the row before.

READS and WRITES: `audit_entry` and `audit_salt` of the stewards' store. Keeps this: ids have no gaps; what is in a row
cannot be changed, deleted, put in between or moved without `verify` naming the first row that is broken. What was cut
off its end, or made up anew from some row on, shows by a head that is known from elsewhere: each release's manifest
has one.

Free text (why somebody decided, say) is not in the chain, only sha256(salt, text): who has the text and its salt can
show that it is the one. Without the salt nobody can, nor guess at it, and the chain holds as before: that is how a text
is erased.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from stewardship.accounts.tables import AUDIT_ENTRY, AUDIT_SALT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

BEGINNING = "0" * 64
"""The head of a chain without a row."""
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row of the chain that is not what was written, and how that shows."""

    id: int
    problem: str


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done: when (naive UTC), by whom, what, about what, and the free text that goes with it."""

    at: datetime
    actor: str
    action: str
    about: Mapping[str, str | int | None]
    text: str | None = None


def append(
    con: sa.Connection,
    at: datetime,
    actor: str,
    action: str,
    about: Mapping[str, str | int | None],
    text: str | None = None,
) -> None:
    """Add one row, in the caller's transaction, which has to be one that alone writes (`stewardship.database`).

    `at` is naive UTC. `about` holds names and ids, for ever: nothing that may have to be erased. `text` may.
    """
    append_all(con, [Act(at, actor, action, about, text)])


def append_all(con: sa.Connection, acts: Iterable[Act]) -> None:
    """Add a row for each act, in their order, with three statements for any number of them."""
    entry = AUDIT_ENTRY.c
    last = con.execute(sa.select(entry.id, entry.hash).order_by(entry.id.desc()).limit(1)).one_or_none()
    first, prev = (last.id + 1, last.hash) if last else (1, BEGINNING)
    rows: list[dict[str, object]] = []
    salts: list[dict[str, object]] = []
    for number, act in enumerate(acts, first):
        about = canonical(act.about)
        sealed = None
        if act.text is not None:
            salt = secrets.token_hex(16)
            sealed = commitment(salt, act.text)
            salts.append({"audit_id": number, "salt": salt})
        row = {"id": number, "at": act.at, "actor": act.actor, "action": act.action, "about": about}
        row |= {"commitment": sealed, "prev": prev}
        prev = _row_hash(number, act.at, act.actor, act.action, about, sealed, prev)
        rows.append(row | {"hash": prev})
    if rows:
        con.execute(AUDIT_ENTRY.insert(), rows)
    if salts:
        con.execute(AUDIT_SALT.insert(), salts)


def head(con: sa.Connection) -> str:
    """Return the hash of the last row, BEGINNING where there is none."""
    entry = AUDIT_ENTRY.c
    return con.execute(sa.select(entry.hash).order_by(entry.id.desc()).limit(1)).scalar() or BEGINNING


def position(con: sa.Connection, known: str) -> int | None:
    """Return the id of the row with this hash, 0 for BEGINNING, None where the chain has no such row."""
    if known == BEGINNING:
        return 0
    return con.execute(sa.select(AUDIT_ENTRY.c.id).where(AUDIT_ENTRY.c.hash == known).limit(1)).scalar()


def verify(con: sa.Connection) -> Broken | None:
    """Return the first row that is broken, None where the chain holds from its beginning to its end."""
    before = BEGINNING
    every = sa.select(AUDIT_ENTRY).order_by(AUDIT_ENTRY.c.id).execution_options(yield_per=_BATCH)
    with con.execute(every) as rows:  # closed also where a row is broken
        for number, row in enumerate(rows, 1):
            if row.id != number:
                return Broken(number, "is missing")
            if row.hash != _row_hash(row.id, row.at, row.actor, row.action, row.about, row.commitment, row.prev):
                return Broken(number, "is not what was written")
            if row.prev != before:  # the row is whole and says what came before it
                return Broken(max(number - 1, 1), "was written anew")
            before = row.hash
    return None


def opens(con: sa.Connection, entry_id: int, text: str) -> bool | None:
    """Return whether the row's commitment is to this text; None where it has none, or its salt was erased."""
    found = con.execute(
        sa.select(AUDIT_ENTRY.c.commitment, AUDIT_SALT.c.salt)
        .join(AUDIT_SALT, AUDIT_SALT.c.audit_id == AUDIT_ENTRY.c.id)
        .where(AUDIT_ENTRY.c.id == entry_id)
    ).one_or_none()
    return None if found is None else bool(found.commitment == commitment(found.salt, text))


def erase(con: sa.Connection, entry_id: int) -> None:
    """Erase the salt of a row, so that nobody can show or guess any more what its text was."""
    con.execute(AUDIT_SALT.delete().where(AUDIT_SALT.c.audit_id == entry_id))


def canonical(about: Mapping[str, str | int | None]) -> str:
    """Return what a row is about as it stands in the chain: JSON of one form."""
    return json.dumps(dict(about), sort_keys=True, separators=(",", ":"))


def commitment(salt: str, text: str) -> str:
    """Return what a row holds of a text."""
    return hashlib.sha256(f"{salt}{text}".encode(errors="surrogatepass")).hexdigest()


def _row_hash(  # noqa: PLR0913, PLR0917 - the parts of a row
    number: int, at: datetime, actor: str, action: str, about: str, commitment: str | None, prev: str
) -> str:
    parts = [number, at.isoformat(timespec="microseconds"), actor, action, about, commitment, prev]
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()
