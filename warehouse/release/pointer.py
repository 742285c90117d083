"""The pointer `var/releases/current`, the numbers of releases, and what a killed publication left behind.

READS and WRITES: `var/releases/current`, `.publishing` (the release on its way), `.sequence` (the highest number ever
published). Invariant: a release counts as published once `current` pointed at it; no number is ever used twice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from warehouse.durable import point_link, remove_tree, sync_folder, write_text
from warehouse.errors import ReleaseDamaged
from warehouse.failpoint import failpoint

if TYPE_CHECKING:
    from warehouse.workspace import Workspace

RELEASE_ID = re.compile(r"r([1-9][0-9]*)")


def release_number(release_id: str) -> int | None:
    """Return 7 for `r7`, None for what is no release id."""
    found = RELEASE_ID.fullmatch(release_id)
    return None if found is None else int(found[1])


def release_ids(workspace: Workspace) -> tuple[str, ...]:
    """Return the ids of all published releases that still exist, oldest first."""
    if not workspace.releases.is_dir():
        return ()
    pending = _pending(workspace)
    if pending is not None and pending == current_release_id(workspace):
        pending = None
    names = [path.name for path in workspace.releases.iterdir() if path.is_dir() and not path.is_symlink()]
    numbers = sorted(number for name in names if name != pending and (number := release_number(name)) is not None)
    return tuple(f"r{number}" for number in numbers)


def current_release_id(workspace: Workspace) -> str | None:
    """Return the release that `current` points at, None where nothing was published yet.

    Raises ReleaseDamaged where `current` is anything but a link to a release's name.
    """
    try:
        target = str(workspace.current.readlink())
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"{workspace.current} is no symbolic link: remove it, then `joinedup release rollback` to a release"
        raise ReleaseDamaged(message) from error
    if release_number(target) is None:
        message = f"{workspace.current} points at {target!r}, which is no release: `joinedup release rollback` to one"
        raise ReleaseDamaged(message)
    return target


def next_number(workspace: Workspace) -> int:
    """Return the number of the next release: one more than any that was ever published."""
    existing = [number for name in release_ids(workspace) if (number := release_number(name)) is not None]
    return max([*existing, _sequence(workspace)]) + 1


def announce(workspace: Workspace, release_id: str) -> None:
    """Note that the release is about to be published; until `conclude` a kill leaves it to `settle_interrupted`."""
    write_text(workspace.releases / ".publishing", release_id)


def point_at(workspace: Workspace, release_id: str) -> None:
    """Make the release the current one, at once."""
    point_link(workspace.current, release_id)


def conclude(workspace: Workspace, release_id: str) -> None:
    """Note that the release was published, and that its number is taken for ever."""
    number = release_number(release_id) or 0
    if number > _sequence(workspace):
        write_text(workspace.releases / ".sequence", str(number))
        failpoint("number taken")
    (workspace.releases / ".publishing").unlink(missing_ok=True)
    sync_folder(workspace.releases)


def settle_interrupted(workspace: Workspace) -> None:
    """Finish or undo what a killed publication left: nobody saw a release that `current` never pointed at."""
    pending = _pending(workspace)
    if pending is None:
        return
    if pending == current_release_id(workspace):
        conclude(workspace, pending)
        return
    if release_number(pending) is not None:
        remove_tree(workspace.releases / pending)
        failpoint("unseen removed")
    (workspace.releases / ".publishing").unlink()


def _pending(workspace: Workspace) -> str | None:
    path = workspace.releases / ".publishing"
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def _sequence(workspace: Workspace) -> int:
    path = workspace.releases / ".sequence"
    text = path.read_text(encoding="utf-8").strip() if path.exists() else "0"
    if not text.isdecimal():
        message = f"{path} holds {text!r} where a number belongs: write the highest release number ever used into it"
        raise ReleaseDamaged(message)
    return int(text)
