"""The fast way through lines of delimited text whose quotes all stand where they should, by Arrow's reader.

Keeps: gives exactly what the csv module would give for these lines, or None, and then the csv module reads them.
"""

from __future__ import annotations

import io
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv

from connectors.formats.dialect import LONGEST_FIELD
from connectors.formats.split_rows import SWALLOWED_LINES, swallows
from connectors.formats.text_lines import split_lines

if TYPE_CHECKING:
    from connectors.formats.dialect import Dialect

_LONGEST_BLOCK = 1 << 30
"""Bytes; an Arrow array of text holds less than twice that."""
_LINE_ENDS = ("\n", "\r")


def plain_table(text: str, lines: int, dialect: Dialect, width: int) -> tuple[pa.Table, pa.Int64Array] | None:
    """Return a text as a table of text columns, with the index of the line that each record starts on.

    None unless each of its `lines` is part of a record of `width` fields.
    """
    delimiter, quote = dialect.delimiter, dialect.quote
    if delimiter != dialect.spelt_delimiter or not delimiter.isascii() or "\ufeff" in text:
        return None
    if dialect.escape is not None and dialect.escape in text:
        return None
    pieces = text.split(quote) if quote else [text]
    if not all_in_place(pieces, delimiter) or not (quote or "").isascii():
        return None
    table = _read(text, dialect, width, quoted=len(pieces) > 1)
    if table is None or any(_longest(column) > LONGEST_FIELD for column in table.columns):
        return None
    several = any(end in piece for piece in pieces[1::2] for end in _LINE_ENDS)
    starts = _starts(table, several=several)
    if starts[-1].as_py() != lines or (several and _swallowed(text, starts, delimiter, width)):
        return None
    return table, starts[:-1]


def whole_records(text: str, dialect: Dialect) -> str:
    """Return a text without the record at its end that a quote leaves open; at worst with some of it."""
    quote, tries = dialect.quote, 4
    while quote and tries and text.count(quote) % 2:
        opened = text.rfind(quote)
        text = text[: max(text.rfind(end, 0, opened) for end in _LINE_ENDS) + 1]
        tries -= 1
    return text


def all_in_place(pieces: list[str], delimiter: str) -> bool:
    """Say of a text split at its quotes whether each of them opens a field, closes one, or is doubled within one."""
    if len(pieces) % 2 == 0:
        return False
    around = (delimiter, *_LINE_ENDS)
    return (
        (len(pieces) == 1 or not pieces[0] or pieces[0].endswith(around))
        and (len(pieces) == 1 or not pieces[-1] or pieces[-1].startswith(around))
        and all(not piece or (piece.startswith(around) and piece.endswith(around)) for piece in pieces[2:-1:2])
    )


def _read(text: str, dialect: Dialect, width: int, *, quoted: bool) -> pa.Table | None:
    data = text.encode()
    if len(data) > _LONGEST_BLOCK:
        return None
    names = [str(place) for place in range(width)]
    try:
        return pa.csv.read_csv(
            io.BytesIO(data),
            pa.csv.ReadOptions(column_names=names, block_size=len(data) + 1, use_threads=False),
            pa.csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote if quoted and dialect.quote else False,
                escape_char=False,
                newlines_in_values=quoted,
            ),
            pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None


def _starts(table: pa.Table, *, several: bool) -> pa.Int64Array:
    """Return the index of the line that each record starts on, and at the end that of the line behind them all."""
    compute = pa.compute
    spans: pa.ChunkedArray[Any] = pa.chunked_array([pa.repeat(pa.scalar(1, pa.int64()), table.num_rows)])
    for column in table.columns if several else ():
        feeds, returns, pairs = (compute.count_substring(column, end) for end in ("\n", "\r", "\r\n"))
        spans = compute.add(spans, compute.subtract(compute.add(feeds, returns), pairs))
    ends = compute.cumulative_sum(spans).combine_chunks()
    return cast("pa.Int64Array", pa.concat_arrays([pa.array([0], pa.int64()), ends]))


def _swallowed(text: str, starts: pa.Int64Array, delimiter: str, width: int) -> bool:
    """Say whether a record looks like several, the quote of the first never closed."""
    places = [place for place in starts.to_pylist() if place is not None]
    long = [(start, end) for start, end in pairwise(places) if end - start >= SWALLOWED_LINES]
    lines = split_lines(text) if long else []
    return any(swallows(lines[start:end], width, delimiter, width) for start, end in long)


def _longest(column: pa.ChunkedArray[Any]) -> int:
    """Return a bound for the longest value: most often that all values together are not as long."""
    if column.nbytes <= LONGEST_FIELD:
        return 0
    return pa.compute.max(pa.compute.utf8_length(column)).as_py() or 0
