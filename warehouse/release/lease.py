"""Leases: a reader that has a release open keeps it from being removed, whatever retention says.

A lease is a shared lock on the release's manifest; the kernel frees it when the reader ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from warehouse.release.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def take_lease(directory: Path) -> int:
    """Return an open handle that keeps the release in `directory`; closing it gives the lease back.

    Raises FileNotFoundError where the release is gone.
    """
    handle = os.open(directory / MANIFEST, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_SH)
    if os.fstat(handle).st_nlink == 0 or not (directory / MANIFEST).exists():
        os.close(handle)
        raise FileNotFoundError(directory / MANIFEST)
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
