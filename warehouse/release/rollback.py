"""Roll back: make an earlier release the current one, at once; the next run starts from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.durable import surroundings
from warehouse.errors import Refused
from warehouse.release.pointer import point_at
from warehouse.release.verify import verify_release

if TYPE_CHECKING:
    from warehouse.release.manifest import Manifest
    from warehouse.workspace import Workspace


def rollback(workspace: Workspace, release_id: str) -> Manifest:
    """Point `current` at the release, verified first; return its manifest. The caller holds the workspace's lock.

    Also mends a `current` that leads nowhere. Raises Refused where there is no such release or it is current already,
    ReleaseDamaged where it does not verify; `current` then stays as it was.
    """
    manifest = verify_release(workspace, release_id)
    if workspace.current.is_symlink() and str(workspace.current.readlink()) == release_id:
        message = f"{release_id} is the current release already"
        raise Refused(message)
    with surroundings(f"pointing {workspace.current} at {release_id}"):
        point_at(workspace, release_id)
    return manifest
