"""The rows of a sheet, streamed: the text of each cell by its column, merged cells given to every row they cover.

Keeps: every cell that holds something is in its row, in the order of the sheet; a formula without its result is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.formats.batch import UnreadableFile
from connectors.formats.cell_text import NumberFormat, Shows, number_text, serial_text
from connectors.formats.workbook import local, parse_steps, unescaped, whole_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connectors.formats.workbook import Sheet, Workbook

MOST_COLUMNS = 16_384
MOST_ROWS = 1_048_576

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_LONGEST_MARK = 256
_TEXTS = ("s", "str", "inlineStr")
_GENERAL = NumberFormat(Shows.NUMBER)
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


@dataclass(slots=True)
class SheetRow:
    """A row that holds something: its number in the sheet, its texts by column (0 is A), what is wrong in it."""

    number: int
    cells: dict[int, str] = field(default_factory=dict)
    problem: str | None = None


def letters(column: int) -> str:
    """Return the letters of a column: 0 is A, 26 is AA."""
    found = ""
    column += 1
    while column:
        column, place = divmod(column - 1, 26)
        found = chr(ord("A") + place) + found
    return found


def column_of(name: str) -> int:
    """Return the column that letters name."""
    found = 0
    for letter in name:
        found = found * 26 + ord(letter) - ord("A") + 1
    return found - 1


def sheet_rows(book: Workbook, sheet: Sheet) -> Iterator[SheetRow]:
    """Yield the rows of a sheet that hold something.

    The value of merged cells stands in the first column of every row they cover, unless the row has no other value.
    """
    merged = _merged(book.part(sheet.part))
    reader = _CellReader(book)
    steps = parse_steps(
        book.part(sheet.part), reader.start, EndElementHandler=reader.end, CharacterDataHandler=reader.characters
    )
    reaching: dict[int, tuple[int, str]] = {}
    for _ in steps:
        for row in reader.rows:
            if not row.cells and row.problem is None:
                continue
            _fill(row, merged, reaching)
            yield row
        reader.rows.clear()


def _merged(chunks: Iterator[bytes]) -> dict[tuple[int, int], int]:
    """Return the last row of the merged cells that cover several rows, by their first row and column."""
    found: dict[tuple[int, int], int] = {}
    held = b""
    for chunk in chunks:
        held = held[-_LONGEST_MARK:] + chunk
        if b"mergeCell" not in held:
            continue
        for left, top, _, bottom in _MERGED.findall(held):
            if int(bottom) > int(top):
                found[int(top), column_of(left.decode())] = int(bottom)
    return found


def _fill(row: SheetRow, merged: dict[tuple[int, int], int], reaching: dict[int, tuple[int, str]]) -> None:
    """Give the row the values of merged cells that began above it, and keep those that begin in it."""
    if not merged:
        return
    for column, (bottom, text) in list(reaching.items()):
        if row.number > bottom:
            del reaching[column]
        else:
            row.cells.setdefault(column, text)
    for column, text in row.cells.items():
        bottom = merged.get((row.number, column), 0)
        if bottom:
            reaching[column] = (bottom, text)


class _CellReader:
    """Takes the elements of a sheet and collects its rows."""

    def __init__(self, book: Workbook) -> None:
        self.rows: list[SheetRow] = []
        self._book = book
        self._columns: dict[str, int] = {}
        self._row = SheetRow(0)
        self._column = -1
        self._kind: str | None = None
        self._style = _GENERAL
        self._styles: dict[str | None, NumberFormat] = {}
        self._collects = False
        self._hint = False
        self._formula: str | None = None
        self._has_value = False
        self._pieces: list[str] = []

    def start(self, element: str, values: Mapping[str, str]) -> None:
        name = local(element)
        if name == "c":
            self._column = self._place(values.get("r"))
            self._kind = values.get("t")
            self._style = self._style_of(values.get("s"))
            self._formula, self._has_value = None, False
            self._pieces.clear()
        elif name == "v" or (name == "t" and not self._hint):
            self._collects = self._has_value = True
        elif name == "row":
            self._row = SheetRow(self._row_number(values.get("r")))
            self._column = -1
        elif name == "f":
            self._collects = True
        elif name == "rPh":
            self._hint = True

    def end(self, element: str) -> None:
        name = local(element)
        if name == "c":
            self._cell()
        elif name == "row":
            self.rows.append(self._row)
        elif name == "f":
            self._formula, self._collects = "".join(self._pieces), False
            self._pieces.clear()
        elif name in ("v", "t"):
            self._collects = False
        elif name == "rPh":
            self._hint = False

    def characters(self, text: str) -> None:
        if self._collects:
            self._pieces.append(text)

    def _row_number(self, written: str | None) -> int:
        number = whole_number(written) or self._row.number + 1
        if number > MOST_ROWS or number <= self._row.number:
            raise UnreadableFile(f"row {number} follows row {self._row.number}; rows ascend, up to {MOST_ROWS}")
        return number

    def _place(self, written: str | None) -> int:
        """Return the column of a cell, which may leave out where it stands when it follows the one before it."""
        if written is None:
            column = self._column + 1
        else:
            name = written.rstrip("0123456789")
            known = self._columns.get(name)
            if known is None:
                if not _PLACE.fullmatch(written):
                    raise UnreadableFile(f"a cell of row {self._row.number} stands in {written!r}, which is no cell")
                known = self._columns[name] = column_of(name)
            column = known
        if column >= MOST_COLUMNS or column in self._row.cells:
            raise UnreadableFile(
                f"row {self._row.number} has a cell beyond column {MOST_COLUMNS}, or one cell twice: it is damaged"
            )
        return column

    def _style_of(self, written: str | None) -> NumberFormat:
        found = self._styles.get(written)
        if found is None:
            number, styles = whole_number(written), self._book.styles
            found = self._styles[written] = styles[number] if number < len(styles) else _GENERAL
        return found

    def _cell(self) -> None:
        raw = "".join(self._pieces)
        if self._has_value and (raw or self._kind in _TEXTS):
            self._row.cells[self._column] = self._text(raw)
        elif self._formula is not None:
            place = f"{letters(self._column)}{self._row.number}"
            self._row.problem = f"{place} has the formula ={self._formula} without its result"

    def _text(self, raw: str) -> str:
        kind = self._kind
        if kind == "s":
            if not raw.strip().isdigit() or int(raw) >= len(self._book.texts):
                raise UnreadableFile(f"row {self._row.number} refers to a text {raw!r} that is not there")
            return self._book.texts[int(raw)]
        if kind in ("inlineStr", "str"):
            return unescaped(raw)
        if kind == "b":
            return {"1": "true", "0": "false"}.get(raw, raw)
        if kind in ("e", "d"):
            return raw
        return self._number(raw.strip())

    def _number(self, raw: str) -> str:
        style = self._style
        if style.shows is not Shows.NUMBER:
            return serial_text(raw, style.shows, from_1904=self._book.from_1904)
        text = number_text(raw)
        return text.zfill(style.width) if style.width and text.isdigit() else text
