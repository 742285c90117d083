"""Who writes next among the threads of one process: whoever has waited longest.

The lock of the standard library goes to whoever asks at the right moment; of twenty who write without a pause, one may
then wait for most of a minute.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class Turn:
    """A lock that is handed on in the order in which it was asked for; use it as a context manager."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def __enter__(self) -> None:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Event()
            self._waiting.append(mine)
        try:
            mine.wait()
        except BaseException:  # Ctrl-C: what was handed over meanwhile is handed on
            with self._mutex:
                if mine in self._waiting:
                    self._waiting.remove(mine)
                else:
                    self._hand_on()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._mutex:
            self._hand_on()

    def _hand_on(self) -> None:
        if self._waiting:
            self._waiting.popleft().set()
        else:
            self._taken = False
