"""The workings of the base, as a night finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.pipelines.shop import Shop
from warehouse.connection import open_database, open_memory
from warehouse.release.manifest import WORKINGS
from warehouse.state import attach_releases, begin_run, find_base, knows_yesterday
from warehouse.tables import WORKINGS_TABLES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.run import Run


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.populate(5, seed=1)
    return shop


def attached(con: DuckDBPyConnection, shop: Shop) -> tuple[Run, bool, int]:
    """Begin a run; return it, whether it knows its yesterday, and how many distinct records yesterday had."""
    run = begin_run(con, shop.workspace, run_id="tonight")
    attach_releases(con, run)
    counts = [con.execute(f"SELECT count(*) FROM yesterday.{spec.full_name}").fetchall() for spec in WORKINGS_TABLES]
    assert len(counts) == len(WORKINGS_TABLES)
    records = con.execute("SELECT count(*) FROM yesterday.matching.distinct_record").fetchall()[0][0]
    return run, knows_yesterday(con), records


def test_the_first_night_knows_no_yesterday(shop: Shop) -> None:
    con = open_memory()
    run, known, records = attached(con, shop)
    assert (run.base, known, records) == (None, False, 0)


def test_yesterday_is_the_base_read_only(shop: Shop) -> None:
    shop.night(checks=False)
    con = open_database(shop.workspace.warehouse_file)
    _, known, records = attached(con, shop)
    assert known
    assert records > 0
    with pytest.raises(duckdb.Error, match="read-only"):
        con.execute("DELETE FROM yesterday.matching.member")
    con.close()


@pytest.mark.parametrize("lost", ["workings", "a table", "a column"])
def test_without_whole_workings_yesterday_is_empty(shop: Shop, lost: str) -> None:
    shop.night(checks=False)
    base = find_base(shop.workspace)
    assert base is not None
    workings = base.directory / WORKINGS
    if lost == "workings":
        workings.unlink()
    con = open_database(shop.workspace.warehouse_file)
    run = begin_run(con, shop.workspace, run_id="tonight")
    if lost != "workings":  # as an earlier version left them; nobody looks at the checksum after the run has begun
        workings.chmod(0o644)
        older = open_database(workings)
        older.execute(
            "DROP TABLE matching.member" if lost == "a table" else "ALTER TABLE matching.pair DROP COLUMN gammas"
        )
        older.close()
    attach_releases(con, run)
    assert not knows_yesterday(con)
    assert con.execute("SELECT count(*) FROM yesterday.matching.member").fetchall() == [(0,)]
    con.close()
