"""The files of a source: found by its glob or URL, in the order of their names, known by the hash of their bytes.

Keeps: what is read is what was hashed; a file that changes while it is read is not taken, nor one whose name says that
it is still being written.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

import fsspec

from connectors.formats import find_format
from connectors.formats.batch import UnfinishedFile, UnreadableFile
from connectors.limits import unpacked
from connectors.unfinished import is_no_delivery, is_under_way

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.settings import SourceSettings

_HASHED_AT_ONCE = 1 << 20
_MAGIC = "*?["


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file as delivered: `path` as the glob gives it, relative to the workspace where it lies in it."""

    path: str
    location: str
    filesystem: Any
    sha256: str
    bytes: int
    arrived_at: datetime | None = None
    """When the store says that it was last written, UTC."""
    left_because: str | None = None
    """Why it is not to be read: by its name it is not whole, or no delivery; its bytes are not looked at."""
    under_way: bool = False
    """Whether its name says that it is still being written."""


def find_files(source: SourceSettings, workspace: Path) -> tuple[FoundFile, ...]:
    """Return the source's files by name, only the last one with `take: latest`; none where nothing matches.

    Files that are to be left out stand among them, with the reason. Where the format's files stand in folders, `files`
    names these, and the last is a folder. Raises UnreadableFile where the place cannot be looked into.
    """
    known = find_format(source.format)
    inside = known.inside if known else ()
    filesystem, found = _matches(source.files, workspace, folders=bool(inside))
    left = {name: reason for name in found if (reason := _left_because(name, source.files))}
    names = sorted(found.keys() - left)
    if source.take == "latest":
        names = names[-1:]
    chosen = {name: found[name] for name in names}
    files = _inside(filesystem, chosen, inside) if inside else chosen
    return tuple(
        FoundFile(name, found[name], filesystem, "", 0, None, left[name], is_under_way(name, source.files))
        if name in left
        else _found_file(filesystem, name, files[name])
        for name in sorted(files.keys() | left)
    )


def _left_because(name: str, pattern: str) -> str | None:
    if is_under_way(name, pattern):
        return "by its name it is still being written"
    return "by its name it is hidden, a lock or a backup, and no delivery" if is_no_delivery(name, pattern) else None


@contextmanager
def open_file(file: FoundFile) -> Iterator[BinaryIO]:
    """Give the file's bytes, unpacked where its name ends in .gz.

    Raises UnreadableFile where it cannot be unpacked, or is not at the end what it was when it was hashed.
    """
    try:
        with file.filesystem.open(file.location, "rb") as stream:
            yield unpacked(stream) if file.path.lower().endswith(".gz") else stream
    except EOFError as error:
        raise UnfinishedFile(f"it is cut off, or still being written: {error}") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFile(f"it is no gzip file, or is damaged: {error}") from error
    if _hash(file.filesystem, file.location) != file.sha256:
        raise UnfinishedFile("it changed while it was read: let the export finish first, then run again")


def _matches(pattern: str, workspace: Path, *, folders: bool) -> tuple[Any, dict[str, str]]:
    """Return the file system, and for each name of a file, or of a folder, the place where it opens."""
    if "://" in pattern:
        return _remote_matches(pattern, folders=folders)
    local = fsspec.filesystem("file")
    is_one = local.isdir if folders else local.isfile
    if is_one(str(workspace / pattern)):
        return local, {pattern: str(workspace / pattern)}
    names = glob.glob(pattern, root_dir=workspace, recursive=True)  # noqa: PTH207 - Path.glob refuses absolute patterns
    return local, {name: str(workspace / name) for name in names if is_one(str(workspace / name))}


def _remote_matches(url: str, *, folders: bool) -> tuple[Any, dict[str, str]]:
    try:
        filesystem, pattern = fsspec.core.url_to_fs(url)
        listed = filesystem.glob(pattern) if set(_MAGIC) & set(pattern) else [pattern]
        is_one = filesystem.isdir if folders else filesystem.isfile
        names = [name for name in listed if is_one(name)]
    except (ImportError, ValueError, OSError) as error:
        raise UnreadableFile(f"{url} cannot be looked into: {error}") from error
    return filesystem, {filesystem.unstrip_protocol(name): name for name in names}


def _inside(filesystem: Any, folders: dict[str, str], patterns: tuple[str, ...]) -> dict[str, str]:  # noqa: ANN401 - fsspec ships no types
    """Return for each name of a file that a pattern finds below one of the folders the place where it opens."""
    files: dict[str, str] = {}
    for name, place in folders.items():
        for pattern in patterns:
            for path, about in filesystem.glob(f"{glob.escape(place)}/{pattern}", detail=True).items():
                if about["type"] == "file":
                    files[name.rstrip("/") + path.removeprefix(place.rstrip("/"))] = path
    return files


def _found_file(filesystem: Any, path: str, location: str) -> FoundFile:  # noqa: ANN401 - fsspec ships no types
    size, arrived_at = filesystem.size(location), _arrival(filesystem, location)
    return FoundFile(path, location, filesystem, _hash(filesystem, location), size, arrived_at)


def _arrival(filesystem: Any, location: str) -> datetime | None:  # noqa: ANN401 - fsspec ships no types
    """Return when the file was last written, in UTC without a zone; None where its store does not tell."""
    try:
        moment = filesystem.modified(location)
    except (NotImplementedError, AttributeError, KeyError, TypeError, OSError):
        return None
    if not isinstance(moment, datetime):
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _hash(filesystem: Any, location: str) -> str:  # noqa: ANN401 - fsspec ships no types
    digest = hashlib.sha256()
    try:
        with filesystem.open(location, "rb") as stream:
            while chunk := stream.read(_HASHED_AT_ONCE):
                digest.update(chunk)
    except OSError as error:
        raise UnreadableFile(f"{location} cannot be opened: {error}") from error
    return digest.hexdigest()
