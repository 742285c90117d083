"""Lines of delimited text to records, by the csv module; at a malformed quote reading goes on with the next line.

Keeps: a quote that is opened and never closed does not swallow the lines behind it: they are read on their own.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.formats.dialect import LONGEST_FIELD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.formats.dialect import Dialect

SWALLOWED_LINES = 3
_SWALLOWED_FIELDS = 3
"""From so many lines on a record is looked at twice, where rows have so many fields."""
_SWALLOWED = "whole records within a field"


@dataclass(slots=True)
class Records:
    """Records found in some lines: `starts` and `ends` are indexes of lines, `bad` (index, reason, detail)."""

    rows: list[list[str]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    bad: list[tuple[int, str, str]] = field(default_factory=list)


def split_rows(
    lines: Sequence[str], dialect: Dialect, width: int, *, last: bool, only_first: bool = False
) -> tuple[Records, int]:
    """Return the records of the lines, and how many lines they took; stop at the first one if so told.

    A row is expected to have `width` fields, 0 where that is not known. Unless these are the `last` lines, a record
    that they leave open is not taken.
    """
    found, start = Records(), 0
    prepared = [dialect.prepare(line) for line in lines] if dialect.prepare else lines
    while start < len(lines):
        problem = _read_rows(prepared, start, dialect, width, found, only_first=only_first)
        if problem is None:
            break
        start = max(start, found.ends[-1] if found.ends else 0)
        if not last and "end of data" in problem:
            return found, start
        found.bad.append((start, *_in_words(problem, lines[start])))
        if only_first:
            break
        start += 1
    return found, len(lines)


def _read_rows(
    lines: Sequence[str], base: int, dialect: Dialect, width: int, found: Records, *, only_first: bool
) -> str | None:
    """Read records from the line `base` on until one is malformed; return what is wrong with it."""
    reader = csv.reader(map(lines.__getitem__, range(base, len(lines))), **dialect.csv_options())
    start = base
    try:
        for row in reader:
            end = base + reader.line_num
            if end - start > 1 and swallows(lines[start:end], len(row), dialect.delimiter, width):
                return _SWALLOWED
            found.rows.append(row)
            found.starts.append(start)
            found.ends.append(end)
            start = end
            if row and only_first:
                break
    except csv.Error as error:
        return str(error)
    return None


def swallows(lines: Sequence[str], fields: int, delimiter: str, width: int) -> bool:
    """Say whether a record of several lines looks like so many records, the quote of the first never closed."""
    if width < _SWALLOWED_FIELDS or (len(lines) < SWALLOWED_LINES and fields == width):
        return False
    return all(line.count(delimiter) == width - 1 for line in lines)


def _in_words(problem: str, line: str) -> tuple[str, str]:
    """Return the reason and the detail."""
    if "end of data" in problem:
        return "bad_quote", "a quote is opened and never closed (unexpected end of data)"
    if problem == _SWALLOWED:
        return "bad_quote", "a quote is opened and not closed on its line, and the lines behind it are whole records"
    if "field limit" in problem and len(line) > LONGEST_FIELD:
        return "field_too_long", f"a field of more than {LONGEST_FIELD:,} characters; shorten it in the export"
    if "field limit" in problem:
        return "bad_quote", "a field without end: most likely a quote that is opened and never closed"
    return "bad_quote", f"a quote stands where none can be: {problem}"
