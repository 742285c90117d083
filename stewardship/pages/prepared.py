"""What a page will be asked for next, made while somebody looks at this one: cards, and what an answer would do.

Keeps this: a card is a function of the release, and what an answer would do of the release and the log. So both are
kept as long as these stay what they are, and nothing that is shown is older.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from typing import TYPE_CHECKING, TypeVar

from stewardship.card.card import card as card_of
from stewardship.card.preview import preview
from stewardship.card.read_case import read_case
from stewardship.queue import open_items
from warehouse.errors import JoinedupError, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from stewardship.answer import Statement
    from stewardship.card.card import Card
    from stewardship.card.outcome import Preview
    from stewardship.web.releases import Pinned
    from stewardship.web.visit import Visit


class NoSuchCase(Refused):
    """The release that is looked at has no item of that name."""

    def __init__(self) -> None:
        super().__init__(
            "This case is not in the release that is published now: it was settled, or what it is about has changed."
        )


MOST = 200
"""So many cards, and so many previews, are kept of a release."""

_Made = TypeVar("_Made")


class Kept:
    """What was made of one release, the latest MOST of it, for any number of threads."""

    def __init__(self) -> None:
        self._made: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = threading.Lock()

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._made

    def get(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """Return what was made under this key, or make it; two threads may do so at once."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                found: _Made = self._made[key]  # type: ignore[assignment]  # what `make` of the same key gave
                return found
        made = make()
        with self._lock:
            self._made[key] = made
            while len(self._made) > MOST:
                self._made.popitem(last=False)
        return made


_CARDS: weakref.WeakKeyDictionary[Pinned, Kept] = weakref.WeakKeyDictionary()
_PREVIEWS: weakref.WeakKeyDictionary[Pinned, Kept] = weakref.WeakKeyDictionary()


def find_card(visit: Visit, item_id: str, *, weighed: bool = True) -> Card:
    """Return the card of an item; not `weighed`, without the evidence where that is not at hand, which is much faster.

    Raises NoSuchCase where the release that is looked at has no item of that name.
    """

    def make() -> Card:
        case = read_case(visit.pinned, item_id)
        if case is None:
            raise NoSuchCase
        return card_of(visit.pinned, case, weighed=weighed)

    kept = _CARDS.setdefault(visit.pinned, Kept())
    key = (item_id, True)
    return kept.get(key if weighed or key in kept else (item_id, False), make)


def find_preview(visit: Visit, statements: Sequence[Statement]) -> Preview:
    """Return what the statements would do, with all that is decided by now."""
    key = visit.store.head(), tuple(statements)
    return _PREVIEWS.setdefault(visit.pinned, Kept()).get(key, lambda: preview(visit.pinned, visit.store, statements))


def prepare_next(visit: Visit, queue: str) -> None:
    """Make the card that comes next in the queue, so that it is there at once."""
    try:
        coming = open_items(visit.pinned, visit.store, queue=queue, user=visit.user, limit=8).items
        for item in coming:
            if item.claim is None and item.assigned_to in (None, visit.user):
                find_card(visit, item.item_id, weighed=False)
                return
    except JoinedupError:
        return  # who asks for it is told
