"""Files that lie elsewhere, in object stores, on SFTP servers and wherever else fsspec reaches.

Keeps: a file is fetched once and read from its copy, so what is read is what was hashed; a file that changes while it
is fetched is not taken; no password is in a name, and what a store says is told without one.
"""

from __future__ import annotations

import errno
import glob
import os
import tempfile
import weakref
from contextvars import Context
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import fsspec

from connectors.formats.batch import UnfinishedFile, UnreadableFile
from connectors.found_file import FoundFile, hash_file
from warehouse.errors import SurroundingsError
from warehouse.settings.secrets import mask_url, reveal, reveal_url, scrub

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from pydantic import JsonValue

    from warehouse.settings import SourceSettings

CONNECT_SECONDS = 15
READ_SECONDS = 60
_S3: dict[str, Any] = {
    "use_listings_cache": False,
    "config_kwargs": {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
        "retries": {"max_attempts": 3, "mode": "standard"},
    },
}
# An empty list of hosts is the user's own ~/.ssh/known_hosts; sshfs itself would trust any host.
_SSH: dict[str, Any] = {
    "timeout": CONNECT_SECONDS,
    "keepalive_interval": READ_SECONDS // 4,
    "keepalive_count_max": 4,
    "known_hosts": (),
}
_PATHS = ("known_hosts", "client_keys", "config")
"""Options of SSH that are paths, relative to the workspace."""
_WHEN = ("LastModified", "mtime", "last_modified", "updated", "created")


class Store:
    """The place that a source's URL names, opened with `options.storage`."""

    def __init__(self, source: SourceSettings, workspace: Path, known: Collection[tuple[str, str]] = ()) -> None:
        self._source = source
        self._workspace = workspace
        self._known: Collection[tuple[str, str | None]] = frozenset(known)
        self._about: dict[str, dict[str, Any]] = {}
        self._secrets = (source.files, *_texts(source.options.storage))
        url = reveal_url(source.files)
        self._filesystem, self._pattern = _ask(self._unreachable, _open, url, self._options())
        self._before = url.removesuffix(self._pattern) if url.endswith(self._pattern) else ""

    def matches(self, *, folders: bool) -> dict[str, str]:
        """Return the names of the files, or of the folders, that the URL matches, each with its address there."""
        kind = "directory" if folders else "file"
        found = _ask(self._unreachable, self._several if self._is_pattern() else self._one)
        self._about = {address: about for address, about in found.items() if about["type"] == kind}
        return {self._name(address): address for address in self._about}

    def inside(self, address: str, pattern: str) -> Iterator[str]:
        """Yield the addresses of the files that a pattern finds below a folder."""
        found = _ask(self._unreachable, self._filesystem.glob, f"{glob.escape(address)}/{pattern}", detail=True)
        yield from (address for address, about in found.items() if about["type"] == "file")

    def take(self, name: str, address: str) -> FoundFile | None:
        """Return the file, its bytes in a copy that is deleted when nobody holds the FoundFile any more.

        None where its name and ETag are among those known.
        """
        if (name, _etag(self._about.get(address, {}))) in self._known:
            return None
        handle, copy = tempfile.mkstemp(prefix="joinedup-")
        os.close(handle)
        path = Path(copy)
        try:
            before, sha256, after = _ask(partial(self._not_fetched, name), self._fetch, address, path)
            file = FoundFile(name, path, sha256, path.stat().st_size, _arrival(before), etag=_etag(before))
        except BaseException:
            path.unlink()
            raise
        weakref.finalize(file, path.unlink, missing_ok=True)
        if _state(after) != _state(before):
            raise UnfinishedFile(f"{name} changed while it was read: let the export finish first, then run again")
        return file

    def _options(self) -> dict[str, Any]:
        given = {name: _revealed(value) for name, value in self._source.options.storage.items()}
        for name in _PATHS:
            if isinstance(given.get(name), str):
                given[name] = self._path(given[name])
            elif isinstance(given.get(name), list):
                given[name] = [self._path(part) for part in given[name]]
        return given

    def _path(self, text: str) -> str:
        return str(self._workspace / Path(text).expanduser())

    def _is_pattern(self) -> bool:
        """Say whether the address is a glob; in a web address a ? begins the parameters."""
        return bool(set("*[" if self._pattern.startswith("http") else "*?[") & set(self._pattern))

    def _several(self) -> dict[str, Any]:
        found: dict[str, Any] = self._filesystem.glob(self._pattern, detail=True)
        return found

    def _fetch(self, address: str, copy: Path) -> tuple[dict[str, Any], str, dict[str, Any]]:
        """Fetch a file; return what the store said of it before, the hash of the copy, and what it said afterwards."""
        before = self._filesystem.info(address)
        self._filesystem.get_file(address, str(copy))
        return before, hash_file(copy), self._filesystem.info(address)

    def _one(self) -> dict[str, Any]:
        try:
            return {self._pattern: self._filesystem.info(self._pattern)}
        except FileNotFoundError as error:
            # A web address that does not answer is told as one that has no file.
            if isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, FileNotFoundError):
                raise error.__cause__ from None
            parent = self._pattern.rstrip("/").rpartition("/")[0]
            if parent and not self._pattern.startswith("http"):
                self._filesystem.ls(parent)  # a bucket or folder that is not there is told as such
            return {}

    def _name(self, address: str) -> str:
        """Return the address as it may be shown, as a URL again."""
        return self._shown(self._before + address)

    def _shown(self, text: str) -> str:
        return mask_url(scrub(text, *self._secrets))

    def _unreachable(self, error: Exception) -> UnreadableFile:
        return UnreadableFile(f"{mask_url(self._source.files)} cannot be looked into: {self._said(error)}")

    def _not_fetched(self, name: str, error: Exception) -> Exception:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            return SurroundingsError(f"{tempfile.gettempdir()} has no room for {name}: make room, or set TMPDIR")
        return UnreadableFile(f"{name} cannot be fetched: {self._said(error)}")

    def _said(self, error: Exception) -> str:
        if isinstance(error, ImportError):
            return f"the Python package {error.name or error} is missing: install it beside joinedup"
        if isinstance(error, TimeoutError) and not str(error):
            return f"no answer within {CONNECT_SECONDS} seconds"
        return self._shown(str(error) or type(error).__name__)


def _ask(told: Callable[[Exception], Exception], function: Callable[..., Any], *given: object, **more: object) -> Any:  # noqa: ANN401 - what it gives
    """Call what asks a store's driver; what the driver raises becomes what `told` makes of it.

    It is called without the variables of this context: drivers keep the context of a call as long as their connection,
    and with it whatever the run has put there.
    """
    try:
        return Context().run(function, *given, **more)
    except Exception as error:  # noqa: BLE001 - drivers have no class of errors in common
        raise told(error) from None


def _open(url: str, options: dict[str, Any]) -> tuple[Any, str]:
    """Return the file system that a URL names, and the rest of the URL as it takes it."""
    if "::" in url:  # a store within a store; fsspec takes that apart
        filesystem, pattern = fsspec.core.url_to_fs(url, **options)
        return filesystem, pattern
    protocol = url.partition("://")[0].lower()
    kind = fsspec.get_filesystem_class(protocol)
    of_url = kind._get_kwargs_from_urls(url)  # noqa: SLF001 - fsspec has no other name for it
    for name in ("username", "password"):
        if isinstance(of_url.get(name), str):
            of_url[name] = unquote(of_url[name])
    # Neither a connection nor a listing of an earlier run.
    opened_with = {"skip_instance_cache": True, **of_url, **_merged(_opened_with(protocol), options)}
    return kind(**opened_with), kind._strip_protocol(url)  # noqa: SLF001 - as above


def _opened_with(protocol: str) -> dict[str, Any]:
    """Return what a kind of store is opened with, before what `options.storage` says: above all an end to waiting."""
    if protocol in ("http", "https"):
        from aiohttp import ClientTimeout  # noqa: PLC0415 - only for such URLs

        timeout = ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS)
        return {"client_kwargs": {"timeout": timeout, "trust_env": True}}
    return {"s3": _S3, "s3a": _S3, "sftp": _SSH, "ssh": _SSH}.get(protocol, {})


def _revealed(value: JsonValue) -> Any:  # noqa: ANN401 - whatever a store is opened with
    if isinstance(value, dict):
        return {name: _revealed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_revealed(inner) for inner in value]
    return reveal(value) if isinstance(value, str) else value


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)


def _merged(first: Any, second: Any) -> Any:  # noqa: ANN401 - as above
    """Return the second, and of two mappings both together."""
    if not isinstance(first, dict) or not isinstance(second, dict):
        return second
    return first | {name: _merged(first.get(name), value) for name, value in second.items()}


def _state(about: dict[str, Any]) -> tuple[object, ...]:
    return (about.get("size"), about.get("ETag"), *(about.get(name) for name in _WHEN))


def _etag(about: dict[str, Any]) -> str | None:
    etag = about.get("ETag")
    return etag if isinstance(etag, str) and not etag.startswith("W/") else None


def _arrival(about: dict[str, Any]) -> datetime | None:
    """Return when the store says that a file was last written, in UTC without a zone."""
    moment = next((about[name] for name in _WHEN if about.get(name) is not None), None)
    if isinstance(moment, int | float):
        return datetime.fromtimestamp(moment, UTC).replace(tzinfo=None)
    if not isinstance(moment, datetime):
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
