"""What a suite is: expectations on the rows of one query, each with its severity and what it guards.

Two kinds. A plain suite selects narrow columns, and Great Expectations looks at every value. A counted suite lets
DuckDB count what is wrong, one number per count, and Great Expectations expects each number to be zero: this is how
tables of any size, and agreement between tables, are checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from warehouse.connection import quote_identifier

if TYPE_CHECKING:
    from collections.abc import Mapping

Severity = Literal["critical", "warning"]
Group = Literal["landing", "standardised", "golden", "care"]

ROWS_CHECKED = "rows_checked"
"""The column in which a counted suite's query says how many rows it counted over."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expectation, by the name that Great Expectations gives it, what it guards, and what to do when it fails."""

    type: str
    guards: str
    severity: Severity = "critical"
    arguments: Mapping[str, object] = field(default_factory=dict)
    advice: str = ""

    @property
    def columns(self) -> str:
        """The column or columns concerned, comma-separated; empty for the whole table."""
        several = self.arguments.get("column_list")
        if not isinstance(several, list | tuple):
            several = [self.arguments.get(name) for name in ("column", "column_A", "column_B")]
        return ", ".join(str(name) for name in several if name)


@dataclass(frozen=True, slots=True)
class Suite:
    """Expectations on `query`, which selects what they need of `table`; checked with its group.

    A table without rows is a failure, unless `empty_when` says in words when that is right. `named_by` is a column of
    the query, never a personal one, that says which rows failed. `personal` are columns of which nothing may be shown.
    A `counted` query gives one row: ROWS_CHECKED and the counts. With `of_release` it reads release tables alone, so
    that the audit can ask it of the files too.
    """

    name: str
    group: Group
    table: str
    query: str
    expectations: tuple[Expectation, ...]
    empty_when: str = ""
    named_by: str = ""
    personal: frozenset[str] = frozenset()
    counted: bool = False
    of_release: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """A violation that is counted and must be zero: its name, what that guards, and the count in SQL.

    `count` is a query of its own, or an aggregate over the rows of the suite's table.
    """

    name: str
    guards: str
    count: str
    severity: Severity = "critical"


def rows(condition: str) -> str:
    """Return the aggregate that counts the rows of the suite's table for which the condition is true."""
    return f"count(*) FILTER ({condition})"


def rows_where(table: str, condition: str) -> str:
    """Return a query that counts another table's rows for which the condition is true."""
    return f"SELECT count(*) FROM {table} WHERE {condition}"


def repeated(table: str, columns: tuple[str, ...]) -> str:
    """Return a query that counts the combinations of these columns that more than one row has."""
    key = ", ".join(quote_identifier(column) for column in columns)
    return f"SELECT count(*) FROM (SELECT {key} FROM {table} GROUP BY ALL HAVING count(*) > 1)"


def without(table: str, other: str, *columns: str) -> str:
    """Return a query that counts the table's rows that have no row with the same columns in the other table."""
    return f"SELECT count(*) FROM {table} ANTI JOIN {other} USING ({', '.join(columns)})"


def counted(
    name: str,
    group: Group,
    table: str,
    counts: tuple[Count, ...],
    *,
    empty_when: str = "",
    of_release: bool = False,
) -> Suite:
    """Return the suite that expects each of the counts to be zero."""
    columns = [f"count(*) AS {ROWS_CHECKED}"]
    for each in counts:
        counted_by = f"({each.count})" if each.count.startswith("SELECT ") else each.count
        columns.append(f"{counted_by} AS {quote_identifier(each.name)}")
    return Suite(
        name=name,
        group=group,
        table=table,
        query=f"SELECT {', '.join(columns)} FROM {table}",
        expectations=tuple(_none_counted(each) for each in counts),
        empty_when=empty_when,
        counted=True,
        of_release=of_release,
    )


def unique(columns: tuple[str, ...], guards: str) -> Expectation:
    """Expect no two rows to agree in all these columns."""
    if len(columns) == 1:
        return Expectation("expect_column_values_to_be_unique", guards, "critical", {"column": columns[0]})
    return Expectation("expect_compound_columns_to_be_unique", guards, "critical", {"column_list": list(columns)})


def between(
    column: str, low: float | None, high: float | None, guards: str, severity: Severity = "critical", advice: str = ""
) -> Expectation:
    """Expect the column's values, where there are any, to lie between two bounds, which are allowed."""
    arguments = {"column": column, "min_value": low, "max_value": high}
    return Expectation("expect_column_values_to_be_between", guards, severity, arguments, advice)


def none_of(column: str, guards: str, severity: Severity = "critical", advice: str = "") -> Expectation:
    """Expect a counted violation to be zero."""
    return between(column, 0, 0, guards, severity, advice)


def _none_counted(count: Count) -> Expectation:
    """Expect a counted suite's only number for this count to be zero.

    On one row the greatest value is the value; to ask for it costs Great Expectations a third of asking for each.
    """
    arguments = {"column": count.name, "min_value": 0, "max_value": 0}
    return Expectation("expect_column_max_to_be_between", count.guards, count.severity, arguments)


def matches(column: str, pattern: str, guards: str, severity: Severity = "critical") -> Expectation:
    """Expect the column's values, where there are any, to match a regular expression."""
    arguments = {"column": column, "regex": pattern}
    return Expectation("expect_column_values_to_match_regex", guards, severity, arguments)


def at_least(greater: str, lesser: str, guards: str, severity: Severity = "critical", advice: str = "") -> Expectation:
    """Expect one column never to be less than another, where both have values."""
    arguments = {"column_A": greater, "column_B": lesser, "or_equal": True, "ignore_row_if": "either_value_is_missing"}
    return Expectation("expect_column_pair_values_a_to_be_greater_than_b", guards, severity, arguments, advice)
