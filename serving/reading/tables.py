"""Tables of a pinned release as rows by column, whatever version made it.

A release made before a table or column existed is read as if it had it, empty: `relation` is the one place that knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from serving.reading.held import GROUPS, held
from serving.reading.places import COLUMNS, places
from warehouse.connection import quote_identifier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

    from serving.reading.held import Held
    from stewardship.web.releases import Pinned
    from warehouse.table_spec import TableSpec

Row = dict[str, Any]
"""A row by column: values are those of Python for DuckDB's types, times naive UTC."""

_COLUMNS: WeakKeyDictionary[Pinned, Mapping[str, frozenset[str]]] = WeakKeyDictionary()


def has(con: DuckDBPyConnection, table: str) -> bool:
    """Say whether the release that the connection reads has the table."""
    found = con.execute("SELECT 1 FROM duckdb_columns() WHERE table_name = ? LIMIT 1", [table]).fetchall()
    return bool(found)


def relation(pinned: Pinned, spec: TableSpec, only: str = "") -> str:
    """Return what to select from for a table as its spec has it: columns the release lacks are null, rows none.

    `only` is a condition on its rows.
    """
    there = _columns_of(pinned).get(spec.name, frozenset())
    where = f" WHERE {only}" if only else ""
    if there.issuperset(spec.column_names):
        return f"(FROM {quote_identifier(spec.name)}{where})" if only else quote_identifier(spec.name)
    columns = ", ".join(
        quote_identifier(column.name)
        if column.name in there
        else f"NULL::{column.type} AS {quote_identifier(column.name)}"
        for column in spec.columns
    )
    return (
        f"(SELECT {columns} FROM {quote_identifier(spec.name)}{where})" if there else f"(SELECT {columns} WHERE false)"
    )


def select(
    pinned: Pinned, spec: TableSpec, rest: str, parameters: Mapping[str, object] | None = None, *, only: str = ""
) -> list[Row]:
    """Return rows of a table, all its columns; `rest` is what follows FROM, with parameters as `$name`.

    `only` is a condition on the rows before that.
    """
    if pinned.manifest.rows.get(spec.name, 0) == 0:
        return []
    columns = ", ".join(quote_identifier(name) for name in spec.column_names)
    query = f"SELECT {columns} FROM {relation(pinned, spec, only)} {rest}"
    with pinned.golden() as con:
        return rows(con, query, parameters)


def of_customer(
    pinned: Pinned, spec: TableSpec, golden_id: str, rest: str = "", parameters: Mapping[str, object] | None = None
) -> list[Row]:
    """Return the rows of a table that are about a customer; `rest` is what follows FROM."""
    known = places(pinned, spec)
    if known is None:
        columns = COLUMNS.get(spec.name, ("golden_id",))
        only = " OR ".join(f"{quote_identifier(name)} = $id" for name in columns)
        return select(pinned, spec, rest, {"id": golden_id, **(parameters or {})}, only=only)
    numbers = known.of(golden_id)
    if not numbers:
        return []
    only = "rowid IN (SELECT unnest($numbers::BIGINT[]))"
    return select(pinned, spec, rest, {"numbers": numbers, **(parameters or {})}, only=only)


def about_customer(pinned: Pinned, spec: TableSpec, golden_id: str, *order: str) -> list[Row]:
    """Return the rows of a table that are about a customer, from memory where it is held there.

    `order` names columns, with a minus before those of which the greatest comes first; nulls are last.
    """
    memory = in_memory(pinned, spec)
    found = memory.of(golden_id) if memory is not None else of_customer(pinned, spec, golden_id)
    for column in reversed(order):
        _sort(found, column.removeprefix("-"), greatest_first=column.startswith("-"))
    return found


def of_group(pinned: Pinned, spec: TableSpec, group_id: str, order: str) -> list[Row]:
    """Return the rows of a table that belong together (see `held.GROUPS`), from memory where it is held there."""
    memory = in_memory(pinned, spec)
    if memory is None:
        found = select(pinned, spec, "", {"id": group_id}, only=f"{quote_identifier(GROUPS[spec.name])} = $id")
    else:
        found = memory.of_group(group_id)
    _sort(found, order, greatest_first=False)
    return found


def in_memory(pinned: Pinned, spec: TableSpec) -> Held | None:
    """Return the table as it is held in memory, None where it is not, or not as its spec has it."""
    is_as_specified = _columns_of(pinned).get(spec.name) == frozenset(spec.column_names)
    return held(pinned, spec.name) if is_as_specified else None


def _sort(found: list[Row], column: str, *, greatest_first: bool) -> None:
    found.sort(key=lambda row: ((row[column] is None) != greatest_first, row[column]), reverse=greatest_first)


def rows(con: DuckDBPyConnection, query: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
    """Return what a query gives, by column."""
    cursor = con.execute(query, dict(parameters or {}))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _columns_of(pinned: Pinned) -> Mapping[str, frozenset[str]]:
    """Return the columns of each table of the release, looked up once."""
    if (known := _COLUMNS.get(pinned)) is not None:
        return known
    found: dict[str, set[str]] = {}
    with pinned.golden() as con:
        for table, column in con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"
        ).fetchall():
            found.setdefault(table, set()).add(column)
    return _COLUMNS.setdefault(pinned, {table: frozenset(columns) for table, columns in found.items()})
