"""A file that a source's glob or URL has found, and what a place where files lie can do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from connectors.formats.batch import Batch

_HASHED_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True, weakref_slot=True)
class FoundFile:
    """One file as delivered: `path` as the glob gives it, relative to the workspace where it lies in it.

    `location` is where its bytes are on this machine, None where they are not looked at, or there are none.
    """

    path: str
    location: Path | None
    sha256: str
    bytes: int
    arrived_at: datetime | None = None
    """When the store says that it was last written, UTC."""
    left_because: str | None = None
    """Why it is not to be read: by its name it is not whole, or no delivery; its bytes are not looked at."""
    under_way: bool = False
    """Whether its name says that it is still being written."""
    etag: str | None = None
    """The store's own word for the content: the same word, the same bytes."""
    watermark: str | None = None
    """How far a database was read: the type and the value of the greatest watermark."""
    answer: Answer | None = None
    """What gives the rows of a database, which has no bytes to read."""


class Answer(Protocol):
    """What a database answers."""

    def batches(self) -> Iterator[Batch]:
        """Yield the rows; raises UnreadableFile."""

    def as_read(self, file: FoundFile) -> FoundFile:
        """Return the file with what is known of it once all rows were read."""

    def is_nothing_new(self, rows: int) -> bool:
        """Say whether an answer of so many rows means that nothing has happened."""


class Place(Protocol):
    """Where files lie: in folders of this machine, or in a store that a URL names."""

    def matches(self, *, folders: bool) -> dict[str, str]:
        """Return the names of the files, or of the folders, that the source asks for, each with its address there."""

    def inside(self, address: str, pattern: str) -> Iterator[str]:
        """Yield the addresses of the files that a pattern finds below a folder."""

    def take(self, name: str, address: str) -> FoundFile | None:
        """Return the file, its bytes on this machine, None where they are known already; raises UnreadableFile."""


def hash_file(path: Path) -> str:
    """Return the sha256 of a file of this machine, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_HASHED_AT_ONCE):
            digest.update(chunk)
    return digest.hexdigest()
