"""The fast way through lines of delimited text that hold no quote and no escape: one line is one record.

Keeps: gives exactly what the csv module would give for these lines, or None, and then the csv module reads them.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv

from connectors.formats.dialect import LONGEST_FIELD

if TYPE_CHECKING:
    from connectors.formats.dialect import Dialect

_LONGEST_BLOCK = 1 << 30
"""Bytes; an Arrow array of text holds less than twice that."""


def plain_table(text: str, lines: int, dialect: Dialect, width: int) -> pa.Table | None:
    """Return the lines of a text as a table of text columns, None unless each is one record of `width` fields."""
    delimiter = dialect.delimiter
    if delimiter != dialect.spelt_delimiter or not delimiter.isascii():
        return None
    if any(mark and mark in text for mark in (dialect.quote, dialect.escape, "\ufeff")):
        return None
    data = text.encode()
    if len(data) > _LONGEST_BLOCK:
        return None
    names = [str(place) for place in range(width)]
    try:
        table = pa.csv.read_csv(
            io.BytesIO(data),
            pa.csv.ReadOptions(column_names=names, block_size=len(data) + 1, use_threads=False),
            pa.csv.ParseOptions(delimiter=delimiter, quote_char=False, escape_char=False),
            pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != lines or any(_longest(column) > LONGEST_FIELD for column in table.columns):
        return None
    return table


def _longest(column: pa.ChunkedArray[Any]) -> int:
    """Return a bound for the longest value: most often that all values together are not as long."""
    if column.nbytes <= LONGEST_FIELD:
        return 0
    return pa.compute.max(pa.compute.utf8_length(column)).as_py() or 0
