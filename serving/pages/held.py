"""Whether the newest night was held, so that what pages show is older than it could be.

READS: var/held/manifest.json. WRITES: nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.errors import JoinedupError
from warehouse.release.manifest import MANIFEST, read_manifest

if TYPE_CHECKING:
    from datetime import datetime

    from stewardship.web.releases import Pinned
    from warehouse.workspace import Workspace


def held_after(workspace: Workspace, pinned: Pinned) -> datetime | None:
    """Return the `as_of` of the night that was held on top of this release, None where none was."""
    if not (workspace.held / MANIFEST).exists():
        return None
    try:
        held = read_manifest(workspace.held)
    except (JoinedupError, OSError):  # it is being put in place, or taken away, this very moment
        return None
    return held.as_of if held.base_release_id == pinned.release_id else None
