"""A mirror in a process of its own that follows a feed from a JSON file and is killed at its n-th SQL statement."""

from __future__ import annotations

import json
import os
import signal
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from examples.mirror.mirror import Mirror, Page

if TYPE_CHECKING:
    from collections.abc import Sequence


class ListFeed:
    """A feed whose events are in a list."""

    def __init__(self, changes: Sequence[dict[str, Any]], release_id: str = "r1") -> None:
        self.changes, self.release_id = changes, release_id

    def page(self, after: int, limit: int) -> Page:
        """Return the next changes after this sequence number."""
        later = [change for change in self.changes if change["sequence"] > after]
        return Page(self.release_id, later[:limit], len(later) > limit)


def follow_and_die(path: str, changes: Sequence[dict[str, Any]], statement: int, *, limit: int = 7) -> None:
    """Follow, and be killed before this statement is carried out."""
    mirror, number = Mirror(path), count(1)

    def die(_statement: str) -> None:
        if next(number) == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    mirror.con.set_trace_callback(die)
    mirror.follow(ListFeed(changes), limit)
    mirror.close()


if __name__ == "__main__":
    follow_and_die(sys.argv[1], json.loads(Path(sys.argv[2]).read_text()), int(sys.argv[3]))
