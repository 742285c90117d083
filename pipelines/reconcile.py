"""Ends in Dagster's records the runs whose process was killed: a run that died without a word stays STARTED there.

READS: Dagster's storage, the manifests of the releases. WRITES: Dagster's storage. Invariant: whoever calls it holds
the workspace's lock, so that no other night is under way; what was published, the manifests say and not Dagster.
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import dagster as dg
from dagster._core.execution.plan.objects import StepFailureData, StepSuccessData  # they have no public name

from pipelines.assets import RELEASE
from warehouse.errors import ReleaseDamaged
from warehouse.release.manifest import read_manifest
from warehouse.release.pointer import release_ids

if TYPE_CHECKING:
    from warehouse.workspace import Workspace

UNDER_WAY = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)
SILENT_SECONDS = 300
"""How long a run may be on its way without a word of its process: as long as dagster.yaml gives one to start."""
PUBLISHING = RELEASE.to_python_identifier()
"""The step that publishes."""


class Ended(NamedTuple):
    """A run that was ended here: its id, and the release that it had published before it died, if it had."""

    run_id: str
    release_id: str | None


def end_dead_runs(instance: dg.DagsterInstance, workspace: Workspace, own_run_id: str | None = None) -> list[Ended]:
    """Mark the runs whose process is gone as failed, or as successful where they had published; return them.

    Call it with the workspace's lock held; `own_run_id` is the run that calls. What is wrong with the records of one
    dead run stops neither the others nor tonight: it is told in the log, and tried again by the next night.
    """
    ended: list[Ended] = []
    published = _published(workspace)
    for record in instance.get_run_records(dg.RunsFilter(statuses=list(UNDER_WAY)), ascending=True):
        run = record.dagster_run
        if run.run_id == own_run_id:
            continue
        try:
            if not _is_alive(instance, record):
                _end(instance, run, published.get(run.run_id))
                ended.append(Ended(run.run_id, published.get(run.run_id)))
        except Exception as error:  # noqa: BLE001 - whatever a kill or a disk did to the records of a run that is over
            logging.getLogger(__name__).warning("run %s cannot be marked as ended: %s", run.run_id, error)
    return ended


def _published(workspace: Workspace) -> dict[str, str]:
    """Return run -> the release it made, of the releases that are there."""
    found = {}
    for release_id in release_ids(workspace):
        with suppress(ReleaseDamaged):  # what is wrong with a release is told by what reads it
            found[read_manifest(workspace.releases / release_id).run_id] = release_id
    return found


def _end(instance: dg.DagsterInstance, run: dg.DagsterRun, release_id: str | None) -> None:
    """Write the events that the run's process did not live to write: of the steps it was in, then of the run."""
    if release_id is None:
        message = "its process ended without a word; nothing was published, and the next night starts over"
    else:
        message = f"its process ended without a word after it had published {release_id}, which stands"
    for step in instance.get_run_step_stats(run.run_id):
        if step.start_time is not None and step.end_time is None:
            done = release_id is not None and step.step_key == PUBLISHING
            kind = dg.DagsterEventType.STEP_SUCCESS if done else dg.DagsterEventType.STEP_FAILURE
            data = (
                StepSuccessData(duration_ms=0.0)  # type: ignore[no-untyped-call]  # Dagster's own gap
                if done
                else StepFailureData(error=None, user_failure_data=None)  # type: ignore[no-untyped-call]  # the same
            )
            _report(instance, run, kind, message, step.step_key, data)
    if release_id is None:
        instance.report_run_failed(run, message)
    else:
        _report(instance, run, dg.DagsterEventType.PIPELINE_SUCCESS, message)


def _report(
    instance: dg.DagsterInstance,
    run: dg.DagsterRun,
    kind: dg.DagsterEventType,
    message: str,
    step_key: str | None = None,
    data: StepSuccessData | StepFailureData | None = None,
) -> None:
    event = dg.DagsterEvent(
        event_type_value=kind.value,
        job_name=run.job_name,
        message=message,
        step_key=step_key,
        event_specific_data=data,
    )
    instance.report_dagster_event(event, run.run_id)


def _is_alive(instance: dg.DagsterInstance, record: dg.RunRecord) -> bool:
    """Say whether the run's process is there: one that is just closing holds the lock no more, and has its last say."""
    run_id = record.dagster_run.run_id
    for event in instance.get_records_for_run(run_id, ascending=False, limit=100).records:
        dagster_event = event.event_log_entry.dagster_event
        if dagster_event is not None and dagster_event.pid is not None:
            return is_process(dagster_event.pid, since=event.timestamp)
    return time.time() - record.create_timestamp.timestamp() < SILENT_SECONDS


def is_process(pid: int, since: float) -> bool:
    """Say whether the process that had this number at that moment lives; numbers are given out again."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is another user's
    with suppress(OSError, ValueError, StopIteration):  # where there is no /proc, the number has to do
        booted = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        started = int(booted.split()[1]) + int(after_name[19]) / os.sysconf("SC_CLK_TCK")
        return started <= since + 1
    return True
