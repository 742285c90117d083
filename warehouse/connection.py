"""The only place that opens DuckDB, and the only place that quotes identifiers and literals."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from warehouse.errors import SurroundingsError, WorkspaceBusy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

STORAGE_VERSION = "v1.0.0"
"""The storage format of published files: readable by every DuckDB from 1.0 on."""

CHECKPOINT_AT = "1GB"
"""Size of the write-ahead log from which the file is tidied up in between; at each stage's end that would cost more
than all that the stage writes. It is done anyway when the file is closed, and after a kill when it is next opened.
"""

PUBLISHED = "release"
"""The name under which `open_published` attaches a file."""


def quote_identifier(name: str) -> str:
    """Return `name` as a quoted SQL identifier, whatever characters it holds."""
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """Return `text` as a quoted SQL string, for statements that cannot bind a value."""
    return "'" + text.replace("'", "''") + "'"


def open_database(path: Path, *, read_only: bool = False, threads: int = 2) -> DuckDBPyConnection:
    """Open the DuckDB file at `path`, in UTC and with no access to the network.

    Raises WorkspaceBusy when another process holds the file, SurroundingsError when it cannot be opened otherwise.
    """
    try:
        con = duckdb.connect(str(path), read_only=read_only)
    except duckdb.IOException as error:
        if "Conflicting lock" in str(error):
            message = f"{path} is held by another process; wait for it to end, then run again"
            raise WorkspaceBusy(message) from error
        message = f"cannot open {path}: {error}; free the disk or restore the file, then run again"
        raise SurroundingsError(message) from error
    _configure(con, threads)
    con.execute(f"SET wal_autocheckpoint = {quote_literal(CHECKPOINT_AT)}")
    return con


def open_memory(*, threads: int = 2) -> DuckDBPyConnection:
    """Open a scratch database in memory, for work that must not touch a transaction of the warehouse."""
    con = duckdb.connect(":memory:")
    _configure(con, threads)
    return con


def open_published(path: Path, *, threads: int = 2) -> DuckDBPyConnection:
    """Open a published DuckDB file as database `release`, read-only, able to reach nothing else, for good.

    No file can be read or written, nothing attached or installed, nothing spilled to a disk, no setting changed back.
    Any number of connections, also of one process, may have the file open; a cursor has to `USE release` again.
    """
    con = open_memory(threads=threads)
    con.execute(f"ATTACH {quote_literal(str(path))} AS {PUBLISHED} (READ_ONLY)")
    con.execute(f"USE {PUBLISHED}")
    con.execute("SET temp_directory = ''")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def _configure(con: DuckDBPyConnection, threads: int) -> None:
    con.execute(f"SET threads = {int(threads)}")
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET autoinstall_known_extensions = false")
    con.execute("SET autoload_known_extensions = false")
    con.execute("SET allow_community_extensions = false")
    con.execute("SET python_enable_replacements = false")
    # it is on in terminals; in Jupyter without ipywidgets it is off, and saying so once more is an error
    if con.execute("SELECT current_setting('enable_progress_bar')").fetchall()[0][0]:
        con.execute("SET enable_progress_bar = false")


def has_rows(con: DuckDBPyConnection, query: str, parameters: Sequence[object] = ()) -> bool:
    """Say whether the query gives any row; ask before an INSERT that may be empty and is not a table's last one.

    DuckDB 2.0.0 loses sight of rows otherwise: once an INSERT of no rows was a table's first in a transaction, a later
    one of more than a row group (122,880 rows) leaves a table whose scans give nothing in this connection, though
    count(*) counts them (docs/decisions/0007).
    """
    row = con.execute(f"SELECT EXISTS ({query})", list(parameters)).fetchone()
    return bool(row and row[0])


def was_interrupted(error: BaseException) -> bool:
    """Say whether this is Ctrl-C as a query tells it.

    DuckDB 2.0.0 ends the query with a plain RuntimeError, whatever the handler of the signal has raised.
    """
    return type(error) is RuntimeError and str(error) == "Query interrupted"


@contextmanager
def transaction(con: DuckDBPyConnection) -> Iterator[None]:
    """Commit what the block did, or nothing of it."""
    con.execute("BEGIN")
    try:
        yield
    except BaseException:
        con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")
