"""The sensors: one lands exports as they arrive, one publishes what stewards decide within minutes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import dagster as dg

from connectors.unfinished import is_under_way
from pipelines.jobs import DECISIONS, INGEST
from stewardship.store import head
from warehouse.errors import WorkspaceBusy
from warehouse.release.manifest import read_manifest
from warehouse.state import find_base
from warehouse.workspace import lock

if TYPE_CHECKING:
    from warehouse.settings import Settings
    from warehouse.workspace import Workspace

INTERVAL_SECONDS = 60


def new_files_sensor(workspace: Workspace, settings: Settings) -> dg.SensorDefinition:
    """Return the sensor that asks for an `ingest` run when the files that the sources match have changed.

    Its cursor is a fingerprint of their names, sizes and modification times.
    """

    @dg.sensor(
        name="new_files",
        job=INGEST,
        minimum_interval_seconds=INTERVAL_SECONDS,
        description="Lands and checks exports as they arrive, so that a broken one is known before the night.",
    )
    def new_files(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        fingerprint = files_fingerprint(workspace, settings)
        if fingerprint == context.cursor:
            return dg.SkipReason("no file has changed")
        context.update_cursor(fingerprint)
        return dg.RunRequest(run_key=fingerprint)

    return new_files


def new_decisions_sensor(workspace: Workspace, settings: Settings) -> dg.SensorDefinition:
    """Return the sensor that asks for a `decisions` run when stewards have said more than the release is bound by.

    Its cursor is the last entry of their log that it asked for: what changes nothing, or is held, is asked for once.
    While a run holds the workspace it waits, for that run may read the log itself.
    """

    @dg.sensor(
        name="new_decisions",
        job=DECISIONS,
        minimum_interval_seconds=INTERVAL_SECONDS,
        description="Publishes what stewards have decided within minutes: a false merge does not wait for the night.",
    )
    def new_decisions(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        base = find_base(workspace)
        if base is None:
            return dg.SkipReason("nothing is published yet")
        bound, said = read_manifest(base.directory).decisions_head or 0, head(settings, workspace.path)
        if said <= bound:
            return dg.SkipReason(f"{base.release_id} is bound by all that stewards have decided")
        if context.cursor and said <= int(context.cursor):
            return dg.SkipReason("what was decided last has been asked for already")
        try:
            with lock(workspace, "the sensor new_decisions"):
                pass
        except WorkspaceBusy:
            return dg.SkipReason("another run holds the workspace")
        context.update_cursor(str(said))
        return dg.RunRequest(run_key=f"decisions up to {said} on {base.release_id}")

    return new_decisions


def files_fingerprint(workspace: Workspace, settings: Settings) -> str:
    """Return a hash of the names, sizes and modification times of all files in the workspace that a source matches.

    A file whose name says that it is still being written does not count until it is renamed.
    """
    digest = hashlib.sha256()
    for source in sorted(settings.sources):
        pattern = settings.sources[source].files
        for path in sorted(workspace.path.glob(pattern)) if not pattern.startswith("/") else ():
            if is_under_way(path.name, pattern):
                continue
            stat = path.stat()
            digest.update(f"{source}\0{path.name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
