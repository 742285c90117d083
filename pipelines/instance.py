"""Dagster's instance for a workspace: the checkout's dagster.yaml, with its storage in the workspace's var/dagster."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.workspace import Workspace

CHECKOUT = Path(__file__).resolve().parent.parent
STORAGE_VARIABLE = "JOINEDUP_DAGSTER_DIR"
"""What dagster.yaml reads its storage folder from."""


def prepare_environment(workspace: Workspace) -> dict[str, str]:
    """Return the variables that Dagster's own commands need for this workspace, and make its storage folder."""
    workspace.dagster.mkdir(parents=True, exist_ok=True)
    return {
        "DAGSTER_HOME": str(CHECKOUT),
        STORAGE_VARIABLE: str(workspace.dagster),
        "JOINEDUP_HOME": str(workspace.path),
    }


@contextmanager
def open_instance(workspace: Workspace) -> Iterator[dg.DagsterInstance]:
    """Open the workspace's Dagster instance, whatever DAGSTER_HOME says."""
    os.environ.update(prepare_environment(workspace))
    with dg.DagsterInstance.from_config(str(CHECKOUT)) as instance:
        yield instance
