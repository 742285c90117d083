"""More rows than one of DuckDB's row groups: what was inserted can be read again in the same connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from golden.identify import identify
from golden.record_changes import record_changes
from golden.survive import survive
from warehouse.connection import open_database, quote_identifier, transaction
from warehouse.tables.golden import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from tests.golden.conftest import History

ROW_GROUP = 122_880
MANY = ROW_GROUP + 10_000


@pytest.fixture
def crowd(history: History) -> History:
    """Return a history with more than a row group of customers, one record each."""
    history.con.execute("SET threads = 2")
    history.land([["r1"]])
    for table in ("landing.live_record", "matching.standardised", "matching.cluster", "matching.cluster_tie"):
        row = history.con.execute(f"DESCRIBE {table}").fetchall()
        named = {"source_record_id": "'r' || i", "cluster_id": "'s:r' || i", "clean_family_name": "'Fam' || i"}
        columns = ", ".join(f'{named.get(name, quote_identifier(name))} AS "{name}"' for name, *_ in row)
        history.con.execute(f"CREATE TEMP TABLE one AS FROM {table}")
        history.con.execute(f"DELETE FROM {table}")
        history.con.execute(f"INSERT INTO {table} SELECT {columns} FROM one, range({MANY}) AS t(i)")
        history.con.execute("DROP TABLE one")
    return history


def scanned(con: DuckDBPyConnection, table: str, key: str) -> int:
    row = con.execute(f"SELECT count(DISTINCT {key}) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def test_a_first_night_of_many_customers_is_all_there(crowd: History) -> None:
    for stage in (identify, survive, record_changes):
        with transaction(crowd.con):
            stage(crowd.con, crowd.settings, crowd.run)
    assert scanned(crowd.con, "golden.crosswalk", "source_record_id") == MANY
    assert scanned(crowd.con, "golden.customer", "golden_id") == MANY
    assert scanned(crowd.con, "golden.change", "sequence") == 2 * MANY
    for spec in TABLES:
        (counted,) = crowd.con.execute(f"SELECT count(*) FROM {spec.full_name}").fetchone() or (0,)
        (read,) = crowd.con.execute(f"SELECT count({spec.key[0]}) FROM {spec.full_name}").fetchone() or (0,)
        assert counted == read, spec.full_name


def test_an_empty_insert_before_many_rows_would_hide_them(tmp_path: Path) -> None:
    """The control: why no empty insert comes first. When this fails, DuckDB has mended it, and the rule can go."""
    con = open_database(tmp_path / "control.duckdb", threads=2)
    con.execute("CREATE TABLE t (i BIGINT, text VARCHAR)")
    with transaction(con):
        con.execute("INSERT INTO t SELECT i, text FROM t WHERE false")
        con.execute(f"INSERT INTO t SELECT range, repeat('x', 200) || range FROM range({MANY}) ORDER BY 1")
    assert scanned(con, "t", "i") == 0
    con.close()
