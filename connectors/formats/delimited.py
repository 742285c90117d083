"""Delimited text (csv and its kin) in a declared dialect, as text, every record with the line it starts on.

Keeps: every line is in a record, in a bad record with its reason, blank, or skipped because the options say so. A
malformed quote costs the line it is on, and reading goes on with the next one; a record with too many or too few fields
costs itself. The header once more within the file is no record, and is kept as a bad one.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa
import pyarrow.compute

from connectors.formats.batch import BadRecord, Batch, EmptyFile, FileFormat, UnreadableFile, line_numbers, text_table
from connectors.formats.dialect import Dialect, dialect_of
from connectors.formats.plain_rows import plain_table, whole_records
from connectors.formats.row_shape import FIRST_ROWS, RowShape
from connectors.formats.split_rows import Records, split_rows
from connectors.formats.text_lines import LONGEST_LINE, count_lines, split_lines, whole_lines, without_footer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from warehouse.settings import SourceSettings
    from warehouse.settings.sources import FormatOptions

_END_MARKS = " \t\x00\x1a"
"""What stands alone at the end of some files: blanks, and the mark with which old systems end a text."""
LONGEST_RAW = 64 * 1024
"""Characters kept of the text of a record that cannot be read."""
_SHOWN_COLUMNS = 20


def read(stream: BinaryIO, source: SourceSettings) -> Iterator[Batch]:
    """Yield the records of delimited text; a first batch without rows tells the columns.

    Raises UnreadableFile where bytes cannot be decoded, or the header is missing, broken or names a column twice.
    """
    options = source.options
    reader = _Reader(dialect_of(options, "options"))
    for first_line, text, last in _blocks(stream, options):
        reader.take(first_line, text)
        if reader.shape is None:
            reader.shape = reader.read_header(options, last=last)
            if reader.shape is None:
                continue
            names = reader.shape.names
            yield Batch(text_table(names, [[] for _ in names]), line_numbers([]))
        yield reader.batch(reader.shape, last=last)
    if reader.shape is None:
        raise EmptyFile("it is empty: not even a header line")


def _blocks(stream: BinaryIO, options: FormatOptions) -> Iterator[tuple[int, str, bool]]:
    """Yield (number of the first line, whole lines, whether no more come), without those that are to be skipped."""
    first_line, to_skip = 1, options.skip_rows
    ahead: tuple[int, str] | None = None
    for block in without_footer(whole_lines(stream, options.encoding), options.skip_footer):
        text, start = block, first_line
        first_line += count_lines(block)
        if to_skip:
            lines = split_lines(block)
            start += min(to_skip, len(lines))
            text = "".join(lines[to_skip:])
            to_skip = max(0, to_skip - len(lines))
        if ahead is not None:
            yield *ahead, False
        ahead = start, text
    if ahead is not None:
        yield *ahead, True


@dataclass(slots=True)
class _Reader:
    """Reads the lines of one file; holds back those of a record that the next block may complete."""

    dialect: Dialect
    shape: RowShape | None = None
    first_line: int = 1
    text: str = ""

    def take(self, first_line: int, text: str) -> None:
        """Put further lines behind those held back."""
        if not self.text:
            self.first_line = first_line
        self.text += text
        if self.dialect.stands_in(text):
            message = "it holds U+FDD0, which is no character and stands in for a delimiter of several: take it out"
            raise UnreadableFile(message)

    def read_header(self, options: FormatOptions, *, last: bool) -> RowShape | None:
        """Return what the rows look like, taking the header from the lines; None where they hold no record yet."""
        lines = split_lines(self.text)
        found, _ = split_rows(lines, self.dialect, 0, last=last, only_first=True)
        if found.bad:
            index, _, detail = found.bad[0]
            raise UnreadableFile(f"line {self.first_line + index}: its header cannot be read: {detail}")
        header = tuple(map(self.dialect.restore, next(filter(None, found.rows), ())))
        if not header:
            return None
        if not options.header:
            return RowShape(options.columns or _unnamed(len(header)))
        self._drop(lines, found.ends[-1])
        return RowShape(_header_names(header, options.columns), header)

    def batch(self, shape: RowShape, *, last: bool) -> Batch:
        """Return the records of the lines."""
        text = self.text if last else whole_records(self.text, self.dialect)
        plain = self._plain_batch(text, shape) if text else None
        if plain is not None:
            return plain
        lines = split_lines(self.text)
        width = shape.width or len(shape.names)
        last = last or len(self.text) > LONGEST_LINE
        found, read_to = split_rows(lines, self.dialect, width, last=last)
        if shape.width is None and not last and sum(map(bool, found.rows)) + len(found.bad) < FIRST_ROWS:
            return Batch(text_table(shape.names, [[] for _ in shape.names]), line_numbers([]))
        bad = [
            self._bad(
                lines[at : at + 1], at, reason, detail, self._legible(lines[at], shape.names), lacks="never" in detail
            )
            for at, reason, detail in found.bad
        ]
        rows, starts = self._whole_rows(lines, found, shape, bad)
        bad.sort(key=lambda record: record.line)
        if shape.turned:  # by itself a record does not tell the order of its columns
            bad = [replace(record, whole=False) for record in bad]
        columns = list(zip(*rows, strict=True)) or [()] * len(shape.names)
        numbers = line_numbers([self.first_line + at for at in starts])
        batch = Batch(text_table(shape.names, columns), numbers, tuple(bad))
        self._drop(lines, read_to)
        return batch

    def _plain_batch(self, text: str, shape: RowShape) -> Batch | None:
        """Return the text, which begins what is held back, as records where they are plain and of the right shape."""
        lines = count_lines(text)
        plain = plain_table(text, lines, self.dialect, shape.width or len(shape.names))
        table = plain and shape.fit_table(plain[0])
        if plain is None or table is None:
            return None
        shape.width = shape.width or len(shape.names)
        numbers = pa.compute.add(plain[1], self.first_line)
        self.first_line += lines
        self.text = self.text[len(text) :]
        return Batch(table, numbers)

    def _drop(self, lines: list[str], count: int) -> None:
        """Forget the first lines."""
        self.first_line += count
        self.text = "".join(lines[count:])

    def _whole_rows(
        self, lines: list[str], found: Records, shape: RowShape, bad: list[BadRecord]
    ) -> tuple[list[list[str]], list[int]]:
        """Return the records that have a field for each column, and where they start; others become bad records."""
        restore = self.dialect.restore
        restored = [[restore(value) for value in row] for row in found.rows] if self.dialect.prepare else found.rows
        shape.learn(restored)
        rows: list[list[str]] = []
        starts: list[int] = []
        for row, start, end in zip(restored, found.starts, found.ends, strict=True):
            if not row:
                continue
            if shape.header and shape.is_header(row):
                detail = "the header again: as where exports were put together into one; it is no record"
                detail += ", and names the columns in another order from here on" if shape.turn(row) else ""
                bad.append(replace(self._bad(lines[start:end], start, "repeated_header", detail, {}), whole=False))
                continue
            fitting = shape.fit(row)
            if fitting is None:
                detail = f"{len(row)} fields, expected {shape.width}: quote what holds the delimiter"
                fields = dict(zip(shape.names, row, strict=False))
                lacks = len(row) < (shape.width or 0)
                bad.append(self._bad(lines[start:end], start, "ragged_row", detail, fields, lacks=lacks))
            else:
                rows.append(fitting)
                starts.append(start)
        return rows, starts

    def _bad(
        self,
        lines: Sequence[str],
        start: int,
        reason: str,
        detail: str,
        fields: Mapping[str, str | None],
        *,
        lacks: bool = False,
    ) -> BadRecord:
        """Return a bad record; one that `lacks` something is cut off where no line end follows it either."""
        cut_off = lacks and not lines[-1].endswith(("\r", "\n")) and bool(lines[-1].strip(_END_MARKS))
        raw = "".join(lines).rstrip("\r\n")
        whole = len(raw) <= LONGEST_RAW
        if not whole:
            detail += f"; of its {len(raw):,} characters the first {LONGEST_RAW:,} are kept here"
            raw = raw[:LONGEST_RAW]
            fields = {name: value and value[:LONGEST_RAW] for name, value in fields.items()}
        return BadRecord(self.first_line + start, reason, detail, raw, fields, cut_off=cut_off, whole=whole)

    def _legible(self, line: str, names: Sequence[str]) -> dict[str, str | None]:
        """Return the fields of a line whose quotes are malformed, as far as a lenient reader makes them out."""
        line = line[:LONGEST_RAW]
        line = self.dialect.prepare(line) if self.dialect.prepare else line
        row = next(csv.reader([line], **(self.dialect.csv_options() | {"strict": False})), [])
        return dict(zip(names, map(self.dialect.restore, row), strict=False))


def _header_names(header: Sequence[str], declared: tuple[str, ...]) -> tuple[str, ...]:
    if declared:
        if len(declared) != len(header):
            raise UnreadableFile(f"its header has {len(header)} columns, options.columns names {len(declared)}")
        return declared
    stripped = tuple(map(str.strip, header))
    header = stripped if len(set(stripped)) == len(set(header)) else header
    names = tuple(name or unnamed for name, unnamed in zip(header, _unnamed(len(header)), strict=True))
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        found = ", ".join(repr(name) for name in twice[:_SHOWN_COLUMNS])
        raise UnreadableFile(
            f"its header names {found} more than once, so that it is unclear which one is meant; "
            "ask for an export with one name per column, or name them with options.columns"
        )
    return names


def _unnamed(count: int) -> tuple[str, ...]:
    return tuple(f"column_{place}" for place in range(1, count + 1))


DELIMITED = FileFormat("csv", read)
