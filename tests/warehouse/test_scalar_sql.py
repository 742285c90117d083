from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from warehouse.connection import open_memory
from warehouse.errors import SettingsError
from warehouse.scalar_sql import read_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection


@pytest.fixture
def con() -> Iterator[DuckDBPyConnection]:
    with open_memory() as memory:
        yield memory


@pytest.mark.parametrize(
    ("sql", "columns", "expected"),
    [
        ("TRY_CAST(cents AS DECIMAL(18,2)) / 100", ("cents",), "0.05"),
        ("concat_ws(' ', cents, \"odd name\")", ("cents", "odd name"), "5 x"),
        ("CASE WHEN cents = '5' THEN 'five' ELSE cents END", ("cents",), "five"),
        ("coalesce(nullif(cents, '5'), 'none')", ("cents",), "none"),
        ("split_part(cents || '-b', '-', 2)", ("cents",), "b"),
        ("[x || '!' for x in [cents]][1]", ("cents",), "5!"),
        ("list_transform([cents], lambda x, i: x || i)[1]", ("cents",), "51"),
        ("cents::INT BETWEEN 1 AND 9 AND cents LIKE '5%'", ("cents",), "true"),
        ("TRY(CAST('x' || cents AS INT))", ("cents",), None),
        ("'a' -- a note", (), "a"),
    ],
)
def test_scalars_are_computed_over_the_columns(
    con: DuckDBPyConnection, sql: str, columns: tuple[str, ...], expected: str | None
) -> None:
    scalar = read_scalar(con, sql, "key")
    assert scalar.columns == columns
    over = scalar.over(con, lambda name: {"cents": "c0", "odd name": "c1"}[name])
    (found,) = con.execute(f"SELECT CAST({over} AS VARCHAR) FROM (SELECT '5' AS c0, 'x' AS c1)").fetchall()[0]
    assert found == ("0.05" if expected == "0.05" else expected)


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("(SELECT 1)", "a query inside"),
        ("EXISTS (SELECT 1)", "a query inside"),
        ("1 FROM landing.file", "is not one scalar"),
        ("a, b", "is not one scalar"),
        ("1 WHERE true", "is not one scalar"),
        ("1 LIMIT 1", "is not one scalar"),
        ("1; DROP TABLE landing.file", "cannot be read"),
        ("1; SELECT 2", "is more than one statement"),
        ("count(*)", "calls count_star"),
        ("max(a)", "calls max"),
        ("row_number() OVER ()", "a window function"),
        ("random()", "calls random"),
        ("now()", "calls now"),
        ("current_setting('threads')", "calls current_setting"),
        ("read_text('/etc/hostname')", "calls read_text"),
        ("unnest([1])", "calls unnest"),
        ("no_such_function(a)", "calls no_such_function"),
        ("$1", "a parameter"),
        ("*", "holds *"),
        ("COLUMNS('a')", "holds *"),
        ("t.a", "names t.a"),
        ("1 +", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_everything_else_is_refused(con: DuckDBPyConnection, sql: str, problem: str) -> None:
    with pytest.raises(SettingsError) as error:
        read_scalar(con, sql, "sources.s.fields.city")
    assert problem in error.value.message
    assert error.value.key == "sources.s.fields.city"
    assert "allowed: one DuckDB scalar over the columns" in error.value.message
