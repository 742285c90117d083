"""Parquet: every column to text, rows numbered from 1.

Keeps: no value loses digits, its zone or its nesting on the way to text. A row group is read page by page: what is in
memory does not grow with it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.formats.arrow_text import column_text
from connectors.formats.batch import MAX_COLUMNS, Batch, FileFormat, UnfinishedFile, UnreadableFile, line_numbers
from connectors.formats.long_values import without_long_values
from connectors.formats.seekable import seekable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.settings import SourceSettings

ROWS_PER_BATCH = 50_000
_BUFFER_BYTES = 1 << 20
_MAGIC = b"PAR1"
_MANY_ROWS = 5_000_000
_ROWS_PER_BYTE = 20
"""Rows that a file of many may have per byte: keys alone, which differ in every row, take more room."""


def read(stream: BinaryIO, source: SourceSettings) -> Iterator[Batch]:
    """Yield the rows of a Parquet file; raises UnreadableFile where it is none, or names a column twice.

    Each column of a batch says in its metadata, as `type`, which type the file declares for it.
    """
    del source  # the file declares its own columns and types
    with seekable(stream) as opened:
        yield from _batches(opened)


def _batches(stream: BinaryIO) -> Iterator[Batch]:
    size = _check_ends(stream)
    try:
        file = pq.ParquetFile(stream, buffer_size=_BUFFER_BYTES)
        _check(file, size)
        schema = pa.schema(
            pa.field(field.name, pa.string(), metadata={"type": str(field.type)}) for field in file.schema_arrow
        )
        yield Batch(schema.empty_table(), line_numbers([]))
        first = 1
        for batch in file.iter_batches(batch_size=ROWS_PER_BATCH):
            table = pa.Table.from_arrays([column_text(column) for column in batch.columns], schema=schema)
            yield without_long_values(Batch(table, line_numbers(range(first, first + batch.num_rows))))
            first += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(f"it is no Parquet file, or is cut off: {error}") from error


def _check_ends(stream: BinaryIO) -> int:
    """Return the file's size; raises UnfinishedFile where it begins like a Parquet file and does not end like one."""
    begins = stream.read(len(_MAGIC))
    size = stream.seek(0, 2)
    stream.seek(max(0, size - len(_MAGIC)))
    ends = stream.read(len(_MAGIC))
    stream.seek(0)
    if begins == _MAGIC and (ends != _MAGIC or size <= len(_MAGIC)):
        raise UnfinishedFile("it is no Parquet file, or is cut off: its end, where its columns are told, is not there")
    return size


def _check(file: pq.ParquetFile, size: int) -> None:
    names = file.schema_arrow.names
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UnreadableFile(f"it names the column {twice[0]!r} more than once")
    if len(names) > MAX_COLUMNS:
        raise UnreadableFile(f"it has {len(names)} columns, at most {MAX_COLUMNS} are read")
    rows = file.metadata.num_rows
    if rows > _MANY_ROWS and rows > size * _ROWS_PER_BYTE:
        raise UnreadableFile(
            f"it has {rows:,} rows in {size:,} bytes, more than {_ROWS_PER_BYTE} to a byte: damaged, or made to fill "
            "a disk"
        )


PARQUET = FileFormat("parquet", read, dated=True)
