from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from warehouse.connection import open_database, transaction
from warehouse.state import attach_releases, begin_run, finish_run, next_release_id
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "var").mkdir()
    return Workspace(tmp_path)


@pytest.fixture
def con(workspace: Workspace) -> Iterator[DuckDBPyConnection]:
    with open_database(workspace.warehouse_file) as opened:
        yield opened


def land(con: DuckDBPyConnection, run_id: str, record: str) -> None:
    with transaction(con):
        con.execute(
            "INSERT INTO landing.delivery VALUES (?, ?, 'orders', 'full', 'read', 'm', 1, 1, 0, 0, 0, 0, 0, 0)",
            [f"orders@{run_id}", run_id],
        )
        con.execute(
            "INSERT INTO landing.source_record (source, source_record_id, run_id, delivery_id, deleted, record_hash,"
            " mapping_hash, holds, trust) VALUES ('orders', ?, ?, ?, false, 'h', 'm', 'order', 50)",
            [record, run_id, f"orders@{run_id}"],
        )
        con.execute("DELETE FROM landing.night")
        con.execute("INSERT INTO landing.night VALUES (?, '2026-01-02 03:04:05')", [run_id])


def test_the_first_night_starts_from_nothing(con: DuckDBPyConnection, workspace: Workspace) -> None:
    run = begin_run(con, workspace, run_id="one", given_as_of=datetime(2026, 1, 1), full=True, threads=1)  # noqa: DTZ001 - naive UTC by design
    assert (run.base, run.latest_release_id, next_release_id(run)) == (None, None, "r1")
    assert (run.full, run.retrain, run.threads, run.workspace) == (True, False, 1, workspace.path)
    attach_releases(con, run)
    assert con.execute("SELECT count(*) FROM base.customer").fetchall() == [(0,)]
    assert con.execute("SELECT count(*) FROM latest.change").fetchall() == [(0,)]
    assert con.execute("SELECT * FROM landing.lineage").fetchall() == [("one", 0)]


def test_what_a_run_without_release_has_landed_does_not_count(con: DuckDBPyConnection, workspace: Workspace) -> None:
    run = begin_run(con, workspace, run_id="one")
    land(con, "one", "A")
    finish_run(con, run, "held")
    assert con.execute("SELECT outcome, as_of FROM quality.run").fetchall() == [("held", datetime(2026, 1, 2, 3, 4, 5))]  # noqa: DTZ001
    begin_run(con, workspace, run_id="two")
    assert con.execute("SELECT count(*) FROM landing.source_record").fetchall() == [(0,)]
    assert con.execute("SELECT count(*) FROM landing.delivery").fetchall() == [(0,)]
    assert con.execute("SELECT run_id, outcome FROM quality.run").fetchall() == [("two", "running")]


def test_the_same_run_may_begin_again(con: DuckDBPyConnection, workspace: Workspace) -> None:
    begin_run(con, workspace, run_id="one")
    land(con, "one", "A")
    begin_run(con, workspace, run_id="one")
    assert con.execute("SELECT count(*) FROM landing.source_record").fetchall() == [(0,)]
