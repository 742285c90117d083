"""How much a packed file may become: a small file that unpacks to endless bytes is refused while it is unpacked.

Keeps: never more is unpacked than what is read, and never more than the limits and one buffer.
"""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING, BinaryIO, cast

from connectors.formats.batch import UnreadableFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MOST_BYTES = 256 * 1024**3
"""What one file may become at most."""
MOST_TIMES = 200
"""How many times its packed size a file may become; exports shrink to a tenth or a fiftieth, zeros to a thousandth."""
UNMINDED_BYTES = 16 * 1024**2
"""Up to here no ratio is looked at: a small file of equal rows is no bomb."""
_BUFFER_BYTES = 1 << 20


def unpacked(stream: BinaryIO) -> BinaryIO:
    """Return a gzip file's content as a stream; reading it raises UnreadableFile beyond the limits."""
    return cast("BinaryIO", io.BufferedReader(_Unpacked(stream), _BUFFER_BYTES))


class _Unpacked(io.RawIOBase):
    """Unpacks and counts."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._packed = stream
        self._file = gzip.GzipFile(fileobj=stream)
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        count = self._file.readinto(buffer)
        self._count += count
        self._check()
        return count

    def _check(self) -> None:
        became, packed = self._count, self._packed.tell()
        if became > MOST_BYTES or (became > UNMINDED_BYTES and became > MOST_TIMES * packed):
            message = (
                f"{packed:,} bytes of it unpack to more than {became:,}, and at most {MOST_TIMES} times as many are "
                f"read, {MOST_BYTES:,} in all: it is damaged or made to fill a disk; if it is meant to be so, "
                "unpack it and deliver it as it is"
            )
            raise UnreadableFile(message)
