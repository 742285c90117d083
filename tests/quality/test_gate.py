"""The gate: below, at and above each share, from so many on, against the base, in words that tell what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from quality.gate import Share, judge
from warehouse.connection import open_memory
from warehouse.settings import Settings
from warehouse.tables import ALL_TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from duckdb import DuckDBPyConnection

    from quality.check import CheckResult
    from warehouse.run import Run

CUSTOMERS = 100
"""Customers of the base; each has two records, i:1 in orders and i:2 in billing."""


def gate_settings(**gate: object) -> Settings:
    source = {"holds": "order", "files": "orders.csv", "format": "csv", "key": "id"}
    return Settings.model_validate({"version": 1, "sources": {"orders": source}, "gate": gate})


@pytest.fixture
def con() -> Iterator[DuckDBPyConnection]:
    """Return a warehouse whose candidate is its base, of CUSTOMERS customers with two records each."""
    wanted = {"customer", "crosswalk", "excluded_record", "live_record", "gate"}
    specs = [spec for spec in ALL_TABLES if spec.name in wanted and spec.schema in {"golden", "landing", "quality"}]
    with open_memory() as opened:
        opened.execute("ATTACH ':memory:' AS base")
        for schema in ("golden", "landing", "quality"):
            opened.execute(f"CREATE SCHEMA {schema}")
        for spec in specs:
            columns = ", ".join(f'"{column.name}" {column.type}' for column in spec.columns)
            opened.execute(f"CREATE TABLE {spec.full_name} ({columns})")
            if spec.schema == "golden":
                opened.execute(f"CREATE TABLE base.main.{spec.name} ({columns})")
        opened.execute(f"""
            INSERT INTO golden.crosswalk BY NAME
            SELECT 'c' || i AS golden_id, ['orders', 'billing'][k] AS source, i || ':' || k AS source_record_id
            FROM range({CUSTOMERS}) AS a(i), range(1, 3) AS b(k);
            INSERT INTO golden.customer BY NAME SELECT DISTINCT golden_id FROM golden.crosswalk;
            INSERT INTO landing.live_record BY NAME SELECT source, source_record_id FROM golden.crosswalk;
            INSERT INTO base.main.customer FROM golden.customer;
            INSERT INTO base.main.crosswalk FROM golden.crosswalk""")
        yield opened


def merge(con: DuckDBPyConnection, customers: int) -> None:
    """Give the records of so many customers to customer 99."""
    con.execute(f"UPDATE golden.crosswalk SET golden_id = 'c99' WHERE golden_id[2:]::INTEGER < {customers}")
    con.execute(f"DELETE FROM golden.customer WHERE golden_id[2:]::INTEGER < {customers}")


def split(con: DuckDBPyConnection, customers: int) -> None:
    """Found a customer of their own for the billing records of so many."""
    con.execute(
        "UPDATE golden.crosswalk SET golden_id = 'n' || golden_id[2:]"
        f" WHERE source = 'billing' AND golden_id[2:]::INTEGER < {customers}"
    )
    con.execute("INSERT INTO golden.customer BY NAME SELECT golden_id FROM golden.crosswalk WHERE golden_id[1] = 'n'")


def delete(con: DuckDBPyConnection, records: int) -> None:
    """Let so many orders be gone."""
    for table in ("landing.live_record", "golden.crosswalk"):
        con.execute(
            f"DELETE FROM {table} WHERE source = 'orders' AND split_part(source_record_id, ':', 1)::INTEGER < {records}"
        )


def held(results: tuple[CheckResult, ...]) -> list[str]:
    return [result.name for result in results if not result.passed]


def test_a_candidate_like_its_base_passes_every_rule(con: DuckDBPyConnection, run: Run) -> None:
    results = judge(con, gate_settings(), run)
    names = [result.name for result in results]
    assert names == [
        "gate: max_merged_customers",
        "gate: max_split_customers",
        "gate: max_deleted_records billing",
        "gate: max_deleted_records orders",
    ]
    assert held(results) == []
    assert con.execute("SELECT DISTINCT run_id, outcome FROM quality.gate").fetchall() == [("n2", "pass")]


def test_the_first_night_has_nothing_to_lose(con: DuckDBPyConnection, run: Run) -> None:
    con.execute("DELETE FROM base.main.customer; DELETE FROM base.main.crosswalk")
    results = judge(con, gate_settings(and_at_least=0), run)
    assert held(results) == []
    assert {result.detail for result in results} == {"no customers were published before: there is nothing to lose"}


@pytest.mark.parametrize(
    ("do", "rule"),
    [
        (merge, "gate: max_merged_customers"),
        (split, "gate: max_split_customers"),
        (delete, "gate: max_deleted_records orders"),
    ],
)
@pytest.mark.parametrize(("affected", "holds"), [(6, False), (7, False), (8, True)])
def test_a_share_holds_above_what_is_allowed(
    con: DuckDBPyConnection,
    run: Run,
    do: Callable[[DuckDBPyConnection, int], None],
    rule: str,
    affected: int,
    *,
    holds: bool,
) -> None:
    do(con, affected)
    settings = gate_settings(
        and_at_least=1, max_merged_customers="7%", max_split_customers="7%", max_deleted_records="7%"
    )
    results = judge(con, settings, run)
    assert held(results) == ([rule] if holds else [])
    told = next(result for result in results if result.name == rule)
    assert (told.unexpected, told.rows) == (affected, CUSTOMERS)


@pytest.mark.parametrize(("at_least", "holds"), [(9, True), (10, True), (11, False)])
def test_a_share_counts_only_from_so_many_on(con: DuckDBPyConnection, run: Run, at_least: int, *, holds: bool) -> None:
    merge(con, 10)
    assert held(judge(con, gate_settings(and_at_least=at_least), run)) == ["gate: max_merged_customers"] * holds


def test_an_export_of_nothing_is_held_whatever_else_is_delivered(con: DuckDBPyConnection, run: Run) -> None:
    delete(con, CUSTOMERS)
    (result,) = [result for result in judge(con, gate_settings(), run) if not result.passed]
    assert result.detail == (
        "orders: 100 of 100 records (100.0%) are gone; 20.0% may be in one night, or fewer than 20; look whether the"
        " export of orders is whole, or where it is right raise gate.max_deleted_records in joinedup.yaml, and run"
        " again"
    )
    row = con.execute("SELECT rule, subject, outcome, found, allowed, reason FROM quality.gate WHERE outcome = 'hold'")
    assert row.fetchall() == [("max_deleted_records", "orders", "hold", 1.0, 0.2, result.detail)]


def test_records_that_are_nobodys_count_as_records_of_their_source(con: DuckDBPyConnection, run: Run) -> None:
    con.execute("INSERT INTO base.main.excluded_record SELECT 'mail', 'm' || i, 'newsletter' FROM range(30) AS t(i)")
    assert held(judge(con, gate_settings(), run)) == ["gate: max_deleted_records mail"]


def test_a_deleted_customer_is_not_merged(con: DuckDBPyConnection, run: Run) -> None:
    con.execute("DELETE FROM golden.crosswalk; DELETE FROM golden.customer; DELETE FROM landing.live_record")
    assert held(judge(con, gate_settings(), run)) == [
        "gate: max_deleted_records billing",
        "gate: max_deleted_records orders",
    ]


def test_the_same_candidate_is_judged_the_same_again(con: DuckDBPyConnection, run: Run) -> None:
    merge(con, 50)
    assert judge(con, gate_settings(), run) == judge(con, gate_settings(), run)


@pytest.mark.parametrize("percent", [0.1, 0.3, 0.7, 1.1, 2.9, 5, 33.3])
def test_exactly_what_is_allowed_is_allowed_though_binary_knows_no_tenths(percent: float) -> None:
    allowed = gate_settings(max_merged_customers=f"{percent}%").gate.max_merged_customers
    affected = round(percent * 10)
    assert not Share("rule", "", affected, 1000, allowed, "customers", "merge", "look").holds(1)
    assert Share("rule", "", affected + 1, 1000, allowed, "customers", "merge", "look").holds(1)
