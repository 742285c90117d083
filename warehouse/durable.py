"""File operations that leave the old or the new, never something between, also across a power cut."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from warehouse.errors import SurroundingsError
from warehouse.failpoint import failpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNWRITTEN = "Failed to commit: Could not write"
"""What DuckDB says at a commit when the disk is full."""

READ_ONLY_FILE = 0o444
READ_ONLY_FOLDER = 0o555


@contextmanager
def surroundings(doing: str) -> Iterator[None]:
    """Turn a failing disk, memory or file system inside the block into SurroundingsError; `doing` names the work."""
    try:
        yield
    except (
        OSError,
        duckdb.IOException,
        duckdb.OutOfMemoryException,
        duckdb.FatalException,
        duckdb.TransactionException,
    ) as error:
        if isinstance(error, duckdb.TransactionException) and _UNWRITTEN not in str(error):
            raise  # a commit may also fail for what was to be committed, which no disk is to blame for
        message = f"{doing} failed: {error}; mend the disk or memory, then run again"
        raise SurroundingsError(message) from error


def sync_file(path: Path) -> None:
    """Return when the file's bytes are on the disk."""
    _sync(path, os.O_RDONLY)


def sync_folder(path: Path) -> None:
    """Return when the folder's entries are on the disk."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Return when every file and folder below `folder`, and itself, is on the disk."""
    for parent, _, names in os.walk(folder, topdown=False):
        here = Path(parent)
        for name in names:
            sync_file(here / name)
        sync_folder(here)


def write_text(path: Path, text: str) -> None:
    """Replace the file's content by `text` in one step that survives a power cut."""
    draft = path.with_name(f".{path.name.lstrip('.')}.draft")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    failpoint("text drafted")
    draft.replace(path)
    sync_folder(path.parent)


def point_link(link: Path, target: str) -> None:
    """Point the symlink at `target`, in one step that survives a power cut."""
    draft = link.with_name(f".{link.name}.draft")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    failpoint("link drafted")
    draft.replace(link)
    sync_folder(link.parent)


def seal_tree(folder: Path) -> None:
    """Take the right to write from everything below `folder` and from itself."""
    for parent, _, names in os.walk(folder, topdown=False):
        here = Path(parent)
        for name in names:
            (here / name).chmod(READ_ONLY_FILE)
        here.chmod(READ_ONLY_FOLDER)


def remove_tree(folder: Path) -> None:
    """Remove the folder and all it holds, sealed or not; what is not there is removed already."""
    if not folder.exists():
        return
    for parent, _, _ in os.walk(folder):
        here = Path(parent)
        here.chmod(here.stat().st_mode | stat.S_IRWXU)
    shutil.rmtree(folder)
