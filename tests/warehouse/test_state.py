from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from tests.warehouse.made_up import PEOPLE, SETTINGS, nothing_against_it, run_night
from warehouse.connection import open_database, quote_identifier, transaction
from warehouse.errors import Refused, ReleaseDamaged, SurroundingsError
from warehouse.release.pointer import release_ids
from warehouse.release.publish import publish
from warehouse.release.rollback import rollback
from warehouse.state import attach_releases, begin_run, finish_run, next_release_id
from warehouse.tables import ALL_TABLES
from warehouse.workspace import Workspace, lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection


MORE = PEOPLE | {"cus_d": ["9"]}


def naive(*parts: int) -> datetime:
    """Return a time as the warehouse keeps it: UTC, without saying so."""
    return datetime(*parts)  # type: ignore[arg-type] # noqa: DTZ001 - naive by design


@pytest.fixture
def con(workspace: Workspace) -> Iterator[DuckDBPyConnection]:
    with open_database(workspace.warehouse_file) as opened:
        yield opened


def land(con: DuckDBPyConnection, run_id: str, record: str) -> None:
    with transaction(con):
        con.execute(
            "INSERT INTO landing.delivery VALUES"
            " (?, ?, 'orders', 'full', 'read', 'm', 1, 1, 0, 0, 0, 0, 0, 0, NULL, NULL)",
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
    run = begin_run(con, workspace, run_id="one", given_as_of=naive(2026, 1, 1), full=True, threads=1)
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
    assert con.execute("SELECT outcome, as_of FROM quality.run").fetchall() == [("held", naive(2026, 1, 2, 3, 4, 5))]
    begin_run(con, workspace, run_id="two")
    assert con.execute("SELECT count(*) FROM landing.source_record").fetchall() == [(0,)]
    assert con.execute("SELECT count(*) FROM landing.delivery").fetchall() == [(0,)]
    assert con.execute("SELECT run_id, outcome FROM quality.run").fetchall() == [("two", "running")]


def test_the_same_run_may_begin_again(con: DuckDBPyConnection, workspace: Workspace) -> None:
    begin_run(con, workspace, run_id="one")
    land(con, "one", "A")
    begin_run(con, workspace, run_id="one")
    assert con.execute("SELECT count(*) FROM landing.source_record").fetchall() == [(0,)]


def test_a_lost_warehouse_is_restored_from_the_workings(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one")
    run_night(workspace, MORE, "two")
    workspace.warehouse_file.unlink()
    with open_database(workspace.warehouse_file) as con:
        begin_run(con, workspace, run_id="three")
        landed = con.execute(
            "SELECT source_record_id, run_id, raw FROM landing.source_record ORDER BY source_record_id"
        ).fetchall()
        assert [(record, run_id) for record, run_id, _ in landed] == [
            *((record, "one") for record in "123456"),
            ("9", "two"),
        ]
        assert all(raw for _, _, raw in landed)
        assert con.execute("SELECT run_id FROM landing.delivery ORDER BY 1").fetchall() == [("one",), ("two",)]
        assert con.execute("SELECT count(*) FROM landing.file").fetchall() == [(2,)]
        assert con.execute("SELECT model_version, run_id FROM matching.model").fetchall() == [("m1", "one")]
        assert con.execute("SELECT count(*) FROM matching.model_frequency").fetchall() == [(1,)]
        assert con.execute("SELECT run_id, outcome FROM quality.run ORDER BY 1").fetchall() == [
            ("three", "running"),
            ("two", "published"),
        ]
    unchanged = run_night(workspace, MORE, "four")
    assert unchanged is not None
    assert unchanged.outcome == "nothing_changed"


def test_a_lost_warehouse_without_workings_stops_the_run(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one")
    run_night(workspace, MORE, "two")
    run_night(workspace, PEOPLE, "three")
    with lock(workspace):
        rollback(workspace, "r1")
    workspace.warehouse_file.unlink()
    with pytest.raises(SurroundingsError, match=r"knows nothing of release r1, and .*workings\.duckdb is gone"):
        run_night(workspace, MORE, "four")


def test_landed_versions_of_a_release_that_was_rolled_back_stay_for_going_forward(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one")
    run_night(workspace, MORE, "two")
    with lock(workspace):
        rollback(workspace, "r1")
    with open_database(workspace.warehouse_file) as con:
        begin_run(con, workspace, run_id="three")
        assert con.execute("SELECT count(*) FROM landing.source_record WHERE run_id = 'two'").fetchall() == [(1,)]


def test_a_run_that_was_killed_after_publishing_counts_as_published(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one")
    with open_database(workspace.warehouse_file) as con:
        con.execute("UPDATE quality.run SET outcome = 'running', release_id = NULL")
        begin_run(con, workspace, run_id="two")
        assert con.execute("SELECT outcome, release_id FROM quality.run WHERE run_id = 'one'").fetchall() == [
            ("published", "r1")
        ]


def test_an_aware_as_of_is_kept_as_utc(con: DuckDBPyConnection, workspace: Workspace) -> None:
    east = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    run = begin_run(con, workspace, run_id="one", given_as_of=east)
    assert run.given_as_of == naive(2026, 1, 1, 10)


def test_a_warehouse_of_a_later_version_is_left_alone(con: DuckDBPyConnection, workspace: Workspace) -> None:
    begin_run(con, workspace, run_id="one")
    con.execute("INSERT INTO main.migration VALUES ('9999 from the future', now())")
    with pytest.raises(SurroundingsError, match="9999 from the future"):
        begin_run(con, workspace, run_id="two")


def test_every_column_of_every_table_is_there(con: DuckDBPyConnection, workspace: Workspace) -> None:
    begin_run(con, workspace, run_id="one")
    for spec in ALL_TABLES:
        con.execute(f"SELECT {', '.join(map(quote_identifier, spec.column_names))} FROM {spec.full_name}").fetchall()


def test_a_run_starts_without_customers_and_cannot_publish_before_it_has_landed(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one")
    with lock(workspace), open_database(workspace.warehouse_file) as con:
        run = begin_run(con, workspace, run_id="two")
        attach_releases(con, run)
        assert con.execute("SELECT count(*) FROM golden.customer").fetchall() == [(0,)]
        with pytest.raises(Refused, match="run two has not landed anything"):
            publish(con, SETTINGS, run, nothing_against_it)
    assert release_ids(workspace) == ("r1",)


def test_a_damaged_release_stops_a_run_only_where_it_is_the_base(workspace: Workspace) -> None:
    for run_id, people in (("one", PEOPLE), ("two", MORE)):
        run_night(workspace, people, run_id)
    for release_id in ("r1", "r2"):
        (workspace.releases / release_id / "manifest.json").chmod(0o644)
    (workspace.releases / "r1" / "manifest.json").write_text("{")
    published = run_night(workspace, PEOPLE, "three")
    assert published is not None
    assert published.release_id == "r3"
    path = workspace.releases / "r3" / "golden.duckdb"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ReleaseDamaged, match=r"r3/golden\.duckdb"):
        run_night(workspace, MORE, "four")


def test_a_model_stays_as_long_as_a_release_uses_it(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one")
    with open_database(workspace.warehouse_file) as con:
        begin_run(con, workspace, run_id="two")
        con.execute("UPDATE matching.model SET run_id = 'two'")
        con.execute("INSERT INTO matching.model VALUES ('m2', 'two', '{}')")
        con.execute("INSERT INTO matching.model_frequency VALUES ('m2', 'given', 'ann', 0.5)")
        begin_run(con, workspace, run_id="three")
        for table in ("model", "model_frequency"):
            assert con.execute(f"SELECT model_version FROM matching.{table}").fetchall() == [("m1",)]
