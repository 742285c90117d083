from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from warehouse.errors import UsageError, WorkspaceBusy
from warehouse.workspace import Workspace, lock, resolve_workspace

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys, time
from pathlib import Path
from warehouse.workspace import Workspace, lock
with lock(Workspace(Path(sys.argv[1])), "joinedup run"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_workspace_is_the_one_given_then_joinedup_home_then_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, home, here = (tmp_path / name for name in ("given", "home", "here"))
    for folder in (given, home, here):
        folder.mkdir()
    monkeypatch.chdir(here)
    assert resolve_workspace(None).path == here
    monkeypatch.setenv("JOINEDUP_HOME", str(home))
    assert resolve_workspace(None).path == home
    assert resolve_workspace(str(given)).path == given


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no folder .*nowhere"):
        resolve_workspace(tmp_path / "nowhere")


def test_a_second_holder_is_told_who_holds_the_workspace(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with lock(workspace, "joinedup run"):
        with (
            pytest.raises(WorkspaceBusy, match=f"pid {os.getpid()}, joinedup run, started 2") as caught,
            lock(workspace),
        ):
            pass
        assert caught.value.exit_code == 75
        assert (tmp_path / "var" / ".lock").read_text().startswith(f"pid {os.getpid()}")
    with lock(workspace):
        pass


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path, checkout: Path) -> None:
    workspace = Workspace(tmp_path)
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], cwd=checkout, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(WorkspaceBusy, match=f"pid {holder.pid}"), lock(workspace):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with lock(workspace):
            pass
    finally:
        holder.kill()
        holder.communicate()


def test_leftovers_of_a_killed_run_are_swept(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    build = workspace.releases / ".build_r3" / "parquet"
    build.mkdir(parents=True)
    (build / "customer.parquet").write_bytes(b"x")
    (build / "customer.parquet").chmod(0o444)
    build.chmod(0o555)
    (workspace.releases / "r2").mkdir()
    (workspace.releases / ".current.draft").symlink_to("r2")
    (workspace.var / ".held_new").mkdir()
    (workspace.var / "warehouse.duckdb.tmp").mkdir()
    with lock(workspace):
        assert sorted(path.name for path in workspace.releases.iterdir()) == ["r2"]
        assert sorted(path.name for path in workspace.var.iterdir()) == [".lock", "releases"]
