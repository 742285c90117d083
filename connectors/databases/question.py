"""What a database is asked, and what it answers: one SELECT, the rows as text in batches, and how far they reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.formats.batch import Batch, UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connectors.databases.watermark import Watermark

ROWS_PER_BATCH = 20_000
CONNECT_SECONDS = 15
"""How long to wait for a database that does not answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """One SELECT, and where to go on.

    `query` is the SELECT without its semicolon. With `since`, only rows count whose column `watermark` is at least
    that, or null; with `whole` also the others of the records these belong to, which the columns `whole` know.
    """

    query: str
    watermark: str | None = None
    since: Watermark | None = None
    whole: tuple[str, ...] = ()

    def narrowed(self, mark: str, quote: Callable[[str], str], columns: str = "*") -> str:
        """Return the query for `columns` of the rows that count; `mark` is how the watermark's value is written."""
        asked = f"({self.query}\n)"
        if self.since is None or self.watermark is None:
            return f"SELECT {columns} FROM {asked} AS q"
        column = quote(self.watermark)
        counts = f"{column} >= {mark} OR {column} IS NULL"
        if self.whole:
            key = ", ".join(map(quote, self.whole))
            counts += f" OR ({key}) IN (SELECT {key} FROM {asked} AS n WHERE {column} >= {mark} OR {column} IS NULL)"
        return f"SELECT {columns} FROM {asked} AS q WHERE {counts}"


@dataclass(frozen=True, slots=True)
class Answer:
    """Some rows of the answer, and the greatest watermark among them, None where none has one to go on from."""

    batch: Batch
    newest: Watermark | None = None


Ask = Callable[[str, Path, Question], Iterator[Answer]]
"""Asks the database at a URL with its secrets in it, where paths are relative to the workspace.

Gives an answer even where there are no rows, for the names of the columns. Raises UnreadableFile.
"""


@dataclass(frozen=True, slots=True)
class Database:
    """A way to a kind of database: the beginnings of its URLs, without the driver, and how it is asked."""

    kinds: tuple[str, ...]
    ask: Ask


def plain_query(text: str) -> str:
    """Return the query without a semicolon at its end."""
    return text.strip().rstrip(";").rstrip()


def check_names(names: Sequence[str], question: Question) -> None:
    """Check the names of the answer's columns; raises UnreadableFile for one twice, and for no watermark."""
    if not names:
        raise UnreadableFile("the query gives no columns: `options.query` is one SELECT")
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        problem = f"the query names the column {twice!r} more than once: name each of them once, with AS"
        raise UnreadableFile(problem)
    if question.watermark is not None and question.watermark not in names:
        problem = f"the query gives no column {question.watermark!r} for `options.watermark`; it gives: "
        raise UnreadableFile(problem + listed(names))


def listed(names: Iterable[str]) -> str:
    """Return names for a message."""
    return ", ".join(names)
