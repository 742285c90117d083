"""Dagster's instance for a workspace: configured by the checkout's dagster.yaml, kept in the workspace's var."""

from __future__ import annotations

import io
import logging
import os
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.storage.event_log.sqlite import sqlite_event_log

from warehouse.durable import point_link, surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.workspace import Workspace

CONFIGURATION = Path(__file__).resolve().parent.parent / "dagster.yaml"
STORAGE_VARIABLE = "JOINEDUP_DAGSTER_DIR"
"""What dagster.yaml reads its storage folder from."""


def prepare_environment(workspace: Workspace) -> dict[str, str]:
    """Return the variables that Dagster's own commands need for this workspace, and make the folder they point to.

    Dagster reads its configuration from DAGSTER_HOME and drops logs there: so that folder is the workspace's, and its
    dagster.yaml leads to the one in the checkout. Raises SurroundingsError where the folder cannot be written.
    """
    home = workspace.dagster
    with surroundings(f"making {home}"):
        home.mkdir(parents=True, exist_ok=True)
        point_link(home / CONFIGURATION.name, str(CONFIGURATION))
    return {"DAGSTER_HOME": str(home), STORAGE_VARIABLE: str(home), "JOINEDUP_HOME": str(workspace.path)}


@contextmanager
def open_instance(workspace: Workspace) -> Iterator[dg.DagsterInstance]:
    """Open the workspace's Dagster instance, whatever DAGSTER_HOME says; afterwards the environment is as it was."""
    variables = prepare_environment(workspace)
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        with _engine_per_file(), dg.DagsterInstance.from_config(variables["DAGSTER_HOME"]) as instance:
            _hush(instance)
            yield instance
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _engine_per_file() -> Iterator[None]:
    """Let Dagster's storage of events keep SQLAlchemy's engine of a file, which holds no connection.

    It makes a new one for every event, which then compiles its SQL again: a tenth of a small night's CPU.
    """
    names, made = vars(sqlite_event_log), dict[str, Any]()
    make = names["create_engine"]

    def make_once(url: str, **options: Any) -> Any:  # noqa: ANN401 - as SQLAlchemy has it
        if url not in made:
            made[url] = make(url, **options)
        return made[url]

    names["create_engine"] = make_once
    try:
        yield
    finally:
        names["create_engine"] = make


class _Hushed(logging.Handler):
    """A handler of Dagster's, without the lines that it writes past every log where its storage fails."""

    def __init__(self, handler: logging.Handler) -> None:
        super().__init__()
        self._handler = handler

    def emit(self, record: logging.LogRecord) -> None:
        """Handle the record; what fails is raised, and told by the command in one line."""
        with redirect_stderr(io.StringIO()):
            self._handler.emit(record)


def _hush(instance: dg.DagsterInstance) -> None:
    handlers = [_Hushed(handler) for handler in instance.get_handlers()]
    instance.get_handlers = lambda: handlers  # type: ignore[method-assign]  # by which a run asks for them
