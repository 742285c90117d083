from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.warehouse.made_up import PEOPLE, SETTINGS, fill, run_night
from warehouse.connection import open_database, open_published, transaction
from warehouse.errors import Refused, ReleaseDamaged
from warehouse.read import open_release
from warehouse.release import verify
from warehouse.release.hold import hold
from warehouse.release.listing import list_releases, show_release
from warehouse.release.pointer import current_release_id, release_ids
from warehouse.release.rollback import rollback
from warehouse.state import attach_releases, begin_run
from warehouse.workspace import Workspace, lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MORE = PEOPLE | {"cus_d": ["9"]}
MOST = MORE | {"cus_e": ["10"]}


def held_people(folder: Path) -> int:
    with open_published(folder / "golden.duckdb") as con:
        return int(con.execute("SELECT count(*) FROM customer").fetchall()[0][0])


def test_a_held_candidate_is_kept_with_its_reasons_and_replaced_by_the_next(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one")
    run_night(workspace, MORE, "two", held_for=["too many merges"])
    assert current_release_id(workspace) == "r1"
    assert release_ids(workspace) == ("r1",)
    reasons = json.loads((workspace.held / "reasons.json").read_text())
    assert (reasons["run_id"], reasons["release_id"], reasons["reasons"]) == ("two", "r2", ["too many merges"])
    assert held_people(workspace.held) == 4
    run_night(workspace, MOST, "three", held_for=["still too many"])
    assert held_people(workspace.held) == 5
    assert sorted(path.name for path in workspace.var.iterdir()) == [".lock", "held", "releases", "warehouse.duckdb"]


def test_a_held_candidate_starts_over_from_the_release(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one")
    run_night(workspace, MORE, "two", held_for=["no"])
    published = run_night(workspace, MORE, "three")
    assert published is not None
    assert published.release_id == "r2"
    assert show_release(workspace)["lineage"] == ("three", "one")


def test_a_kill_between_set_aside_and_put_in_place_loses_no_held_candidate(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one", held_for=["no"])
    workspace.held.rename(workspace.var / ".held_old")
    with lock(workspace):
        assert held_people(workspace.held) == 3


def test_rollback_moves_current_at_once_and_the_feed_never_runs_backwards(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one")
    run_night(workspace, MORE, "two")
    with lock(workspace):
        assert rollback(workspace, "r1").manifest.release_id == "r1"
    assert current_release_id(workspace) == "r1"
    with lock(workspace), open_database(workspace.warehouse_file) as con:
        run = begin_run(con, workspace, run_id="looked")
        assert run.base is not None
        assert (run.base.release_id, run.latest_release_id) == ("r1", "r2")
        assert con.execute("SELECT run_id FROM landing.lineage ORDER BY position").fetchall() == [("looked",), ("one",)]
        attach_releases(con, run)
        assert con.execute("SELECT count(*) FROM base.customer").fetchall() == [(3,)]
        assert con.execute("SELECT count(*) FROM latest.customer").fetchall() == [(4,)]
    # the content equals that of r1, but the feed has gone on
    again = run_night(workspace, PEOPLE, "three")
    assert again is not None
    assert (again.outcome, again.release_id) == ("published", "r3")
    with open_release(workspace) as release:
        events = release.con.execute("SELECT sequence, release_id, event FROM change ORDER BY sequence").fetchall()
    assert events[-2:] == [(4, "r2", "created"), (5, "r3", "retired")]


def test_rolling_forward_again(workspace: Workspace) -> None:
    for run_id, people in (("one", PEOPLE), ("two", MORE), ("three", MOST)):
        run_night(workspace, people, run_id)
    with lock(workspace):
        rollback(workspace, "r1")
        rollback(workspace, "r3")
    unchanged = run_night(workspace, MOST, "four")
    assert unchanged is not None
    assert (unchanged.outcome, unchanged.release_id) == ("nothing_changed", "r3")


def test_rollback_refuses_what_is_not_there_and_what_is_current(workspace: Workspace) -> None:
    with pytest.raises(Refused, match=r"no release r1 .*: there are none"):
        rollback(workspace, "r1")
    run_night(workspace, PEOPLE, "one")
    with pytest.raises(Refused, match=r"no release r7 .*: there are r1"):
        rollback(workspace, "r7")
    with pytest.raises(Refused, match="r1 is the current release already"):
        rollback(workspace, "r1")


@pytest.fixture(scope="module")
def unsealed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("unsealed"))
    run_night(workspace, PEOPLE, "one")
    run_night(workspace, MORE, "two")
    for path in workspace.releases.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755)
    return workspace


@pytest.fixture
def two_releases(unsealed: Workspace, tmp_path: Path) -> Workspace:
    """Return a workspace with two releases that may be written to, so that they can be damaged."""
    shutil.copytree(unsealed.path, tmp_path / "copy", symlinks=True)
    return Workspace(tmp_path / "copy")


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def overwrite_the_head(path: Path) -> None:
    path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:] if path.stat().st_size > 4096 else b"\0" * 99)


def replace_by_anothers(path: Path) -> None:
    """Put a whole file of another release there, of the size that the manifest tells."""
    path.write_bytes((path.parents[1] / "r2" / path.name).read_bytes()[: path.stat().st_size])


def flip_a_bit(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)


def add_a_log(path: Path) -> None:
    path.with_name(f"{path.name}.wal").write_bytes(b"")


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("name", ["parquet/customer.parquet", "golden.duckdb"])
@pytest.mark.parametrize("damage", [cut_off, flip_a_bit, add_a_log, remove])
def test_rollback_to_a_damaged_release_leaves_current(
    two_releases: Workspace, name: str, damage: Callable[[Path], None]
) -> None:
    damage(two_releases.releases / "r1" / name)
    with pytest.raises(ReleaseDamaged, match=f"r1/{name}"):
        rollback(two_releases, "r1")
    assert current_release_id(two_releases) == "r2"


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("golden.duckdb", cut_off),
        ("golden.duckdb", overwrite_the_head),
        ("golden.duckdb", replace_by_anothers),
        ("golden.duckdb", add_a_log),
        ("golden.duckdb", remove),
        ("workings.duckdb", cut_off),
        ("workings.duckdb", overwrite_the_head),
        ("parquet/change.parquet", cut_off),
        ("parquet/change.parquet", remove),
    ],
)
def test_of_files_too_large_to_compare_much_is_seen_all_the_same(
    two_releases: Workspace, name: str, damage: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "READ_IN_AN_INSTANT", 0)
    damage(two_releases.releases / "r1" / name)
    with pytest.raises(ReleaseDamaged, match=f"r1/{name}"):
        rollback(two_releases, "r1")
    assert current_release_id(two_releases) == "r2"


def test_what_a_rollback_does_not_compare_it_names(two_releases: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bit that changed within a large file: the rollback passes over it and says so, `release verify` finds it."""
    flip_a_bit(two_releases.releases / "r1" / "golden.duckdb")
    monkeypatch.setattr(verify, "READ_IN_AN_INSTANT", 1 << 20)
    done = rollback(two_releases, "r1")
    assert (done.left, done.next_release_id) == ("r2", "r3")
    assert done.unread == ("golden.duckdb", "workings.duckdb")
    with pytest.raises(ReleaseDamaged, match=r"r1/golden\.duckdb"):
        verify.verify_release(two_releases)


@pytest.mark.parametrize("broken", ["r9", "elsewhere", None])
def test_a_current_that_leads_nowhere_stops_a_run_and_rollback_mends_it(
    workspace: Workspace, broken: str | None
) -> None:
    run_night(workspace, PEOPLE, "one")
    workspace.current.unlink()
    if broken:
        workspace.current.symlink_to(broken)
    with pytest.raises(ReleaseDamaged, match="joinedup release rollback"):
        run_night(workspace, MORE, "two")
    assert [entry["release_id"] for entry in list_releases(workspace)] == ["r1"]
    rollback(workspace, "r1")
    published = run_night(workspace, MORE, "two")
    assert published is not None
    assert published.release_id == "r2"


def test_releases_as_plain_data(workspace: Workspace) -> None:
    assert list_releases(workspace) == []
    run_night(workspace, PEOPLE, "one")
    run_night(workspace, MORE, "two")
    listed = list_releases(workspace)
    assert [(entry["release_id"], entry["current"], entry["rows"]["customer"]) for entry in listed] == [
        ("r2", True, 4),
        ("r1", False, 3),
    ]
    shown = show_release(workspace, "r1")
    assert (shown["release_id"], shown["current"], shown["workings"], shown["base_release_id"]) == (
        "r1",
        False,
        True,
        None,
    )
    assert json.loads(json.dumps(shown))["files"]["golden.duckdb"]["rows"] > 0
    (workspace.releases / "r1" / "manifest.json").chmod(0o644)
    (workspace.releases / "r1" / "manifest.json").write_text("{")
    assert "manifest.json" in list_releases(workspace)[1]["damaged"]


def test_hold_and_publish_build_the_same(workspace: Workspace) -> None:
    with lock(workspace), open_database(workspace.warehouse_file) as con:
        run = begin_run(con, workspace, run_id="one")
        attach_releases(con, run)
        with transaction(con):
            fill(con, run, PEOPLE)
        folder = hold(con, SETTINGS, run, ["no"])
        held = json.loads((folder / "manifest.json").read_text())
    published = run_night(workspace, PEOPLE, "two")
    assert published is not None
    assert held["release_hash"] == published.release_hash
