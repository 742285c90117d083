"""What landing may use: how much a packed file may become, and how much memory queries may take.

Keeps: never more is unpacked than what is read, and never more than the limits and one buffer.
"""

from __future__ import annotations

import gzip
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from connectors.formats.batch import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer
    from duckdb import DuckDBPyConnection

MOST_BYTES = 256 * 1024**3
"""What one file may become at most."""
MOST_TIMES = 200
"""How many times its packed size a file may become; exports shrink to a tenth or a fiftieth, zeros to a thousandth."""
UNMINDED_BYTES = 16 * 1024**2
"""Up to here no ratio is looked at: a small file of equal rows is no bomb."""
MEMORY_MIB = 1000
"""What DuckDB may use while a source is landed, beside Python and the blocks that are read."""
_BUFFER_BYTES = 1 << 20
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


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


@contextmanager
def bounded_memory(con: DuckDBPyConnection) -> Iterator[None]:
    """Let queries use no more than MEMORY_MIB meanwhile; what does not fit goes to files beside the database."""
    # A cursor is outside the transaction, which may have been broken off.
    with con.cursor() as apart:
        row = apart.execute("SELECT current_setting('memory_limit')").fetchone()
        lower = row is not None and _in_mib(str(row[0])) > MEMORY_MIB
        if lower:
            apart.execute(f"SET memory_limit = '{MEMORY_MIB} MiB'")
        try:
            yield
        finally:
            if lower:
                apart.execute("RESET memory_limit")


def _in_mib(setting: str) -> float:
    """Return a size such as `18.4 GiB` in MiB."""
    number, _, unit = setting.partition(" ")
    return float(number) * 1024.0 ** (_UNITS.index(unit) - _UNITS.index("MiB"))
