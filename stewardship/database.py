"""The database of the stewards' log: how it is opened, and how one writer after the other gets to it.

SQLite is in WAL mode, every commit flushed to the disk; a writer takes the file with BEGIN IMMEDIATE and tries again in
short, even steps while another one has it: with SQLite's own growing pauses, one of many writers may wait for seconds.
On PostgreSQL writers queue at an advisory lock. Keeps this: transactions that write come one after the other, so what
one of them has checked still holds when it commits.
"""

from __future__ import annotations

import random
import re
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import sqlalchemy as sa

from stewardship import adbc_postgresql
from warehouse.durable import surroundings
from warehouse.errors import SettingsError, SurroundingsError
from warehouse.settings.secrets import mask_url, reveal_url, scrub

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "stewardship.database"
PATIENCE_SECONDS = 30
"""For how long a writer waits for the others, and anybody for a server."""
_STEP_SECONDS = 0.002
_ADVISORY_LOCK = 0x6A6F696E6564
"""The number that joinedup's writers lock on PostgreSQL; any one would do."""
_WRITES = "joinedup_writes"
_NOISE = re.compile(r"^([A-Z_]+: )?(\[libpq\] )?((Failed to|Could not|Execution error) [^:]*: )*((ERROR|FATAL):\s*)?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the log is: its URL as joinedup.yaml has it, and the file of a SQLite database."""

    url: str
    file: Path | None

    @property
    def shown(self) -> str:
        """The URL as messages show it."""
        return mask_url(self.url)


def find_place(url: str, workspace: Path) -> Place:
    """Return where the log is; a relative path of SQLite is in the workspace. Raises SettingsError for other URLs."""
    revealed = reveal_url(url)
    kind, _, rest = revealed.partition("://")
    if kind.partition("+")[0] in ("postgresql", "postgres"):
        return Place(url, None)
    name = unquote(rest.removeprefix("/"))
    if kind != "sqlite" or not rest.startswith("/") or not name or "?" in name or name == ":memory:":
        allowed = "sqlite:///var/stewardship.sqlite, or postgresql://joinedup:${PASSWORD}@host/database"
        raise SettingsError(f"found {mask_url(url)}; allowed: {allowed}", key=KEY)
    return Place(url, workspace / name)


def make_engine(place: Place) -> sa.Engine:
    """Return the engine for a place; nothing is opened yet."""
    if place.file is None:
        adbc_postgresql.register()
        uri = re.sub(r"^\w+(\+\w+)?://", "postgresql://", reveal_url(place.url))
        return sa.create_engine(
            "postgresql+adbc://",
            max_overflow=-1,
            pool_pre_ping=True,
            pool_reset_on_return=None,  # every block ends its transaction
            connect_args={"uri": _patient(uri)},
        )
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(place.file)),
        max_overflow=-1,
        connect_args={"timeout": PATIENCE_SECONDS, "isolation_level": None},
    )
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def reading(engine: sa.Engine, place: Place) -> Iterator[sa.Connection]:
    """Give a connection on which one statement sees the log at one moment. Raises SurroundingsError."""
    with store_errors(place), engine.connect() as con, con.begin():
        yield con


@contextmanager
def writing(engine: sa.Engine, place: Place) -> Iterator[sa.Connection]:
    """Give a connection that alone writes the log, until the block commits all it did or nothing of it.

    Raises SurroundingsError, also where other writers leave no turn within PATIENCE_SECONDS.
    """
    with store_errors(place), engine.connect().execution_options(**{_WRITES: True}) as con, con.begin():
        if place.file is None:
            patience = f"set_config('lock_timeout', '{PATIENCE_SECONDS}s', true)"
            con.execute(sa.text(f"SELECT {patience}, pg_advisory_xact_lock({_ADVISORY_LOCK})")).close()
        yield con


@contextmanager
def store_errors(place: Place) -> Iterator[None]:
    """Turn what the database says inside the block into SurroundingsError, without a secret in it."""
    try:
        with surroundings(f"the stewards' store {place.shown}"):
            yield
    except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
        said = str(getattr(error, "orig", None) or error).partition("\n")[0]
        message = (
            f"the stewards' store {place.shown} is out of reach: {scrub(_NOISE.sub('', said), place.url)}; "
            f"mend it, or correct {KEY} in joinedup.yaml, then run again"
        )
        raise SurroundingsError(message) from None


def _patient(uri: str) -> str:
    """Return the URI with a limit to how long a server is waited for, unless it names one."""
    if "connect_timeout=" in uri:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}connect_timeout={PATIENCE_SECONDS // 2}"


def _prepare(con: sqlite3.Connection, _record: object) -> None:
    con.execute("PRAGMA foreign_keys = ON").close()
    con.execute("PRAGMA synchronous = FULL").close()
    con.execute("PRAGMA secure_delete = ON").close()  # what is erased leaves no bytes behind
    if con.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        _patiently(con, "PRAGMA journal_mode = WAL")


def _begin(con: sa.Connection) -> None:
    driver: Any = con.connection.driver_connection
    if con.get_execution_options().get(_WRITES):
        _patiently(driver, "BEGIN IMMEDIATE")
    else:
        driver.execute("BEGIN")


def _patiently(con: sqlite3.Connection, statement: str) -> None:
    """Execute the statement once no other writer is in the way."""
    until = time.monotonic() + PATIENCE_SECONDS
    con.execute("PRAGMA busy_timeout = 0").close()
    while True:
        try:
            con.execute(statement).close()
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            if time.monotonic() > until:
                raise
        time.sleep(_STEP_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - so that two do not keep step
    con.execute(f"PRAGMA busy_timeout = {PATIENCE_SECONDS * 1000}").close()
