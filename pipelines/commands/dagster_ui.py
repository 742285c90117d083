"""`joinedup dagster`: Dagster's own UI and daemon on this workspace."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.options import WorkspaceOption
from warehouse.errors import SurroundingsError, WorkspaceBusy
from warehouse.settings.load import load_settings
from warehouse.workspace import lock, resolve_workspace

if TYPE_CHECKING:
    from warehouse.workspace import Workspace

QUIETER = {"PYTHONWARNINGS": "ignore:Function `dev_command` is superseded"}
"""Dagster would rather be started by another command of its own, which is not ours to tell a user."""


def dagster(
    workspace: WorkspaceOption = None,
    *,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="The port to listen on.")] = 3000,
) -> None:
    """Open Dagster's UI and daemon on this workspace, with its runs, schedule and sensors."""
    from pipelines.instance import prepare_environment  # Dagster takes seconds to import

    place = resolve_workspace(workspace)
    load_settings(place.settings_file)
    _end_dead_runs(place)
    os.environ.update(prepare_environment(place) | QUIETER)
    beside = Path(sys.executable).parent / "dagster"
    command = str(beside) if beside.exists() else shutil.which("dagster")
    if command is None:
        message = "the command dagster is not installed beside this Python; run make setup"
        raise SurroundingsError(message)
    os.chdir(place.dagster)  # what its processes drop into their folder belongs there
    os.execv(  # noqa: S606 - replaces this process, so that signals reach Dagster itself
        command, [command, "dev", "-m", "pipelines.definitions", "--host", host, "--port", str(port)]
    )


def _end_dead_runs(workspace: Workspace) -> None:
    """Mark the runs that were killed as ended before people look at them; a night that is under way does it itself."""
    from pipelines.instance import open_instance
    from pipelines.reconcile import end_dead_runs
    from pipelines.run_nightly import storage_failure

    try:
        with suppress(WorkspaceBusy), lock(workspace, "joinedup dagster"), open_instance(workspace) as instance:
            end_dead_runs(instance, workspace)
    except Exception as error:
        if told := storage_failure(error, workspace):
            raise told from error
        raise
