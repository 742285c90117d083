"""Reads rows of a release by the keys of a few records, so that no more of a table is looked at than holds them.

The tables are in the order of their keys: a condition that names the key of every record lets DuckDB pass over all
blocks that hold none of them, which a join with a list of records does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from warehouse.connection import quote_identifier

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from duckdb import DuckDBPyConnection

    from stewardship.entry import Record

Row = dict[str, Any]

AT_ONCE = 60
"""So many records are named in one condition; a longer one costs more than another look at the table."""


def rows_of(
    con: DuckDBPyConnection, table: str, columns: Sequence[str], records: Collection[Record]
) -> dict[Record, Row]:
    """Return the rows of `table`, whose key is a source record, of those of the records that it has."""
    found: dict[Record, Row] = {}
    told = ", ".join(quote_identifier(name) for name in columns)
    wanted = list(dict.fromkeys(records))
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        condition = " OR ".join("(source = ? AND source_record_id = ?)" for _ in part)
        query = f"SELECT source, source_record_id, {told} FROM {table} WHERE {condition}"
        for source, key, *row in con.execute(query, [text for record in part for text in record]).fetchall():
            found[source, key] = dict(zip(columns, row, strict=True))
    return found


def rows_by(con: DuckDBPyConnection, table: str, columns: Sequence[str], key: str, values: Iterable[str]) -> list[Row]:
    """Return the rows of `table` whose `key` is one of the values, in no order."""
    wanted = list(dict.fromkeys(values))
    if not wanted:
        return []
    told = ", ".join(quote_identifier(name) for name in columns)
    places = ", ".join("?" for _ in wanted)
    rows = con.execute(f"SELECT {told} FROM {table} WHERE {quote_identifier(key)} IN ({places})", wanted).fetchall()
    return [dict(zip(columns, row, strict=True)) for row in rows]
