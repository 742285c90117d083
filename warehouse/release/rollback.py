"""Roll back: make an earlier release the current one, at once; the next run starts from it.

READS: the release to go back to. WRITES: `var/releases/current`. Invariant: `current` leads to a release that is whole
as far as can be seen in an instant; a release that is not is never made current.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from warehouse.durable import surroundings
from warehouse.errors import Refused
from warehouse.failpoint import failpoint
from warehouse.release.pointer import next_number, point_at
from warehouse.release.verify import find_release, look_over

if TYPE_CHECKING:
    from warehouse.release.manifest import Manifest
    from warehouse.workspace import Workspace


class Rollback(NamedTuple):
    """What a rollback did: the release that is current now, the id that the next release will have, and what is unseen.

    `left` is the release that was current before, as `current` named it, None where it named none. `unread` are the
    files that were opened and counted but not compared byte for byte.
    """

    manifest: Manifest
    left: str | None
    next_release_id: str
    unread: tuple[str, ...]


def rollback(workspace: Workspace, release_id: str) -> Rollback:
    """Point `current` at the release, looked over first. The caller holds the workspace's lock.

    Also mends a `current` that leads nowhere. Raises Refused where there is no such release or it is current already,
    ReleaseDamaged where something is seen to be wrong with it; `current` then stays as it was.
    """
    directory = find_release(workspace, release_id)
    left = str(workspace.current.readlink()) if workspace.current.is_symlink() else None
    manifest, unread = look_over(directory)
    if left == release_id:
        message = f"{release_id} is the current release already"
        raise Refused(message)
    failpoint("looked over")
    with surroundings(f"pointing {workspace.current} at {release_id}"):
        point_at(workspace, release_id)
    failpoint("rolled back")
    return Rollback(manifest, left, f"r{next_number(workspace)}", unread)
