"""The rows of one delivery as text, in a temporary table: one column per column of the export, under a name of ours.

READS: batches. WRITES: the temporary table raw_row. Keeps: every record that was read is one row, a bad one with its
reason and with what could be read of it; nothing is typed, trimmed or taken for null.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from connectors.formats.batch import MAX_COLUMNS, UnreadableFile, line_numbers, text_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

    from connectors.formats.batch import Batch

Origin = Literal["fresh", "reread", "stored", "replayed"]
"""Whether a row is of a new file, of one that the lineage has read before, a stored version, or of the quarantine."""

_FIXED = (
    "_file INTEGER, _path VARCHAR, _line BIGINT, _origin VARCHAR, _reason VARCHAR, _detail VARCHAR, _raw VARCHAR,"
    " _whole BOOLEAN, _hash VARCHAR, _was VARCHAR"
)
"""Where a row comes from; why it is bad, how it was delivered, and whether that is all of it (null of a row that could
be read); the hash and the key that a stored version has."""
_BAD = ("reason", "detail", "raw")
_ROWS_TOGETHER, _BYTES_TOGETHER = 1_000, 32 * 1024 * 1024


@dataclass(slots=True)
class _Hand:
    """Hands DuckDB one table after the other under one name.

    A table that is registered itself is kept until the transaction ends, and all of them together are the whole file.
    """

    name: str
    table: pa.Table | None = None
    is_known: bool = False

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the table that is in the hand."""
        table = self.table if self.table is not None else pa.table({})
        return table.__arrow_c_stream__(requested_schema)  # type: ignore[no-untyped-call]  # so in the stubs


class RawRows:
    """The sink of a delivery's rows.

    `columns` maps each name in the export to its column in raw_row: `c0`, `c1`, …; names that differ only in case, or
    that SQL could not bear, stay apart. `read` counts the records, bad ones included; `good` those that are not. With
    `gather`, small batches (a file of one record each) come into the table together, at the latest by `put_in`.
    """

    def __init__(self, con: DuckDBPyConnection, *, gather: bool = False) -> None:
        self._con = con
        self._gather = gather
        self._waiting: dict[pa.Schema, list[pa.Table]] = {}
        self._rows_waiting = self._bytes_waiting = 0
        self._hands: dict[pa.Schema, _Hand] = {}
        self.columns: dict[str, str] = {}
        self.read = 0
        self.good = 0
        con.execute(f"CREATE OR REPLACE TEMP TABLE raw_row ({_FIXED})")

    def know(self, names: Iterable[str]) -> None:
        """Make a column for each name that has none yet."""
        for name in names:
            if name not in self.columns:
                column = f"c{len(self.columns)}"
                if len(self.columns) == MAX_COLUMNS:
                    raise UnreadableFile(f"its records have more than {MAX_COLUMNS} different columns")
                self._con.execute(f"ALTER TABLE raw_row ADD COLUMN {column} VARCHAR")
                self.columns[name] = column

    def add(self, batch: Batch, *, file: int, path: str, origin: Origin) -> int:
        """Put a batch into the table and return how many records it had; files are numbered by their names' order."""
        place = (file, path, origin)
        self.know(batch.rows.column_names)
        self._insert(batch.rows, {"_line": batch.lines}, place)
        if batch.bad:
            names = list(dict.fromkeys(name for record in batch.bad for name in record.fields))
            self.know(names)
            fields = text_table(names, [[record.fields.get(name) for record in batch.bad] for name in names])
            about: dict[str, pa.Array[Any]] = {
                f"_{part}": pa.array([getattr(record, part) for record in batch.bad], pa.string()) for part in _BAD
            }
            about["_whole"] = pa.array([record.whole for record in batch.bad], pa.bool_())
            self._insert(fields, {"_line": line_numbers([record.line for record in batch.bad]), **about}, place)
        self.good += len(batch.lines)
        self.read += len(batch.lines) + len(batch.bad)
        return len(batch.lines) + len(batch.bad)

    def take_back(self, file: int) -> None:
        """Forget the rows of a file that turned out not to be whole; its columns stay known."""
        self.put_in()
        (good, bad) = self._con.execute(
            "SELECT count(*) FILTER (_reason IS NULL), count(*) FILTER (_reason IS NOT NULL) FROM raw_row"
            " WHERE _file = ?",
            [file],
        ).fetchall()[0]
        self._con.execute("DELETE FROM raw_row WHERE _file = ?", [file]).fetchall()
        self.good -= good
        self.read -= good + bad

    def put_in(self) -> None:
        """Put what is waiting into the table."""
        for schema, tables in self._waiting.items():
            hand = self._hands.setdefault(schema, _Hand(f"batch_to_add_{len(self._hands)}"))
            hand.table = tables[0] if len(tables) == 1 else pa.concat_tables(tables).combine_chunks()
            if not hand.is_known:
                self._con.register(hand.name, hand)
                hand.is_known = True
            self._con.execute(f"INSERT INTO raw_row BY NAME SELECT * FROM {hand.name}").fetchall()
            hand.table = None
        self._waiting, self._rows_waiting, self._bytes_waiting = {}, 0, 0

    def _insert(self, rows: pa.Table, about: dict[str, pa.Array[Any]], place: tuple[int, str, Origin]) -> None:
        """Insert the rows with what is known about each; rows without any column are rows all the same."""
        count = len(about["_line"])
        if count == 0:
            return
        whence = dict(zip(("_file", "_path", "_origin"), (pa.repeat(part, count) for part in place), strict=True))
        names = (*whence, *about, *(self.columns[name] for name in rows.column_names))
        table = pa.Table.from_arrays([*whence.values(), *about.values(), *rows.columns], names=list(names))
        self._waiting.setdefault(table.schema, []).append(table)
        self._rows_waiting += count
        self._bytes_waiting += table.nbytes
        if not self._gather or self._rows_waiting >= _ROWS_TOGETHER or self._bytes_waiting >= _BYTES_TOGETHER:
            self.put_in()
