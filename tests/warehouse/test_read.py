from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.warehouse.made_up import PEOPLE, SETTINGS, fill, nothing_against_it, run_night
from warehouse.connection import open_database, transaction
from warehouse.durable import remove_tree
from warehouse.errors import Refused, UsageError
from warehouse.read import open_release
from warehouse.release.pointer import release_ids
from warehouse.release.publish import publish
from warehouse.release.retention import retire
from warehouse.state import attach_releases, begin_run
from warehouse.workspace import Workspace, lock

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a workspace with one release, in which three golden ids are retired."""
    workspace = Workspace(tmp_path_factory.mktemp("published"))
    with lock(workspace), open_database(workspace.warehouse_file) as con:
        run = begin_run(con, workspace, run_id="one")
        attach_releases(con, run)
        with transaction(con):
            fill(con, run, PEOPLE)
            con.execute(
                "INSERT INTO golden.redirect VALUES ('cus_x', 'cus_y', 'r1'), ('cus_y', 'cus_a', 'r1'),"
                " ('cus_gone', NULL, 'r1')"
            )
        publish(con, SETTINGS, run, nothing_against_it)
    return workspace


def test_a_release_is_read_by_table_and_by_customer(published: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOINEDUP_HOME", str(published.path))
    with open_release() as release:
        assert release.release_id == "r1"
        assert list(release.table("customer").df()["golden_id"]) == sorted(PEOPLE)
        assert release.table("profile").to_arrow_table().num_rows == 3
        customer = release.customer("cus_a")
        assert customer is not None
        assert (customer["full_name"], customer["identifiers"]) == ("Ann 1", {"loyalty": ["1", "2"]})
        with release.workings() as workings:
            assert workings.execute("SELECT count(*) FROM landing.source_record").fetchall() == [(6,)]


def test_redirects_are_followed_to_their_end(published: Workspace) -> None:
    with open_release(published) as release:
        assert release.resolve("cus_a") == "cus_a"
        assert release.resolve("cus_x") == "cus_a"
        assert release.resolve("cus_gone") is None
        assert release.customer("cus_gone") is None
        followed = release.customer("cus_y")
        assert followed is not None
        assert followed["golden_id"] == "cus_a"
        with pytest.raises(Refused, match="knows no customer cus_nobody"):
            release.resolve("cus_nobody")


def test_what_a_release_does_not_have_is_named(published: Workspace) -> None:
    with open_release(published) as release, pytest.raises(UsageError, match="no table 'model': it has customer, "):
        release.table("model")
    with pytest.raises(Refused, match="no release r4"):
        open_release(published, "r4")


FORBIDDEN = (
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM 'customer.csv'",
    "ATTACH '{elsewhere}' AS elsewhere",
    "COPY customer TO '{elsewhere}'",
    "EXPORT DATABASE '{elsewhere}'",
    "INSERT INTO customer SELECT * FROM customer",
    "CREATE TABLE release.main.own (a INTEGER)",
    "DROP TABLE customer",
    "INSTALL excel",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "SET temp_directory = '{elsewhere}'",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_a_reader_reaches_nothing_but_the_release(published: Workspace, tmp_path: Path, statement: str) -> None:
    with open_release(published) as release:
        for con in (release.con, release.cursor()):
            with pytest.raises(duckdb.Error):
                con.execute(statement.format(elsewhere=tmp_path / "elsewhere")).fetchall()
        assert release.con.execute("SELECT count(*) FROM customer").fetchall() == [(3,)]
    assert list(tmp_path.iterdir()) == []


def test_an_ordinary_connection_reaches_more(published: Workspace, tmp_path: Path) -> None:
    """Show that what the lock-down forbids would otherwise work."""
    with open_database(published.releases / "r1" / "golden.duckdb", read_only=True) as con:
        con.execute(f"COPY customer TO '{tmp_path / 'customer.csv'}'").fetchall()
    assert (tmp_path / "customer.csv").exists()


def test_each_thread_has_a_cursor(published: Workspace) -> None:
    with open_release(published) as release, ThreadPoolExecutor(4) as pool:
        counts = pool.map(lambda _: release.cursor().execute("SELECT count(*) FROM crosswalk").fetchall(), range(20))
        assert list(counts) == [[(6,)]] * 20


def test_an_open_release_stays_as_it_was_and_outlives_retention(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "n1")
    with open_release(workspace) as release:
        for n in range(2, 6):
            run_night(workspace, PEOPLE | {"cus_d": [str(n + 10)]}, f"n{n}")
        assert release_ids(workspace) == ("r1", "r3", "r4", "r5")
        assert release.table("customer").count("*").fetchall() == [(3,)]
        with release.workings() as workings:
            assert workings.execute("SELECT count(*) FROM landing.source_record").fetchall() == [(6,)]
    assert retire(workspace, 3) == ("r1",)
    assert release_ids(workspace) == ("r3", "r4", "r5")


def test_only_the_newest_two_keep_their_workings(workspace: Workspace) -> None:
    for n in range(1, 4):
        run_night(workspace, PEOPLE | {"cus_d": [str(n + 10)]}, f"n{n}")
    with open_release(workspace, "r1") as release:
        assert release.table("customer").count("*").fetchall() == [(4,)]
        with pytest.raises(Refused, match="no workings any more"), release.workings():
            pass
    for release_id in ("r2", "r3"):
        with open_release(workspace, release_id) as release, release.workings() as workings:
            assert workings.execute("SELECT count(*) FROM matching.model").fetchall() == [(1,)]


def test_the_current_release_outlives_retention_after_a_rollback(workspace: Workspace) -> None:
    for n in range(1, 4):
        run_night(workspace, PEOPLE | {"cus_d": [str(n + 10)]}, f"n{n}")
    workspace.current.unlink()
    workspace.current.symlink_to("r1")
    assert retire(workspace, 2) == ()
    assert release_ids(workspace) == ("r1", "r2", "r3")


def test_what_the_held_candidate_rests_on_outlives_retention(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "n1")
    run_night(workspace, PEOPLE | {"cus_d": ["9"]}, "n2", held_for=["no"])
    for n in range(3, 7):
        run_night(workspace, PEOPLE | {"cus_d": [str(n + 10)]}, f"n{n}")
    assert release_ids(workspace) == ("r1", "r3", "r4", "r5")
    remove_tree(workspace.held)
    assert retire(workspace, 3) == ("r1",)


def test_opening_a_release_is_quick(published: Workspace) -> None:
    started = time.process_time()
    with open_release(published) as release:
        release.customer("cus_a")
    assert time.process_time() - started < 1
