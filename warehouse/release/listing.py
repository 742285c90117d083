"""What releases there are, as plain data that goes into a table or a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from warehouse.errors import ReleaseDamaged
from warehouse.release.manifest import WORKINGS, read_manifest
from warehouse.release.pointer import current_release_id, release_ids
from warehouse.release.verify import find_release

if TYPE_CHECKING:
    from warehouse.workspace import Workspace


def list_releases(workspace: Workspace) -> list[dict[str, Any]]:
    """Return one mapping per release, newest first: id, whether it is current, times, rows, `damaged` with a reason."""
    try:
        current = current_release_id(workspace)
    except ReleaseDamaged:  # the list is what one needs to choose a release to roll back to
        current = None
    return [_entry(workspace, release_id, current) for release_id in reversed(release_ids(workspace))]


def show_release(workspace: Workspace, release_id: str | None = None) -> dict[str, Any]:
    """Return the manifest of a release as plain data, with `current` and `workings` (whether they are kept).

    Raises Refused where there is no such release, ReleaseDamaged where its manifest cannot be read.
    """
    directory = find_release(workspace, release_id)
    manifest = read_manifest(directory)
    return {
        **manifest.document(),
        "current": directory.name == current_release_id(workspace),
        "workings": (directory / WORKINGS).exists(),
    }


def _entry(workspace: Workspace, release_id: str, current: str | None) -> dict[str, Any]:
    directory = workspace.releases / release_id
    found = {"release_id": release_id, "current": release_id == current}
    try:
        document = read_manifest(directory).document()
    except ReleaseDamaged as error:
        return found | {"damaged": error.message}
    told = ("base_release_id", "created_at", "as_of", "run_id", "model_version", "content_hash", "release_hash", "rows")
    return found | {name: document[name] for name in told} | {"workings": (directory / WORKINGS).exists()}
