"""What is made of a table of a release once: in a thread, the first time it is asked for; until then there is none."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

    from stewardship.web.releases import Pinned

Made = TypeVar("Made")


class Once(Generic[Made]):
    """What `make` makes of a release and the name of a table of it; it is dropped with the release.

    A process does not end before what is in the making is made: to end amid a query would crash it.
    """

    def __init__(self, make: Callable[[Pinned, str], Made]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[Pinned, dict[str, Made | None]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def of(self, pinned: Pinned, table: str) -> Made | None:
        """Return what was made, None while it is in the making."""
        with self._lock:
            made = self._made.setdefault(pinned, {})
            if table in made:
                return made[table]
            made[table] = None
        threading.Thread(target=self._work, args=(pinned, table, made), name=f"reading {table}").start()
        return None

    def _work(self, pinned: Pinned, table: str, made: dict[str, Made | None]) -> None:
        made[table] = self._make(pinned, table)
