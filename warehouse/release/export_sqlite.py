"""Writes tables of a release into one SQLite file, with their keys, closed lists and what must not be null.

SQLite has no type for times, money or lists: times and dates are ISO 8601 text, amounts REAL, lists and maps JSON text.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from warehouse.connection import quote_identifier, quote_literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from warehouse.table_spec import Column, TableSpec

_AT_ONCE = 10_000
_AFFINITY = {"BIGINT": "INTEGER", "INTEGER": "INTEGER", "BOOLEAN": "INTEGER", "DOUBLE": "REAL"}


def write_sqlite(
    con: DuckDBPyConnection, selected: Mapping[TableSpec, tuple[Sequence[Column], str]], path: Path
) -> dict[str, int]:
    """Write, for each table, its columns with the rows of the query; return how many rows each has.

    Raises OSError where the disk fails.
    """
    try:
        return _write(con, selected, path)
    except sqlite3.OperationalError as error:
        raise OSError(f"{path.name}: {error}") from error


def _write(
    con: DuckDBPyConnection, selected: Mapping[TableSpec, tuple[Sequence[Column], str]], path: Path
) -> dict[str, int]:
    rows = {}
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode = OFF")  # the file is new, and nobody sees it until it is whole
        file.execute("BEGIN")
        for spec, (columns, query) in selected.items():
            file.execute(_create(spec, columns))
            rows[spec.name] = 0
            insert = f"INSERT INTO {quote_identifier(spec.name)} VALUES ({', '.join('?' for _ in columns)})"
            found = con.execute(query)
            while batch := found.fetchmany(_AT_ONCE):
                file.executemany(insert, ([_plain(value) for value in row] for row in batch))
                rows[spec.name] += len(batch)
            for column in columns:
                if column.name.endswith("golden_id") or column.name == "activity_id":
                    index = quote_identifier(f"{spec.name}_by_{column.name}")
                    place = f"{quote_identifier(spec.name)} ({quote_identifier(column.name)})"
                    file.execute(f"CREATE INDEX {index} ON {place}")
        file.execute("COMMIT")
    return rows


def _create(spec: TableSpec, columns: Sequence[Column]) -> str:
    lines = [_column(column) for column in columns]
    if set(spec.key) <= {column.name for column in columns if not column.nullable}:
        lines.append(f"PRIMARY KEY ({', '.join(quote_identifier(name) for name in spec.key)})")
    return f"CREATE TABLE {quote_identifier(spec.name)} ({', '.join(lines)})"


def _column(column: Column) -> str:
    kind = "REAL" if column.type.startswith("DECIMAL") else _AFFINITY.get(column.type, "TEXT")
    parts = [quote_identifier(column.name), kind]
    if not column.nullable:
        parts.append("NOT NULL")
    if column.values:
        allowed = ", ".join(quote_literal(value) for value in column.values)
        parts.append(f"CHECK ({quote_identifier(column.name)} IN ({allowed}))")
    return " ".join(parts)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value
