"""Parquet: every column to text, rows numbered from 1.

Keeps: no value loses digits, its zone or its nesting on the way to text.
"""

from __future__ import annotations

import gzip
import io
from collections import Counter
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.formats.arrow_text import column_text
from connectors.formats.batch import MAX_COLUMNS, Batch, FileFormat, UnreadableFile, line_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.settings import SourceSettings

ROWS_PER_BATCH = 50_000


def read(stream: BinaryIO, source: SourceSettings) -> Iterator[Batch]:
    """Yield the rows of a Parquet file; raises UnreadableFile where it is none, or names a column twice."""
    del source  # the file declares its own columns and types
    # Parquet is read from its end: a stream that is being unpacked is unpacked as a whole first.
    packed: object = stream
    seekable = io.BytesIO(stream.read()) if isinstance(packed, gzip.GzipFile) else stream
    try:
        file = pq.ParquetFile(seekable)
        names = file.schema_arrow.names
        _check(names)
        yield Batch(pa.table({name: pa.array([], pa.string()) for name in names}), line_numbers([]))
        first = 1
        for batch in file.iter_batches(batch_size=ROWS_PER_BATCH):
            table = pa.Table.from_arrays([column_text(column) for column in batch.columns], names=names)
            yield Batch(table, line_numbers(range(first, first + batch.num_rows)))
            first += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(f"it is no Parquet file, or is cut off: {error}") from error


def _check(names: list[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UnreadableFile(f"it names the column {twice[0]!r} more than once")
    if len(names) > MAX_COLUMNS:
        raise UnreadableFile(f"it has {len(names)} columns, at most {MAX_COLUMNS} are read")


PARQUET = FileFormat("parquet", read)
