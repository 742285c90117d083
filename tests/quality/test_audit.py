"""The audit of built files: a right release passes, and each kind of damage is named with its table."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from quality.audit import audit_release
from warehouse.connection import open_database
from warehouse.errors import ReleaseDamaged
from warehouse.tables import RELEASE_TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

C = "cus_00000000000000C1"


@pytest.fixture(scope="session")
def built(valid: DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build")
    (folder / "parquet").mkdir()
    valid.execute(f"ATTACH '{folder / 'golden.duckdb'}' AS built (STORAGE_VERSION 'v1.0.0')")
    for spec in RELEASE_TABLES:
        valid.execute(spec.create_sql(catalog="built", schema="main"))
        valid.execute(f"INSERT INTO built.main.{spec.name} FROM {spec.full_name}")
        valid.execute(f"COPY built.main.{spec.name} TO '{folder / 'parquet' / spec.name}.parquet' (FORMAT parquet)")
    valid.execute("DETACH built")
    return folder


@pytest.fixture
def release(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "r2")


def damage(release: Path, *statements: str) -> None:
    with open_database(release / "golden.duckdb") as con:
        for statement in statements:
            con.execute(statement)


def test_a_right_release_passes_and_is_left_as_it_was(release: Path) -> None:
    before = (release / "golden.duckdb").read_bytes()
    audit_release(release)
    assert (release / "golden.duckdb").read_bytes() == before
    assert sorted(path.name for path in release.iterdir()) == ["golden.duckdb", "parquet"]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DROP TABLE household", "household: the table is missing"),
        ("CREATE TABLE raw_mail AS SELECT 1 AS body", "raw_mail: no table of a release"),
        ("ALTER TABLE customer DROP COLUMN cohesion", "customer.cohesion: the column is missing"),
        ("ALTER TABLE customer ADD COLUMN mood VARCHAR", "customer.mood: no column of the table"),
        (
            "CREATE OR REPLACE TABLE possible_match AS SELECT golden_id_r, * EXCLUDE (golden_id_r) FROM possible_match",
            "possible_match: its columns stand in another order",
        ),
        (
            "CREATE OR REPLACE TABLE item AS SELECT * REPLACE (line::BIGINT AS line) FROM item",
            "item.line: is BIGINT, should be INTEGER",
        ),
        (
            "CREATE OR REPLACE TABLE crosswalk AS SELECT * REPLACE (nullif(basis, 'single') AS basis) FROM crosswalk",
            "crosswalk: basis_missing 2, should be 0 (a required column has a value in every row)",
        ),
        (
            "INSERT INTO customer FROM customer LIMIT 1",
            "customer: key_repeated 1, should be 0 (one row per golden record)",
        ),
        (
            f"DELETE FROM customer WHERE golden_id = '{C}'",
            "customer: record_of_no_customer 1, should be 0 (the crosswalk leads to customers)",
        ),
        (
            "UPDATE provenance SET value = 'Anne' WHERE attribute = 'given_name'",
            "provenance: value_differs 1, should be 0 (what provenance tells is what is published)",
        ),
        ("DELETE FROM profile", "profile: no rows"),
        ("DELETE FROM change WHERE sequence = 5", "change: gaps 1, should be 0"),
        ("DELETE FROM item WHERE line = 2", "item: 1 rows, but 2 in parquet/item.parquet"),
    ],
)
def test_what_is_wrong_in_the_database_is_named(release: Path, statement: str, told: str) -> None:
    damage(release, statement)
    with pytest.raises(ReleaseDamaged) as raised:
        audit_release(release)
    assert told in raised.value.message
    assert str(release) in raised.value.message


def test_a_warning_does_not_stop_a_release(release: Path) -> None:
    damage(release, "UPDATE activity SET currency = NULL")
    audit_release(release)


def test_tables_that_may_be_empty_may_be(release: Path) -> None:
    for name in (
        "signal",
        "household",
        "known_issue",
        "issue_effect",
        "item",
        "offer",
        "permission",
        "contact_fact",
        "signal_change",
    ):
        damage(release, f"DELETE FROM {name}")
        damage(release, f"COPY {name} TO '{release / 'parquet' / name}.parquet' (FORMAT parquet)")
    audit_release(release)


def test_many_things_that_are_wrong_are_told_in_short(release: Path) -> None:
    damage(release, *(f"DROP TABLE {spec.name}" for spec in RELEASE_TABLES))
    with pytest.raises(ReleaseDamaged, match="and 13 more"):
        audit_release(release)


def test_a_parquet_file_must_be_there(release: Path) -> None:
    (release / "parquet" / "customer.parquet").unlink()
    with pytest.raises(ReleaseDamaged, match=r"customer: parquet/customer\.parquet is missing"):
        audit_release(release)


def test_a_parquet_file_must_have_the_columns_of_its_table(release: Path) -> None:
    damage(release, f"COPY (SELECT 1 AS one) TO '{release / 'parquet' / 'redirect.parquet'}' (FORMAT parquet)")
    with pytest.raises(ReleaseDamaged, match=r"redirect: parquet/redirect\.parquet has other columns than the table"):
        audit_release(release)


@pytest.mark.parametrize("name", ["golden.duckdb", "parquet/crosswalk.parquet"])
def test_a_file_that_cannot_be_read_is_damage_too(release: Path, name: str) -> None:
    (release / name).write_bytes(b"not what it was" * 1000)
    with pytest.raises(ReleaseDamaged, match="cannot be read"):
        audit_release(release)


def test_a_missing_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReleaseDamaged, match=r"golden\.duckdb is missing"):
        audit_release(tmp_path)


def test_what_is_told_holds_no_value_of_a_customer(release: Path) -> None:
    damage(release, "UPDATE customer SET family_name = 'Otherbird'")
    with pytest.raises(ReleaseDamaged) as raised:
        audit_release(release)
    assert "bird" not in raised.value.message
