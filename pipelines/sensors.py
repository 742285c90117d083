"""The sensor that starts a night when a source's files have changed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import dagster as dg

from connectors.unfinished import is_under_way
from pipelines.jobs import INGEST

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
