"""Publish a candidate: build, audit that very build, make it durable, and make it current in one step.

READS: the warehouse, the base release. WRITES: `var/releases/<id>/`, `var/releases/current`. Invariant: `current` leads
to a whole, audited release at every moment, wherever the process is killed; a published release is never written to.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from warehouse.durable import remove_tree, seal_tree, surroundings, sync_folder, sync_tree
from warehouse.errors import Refused
from warehouse.failpoint import failpoint
from warehouse.release.build import begin_build, complete_build
from warehouse.release.manifest import read_manifest
from warehouse.release.pointer import announce, conclude, current_release_id, point_at, settle_interrupted
from warehouse.release.retention import retire
from warehouse.state import next_release_id
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

FAILPOINTS = (
    "golden built",
    "parquet built",
    "workings built",
    "described",
    "audited",
    "synced",
    "announced",
    "renamed",
    "flipped",
    "concluded",
    "retired",
)
"""Where a test may kill a publication, in their order."""


@dataclass(frozen=True, slots=True)
class Publication:
    """How it ended: `release_id` is the new release, or the one that tonight equals when nothing had changed.

    `retired` are the releases that retention removed.
    """

    outcome: Literal["published", "nothing_changed"]
    release_id: str
    content_hash: str
    release_hash: str
    retired: tuple[str, ...] = ()


def publish(con: DuckDBPyConnection, settings: Settings, run: Run, audit: Callable[[Path], None]) -> Publication:
    """Publish tonight's tables as the next release, unless they equal the base.

    `audit` gets the folder with the finished files and raises what speaks against them. Call it outside a transaction,
    holding the workspace's lock. Raises Refused where `current` has moved since the run began, SurroundingsError when
    the disk or memory fails, and whatever `audit` raises; in each case nothing was published and nothing is left.
    """
    workspace = Workspace(run.workspace)
    folder = workspace.releases / f".build_{next_release_id(run)}"
    try:
        publication = _publish(con, settings, run, audit, folder)
    except BaseException:
        with suppress(OSError):  # what stays behind is swept by the next run
            remove_tree(folder)
            settle_interrupted(workspace)
        raise
    # also where nothing had changed: the night before may have been killed before it came to this, or met a reader
    retired = retire(workspace, settings.retention.releases)
    failpoint("retired")
    return replace(publication, retired=retired)


def _publish(
    con: DuckDBPyConnection, settings: Settings, run: Run, audit: Callable[[Path], None], folder: Path
) -> Publication:
    release_id = next_release_id(run)
    with surroundings(f"building release {release_id}"):
        build = begin_build(con, folder, release_id)
        hashes = build.hashes
        if run.base and read_manifest(run.base.directory).release_hash == hashes.release_hash:
            remove_tree(folder)
            return Publication("nothing_changed", run.base.release_id, hashes.content_hash, hashes.release_hash)
        complete_build(con, settings, run, build)
    audit(folder)
    failpoint("audited")
    with surroundings(f"publishing release {release_id}"):
        base_release_id = run.base.release_id if run.base else None
        make_current(Workspace(run.workspace), folder, release_id, base_release_id)
    return Publication("published", release_id, hashes.content_hash, hashes.release_hash)


def make_current(workspace: Workspace, folder: Path, release_id: str, base_release_id: str | None) -> None:
    """Make the finished files in `folder` the current release, durably; Refused unless the base is still current."""
    seal_tree(folder)
    sync_tree(folder)
    failpoint("synced")
    current = current_release_id(workspace)
    if current != base_release_id:
        message = f"the run began on release {base_release_id}, but the current one is now {current}: run again"
        raise Refused(message)
    announce(workspace, release_id)
    failpoint("announced")
    folder.rename(workspace.releases / release_id)
    sync_folder(workspace.releases)
    failpoint("renamed")
    point_at(workspace, release_id)
    failpoint("flipped")
    with suppress(OSError):  # it is published: the next run makes up for the note about it
        conclude(workspace, release_id)
    failpoint("concluded")
