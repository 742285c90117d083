"""`joinedup dagster`: Dagster's own UI and daemon on this workspace."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import WorkspaceOption
from warehouse.errors import SurroundingsError
from warehouse.settings.load import load_settings
from warehouse.workspace import resolve_workspace

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
