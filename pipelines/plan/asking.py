"""Rows of a query as mappings from column to value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection


def rows_of(con: DuckDBPyConnection, query: str, values: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
    """Return the rows that the query gives, each by its columns' names; `values` are bound by name."""
    cursor = con.execute(query, dict(values or {}))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
