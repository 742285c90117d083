"""A disk that is full, wherever it is, is told in one line with exit 5, and the next night makes up for it."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from pipelines.cli import main
from tests.pipelines.killing import Stage, morning, night_with_files_up_to, processes
from tests.pipelines.shop import TONIGHT, do_night
from warehouse.errors import SurroundingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipelines.night import Night
    from tests.pipelines.killing import Scene
    from tests.pipelines.shop import Answer
    from warehouse.workspace import Workspace

SEED = 21
ON_A_SMALL_DISK = """
mkdir -p "$PLACE" "$ASIDE" && cp -a "$PLACE/." "$ASIDE" &&
mount -t tmpfs -o size="$SIZE" tmpfs "$PLACE" && cp -a "$ASIDE/." "$PLACE" || exit 99
"$PYTHON" -m pipelines run -w "$WORKSPACE" --as-of 2026-02-01
code=$?
rm -r "$ASIDE" && cp -a "$PLACE" "$ASIDE"
exit $code
"""


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scene]:
    """Return an ordinary night and one that is held."""
    found = islice(Stage(tmp_path_factory.mktemp("stage"), SEED).scenes(first=False), 2)
    return {each.name.partition(" ")[0]: each for each in found}


@pytest.fixture(scope="session")
def namespaces() -> None:
    """Need leave to mount a disk of one's own, which root has and most systems give to everybody."""
    tried = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=False, capture_output=True
    )
    if tried.returncode:
        pytest.skip("no disk can be mounted here: `unshare -rm` is not allowed")


def run_on_a_small_disk(workspace: Workspace, aside: Path, place: str, size: int) -> subprocess.CompletedProcess[str]:
    """Run the command with the folder `place` on a disk of so many bytes; leave the folder as it was then."""
    told = {
        "PLACE": str(workspace.path / place),
        "ASIDE": str(aside),
        "SIZE": str(size),
        "PYTHON": sys.executable,
        "WORKSPACE": str(workspace.path),
        "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
    }
    command = ["unshare", "-rm", "sh", "-c", ON_A_SMALL_DISK]
    ended = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
    for entry in (workspace.path / place).iterdir():
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    shutil.copytree(aside, workspace.path / place, symlinks=True, dirs_exist_ok=True)
    return ended


def assert_told(exit_code: int | None, err: str) -> None:
    """Assert that it was told in one line, after those of the steps that were done."""
    said = [line for line in err.splitlines() if line and not line.startswith("✓")]
    assert exit_code == 5, err
    assert len(said) == 1, err
    assert said[0].startswith("joinedup: ")


def size_of(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*"))


SOAK = pytest.mark.soak


@pytest.mark.parametrize(
    "more", [2 << 20, *(pytest.param(more << 20, marks=SOAK) for more in (1, 4, 6, 8, 10))], ids=str
)
@pytest.mark.usefixtures("namespaces")
def test_a_full_disk_under_the_whole_workspace(scenes: dict[str, Scene], tmp_path: Path, more: int) -> None:
    scene = scenes["ordinary"]
    workspace = scene.copied(tmp_path / "shop")
    ended = run_on_a_small_disk(workspace, tmp_path / "aside", "var", size_of(workspace.var) + more)
    assert_told(ended.returncode, ended.stderr)
    assert workspace.current.readlink().name == "r1"
    scene.assert_whole(workspace)
    scene.assert_made_up(workspace)


@pytest.mark.soak
@pytest.mark.parametrize("size", [64 << 10, 400 << 10, 600 << 10])
@pytest.mark.usefixtures("namespaces")
def test_a_full_disk_under_dagsters_storage(scenes: dict[str, Scene], tmp_path: Path, size: int) -> None:
    scene = scenes["ordinary"]
    workspace = scene.copied(tmp_path / "shop")
    ended = run_on_a_small_disk(workspace, tmp_path / "aside", "var/dagster", size)
    assert_told(ended.returncode, ended.stderr)
    shutil.rmtree(workspace.dagster)
    scene.assert_whole(workspace)
    scene.assert_made_up(workspace)


@pytest.mark.soak
@pytest.mark.usefixtures("namespaces")
def test_a_full_disk_under_the_pages(scenes: dict[str, Scene], tmp_path: Path) -> None:
    scene = scenes["ordinary"]
    workspace = scene.copied(tmp_path / "shop")
    shutil.rmtree(workspace.reports)
    ended = run_on_a_small_disk(workspace, tmp_path / "aside", "var/reports", 4096)
    assert_told(ended.returncode, ended.stderr)
    assert "r2 is published, but writing its page failed" in ended.stderr
    scene.assert_made_up(workspace)


def test_a_page_that_cannot_be_written_is_told(
    scenes: dict[str, Scene], tmp_path: Path, joinedup: Callable[..., Answer]
) -> None:
    scene = scenes["ordinary"]
    workspace = scene.copied(tmp_path / "shop")
    shutil.rmtree(workspace.reports)
    workspace.reports.write_text("a file where the folder should be")
    answer = joinedup("run", "-w", workspace.path, "--as-of", "2026-02-01")
    assert_told(answer.exit_code, answer.err)
    assert "r2 is published, but writing its page failed" in answer.err
    workspace.reports.unlink()
    scene.assert_made_up(workspace)


def leave_no_room_to_spill(night: Night) -> None:
    night.con.execute("SET max_temp_directory_size = '32KB'").fetchall()
    night.con.execute("SET memory_limit = '12MB'").fetchall()


def night_that_cannot_spill(workspace: Workspace) -> None:
    try:
        do_night(workspace, TONIGHT, checks=False, opened=leave_no_room_to_spill)
    except SurroundingsError as error:
        sys.exit(error.exit_code)


def test_no_room_to_spill(scenes: dict[str, Scene], tmp_path: Path) -> None:
    scene = scenes["ordinary"]
    workspace = scene.copied(tmp_path / "shop")
    process = processes.Process(target=night_that_cannot_spill, args=(workspace,))
    process.start()
    process.join()
    assert process.exitcode == 5
    scene.assert_whole(workspace)
    scene.assert_made_up(workspace)


@pytest.mark.parametrize("share", [0.2, *(pytest.param(share, marks=SOAK) for share in (0.02, 0.1))])
def test_no_room_for_a_candidate_that_is_held(scenes: dict[str, Scene], tmp_path: Path, share: float) -> None:
    scene = scenes["held"]
    workspace = scene.copied(tmp_path / "shop")
    limit = int(workspace.warehouse_file.stat().st_size * share)
    process = processes.Process(target=night_with_files_up_to, args=(workspace, limit))
    process.start()
    process.join()
    assert process.exitcode == 5
    assert morning(workspace).held is None
    scene.assert_whole(workspace)
    scene.assert_made_up(workspace)


def decide(workspace: Workspace, second: str, limit: int) -> None:
    """Decide at the command line, where no file may grow beyond `limit` bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    said = ["--reason", "father and son", "--as", "ann", "-w", str(workspace.path)]
    main(["review", "decide", "different", "billing:A000", f"billing:{second}", *said])


def test_no_room_for_a_decision(scenes: dict[str, Scene], tmp_path: Path, joinedup: Callable[..., Answer]) -> None:
    """A decision is taken and told so, or it is refused and not taken; those before it stay."""
    workspace = scenes["ordinary"].copied(tmp_path / "shop")
    for second, limit, exit_code in (("A001", 8 << 10, 5), ("A001", 1 << 30, 0), ("A002", 16 << 10, 5)):
        process = processes.Process(target=decide, args=(workspace, second, limit))
        process.start()
        process.join()
        assert process.exitcode == exit_code
    taken = json.loads(joinedup("review", "list", "-w", workspace.path, "--json").out)
    assert [each["records"] for each in taken["decisions"]] == [["billing:A000", "billing:A001"]]
