"""The workspace: where everything lies, and the lock that lets one run at a time change it."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.durable import remove_tree, surroundings
from warehouse.errors import ReleaseDamaged, SurroundingsError, UsageError, WorkspaceBusy
from warehouse.failpoint import failpoint
from warehouse.release.manifest import read_manifest
from warehouse.release.pointer import settle_interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME_VARIABLE = "JOINEDUP_HOME"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with a joinedup.yaml; `path` is absolute, everything else lies in it."""

    path: Path

    @property
    def settings_file(self) -> Path:
        """The only file a user writes."""
        return self.path / "joinedup.yaml"

    @property
    def var(self) -> Path:
        """Everything that joinedup writes."""
        return self.path / "var"

    @property
    def warehouse_file(self) -> Path:
        """The working state, opened by the running job alone."""
        return self.var / "warehouse.duckdb"

    @property
    def releases(self) -> Path:
        """One folder per published release."""
        return self.var / "releases"

    @property
    def current(self) -> Path:
        """The symlink to the release that readers get."""
        return self.releases / "current"

    @property
    def held(self) -> Path:
        """The last held candidate and its reasons."""
        return self.var / "held"

    @property
    def approvals(self) -> Path:
        """Which held candidates were approved, by whom and why: one JSON object per line, only ever added to."""
        return self.var / "approvals.jsonl"

    @property
    def plans(self) -> Path:
        """What nights would do: a document and a page per plan, with personal values."""
        return self.var / "plans"

    @property
    def dagster(self) -> Path:
        """Dagster's storage."""
        return self.var / "dagster"

    @property
    def reports(self) -> Path:
        """One readable page per run."""
        return self.var / "reports"


def resolve_workspace(given: str | Path | None = None) -> Workspace:
    """Return the workspace at `given`, else at $JOINEDUP_HOME, else in the current folder.

    Raises UsageError where there is no such folder.
    """
    path = Path(given or os.environ.get(HOME_VARIABLE) or ".").expanduser().absolute()
    if not path.is_dir():
        message = f"no folder {path}: name an existing workspace with -w DIR, or make one with `joinedup init DIR`"
        raise UsageError(message)
    return Workspace(path)


@contextmanager
def lock(workspace: Workspace, command: str = "joinedup run") -> Iterator[None]:
    """Hold the workspace for the block; sweep first what a killed run left behind.

    The kernel frees the lock when the process ends, however it ends. Raises WorkspaceBusy naming the holder.
    """
    handle = _acquire(workspace)
    started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        with surroundings(f"taking the lock of {workspace.path}"):
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"pid {os.getpid()}, {command}, started {started}\n".encode(), 0)
            sweep(workspace)
        yield
    finally:
        with suppress(OSError):  # a line that stays behind misleads nobody: the lock itself is what counts
            os.ftruncate(handle, 0)
        os.close(handle)


def _acquire(workspace: Workspace) -> int:
    with surroundings(f"opening the lock of {workspace.path}"):
        workspace.var.mkdir(exist_ok=True)
        handle = os.open(workspace.var / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(handle, 200, 0).decode(errors="replace").strip() or "it has just started"
        os.close(handle)
        message = f"another run holds the workspace {workspace.path} ({holder}): wait for it to end, then run again"
        raise WorkspaceBusy(message) from None
    except OSError as error:
        os.close(handle)
        message = f"{workspace.var} cannot be locked ({error}): keep the workspace on a file system that knows flock"
        raise SurroundingsError(message) from error
    return handle


def _take_approved_away(workspace: Workspace) -> None:
    """Take away the held candidate that is the current release: its approval was killed before it came to that."""
    with suppress(ReleaseDamaged):  # there is none, or no release, or what is wrong is told by what reads it
        if read_manifest(workspace.held).run_id == read_manifest(workspace.current).run_id:
            remove_tree(workspace.held)


def sweep(workspace: Workspace) -> None:
    """Remove what a killed run left: unfinished builds, drafts, spill files, a release that was never current."""
    if workspace.releases.is_dir():
        settle_interrupted(workspace)
        failpoint("interrupted settled")
    set_aside = workspace.var / ".held_old"
    if set_aside.exists() and not workspace.held.exists():
        set_aside.rename(workspace.held)
        failpoint("held put back")
    _take_approved_away(workspace)
    for folder, pattern in (
        (workspace.releases, ".build_*"),
        (workspace.releases, ".*.draft"),
        (workspace.reports, ".*.draft"),
        (workspace.var, ".held_*"),
        (workspace.var, ".rebuilt_*"),
        (workspace.var, "*.duckdb.tmp"),
    ):
        for leftover in sorted(folder.glob(pattern)):
            if leftover.is_dir() and not leftover.is_symlink():
                remove_tree(leftover)
            else:
                leftover.unlink()
            failpoint("leftover removed")
