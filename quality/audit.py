"""Audits a built release, the files themselves and not the tables they were made from, before anybody may read it.

READS: golden.duckdb and parquet/<table>.parquet in the folder. WRITES: nothing.
Invariant: what passes has every table of a release with its columns and types, keeps every critical expectation that
release tables can be asked alone, and holds the same rows as Parquet. No Great Expectations here: DuckDB counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from quality.suite import ROWS_CHECKED
from quality.suites import SUITES
from warehouse.connection import open_memory, quote_identifier, quote_literal
from warehouse.errors import ReleaseDamaged
from warehouse.tables import RELEASE_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from quality.suite import Suite

_AUDITED = "audited"
"""The catalog that the release's golden.duckdb is attached as."""
_EXPECTED = "expected"
"""The schema with the same tables, empty, as their specs say."""
_MOST_TOLD = 5


def audit_release(folder: Path) -> None:
    """Return when the release in the folder is fit to be read.

    Raises ReleaseDamaged naming the tables and what is wrong with them.
    """
    golden = folder / "golden.duckdb"
    if not golden.is_file():
        message = f"{golden} is missing: run again"
        raise ReleaseDamaged(message)
    with open_memory() as con:
        try:
            con.execute(f"ATTACH {quote_literal(str(golden))} AS {_AUDITED} (READ_ONLY)")
            problems = list(_shape(con)) or [*_content(con), *_parquet(con, folder)]
        except duckdb.Error as error:
            message = f"{folder} cannot be read ({type(error).__name__}): mend the disk, then run again"
            raise ReleaseDamaged(message) from error
    if problems:
        more = f"; and {len(problems) - _MOST_TOLD} more" if len(problems) > _MOST_TOLD else ""
        message = f"{folder} is not fit to be read: {'; '.join(problems[:_MOST_TOLD])}{more}; what is published stays"
        raise ReleaseDamaged(message)


def _shape(con: DuckDBPyConnection) -> Iterator[str]:
    """Tell of tables and columns that are missing, too many, in another order or of another type."""
    con.execute(f"CREATE SCHEMA {_EXPECTED}")
    for spec in RELEASE_TABLES:
        con.execute(spec.create_sql(schema=_EXPECTED))
    found, expected = _columns(con, _AUDITED, "main"), _columns(con, "memory", _EXPECTED)
    for table in sorted(expected.keys() - found.keys()):
        yield f"{table}: the table is missing"
    for table in sorted(found.keys() - expected.keys()):
        yield f"{table}: no table of a release"
    for table in sorted(found.keys() & expected.keys()):
        for column, kind in expected[table].items():
            if column not in found[table]:
                yield f"{table}.{column}: the column is missing"
            elif found[table][column] != kind:
                yield f"{table}.{column}: is {found[table][column]}, should be {kind}"
        if surplus := [column for column in found[table] if column not in expected[table]]:
            yield f"{table}.{surplus[0]}: no column of the table"
        elif list(found[table]) != list(expected[table]):
            yield f"{table}: its columns stand in another order"


def _columns(con: DuckDBPyConnection, catalog: str, schema: str) -> dict[str, dict[str, str]]:
    """Return type by column by table, the columns in their order."""
    rows = con.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns()"
        " WHERE database_name = ? AND schema_name = ? ORDER BY table_name, column_index",
        [catalog, schema],
    ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        tables.setdefault(table, {})[column] = kind
    return tables


def _content(con: DuckDBPyConnection) -> Iterator[str]:
    """Tell of critical expectations that the tables break, by the queries that were asked of the candidate."""
    for schema in sorted({spec.schema for spec in RELEASE_TABLES}):
        con.execute(f"CREATE SCHEMA {quote_identifier(schema)}")
    for spec in RELEASE_TABLES:
        con.execute(f"CREATE VIEW {spec.full_name} AS FROM {_AUDITED}.main.{quote_identifier(spec.name)}")
    for suite in SUITES:
        if suite.of_release:
            yield from _broken(con, suite)


def _broken(con: DuckDBPyConnection, suite: Suite) -> Iterator[str]:
    cursor = con.execute(suite.query)
    names = [column[0] for column in cursor.description or ()]
    counts = dict(zip(names, cursor.fetchall()[0], strict=True))
    table = suite.table.rpartition(".")[2]
    if not counts[ROWS_CHECKED] and not suite.empty_when:
        yield f"{table}: no rows"
    for asked in suite.expectations:
        count = counts[asked.columns]
        if count != 0 and asked.severity == "critical":
            yield f"{table}: {asked.columns} {count}, should be 0 ({asked.guards})"


def _parquet(con: DuckDBPyConnection, folder: Path) -> Iterator[str]:
    """Tell of tables whose Parquet file is missing or holds other columns or another number of rows."""
    for spec in RELEASE_TABLES:
        path = folder / "parquet" / f"{spec.name}.parquet"
        if not path.is_file():
            yield f"{spec.name}: parquet/{path.name} is missing"
            continue
        table, file = f"{_AUDITED}.main.{quote_identifier(spec.name)}", f"read_parquet({quote_literal(str(path))})"
        if _described(con, table) != _described(con, file):
            yield f"{spec.name}: parquet/{path.name} has other columns than the table"
        rows, copied = _rows(con, table), _rows(con, file)
        if rows != copied:
            yield f"{spec.name}: {rows:,} rows, but {copied:,} in parquet/{path.name}"


def _described(con: DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in con.execute(f"DESCRIBE FROM {relation}").fetchall()]


def _rows(con: DuckDBPyConnection, relation: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0])
