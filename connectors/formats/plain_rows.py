"""The fast way through lines of delimited text that hold no quote and no escape: one line is one record.

Keeps: gives exactly what the csv module would give for these lines, or None, and then the csv module reads them.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv

from connectors.formats.dialect import LONGEST_FIELD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.formats.dialect import Dialect


def plain_table(lines: Sequence[str], dialect: Dialect, names: Sequence[str]) -> pa.Table | None:
    """Return the lines as a table of text columns, None unless each is one record with a field for each name."""
    if dialect.prepare is not None or not dialect.delimiter.isascii():
        return None
    if max(map(len, lines)) > LONGEST_FIELD:
        return None
    text = "".join(lines)
    if any(mark and mark in text for mark in (dialect.quote, dialect.escape, "\ufeff")):
        return None
    places = [str(place) for place in range(len(names))]
    data = text.encode()
    try:
        table = pa.csv.read_csv(
            io.BytesIO(data),
            pa.csv.ReadOptions(column_names=places, block_size=len(data) + 1, use_threads=False),
            pa.csv.ParseOptions(delimiter=dialect.delimiter, quote_char=False, escape_char=False),
            pa.csv.ConvertOptions(column_types=dict.fromkeys(places, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    return table.rename_columns(list(names)) if table.num_rows == len(lines) else None
