"""Leases: a reader that has a release open keeps it from being removed, whatever retention says.

A lease is a shared lock on the release's manifest; the kernel frees it when the reader ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from warehouse.errors import ReleaseDamaged
from warehouse.release.manifest import MANIFEST, WHAT_TO_DO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def take_lease(directory: Path) -> int:
    """Return an open handle that keeps the release in `directory`; closing it gives the lease back.

    Raises ReleaseDamaged where the manifest, or the whole release, is gone.
    """
    path = directory / MANIFEST
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError as error:
        raise ReleaseDamaged(f"{path} is missing: {WHAT_TO_DO}") from error
    fcntl.flock(handle, fcntl.LOCK_SH)
    if not path.exists():  # it was removed while this waited for the lock
        os.close(handle)
        raise ReleaseDamaged(f"{path} is missing: {WHAT_TO_DO}")
    return handle


@contextmanager
def without_readers(directory: Path) -> Iterator[bool]:
    """Say whether nobody reads the release, and let nobody begin to for the block if so."""
    handle = os.open(directory / MANIFEST, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
