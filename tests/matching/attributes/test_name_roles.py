"""Roles of words: learnt from the names, used to put turned ones right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from matching.attributes.name import RawName, name_table
from matching.attributes.name_roles import family_first_sources, settle_roles
from warehouse.connection import open_memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

GIVEN = ("Anna", "Robert", "Maria", "James", "Linda", "Peter", "Susan", "David")
FAMILY = ("Tousley", "Wrase", "Kumasaka", "Halvorsen", "Pedraza", "Quiring")


@pytest.fixture
def con() -> Iterator[DuckDBPyConnection]:
    with open_memory() as con:
        yield con


def settled(con: DuckDBPyConnection, names: list[str], *, records: int = 2) -> dict[str, tuple[str | None, ...]]:
    con.register("arrow", name_table([RawName(name) for name in names], names))
    con.execute(f"CREATE OR REPLACE TEMP TABLE name AS SELECT *, {records} AS records FROM arrow")
    con.unregister("arrow")
    settle_roles(con, "name")
    rows = con.execute("SELECT raw, given, middle, family, clean_given, clean_family FROM name").fetchall()
    return {raw: tuple(values) for raw, *values in rows}


def population() -> list[str]:
    return [f"{given} {family}" for given in GIVEN for family in FAMILY]


def test_a_turned_name_is_put_right(con: DuckDBPyConnection) -> None:
    found = settled(con, [*population(), "Wrase Robert"])
    assert found["Wrase Robert"] == ("robert", None, "wrase", "Robert", "Wrase")
    assert found["Anna Tousley"] == ("anna", None, "tousley", "Anna", "Tousley")


def test_without_evidence_nothing_is_turned(con: DuckDBPyConnection) -> None:
    found = settled(con, [*population(), "Morgan Taylor", "Zyx Wvu"])
    assert found["Morgan Taylor"][:3] == ("morgan", None, "taylor")
    assert found["Zyx Wvu"][:3] == ("zyx", None, "wvu")


def test_what_a_comma_says_is_not_turned(con: DuckDBPyConnection) -> None:
    assert settled(con, [*population(), "Robert, Wrase"])["Robert, Wrase"][:3] == ("wrase", None, "robert")


def test_a_family_name_beside_an_initial_is_turned(con: DuckDBPyConnection) -> None:
    assert settled(con, [*population(), "Wrase A"])["Wrase A"][:3] == ("a", None, "wrase")
    assert settled(con, [*population(), "Anna W"])["Anna W"][:3] == ("anna", None, "w")


def test_family_given_initial_is_rotated(con: DuckDBPyConnection) -> None:
    assert settled(con, [*population(), "Wrase Robert J"])["Wrase Robert J"][:3] == ("robert", "j", "wrase")


def test_a_family_name_alone_is_one(con: DuckDBPyConnection) -> None:
    found = settled(con, [*population(), "Wrase", "Anna"])
    assert found["Wrase"][:3] == (None, None, "wrase")
    assert found["Anna"][:3] == ("anna", None, None)


def test_a_double_family_name_known_to_the_data_is_joined(con: DuckDBPyConnection) -> None:
    found = settled(con, [*population(), "Anna B Wrase Quiring", "Peter Wrase Quiring", "Peter Wrase Tousley"])
    assert found["Peter Wrase Quiring"] == ("peter", None, "wrase quiring", "Peter", "Wrase Quiring")
    assert found["Peter Wrase Tousley"][:3] == ("peter", "wrase", "tousley")


def test_the_order_of_rows_does_not_matter(con: DuckDBPyConnection) -> None:
    names = [*population(), "Wrase Robert", "Quiring A", "Linda"]
    assert settled(con, names) == settled(con, names[::-1])


def test_a_source_that_writes_family_names_first_is_found(con: DuckDBPyConnection) -> None:
    con.execute("CREATE TEMP TABLE lines (source VARCHAR, full_name VARCHAR)")
    for given in GIVEN:
        for family in FAMILY:
            con.execute(
                "INSERT INTO lines VALUES ('turned', ?), ('usual', ?)", [f"{family} {given}", f"{given} {family}"]
            )
    assert family_first_sources(con, "lines") == ("turned",)
