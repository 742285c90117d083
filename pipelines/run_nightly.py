"""The job `nightly`, executed in this process: what `joinedup run` is."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.assets import NIGHT
from pipelines.definitions import build_definitions
from pipelines.instance import open_instance
from warehouse.connection import was_interrupted
from warehouse.errors import JoinedupError, SettingsError, SurroundingsError
from warehouse.settings.load import load_settings, locate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipelines.night import Night, NightOptions, StepDone
    from pipelines.summary import RunSummary
    from warehouse.workspace import Workspace

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Dagster's own log stays in its storage; what a person needs is said by the command."""


def run_nightly(
    workspace: Workspace,
    options: NightOptions,
    watch: Callable[[str, StepDone | None], None],
    *,
    job: str = "nightly",
) -> RunSummary:
    """Run a night to its end and return what it did.

    Raises SettingsError, WorkspaceBusy, SourceError or SurroundingsError, whichever stopped it; a held candidate is no
    error here: the summary says so.
    """
    settings = load_settings(workspace.settings_file)
    nights: list[Night] = []
    definitions = build_definitions(workspace, settings, watch, nights.append)
    try:
        with open_instance(workspace) as instance:
            definitions.resolve_job_def(job).execute_in_process(
                instance=instance,
                run_config={"resources": {NIGHT: {"config": _config(options)}}, **QUIET},
            )
    except dg.DagsterExecutionInterruptedError:  # what Ctrl-C becomes there
        raise KeyboardInterrupt from None
    except Exception as error:  # noqa: BLE001 - Dagster wraps what the night raised; the cause is taken out below
        _raise_cause(error, nights, workspace)
    if nights[0].failure is not None:
        _raise_cause(nights[0].failure, nights, workspace)
    if nights[0].summary is None:
        message = "the night ended without a summary"
        raise JoinedupError(message)
    return nights[0].summary


def _config(options: NightOptions) -> dict[str, object]:
    return {
        "as_of": options.as_of.isoformat() if options.as_of else None,
        "full": options.full,
        "retrain": options.retrain,
        "threads": options.threads,
        "replay": json.dumps(asdict(options.replay)) if options.replay else None,
        "read_exports": options.read_exports,
        "plan": options.plan,
        "must_give": options.must_give,
        "settled_as_of": options.settled_as_of.isoformat() if options.settled_as_of else None,
    }


def _raise_cause(error: BaseException, nights: list[Night], workspace: Workspace) -> None:
    """Raise what stopped the night, unless the gate held it, which its summary says."""
    failure = nights[0].failure if nights else None
    if nights and failure is None and nights[0].outcome in ("held", "planned") and nights[0].summary:
        return
    for cause in causes(failure or error):
        if was_interrupted(cause):
            raise KeyboardInterrupt from None
        if isinstance(cause, SettingsError):
            raise locate(cause, workspace.settings_file)
        if isinstance(cause, JoinedupError):
            raise cause
    if told := storage_failure(failure or error, workspace):
        raise told from error
    raise error


def storage_failure(error: BaseException, workspace: Workspace) -> SurroundingsError | None:
    """Return what to tell where Dagster's storage is behind the error, None where it is not."""
    for cause in causes(error):
        if isinstance(cause, sqlite3.DatabaseError):
            message = f"Dagster's storage in {workspace.dagster} failed: {cause}; mend the disk, then run again"
            return SurroundingsError(message)
    return None


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error, what it was raised from, and so on, each once: such chains can be rings."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        yield cause
        seen.add(id(cause))
        cause = cause.__cause__ or cause.__context__
