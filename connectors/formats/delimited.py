"""Delimited text (csv and its kin) in a declared dialect, as text, every record with the line it starts on.

Keeps: every line is in a record, in a bad record with its reason, blank, or skipped because the options say so. A
malformed quote costs the line it is on, and reading goes on with the next one; a record with too many or too few fields
costs itself.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from connectors.formats.batch import BadRecord, Batch, EmptyFile, FileFormat, UnreadableFile, line_numbers, text_table
from connectors.formats.dialect import Dialect, dialect_of
from connectors.formats.plain_rows import plain_table
from connectors.formats.text_lines import text_blocks, without_footer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from warehouse.settings import SourceSettings
    from warehouse.settings.sources import FormatOptions

_SHOWN_COLUMNS = 20


def read(stream: BinaryIO, source: SourceSettings) -> Iterator[Batch]:
    """Yield the records of delimited text; a first batch without rows tells the columns.

    Raises UnreadableFile where bytes cannot be decoded, or the header is missing, broken or names a column twice.
    """
    options = source.options
    dialect = dialect_of(options, "options")
    splitter = _Splitter(dialect)
    names: tuple[str, ...] = ()
    for first_line, lines, last in _blocks(stream, options):
        splitter.take(first_line, lines)
        if not names:
            names = splitter.names(options, last=last)
            if not names:
                continue
            yield Batch(text_table(names, [[] for _ in names]), line_numbers([]))
        yield splitter.batch(names, last=last)
    if not names:
        raise EmptyFile("it is empty: not even a header line")


def _blocks(stream: BinaryIO, options: FormatOptions) -> Iterator[tuple[int, list[str], bool]]:
    """Yield (number of the first line, lines, whether no more come), without the lines that are to be skipped."""
    first_line, to_skip = 1, options.skip_rows
    ahead: tuple[int, list[str]] | None = None
    for block in without_footer(text_blocks(stream, options.encoding), options.skip_footer):
        here = (first_line + min(to_skip, len(block)), block[to_skip:])
        first_line += len(block)
        to_skip = max(0, to_skip - len(block))
        if ahead is not None:
            yield *ahead, False
        ahead = here
    if ahead is not None:
        yield *ahead, True


@dataclass(slots=True)
class _Records:
    """Records found in some lines: `starts` and `ends` are indexes of lines, `bad` (index, reason, detail)."""

    rows: list[list[str]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    bad: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Splitter:
    """Splits lines into records; holds back the lines of a record that the next block may complete."""

    dialect: Dialect
    first_line: int = 1
    lines: list[str] = field(default_factory=list)

    def take(self, first_line: int, lines: list[str]) -> None:
        """Put further lines behind those held back."""
        if not self.lines:
            self.first_line = first_line
        self.lines += lines

    def names(self, options: FormatOptions, *, last: bool) -> tuple[str, ...]:
        """Return the columns' names, taking the header from the lines; none where the lines hold no record yet."""
        found, _ = self._split(last=last, only_first=True)
        if found.bad:
            index, _, detail = found.bad[0]
            raise UnreadableFile(f"line {self.first_line + index}: its header cannot be read: {detail}")
        header = next(filter(None, found.rows), None)
        if header is None:
            return ()
        if not options.header:
            return options.columns or _unnamed(len(header))
        self.first_line += found.ends[-1]
        del self.lines[: found.ends[-1]]
        return _header_names(header, options.columns)

    def batch(self, names: tuple[str, ...], *, last: bool) -> Batch:
        """Return the records of the lines."""
        table = plain_table(self.lines, self.dialect, names) if self.lines else None
        if table is not None:
            first, self.lines = self.first_line, []
            return Batch(table, line_numbers(range(first, first + table.num_rows)))
        found, read_to = self._split(last=last)
        bad = [
            self._bad(at, at + 1, reason, detail, self._legible(at, names), lacks="never closed" in detail)
            for at, reason, detail in found.bad
        ]
        rows, starts = self._whole_rows(found, names, bad)
        bad.sort(key=lambda record: record.line)
        columns = list(zip(*rows, strict=True)) or [()] * len(names)
        batch = Batch(text_table(names, columns), line_numbers([self.first_line + at for at in starts]), tuple(bad))
        self.first_line += read_to
        del self.lines[:read_to]
        return batch

    def _split(self, *, last: bool, only_first: bool = False) -> tuple[_Records, int]:
        """Return the records of the lines, and how many lines they took; stops at the first one if so told."""
        lines, found, start = self.lines, _Records(), 0
        prepared = [self.dialect.prepare(line) for line in lines] if self.dialect.prepare else lines
        while start < len(lines):
            done = len(found.ends)
            rest = prepared if start == 0 else (prepared[index] for index in range(start, len(prepared)))
            problem = self._read_rows(rest, start, found, only_first=only_first)
            found.starts += [start, *found.ends[done:-1]][: len(found.ends) - done]
            if problem is None:
                break
            start = found.ends[-1] if len(found.ends) > done else start
            if not last and "end of data" in problem:
                return found, start
            found.bad.append((start, "bad_quote", problem))
            if only_first:
                break
            start += 1
        return found, len(lines)

    def _read_rows(self, lines: Iterable[str], base: int, found: _Records, *, only_first: bool) -> str | None:
        """Read records until one is malformed; return what is wrong with it."""
        reader = csv.reader(lines, **self.dialect.csv_options())
        try:
            for row in reader:
                found.rows.append(row)
                found.ends.append(base + reader.line_num)
                if row and only_first:
                    break
        except csv.Error as error:
            return _in_words(error)
        return None

    def _whole_rows(
        self, found: _Records, names: Sequence[str], bad: list[BadRecord]
    ) -> tuple[list[list[str]], list[int]]:
        """Return the records that have a field for each column, and where they start; others become bad records."""
        rows, starts = found.rows, found.starts
        if set(map(len, rows)) != {len(names)}:
            rows, starts = [], []
            for row, start, end in zip(found.rows, found.starts, found.ends, strict=True):
                if len(row) == len(names):
                    rows.append(row)
                    starts.append(start)
                elif row:
                    detail = f"{len(row)} fields, expected {len(names)}"
                    fields = dict(zip(names, row, strict=False))
                    bad.append(self._bad(start, end, "ragged_row", detail, fields, lacks=len(row) < len(names)))
        if self.dialect.prepare is not None:
            rows = [[self.dialect.restore(value) for value in row] for row in rows]
        return rows, starts

    def _bad(
        self, start: int, end: int, reason: str, detail: str, fields: Mapping[str, str | None], *, lacks: bool
    ) -> BadRecord:
        raw = "".join(self.lines[start:end])
        cut_off = lacks and not raw.endswith(("\r", "\n"))
        return BadRecord(self.first_line + start, reason, detail, raw.rstrip("\r\n"), fields, cut_off)

    def _legible(self, index: int, names: Sequence[str]) -> dict[str, str | None]:
        """Return the fields of a line whose quotes are malformed, as far as a lenient reader makes them out."""
        line = self.dialect.prepare(self.lines[index]) if self.dialect.prepare else self.lines[index]
        try:
            row = next(csv.reader([line], **(self.dialect.csv_options() | {"strict": False})), [])
        except csv.Error:
            row = []
        return dict(zip(names, map(self.dialect.restore, row), strict=False))


def _header_names(header: Sequence[str], declared: tuple[str, ...]) -> tuple[str, ...]:
    if declared:
        if len(declared) != len(header):
            raise UnreadableFile(f"its header has {len(header)} columns, options.columns names {len(declared)}")
        return declared
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


def _in_words(error: csv.Error) -> str:
    found = str(error)
    if "end of data" in found:
        return "a quote is opened and never closed (unexpected end of data)"
    if "field limit" in found:
        return "a field without end: most likely a quote that is opened and never closed"
    return f"a quote stands where none can be: {found}"


DELIMITED = FileFormat("csv", read)
