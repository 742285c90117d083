"""A run that was killed is ended in Dagster's records by the next one that holds the workspace."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from pipelines.instance import open_instance
from pipelines.night import NightOptions, say_nothing
from pipelines.reconcile import Ended, end_dead_runs, is_process
from pipelines.run_nightly import run_nightly
from tests.pipelines.shop import Shop
from warehouse.failpoint import FAILPOINT_VARIABLE
from warehouse.workspace import Workspace, lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.night import StepDone

# Its server has loaded what a night needs, so that a process of a night costs the night alone.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["pipelines.run_nightly", "tests.pipelines.shop", "great_expectations"])

STATUS = dg.DagsterRunStatus


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    shop = Shop(tmp_path_factory.mktemp("small") / "shop")
    shop.populate(8, 3)
    shop.write()
    return shop.workspace


@pytest.fixture
def workspace(small: Workspace, tmp_path: Path) -> Workspace:
    shutil.copytree(small.path, tmp_path / "shop", symlinks=True)
    return Workspace(tmp_path / "shop")


def stop_at_settle(step: str, done: StepDone | None) -> None:
    if step == "settle" and done is None:
        os.kill(os.getpid(), signal.SIGSTOP)


def dagsters_night(workspace: Workspace, failpoint: str, *, stop: bool = False) -> None:
    os.environ[FAILPOINT_VARIABLE] = failpoint
    run_nightly(workspace, NightOptions(), stop_at_settle if stop else say_nothing)


def killed_at(workspace: Workspace, failpoint: str) -> None:
    process = processes.Process(target=dagsters_night, args=(workspace, failpoint))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Return the runs, the oldest first."""
    return [record.dagster_run for record in instance.get_run_records(ascending=True)]


def unfinished_steps(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[str]:
    return [step.step_key for step in instance.get_run_step_stats(run.run_id) if step.start_time and not step.end_time]


def last_words(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    events = (entry.dagster_event for entry in instance.all_logs(run.run_id))
    return [event.message or "" for event in events if event is not None][-1]


def test_the_next_night_ends_a_run_that_was_killed(workspace: Workspace) -> None:
    killed_at(workspace, "end of standardise")
    with open_instance(workspace) as instance:
        (dead,) = runs(instance)
        assert dead.status == STATUS.STARTED  # the control: nobody else ends it
        assert unfinished_steps(instance, dead) == ["standardise"]
    run_nightly(workspace, NightOptions(), say_nothing)
    with open_instance(workspace) as instance:
        dead, living = runs(instance)
        assert (dead.status, living.status) == (STATUS.FAILURE, STATUS.SUCCESS)
        assert unfinished_steps(instance, dead) == []
        assert last_words(instance, dead).startswith("its process ended without a word; nothing was published")
        assert end_dead_runs(instance, workspace) == []


@pytest.mark.parametrize(("failpoint", "release_id"), [("renamed", None), ("flipped", "r1")])
def test_what_had_published_was_successful(workspace: Workspace, failpoint: str, release_id: str | None) -> None:
    killed_at(workspace, failpoint)
    with lock(workspace), open_instance(workspace) as instance:
        (dead,) = runs(instance)
        assert end_dead_runs(instance, workspace) == [Ended(dead.run_id, release_id)]
        (ended,) = runs(instance)
        assert ended.status == (STATUS.SUCCESS if release_id else STATUS.FAILURE)
        assert unfinished_steps(instance, ended) == []
        assert ("after it had published r1" in last_words(instance, ended)) == (release_id is not None)
        states = {step.step_key: step.status for step in instance.get_run_step_stats(dead.run_id)}
        told = states["release__current"]
        assert told is not None
        assert told.value == ("SUCCESS" if release_id else "FAILURE")


@pytest.fixture
def stopped(workspace: Workspace) -> Iterator[int]:
    """Return the process of a night that stands still amid its work."""
    process = processes.Process(target=dagsters_night, args=(workspace, "none"), kwargs={"stop": True})
    process.start()
    assert process.pid is not None
    state = ""
    while state != "T":
        time.sleep(0.05)
        assert process.is_alive()
        told = subprocess.run(["ps", "-o", "stat=", "-p", str(process.pid)], capture_output=True, text=True, check=True)
        state = told.stdout.strip()[:1]
    yield process.pid
    process.kill()
    process.join()


def test_a_run_whose_process_lives_is_left_alone(workspace: Workspace, stopped: int) -> None:
    with open_instance(workspace) as instance:
        assert end_dead_runs(instance, workspace) == []
        assert [run.status for run in runs(instance)] == [STATUS.STARTED]
        os.kill(stopped, signal.SIGKILL)
        while is_process(stopped, since=time.time()):
            multiprocessing.active_children()  # which lets the kernel forget it
            time.sleep(0.05)
        assert [ended.release_id for ended in end_dead_runs(instance, workspace)] == [None]
        assert [run.status for run in runs(instance)] == [STATUS.FAILURE]


def test_a_number_that_was_given_out_again_is_no_sign_of_life() -> None:
    other = subprocess.Popen(["sleep", "60"])
    try:
        assert is_process(other.pid, since=time.time())
        if Path("/proc/stat").exists():
            assert not is_process(other.pid, since=time.time() - 3600)
    finally:
        other.kill()
        other.wait()
    assert not is_process(other.pid, since=time.time())
    assert not is_process(os.getpid(), since=time.time())  # in a container each night may have the same number


def test_damaged_records_of_a_dead_run_stop_no_night(workspace: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    with open_instance(workspace) as instance:
        assert end_dead_runs(instance, workspace) == []  # an empty storage has nobody to end
    killed_at(workspace, "end of settle")
    with open_instance(workspace) as instance:
        (dead,) = runs(instance)
    damaged = workspace.dagster / "history/runs" / f"{dead.run_id}.db"
    damaged.write_bytes(b"no database")
    assert run_nightly(workspace, NightOptions(), say_nothing).published
    assert f"run {dead.run_id} cannot be marked as ended" in caplog.text
