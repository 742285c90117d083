"""SQLite, opened for reading only; what a row holds is taken as it is, since a column of SQLite promises no type.

Keeps: one SELECT is all that can be asked, and it sees the database at one moment.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from connectors.databases.python_values import Undecodable, answers
from connectors.databases.question import CONNECT_SECONDS, ROWS_PER_BATCH, Database, check_names
from connectors.formats.batch import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from connectors.databases.question import Answer, Question

_ALLOWED = (
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
)
"""What a query may do; ATTACH, for one, would make a file."""


def ask(url: str, workspace: Path, question: Question) -> Iterator[Answer]:
    """Yield the rows of the question's answer; raises UnreadableFile."""
    path = _path(url, workspace)
    try:
        address = f"file:{quote(str(path))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=CONNECT_SECONDS, isolation_level=None)) as con:
            con.text_factory = _text
            con.execute("BEGIN")
            con.set_authorizer(_authorise)
            # Not the names of the narrowed query: SQLite renames there what the query names twice.
            names = _names(con.execute(question.query))
            check_names(names, question)
            since = None if _is_of_another_type(con, question) else question.since
            values = (since.value,) * _marks(question) if since else ()
            cursor = con.execute(question.narrowed("?", _quoted), values) if values else con.execute(question.query)
            yield from answers(names, _batches(cursor), question.watermark)
    except sqlite3.Error as error:
        if error.args == ("not authorized",):
            raise UnreadableFile("`options.query` does more than to read: it is one SELECT") from error
        raise UnreadableFile(f"SQLite says: {error}") from error


def _is_of_another_type(con: sqlite3.Connection, question: Question) -> bool:
    """Say whether the watermark holds values that SQLite puts before or behind all of the type that was read before."""
    if question.since is None or question.watermark is None:
        return False
    ordered = "'text'" if question.since.kind == "text" else "'integer', 'real'"
    found = con.execute(
        f"SELECT 1 FROM ({question.query}\n) WHERE typeof({_quoted(question.watermark)}) NOT IN ('null', {ordered})"
    )
    return found.fetchone() is not None


def _path(url: str, workspace: Path) -> Path:
    """Return the file of a URL: `sqlite:///a.db` lies in the workspace, `sqlite:////a.db` where it says."""
    rest = url.partition("://")[2].partition("?")[0]
    name = unquote(rest.removeprefix("/"))
    if not rest.startswith("/") or not name:
        raise UnreadableFile("it names no file; allowed: sqlite:///exports/shop.db, or sqlite:////srv/shop.db")
    path = workspace / name
    if not path.is_file():
        raise UnreadableFile(f"there is no file {path}; let the export run, or correct `files`")
    return path


def _text(text: bytes) -> str | Undecodable:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return Undecodable(text)


def _authorise(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _names(cursor: sqlite3.Cursor) -> list[str]:
    return [column[0] for column in cursor.description or ()]


def _marks(question: Question) -> int:
    return 2 if question.whole else 1


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _batches(cursor: sqlite3.Cursor) -> Iterator[Sequence[Sequence[object]]]:
    while rows := cursor.fetchmany(ROWS_PER_BATCH):
        yield rows


DATABASE = Database(("sqlite",), ask)
