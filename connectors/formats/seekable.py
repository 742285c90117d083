"""Bytes that are read from their end first (Parquet, workbooks) as a stream that can do so.

Keeps: what is unpacked while it is read goes to a file that nobody else sees, not into memory.
"""

from __future__ import annotations

import gzip
import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

_IN_MEMORY = 32 * 1024**2


@contextmanager
def seekable(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Give the stream itself, or a copy of its bytes where going back in it would read it anew."""
    packed: object = stream
    if stream.seekable() and not isinstance(packed, gzip.GzipFile):
        yield stream
        return
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as copy:
        shutil.copyfileobj(stream, copy, 1 << 20)
        copy.seek(0)
        yield cast("BinaryIO", copy)
