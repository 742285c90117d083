"""A night that is killed, crowded out or out of disk leaves the last release whole, and the next makes up for it."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from pipelines.stages import STAGES
from tests.pipelines.killing import night_with_files_up_to
from tests.pipelines.shop import TONIGHT, Shop, command, do_night, finished
from warehouse.failpoint import FAILPOINT_VARIABLE
from warehouse.release.pointer import current_release_id
from warehouse.release.verify import verify_release
from warehouse.workspace import Workspace, lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipelines.summary import RunSummary
    from tests.pipelines.shop import Answer

CHECKS = tuple(f"check {entry.check}" for entry in STAGES if entry.check)
STEPS = ("land billing", "land cases", *(entry.name for entry in STAGES), *CHECKS, "gate", "publish")
OFTEN = ("land cases", "score", "check golden", "publish")
"""The steps in which `make test` kills; `make soak` kills in all."""
MOMENTS = (0, pytest.param(1, marks=pytest.mark.soak), pytest.param(2, marks=pytest.mark.soak))

# Its server has loaded what a night needs, so that a process of a night costs the night alone.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.pipelines.shop", "great_expectations"])


@dataclass(frozen=True)
class Evening:
    """A workspace with one release and the next exports, and what an undisturbed night makes of them."""

    shop: Shop
    undisturbed: RunSummary
    seconds: float

    def copied(self, folder: Path) -> Workspace:
        shutil.copytree(self.shop.path, folder, symlinks=True)
        return Workspace(folder)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    shop = Shop(tmp_path_factory.mktemp("evening") / "shop")
    shop.populate(30, 11)
    shop.night(checks=False)
    shop.accounts["A003"]["email"] = "moved.house@mail.example"
    del shop.accounts["A004"]
    shop.case("C900", name="Ada Quist", email="ada.quist@elsewhere.example")
    shop.write()
    calm = tmp_path_factory.mktemp("calm") / "shop"
    shutil.copytree(shop.path, calm, symlinks=True)
    started = time.monotonic()
    undisturbed = do_night(Workspace(calm), TONIGHT, checks=False)
    assert undisturbed.published
    return Evening(shop, undisturbed, time.monotonic() - started)


def night_until(workspace: Workspace, failpoint: str, *, checks: bool) -> None:
    os.environ[FAILPOINT_VARIABLE] = failpoint
    do_night(workspace, TONIGHT, checks=checks)


def the_next_night_makes_up(workspace: Workspace, evening: Evening) -> None:
    """Assert that the current release is whole, and that one more night reaches what the undisturbed one reached."""
    verify_release(workspace)
    after = do_night(workspace, TONIGHT, checks=False)
    verify_release(workspace)
    assert after.content_hash == evening.undisturbed.content_hash
    assert after.release_hash == evening.undisturbed.release_hash
    assert after.release_id == evening.undisturbed.release_id


@pytest.mark.parametrize(
    "step", [step if step in OFTEN else pytest.param(step, marks=pytest.mark.soak) for step in STEPS]
)
def test_a_kill_in_any_step_changes_nothing(evening: Evening, tmp_path: Path, step: str) -> None:
    workspace = evening.copied(tmp_path / "shop")
    process = processes.Process(
        target=night_until, args=(workspace, f"end of {step}"), kwargs={"checks": step in CHECKS}
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert current_release_id(workspace) == ("r2" if step == "publish" else "r1")
    the_next_night_makes_up(workspace, evening)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_at_any_moment_changes_nothing(evening: Evening, tmp_path: Path, moment: int) -> None:
    workspace = evening.copied(tmp_path / "shop")
    process = processes.Process(target=night_until, args=(workspace, "none"), kwargs={"checks": False})
    process.start()
    time.sleep(random.Random(moment).random() * evening.seconds)
    process.kill()
    process.join()
    the_next_night_makes_up(workspace, evening)


def test_a_failpoint_that_is_none_kills_nothing(evening: Evening, tmp_path: Path) -> None:
    """The control of the kills."""
    workspace = evening.copied(tmp_path / "shop")
    process = processes.Process(target=night_until, args=(workspace, "end of nothing"), kwargs={"checks": False})
    process.start()
    process.join()
    assert process.exitcode == 0
    assert current_release_id(workspace) == "r2"


@pytest.mark.parametrize("share", [0.45, *(pytest.param(share, marks=pytest.mark.soak) for share in (0, 0.02))])
def test_a_full_disk_is_told_as_such_and_changes_nothing(evening: Evening, tmp_path: Path, share: float) -> None:
    workspace = evening.copied(tmp_path / "shop")
    limit = int(workspace.warehouse_file.stat().st_size * share)
    process = processes.Process(target=night_with_files_up_to, args=(workspace, limit))
    process.start()
    process.join()
    assert process.exitcode == 5
    assert current_release_id(workspace) == "r1"
    the_next_night_makes_up(workspace, evening)


def test_a_workspace_that_cannot_be_written_is_told_as_such(shop: Shop, joinedup: Callable[..., Answer]) -> None:
    shop.account("A1", first_name="Ada", last_name="Quist", email="ada@quist.example")
    shop.write()
    shop.workspace.var.write_text("a file where the folder should be")
    answer = joinedup("run", "-w", shop.path)
    assert answer.exit_code == 5
    assert str(shop.workspace.var) in answer.err
    assert "Traceback" not in answer.err


def test_a_held_workspace_refuses_a_second_run(shop: Shop, joinedup: Callable[..., Answer]) -> None:
    shop.account("A1", first_name="Ada", last_name="Quist", email="ada@quist.example")
    shop.write()
    with lock(shop.workspace, "joinedup run, by a test"):
        answer = joinedup("run", "-w", shop.path)
    assert answer.exit_code == 75
    assert f"pid {os.getpid()}, joinedup run, by a test" in answer.err
    assert len(answer.err.splitlines()) == 1


@pytest.mark.parametrize("content", [None, b"no database"])
def test_a_damaged_storage_of_dagsters_is_told_as_such(
    evening: Evening, tmp_path: Path, joinedup: Callable[..., Answer], content: bytes | None
) -> None:
    workspace = evening.copied(tmp_path / "shop")
    store = workspace.dagster / "history/runs.db"
    store.parent.mkdir(parents=True)
    store.mkdir() if content is None else store.write_bytes(content)
    answer = joinedup("run", "-w", workspace.path)
    assert answer.exit_code == 5, answer.err
    assert str(workspace.dagster) in answer.err
    assert "Traceback" not in answer.err
    assert current_release_id(workspace) == "r1"


def test_two_runs_at_the_same_time_and_then_ctrl_c(evening: Evening, tmp_path: Path) -> None:
    workspace = evening.copied(tmp_path / "shop")
    first = command("run", "-w", workspace.path)
    assert first.stderr is not None
    while "settle" not in first.stderr.readline():
        assert first.poll() is None
    second = finished(command("run", "-w", workspace.path, "--json"))
    first.send_signal(signal.SIGINT)
    left = finished(first)
    assert second.exit_code == 75
    assert f"pid {first.pid}" in second.out
    assert left.exit_code == 130, left.err
    assert "interrupted" in left.err
    assert "Traceback" not in left.err
    the_next_night_makes_up(workspace, evening)
