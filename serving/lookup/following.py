"""What is made in memory of the release that is current: in a thread of its own, while what was made before answers.

Keeps this: what is asked is of one release, which may for some seconds be the one before `current`.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import TYPE_CHECKING, Generic, TypeVar

from warehouse.errors import SurroundingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stewardship.web.releases import Pinned, Releases

Made = TypeVar("Made")


class Following(Generic[Made]):
    """What is in use, and what is in the making; for any number of threads.

    `make` makes it of a release. The first one is waited for up to `patience` seconds, by everybody who asks. A process
    does not end before what is in the making is made: to end amid a query would crash it.
    """

    def __init__(self, releases: Releases, make: Callable[[Pinned], Made], patience: float = 30.0) -> None:
        self._releases, self._make, self._patience = releases, make, patience
        self._lock = threading.Lock()
        self._made: tuple[Made, Pinned] | None = None
        self._making: tuple[Future[Made], Pinned] | None = None

    def current(self) -> Made | None:
        """Return the newest there is, None before the first release; see `with_release`."""
        found = self.with_release()
        return found[0] if found else None

    def with_release(self) -> tuple[Made, Pinned] | None:
        """Return the newest there is and the release that it is of, None before the first release.

        Raises SurroundingsError where the first one is not made yet, and whatever making it raised.
        """
        making = self.begin()
        with self._lock:
            made = self._made
        if made is not None or making is None:
            return made
        try:
            making.result(self._patience)
        except NotYet as error:
            message = "the release is still being read into memory: ask again in some seconds"
            raise SurroundingsError(message) from error
        with self._lock:
            return self._made

    def of(self, pinned: Pinned) -> Made | None:
        """Return what is made of this very release, None where it is not made yet, without waiting for it."""
        self.begin()
        with self._lock:
            return self._made[0] if self._made is not None and self._made[1] is pinned else None

    def begin(self) -> Future[Made] | None:
        """Begin to make it of the current release, unless it is made or in the making; None where there is no release.

        Returns at once; what comes of it is in what is returned.
        """
        pinned = self._releases.current()
        if pinned is None:
            return None
        with self._lock:
            if self._made is not None and self._made[1] is pinned:
                done: Future[Made] = Future()
                done.set_result(self._made[0])
                return done
            if self._making is None or (self._making[1] is not pinned and self._making[0].done()):
                self._making = Future(), pinned
                threading.Thread(target=self._work, args=self._making, name="making").start()
            return self._making[0]

    def _work(self, making: Future[Made], pinned: Pinned) -> None:
        try:
            made = self._make(pinned)
        except BaseException as error:  # noqa: BLE001 - it is raised where it is asked for
            making.set_exception(error)
            with self._lock:
                self._making = None
            return
        with self._lock:
            self._made, self._making = (made, pinned), None
        making.set_result(made)
