"""The files of a source: found by its glob or URL, in the order of their names, known by the hash of their bytes.

Keeps: what is read is what was hashed; a file that changes while it is read is not taken, nor one whose name says that
it is still being written.
"""

from __future__ import annotations

import glob
import gzip
import zlib
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from connectors.formats import find_format
from connectors.formats.batch import UnfinishedFile, UnreadableFile
from connectors.found_file import FoundFile, hash_file
from connectors.limits import unpacked
from connectors.unfinished import is_no_delivery, is_under_way

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from connectors.found_file import Place
    from warehouse.settings import SourceSettings


def find_files(
    source: SourceSettings, workspace: Path, *, known: Collection[tuple[str, str]] = ()
) -> tuple[FoundFile, ...]:
    """Return the source's files by name, only the last one with `take: latest`; none where nothing matches.

    Files that are to be left out stand among them, with the reason. Where the format's files stand in folders, `files`
    names these or others around them, and the last is a folder; or the files themselves. `known` are names with ETags:
    such files of a store are not fetched, and not returned.

    Raises UnreadableFile where the place cannot be looked into.
    """
    file_format = find_format(source.format)
    inside = file_format.inside if file_format else ()
    place = _place(source, workspace, known)
    matches = place.matches(folders=bool(inside))
    if inside and not matches:
        matches = {name: at for name, at in place.matches(folders=False).items() if _stands_in(name, inside)}
        inside = ()
    found = {_as_text(name): address for name, address in matches.items()}
    left = {name: reason for name in found if (reason := _left_because(name, source.files))}
    names = sorted(found.keys() - left)
    if source.take == "latest":
        names = names[-1:]
    chosen = {name: found[name] for name in names}
    files = _inside(place, chosen, inside) if inside else chosen
    taken = (
        FoundFile(name, None, "", 0, None, left[name], is_under_way(name, source.files))
        if name in left
        else place.take(name, files[name])
        for name in sorted(files.keys() | left)
    )
    return tuple(file for file in taken if file is not None)


@contextmanager
def open_file(file: FoundFile) -> Iterator[BinaryIO]:
    """Give the file's bytes, unpacked where its name ends in .gz.

    Raises UnreadableFile where it cannot be unpacked, or is not at the end what it was when it was hashed.
    """
    if file.location is None:
        raise UnreadableFile(file.left_because or "its bytes are not here")
    try:
        with file.location.open("rb") as stream:
            yield unpacked(stream) if _is_packed(file.path) else stream
    except EOFError as error:
        raise UnfinishedFile(f"it is cut off, or still being written: {error}") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFile(f"it is no gzip file, or is damaged: {error}") from error
    if _hash(file.location) != file.sha256:
        raise UnfinishedFile("it changed while it was read: let the export finish first, then run again")


def _is_packed(path: str) -> bool:
    """Say whether a name ends in .gz; that of a web address ends before its parameters."""
    name = path.partition("?")[0] if path.startswith(("http://", "https://")) else path
    return name.lower().endswith(".gz")


def _place(source: SourceSettings, workspace: Path, known: Collection[tuple[str, str]]) -> Place:
    if "://" not in source.files and not source.files.startswith("${"):
        return _Folders(source.files, workspace)
    from connectors.stores import Store  # noqa: PLC0415 - what reaches stores is slow to import, and seldom needed

    return Store(source, workspace, known)


def _as_text(name: str) -> str:
    """Return a name that can be written down: of one that is no UTF-8, the odd bytes as escapes."""
    return name.encode(errors="backslashreplace").decode()


def _left_because(name: str, pattern: str) -> str | None:
    if is_under_way(name, pattern):
        return "by its name it is still being written"
    return "by its name it is hidden, a lock or a backup, and no delivery" if is_no_delivery(name, pattern) else None


def _stands_in(name: str, patterns: tuple[str, ...]) -> bool:
    return any(PurePosixPath(name).match(pattern) for pattern in patterns)


def _inside(place: Place, folders: dict[str, str], patterns: tuple[str, ...]) -> dict[str, str]:
    """Return for each name of a file that a pattern finds in a folder, or anywhere below, its address."""
    files: dict[str, str] = {}
    for name, address in folders.items():
        for pattern in patterns:
            folder, _, mails = pattern.partition("/")
            for found in place.inside(address, mails if PurePosixPath(name).name == folder else f"**/{pattern}"):
                files[name.rstrip("/") + _as_text(found.removeprefix(address.rstrip("/")))] = found
    return files


class _Folders:
    """The folders of this machine."""

    def __init__(self, pattern: str, workspace: Path) -> None:
        self._pattern = pattern
        self._workspace = workspace

    def matches(self, *, folders: bool) -> dict[str, str]:
        is_one = Path.is_dir if folders else Path.is_file
        if is_one(self._workspace / self._pattern):
            return {self._pattern: str(self._workspace / self._pattern)}
        pattern, root = self._pattern, self._workspace
        names = glob.glob(pattern, root_dir=root, recursive=True)  # noqa: PTH207 - Path.glob refuses absolute patterns
        return {name: str(self._workspace / name) for name in names if is_one(self._workspace / name)}

    def inside(self, address: str, pattern: str) -> Iterator[str]:
        found = glob.glob(pattern, root_dir=address, recursive=True, include_hidden=True)  # noqa: PTH207 - as above
        yield from (f"{address}/{name}" for name in found if (Path(address) / name).is_file())

    def take(self, name: str, address: str) -> FoundFile:
        path = Path(address)
        try:
            about = path.stat()
        except OSError as error:
            raise _cannot_be_opened(path, error) from error
        arrived_at = datetime.fromtimestamp(about.st_mtime, UTC).replace(tzinfo=None)
        return FoundFile(name, path, _hash(path), about.st_size, arrived_at)


def _hash(path: Path) -> str:
    try:
        return hash_file(path)
    except OSError as error:
        raise _cannot_be_opened(path, error) from error


def _cannot_be_opened(path: Path, error: OSError) -> UnreadableFile:
    return UnreadableFile(f"{path} cannot be opened: {error.strerror or error}")
