"""Which tables a file holds: the sheets of a workbook, the tables of a SQLite file; any other file is one itself."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.formats.batch import UnreadableFile
from connectors.formats.sheet_rows import sheet_rows
from connectors.formats.workbook import open_workbook
from connectors.propose.delimiters import is_header, propose_dialect
from connectors.propose.file_bytes import encoding_of, open_bytes
from connectors.propose.records import find_records
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectors.formats.sheet_rows import SheetRow

_LOOKED_AT = 200
_FEWEST_CELLS = 2
_TABLES = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name"


@dataclass(frozen=True, slots=True)
class Part:
    """A table in a file: its name where the file has several, and the options that read it with what is unsure."""

    name: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    unsure: dict[str, str] = field(default_factory=dict)
    files: str = ""


def parts_of(path: Path, kind: str) -> tuple[Part, ...]:
    """Return the tables of a file; raises UsageError for one that holds none, or cannot be opened."""
    try:
        if kind == "xlsx":
            return tuple(_sheets(path))
        if kind == "sql":
            return tuple(_tables(path))
    except (UnreadableFile, sqlite3.Error) as error:
        message = f"{path} cannot be looked into: {error}"
        raise UsageError(message) from error
    if kind == "csv":
        guess = propose_dialect(path)
        return (Part("", guess.options, guess.unsure),)
    if kind in ("json", "jsonl"):
        encoding, unsure = encoding_of(path)
        options: dict[str, Any] = {} if encoding == "utf-8" else {"encoding": encoding}
        records = find_records(path, encoding) if kind == "json" else ""
        return (Part("", options | ({"records": records} if records else {}), {"encoding": unsure} if unsure else {}),)
    return (Part(),)


def _sheets(path: Path) -> Iterator[Part]:
    """Yield the sheets that hold a table: rows of about one width, below what stands above them."""
    with open_bytes(path) as stream, open_workbook(stream) as book:
        found = {sheet.name: list(islice(sheet_rows(book, sheet), _LOOKED_AT)) for sheet in book.sheets}
    tables = {name: found_in for name, rows in found.items() if (found_in := _sheet_options(rows)) is not None}
    if not tables:
        message = f"{path} has no sheet with a table: rows of two columns or more"
        raise UsageError(message)
    for name, (dialect, unsure) in tables.items():
        several = {"sheets": [name]} if len(book.sheets) > 1 else {}
        yield Part(name if len(tables) > 1 else "", several | dialect, unsure)


def _sheet_options(rows: list[SheetRow]) -> tuple[dict[str, Any], dict[str, str]] | None:
    """Return the options of a sheet, None where it holds no table."""
    widths = Counter(len(row.cells) for row in rows)
    width = max(widths, key=lambda cells: (widths[cells] * (cells >= _FEWEST_CELLS), cells), default=0)
    if width < _FEWEST_CELLS:
        return None
    place = next(place for place, row in enumerate(rows) if len(row.cells) >= width)
    options: dict[str, Any] = {}
    unsure: dict[str, str] = {}
    if place:
        options["skip_rows"] = rows[place].number - 1
        unsure["skip_rows"] = f"the rows above have fewer than {width} cells; they are left out"
    columns = sorted(rows[place].cells)
    table = [[row.cells.get(column, "") for column in columns] for row in rows[place:]]
    if not is_header([cell.strip() for cell in table[0]], table[1:]):
        options |= {"header": False, "columns": [f"column_{number + 1}" for number in range(columns[-1] + 1)]}
        unsure["header"] = "the first row looks like the others; rename the columns here as you like"
    return options, unsure


def _tables(path: Path) -> Iterator[Part]:
    """Yield the tables and views of a SQLite file."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as con:
        names = [name for (name,) in con.execute(_TABLES)]
    if not names:
        message = f"{path} has no table"
        raise UsageError(message)
    for name in names:
        quoted = '"' + name.replace('"', '""') + '"'
        yield Part(name, {"query": f"SELECT * FROM {quoted}"})
