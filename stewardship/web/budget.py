"""How many requests one visitor may make: a budget that fills up as time goes by."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PER_SECOND, AT_ONCE = 20.0, 200.0
"""What a visitor may go on making, and how many in a burst: far more than anybody reads."""
_KNOWN = 10_000


class Budget:
    """The budgets of all visitors, for any number of threads; whose budget is full again is forgotten."""

    def __init__(
        self,
        per_second: float = PER_SECOND,
        at_once: float = AT_ONCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second, self._at_once, self._clock = per_second, at_once, clock
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def spend(self, who: str, requests: float = 1) -> bool:
        """Take a request, or a part of one, out of the visitor's budget; False where not so much is left."""
        with self._lock:
            now = self._clock()
            if len(self._left) >= _KNOWN:
                self._forget(now)
            left = self._now(*self._left.get(who, (self._at_once, now)), now)
            self._left[who] = (left - requests if left >= requests else left, now)
            return left >= requests

    def wait(self, who: str, requests: float = 1) -> int:
        """Return after how many whole seconds, one at least, the visitor's budget is enough for so many requests."""
        with self._lock:
            now = self._clock()
            left = self._now(*self._left.get(who, (self._at_once, now)), now)
        return max(1, math.ceil((requests - left) / self._per_second))

    def _now(self, left: float, then: float, now: float) -> float:
        return min(self._at_once, left + (now - then) * self._per_second)

    def _forget(self, now: float) -> None:
        kept = {who: spent for who, spent in self._left.items() if self._now(*spent, now) < self._at_once}
        self._left = kept if len(kept) < _KNOWN else {}
