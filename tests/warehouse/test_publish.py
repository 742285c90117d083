from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.warehouse.made_up import PEOPLE, SETTINGS, fill, nothing_against_it, run_night
from warehouse.connection import open_database, open_memory, open_published, transaction
from warehouse.durable import remove_tree
from warehouse.errors import GateHeld, Refused
from warehouse.release.hashes import hash_release, in_parquet
from warehouse.release.manifest import read_manifest
from warehouse.release.pointer import current_release_id, release_ids
from warehouse.release.publish import publish
from warehouse.release.verify import verify_release
from warehouse.state import attach_releases, begin_run
from warehouse.tables import RELEASE_TABLES
from warehouse.workspace import Workspace, lock

MORE = PEOPLE | {"cus_d": ["9"]}


def test_the_first_release(workspace: Workspace) -> None:
    published = run_night(workspace, PEOPLE, "one")
    assert published is not None
    assert (published.outcome, published.release_id) == ("published", "r1")
    assert workspace.current.readlink() == Path("r1")
    assert sorted(path.name for path in workspace.releases.iterdir()) == [".sequence", "current", "r1"]
    folder = workspace.releases / "r1"
    assert sorted(path.name for path in folder.iterdir()) == [
        "golden.duckdb",
        "manifest.json",
        "parquet",
        "workings.duckdb",
    ]
    manifest = verify_release(workspace)
    assert manifest.rows["customer"] == 3
    assert manifest.files["parquet/customer.parquet"].rows == 3
    assert manifest.lineage == ("one",)
    with open_memory() as con:
        assert hash_release(con, in_parquet(folder / "parquet")).release_hash == published.release_hash


def test_a_published_release_cannot_be_written_to(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one")
    for path in (workspace.releases / "r1").rglob("*"):
        assert path.stat().st_mode & 0o222 == 0, path
    assert (workspace.releases / "r1").stat().st_mode & 0o222 == 0


def test_golden_duckdb_is_of_the_oldest_format_and_in_order(workspace: Workspace) -> None:
    run_night(workspace, MORE, "one", seed=3)
    with open_published(workspace.current / "golden.duckdb") as con:
        tags = con.execute("SELECT tags FROM duckdb_databases() WHERE database_name = 'release'").fetchall()
        assert tags[0][0]["storage_version"].startswith("v1.0.0")
        keys = [key for (key,) in con.execute("SELECT golden_id FROM customer").fetchall()]
        assert keys == sorted(MORE)
        for spec in RELEASE_TABLES:
            found = con.execute(
                "SELECT column_name, data_type, is_nullable FROM duckdb_columns() WHERE table_name = ?", [spec.name]
            ).fetchall()
            assert [(name, nullable) for name, _, nullable in found] == [
                (column.name, column.nullable) for column in spec.columns
            ]


def test_the_same_night_makes_the_same_parquet_files(tmp_path: Path) -> None:
    found = []
    for seed in (0, 1):
        workspace = Workspace(tmp_path / str(seed))
        workspace.path.mkdir()
        run_night(workspace, MORE, "one", seed=seed)
        entries = read_manifest(workspace.current).files
        found.append({name: entry.sha256 for name, entry in entries.items() if name.startswith("parquet/")})
    assert found[0] == found[1]


def test_a_night_that_changes_nothing_publishes_nothing(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one")
    again = run_night(workspace, PEOPLE, "two", seed=5)
    assert again is not None
    assert (again.outcome, again.release_id) == ("nothing_changed", "r1")
    assert sorted(path.name for path in workspace.releases.iterdir()) == [".sequence", "current", "r1"]
    changed = run_night(workspace, MORE, "three")
    assert changed is not None
    assert changed.release_id == "r2"
    assert read_manifest(workspace.current).lineage == ("three", "one")


def test_what_the_audit_objects_to_is_not_published(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one")

    def object_to(folder: Path) -> None:
        with open_published(folder / "golden.duckdb") as con:
            rows = con.execute("SELECT count(*) FROM customer").fetchall()[0][0]
        raise GateHeld((f"{rows} customers",))

    with pytest.raises(GateHeld, match="4 customers"):
        run_night(workspace, MORE, "two", audit=object_to)
    assert sorted(path.name for path in workspace.releases.iterdir()) == [".sequence", "current", "r1"]
    assert verify_release(workspace).release_id == "r1"


def test_a_base_that_moved_refuses_the_candidate(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one")
    run_night(workspace, MORE, "two")

    def move_current(_: Path) -> None:
        workspace.current.unlink()
        workspace.current.symlink_to("r1")

    with pytest.raises(Refused, match="began on release r2, but the current one is now r1"):
        run_night(workspace, PEOPLE, "three", audit=move_current)
    assert release_ids(workspace) == ("r1", "r2")


def test_no_number_is_used_twice(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one")
    run_night(workspace, MORE, "two")
    workspace.current.unlink()
    workspace.current.symlink_to("r1")
    remove_tree(workspace.releases / "r2")
    published = run_night(workspace, MORE, "three")
    assert published is not None
    assert published.release_id == "r3"


def test_a_full_disk_leaves_the_last_release(workspace: Workspace, checkout: Path) -> None:
    run_night(workspace, PEOPLE, "one")
    limited = subprocess.run(
        [sys.executable, "-c", LIMITED, "1000000", str(workspace.path)],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert limited.stdout.startswith("building release r2 failed: "), limited.stdout + limited.stderr
    assert limited.stdout.strip().endswith("exit 5")
    with lock(workspace):
        assert not list(workspace.releases.glob(".build_*"))
    assert verify_release(workspace).release_id == "r1"
    assert run_night(workspace, MORE, "three") is not None
    assert current_release_id(workspace) == "r2"


LIMITED = """
import resource, sys
from pathlib import Path
from tests.warehouse.made_up import PEOPLE, run_night
from warehouse.errors import SurroundingsError
from warehouse.workspace import Workspace
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
try:
    run_night(Workspace(Path(sys.argv[2])), PEOPLE | {"cus_d": ["9"]}, "limited")
    print("published")
except SurroundingsError as error:
    print(error.message, "exit", error.exit_code)
"""


def test_the_readers_check_would_notice_a_mixed_release(workspace: Workspace) -> None:
    run_night(workspace, PEOPLE, "one")
    run_night(workspace, MORE, "two")
    with open_memory() as con:
        tables = {
            spec.name: workspace.releases / ("r1" if spec.name == "crosswalk" else "r2") for spec in RELEASE_TABLES
        }
        mixed = hash_release(con, lambda spec: in_parquet(tables[spec.name] / "parquet")(spec))
    assert mixed.release_hash != read_manifest(workspace.current).release_hash


def test_two_writers_cannot_both_publish(workspace: Workspace) -> None:
    with lock(workspace), open_database(workspace.warehouse_file) as con:
        run = begin_run(con, workspace, run_id="one")
        attach_releases(con, run)
        with transaction(con):
            fill(con, run, PEOPLE)
        first = publish(con, SETTINGS, run, nothing_against_it)
        assert first.release_id == "r1"
        with pytest.raises(Refused, match="began on release None"):
            publish(con, SETTINGS, run, nothing_against_it)
    assert release_ids(workspace) == ("r1",)
