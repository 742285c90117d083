"""Retention: which releases stay, and which of them keep their workings.

Invariant: the current release stays, so does the one that the held candidate rests on, and every release that somebody
is reading.
"""

from __future__ import annotations

import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from warehouse.durable import READ_ONLY_FOLDER, remove_tree
from warehouse.errors import ReleaseDamaged
from warehouse.failpoint import failpoint
from warehouse.release.lease import without_readers
from warehouse.release.manifest import WORKINGS, read_manifest
from warehouse.release.pointer import current_release_id, release_ids

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.workspace import Workspace

WORKINGS_KEPT = 2
"""The newest releases that keep their workings."""


def retire(workspace: Workspace, keep: int) -> tuple[str, ...]:
    """Remove all but the newest `keep` releases, and the workings of all but the newest two; return what was removed.

    What cannot be removed now, because it is read or because the disk refuses, is tried again after the next night.
    """
    existing, removed = release_ids(workspace), []
    needed = {current_release_id(workspace), _base_of_held(workspace)}
    for release_id in existing[:-keep]:
        directory = workspace.releases / release_id
        with suppress(OSError):
            if release_id not in needed and _remove(directory):
                removed.append(release_id)
    for release_id in existing[:-WORKINGS_KEPT]:
        directory = workspace.releases / release_id
        with suppress(OSError):
            if release_id not in {*needed, *removed}:
                _remove_workings(directory)
    return tuple(removed)


def _base_of_held(workspace: Workspace) -> str | None:
    with suppress(ReleaseDamaged):  # there is none, or none that can be approved
        return read_manifest(workspace.held).base_release_id
    return None


def _remove(directory: Path) -> bool:
    with without_readers(directory) as free:
        if free:
            # out of sight at once: nobody may find half a release
            leaving = directory.with_name(f".build_{directory.name}_removed")
            directory.rename(leaving)
            failpoint("retired set aside")
            remove_tree(leaving)
            failpoint("retired removed")
        return free


def _remove_workings(directory: Path) -> None:
    """Remove the release's workings; a removal that was killed amid is ended, so that the folder is sealed again."""
    workings = directory / WORKINGS
    if not workings.exists() and not directory.stat().st_mode & stat.S_IWUSR:
        return
    with without_readers(directory) as free:
        if free:
            directory.chmod(READ_ONLY_FOLDER | stat.S_IWUSR)
            failpoint("workings unsealed")
            workings.unlink(missing_ok=True)
            failpoint("workings removed")
            directory.chmod(READ_ONLY_FOLDER)
