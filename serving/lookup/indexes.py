"""The index of the release that is current: made in a thread of its own, while the one before answers.

    indexes = Indexes(releases)
    index = indexes.current()              # None before the first release

Keeps this: an answer is of one release, `index.release_id`, which may for some seconds be the one before `current`.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from serving.lookup.index import Index

if TYPE_CHECKING:
    from stewardship.web.releases import Pinned, Releases


class Indexes:
    """The index in use, and the one in the making; for any number of threads."""

    def __init__(self, releases: Releases) -> None:
        self._releases = releases
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._pinned: Pinned | None = None
        self._making: Pinned | None = None

    def current(self) -> Index | None:
        """Return the newest index there is; the first one is waited for, later ones are made meanwhile."""
        found = self.with_release()
        return found[0] if found else None

    def with_release(self) -> tuple[Index, Pinned] | None:
        """Return the newest index there is and the release that it is of, so that one answer is of one release."""
        pinned = self._releases.current()
        if pinned is None:
            return None
        with self._lock:
            if self._index is None or self._pinned is None:
                self._index, self._pinned = Index.of(pinned), pinned
            elif pinned is not self._pinned and self._making is None:
                self._making = pinned
                threading.Thread(target=self._make, args=(pinned,), name="index", daemon=True).start()
            return self._index, self._pinned

    def _make(self, pinned: Pinned) -> None:
        try:
            index = Index.of(pinned)
            with self._lock:
                self._index, self._pinned = index, pinned
        finally:
            with self._lock:
                self._making = None
