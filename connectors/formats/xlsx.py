"""Workbooks (.xlsx): the rows of the sheets that hold the key, one sheet after another, as text.

Keeps: every row that holds something is a row, a bad record, or left out because the options say so; a value without a
name above it stands in a column named by its letter; a sheet that is not read is told. A row's line is its number in
the sheet; in the second sheet that is read 10,000,000 more, and so on.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from connectors.formats.batch import BadRecord, Batch, EmptyFile, FileFormat, UnreadableFile, line_numbers, text_table
from connectors.formats.long_values import without_long_values
from connectors.formats.seekable import seekable
from connectors.formats.sheet_rows import letters, sheet_rows
from connectors.formats.workbook import open_workbook
from warehouse.settings.sources import KeyHash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.formats.sheet_rows import SheetRow
    from connectors.formats.workbook import Sheet, Workbook
    from warehouse.settings import SourceSettings
    from warehouse.settings.sources import FormatOptions

ROWS_PER_BATCH = 20_000
LINES_OF_A_SHEET = 10_000_000
"""What is added to the line for each sheet that was read before."""
_SHOWN_COLUMNS = 8


def read(stream: BinaryIO, source: SourceSettings) -> Iterator[Batch]:
    """Yield the rows of a workbook's sheets; raises UnreadableFile where it is none, or no sheet has the key."""
    with seekable(stream) as opened, open_workbook(opened) as book:
        chosen, note = _chosen(book, source)
        for place, sheet in enumerate(chosen):
            for batch in _Table(book, sheet, source.options, place * LINES_OF_A_SHEET).batches():
                yield Batch(batch.rows, batch.lines, batch.bad, note=note)


def _chosen(book: Workbook, source: SourceSettings) -> tuple[list[Sheet], str]:
    """Return the sheets to read, and what the others are that hold something."""
    headers = {
        sheet: header for sheet in book.sheets if (header := _first_row(book, sheet, source.options)) is not None
    }
    if source.options.sheets:
        chosen = [_named(book, name) for name in source.options.sheets]
    elif len(headers) == 1:
        chosen = list(headers)
    else:
        wanted = set(source.key.hash if isinstance(source.key, KeyHash) else source.key)
        chosen = [sheet for sheet, header in headers.items() if wanted <= {*source.options.columns, *header}]
        if headers and not chosen:
            key = ", ".join(map(repr, sorted(wanted)))
            raise UnreadableFile(
                f"none of its sheets has the key {key} in its first row: {_listed(headers)}; "
                "name the sheets with options.sheets, or correct key or options.skip_rows"
            )
    if not chosen:
        raise EmptyFile("none of its sheets holds anything")
    others = {sheet: header for sheet, header in headers.items() if sheet not in chosen}
    return chosen, ", ".join(f"sheet {sheet.name!r}" for sheet in others)


def _named(book: Workbook, name: str) -> Sheet:
    for sheet in book.sheets:
        if sheet.name == name:
            return sheet
    has = ", ".join(repr(sheet.name) for sheet in book.sheets)
    raise UnreadableFile(f"it has no sheet {name!r} (options.sheets); it has: {has}")


def _first_row(book: Workbook, sheet: Sheet, options: FormatOptions) -> tuple[str, ...] | None:
    """Return the texts of the first row that counts, None where there is none."""
    row = next(_rows(book, sheet, options), None)
    return None if row is None else tuple(_header(row).values())


def _header(row: SheetRow) -> dict[int, str]:
    """Return the names in a row by their columns; space around a name is not part of it, unless it tells two apart."""
    cells = {column: text for column, text in sorted(row.cells.items()) if text.strip()}
    stripped = {column: text.strip() for column, text in cells.items()}
    return stripped if len(set(stripped.values())) == len(set(cells.values())) else cells


def _rows(book: Workbook, sheet: Sheet, options: FormatOptions) -> Iterator[SheetRow]:
    """Yield the rows that hold something, without those that are to be skipped."""
    held: deque[SheetRow] = deque()
    for row in sheet_rows(book, sheet):
        if row.number <= options.skip_rows or not (row.problem or any(row.cells.values())):
            continue
        held.append(row)
        if len(held) > options.skip_footer:
            yield held.popleft()


def _listed(headers: dict[Sheet, tuple[str, ...]]) -> str:
    told = []
    for sheet, header in headers.items():
        more = ", …" if len(header) > _SHOWN_COLUMNS else ""
        told.append(f"sheet {sheet.name!r} ({', '.join(header[:_SHOWN_COLUMNS])}{more})")
    return "; ".join(told)


@dataclass(slots=True)
class _Table:
    """One sheet as a table: `line_before` is added to each row's number."""

    book: Workbook
    sheet: Sheet
    options: FormatOptions
    line_before: int

    def batches(self) -> Iterator[Batch]:
        """Yield the rows of the sheet; a first batch without rows tells the columns."""
        rows = _rows(self.book, self.sheet, self.options)
        names = self._names(rows)
        yield Batch(text_table(list(names.values()), [[] for _ in names]), line_numbers([]))
        held: list[SheetRow] = []
        for row in rows:
            held.append(row)
            if len(held) == ROWS_PER_BATCH:
                yield self._batch(held, names)
                held = []
        yield self._batch(held, names)

    def _names(self, rows: Iterator[SheetRow]) -> dict[int, str]:
        """Return the names of the columns, taking the header from the rows where there is one."""
        options = self.options
        if not options.header:
            return dict(enumerate(options.columns))
        row = next(rows, None)
        if row is None:
            return {}
        if row.problem is not None:
            raise UnreadableFile(f"sheet {self.sheet.name!r}: its header cannot be read: {row.problem}")
        header = _header(row)
        if not options.columns:
            return self._checked(header)
        first, last = min(header), max(header)
        if last - first + 1 != len(options.columns):
            raise UnreadableFile(
                f"sheet {self.sheet.name!r}: its header has {last - first + 1} columns, "
                f"options.columns names {len(options.columns)}"
            )
        return dict(enumerate(options.columns, first))

    def _checked(self, header: dict[int, str]) -> dict[int, str]:
        twice = [name for name, count in Counter(header.values()).items() if count > 1]
        if twice:
            raise UnreadableFile(
                f"sheet {self.sheet.name!r}: its header names {twice[0]!r} more than once, so that it is unclear which "
                "one is meant; name the columns with options.columns"
            )
        return header

    def _batch(self, rows: list[SheetRow], names: dict[int, str]) -> Batch:
        """Return rows as a batch; `names` gets a name for each column that has a value and none in the header."""
        for column in sorted({column for row in rows for column, text in row.cells.items() if text} - names.keys()):
            names[column] = f"column_{letters(column)}"
        self._checked(names)
        good = [row for row in rows if row.problem is None]
        columns = [[row.cells.get(column) for row in good] for column in names]
        lines = line_numbers([self.line_before + row.number for row in good])
        bad = tuple(self._bad(row, names) for row in rows if row.problem is not None)
        return without_long_values(Batch(text_table(list(names.values()), columns), lines, bad))

    def _bad(self, row: SheetRow, names: dict[int, str]) -> BadRecord:
        fields = {name: row.cells.get(column) for column, name in names.items()}
        detail = (
            f"sheet {self.sheet.name!r}: {row.problem}; save the workbook in a spreadsheet program, which computes it"
        )
        raw = json.dumps(fields, ensure_ascii=False)
        return BadRecord(self.line_before + row.number, "no_result", detail, raw, fields)


XLSX = FileFormat("xlsx", read, dated=True)
