"""The published release as requests read it: one that stays the same for whoever holds it, the newest for whoever asks.

    releases = Releases(workspace)
    pinned = releases.current()          # None before the first release
    with pinned.golden() as con:         # SELECT … FROM customer
        …
    with pinned.workings() as con:       # SELECT … FROM matching.pair, review.item
        …

READS: releases. WRITES: nothing. Keeps this: a Pinned says the same for as long as it is held, whatever is published
meanwhile, and its files stay; it is closed once nobody holds it any more.
"""

from __future__ import annotations

import threading
import weakref
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from stewardship.look_up import open_current
from warehouse.connection import PUBLISHED, open_published
from warehouse.errors import Refused
from warehouse.release.manifest import MANIFEST, WORKINGS
from warehouse.release.pointer import current_release_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from warehouse.read import Release
    from warehouse.release.manifest import Manifest
    from warehouse.workspace import Workspace

Mark = tuple[str, int, int]
"""What tells one published state from another: the release's id, and which manifest file it has."""


class Pinned:
    """A release that is open for as long as somebody holds this; for any number of threads.

    `release` is for functions that take one, which use its own connection: call these under `alone()`.
    """

    def __init__(self, release: Release) -> None:
        self.release = release
        self.release_id = release.release_id
        self.manifest: Manifest = release.manifest
        self._opened: list[DuckDBPyConnection] = []
        self._lock = threading.RLock()
        weakref.finalize(self, _close, release, self._opened)

    @property
    def has_workings(self) -> bool:
        """Whether the release still keeps what the matching did."""
        return (self.release.directory / WORKINGS).exists()

    @contextmanager
    def alone(self) -> Iterator[Release]:
        """Give the release itself to one thread at a time, since its own connection is for one."""
        with self._lock:
            yield self.release

    @contextmanager
    def golden(self) -> Iterator[DuckDBPyConnection]:
        """Give a connection of the block's own to the published tables, by their bare names."""
        with self._lock:
            cursor = self.release.cursor()
        with closing(cursor):
            yield cursor

    @contextmanager
    def workings(self) -> Iterator[DuckDBPyConnection]:
        """Give a connection of the block's own to the workings, by `schema.table`; the file is opened once.

        Raises Refused where the release does not keep its workings any more.
        """
        with self._lock:
            if not self._opened:
                if not self.has_workings:
                    problem = "has no workings any more: only the newest two releases keep them"
                    raise Refused(f"release {self.release_id} {problem}")
                self._opened.append(open_published(self.release.directory / WORKINGS))
            cursor = self._opened[0].cursor()
            cursor.execute(f"USE {PUBLISHED}")
        with closing(cursor):
            yield cursor


class Releases:
    """The releases of a workspace, of which the current one is kept open between requests."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._lock = threading.Lock()
        self._current: Pinned | None = None
        self._mark: Mark | None = None

    def current(self) -> Pinned | None:
        """Return the release that is current now, None before the first one.

        Raises ReleaseDamaged where files are missing, Refused where `current` leads nowhere.
        """
        with self._lock:
            mark = self._mark_of(current_release_id(self.workspace))
            if self._current is None or mark is None or mark != self._mark:
                self._current, self._mark = None, None
                if (release := open_current(self.workspace)) is not None:
                    self._current, self._mark = Pinned(release), self._mark_of(release.release_id)
            return self._current

    def _mark_of(self, release_id: str | None) -> Mark | None:
        """Return the mark of a release, by no more than a look at its manifest's entry."""
        if release_id is None:
            return None
        try:
            found = (self.workspace.releases / release_id / MANIFEST).stat()
        except FileNotFoundError:
            return None
        return release_id, found.st_ino, found.st_mtime_ns


def _close(release: Release, opened: list[DuckDBPyConnection]) -> None:
    for con in opened:
        con.close()
    release.close()
