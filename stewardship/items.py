"""Puts questions together into items: customers that ties connect are one case, as long as a person can judge it.

Every tie is asked about in exactly one item. What comes out depends on the set of ties alone, not on their order.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

MOST_CUSTOMERS = 12
"""So many customers at most are one item: what hangs together further is cut where it hangs together least."""
_TWO_SIDES = 2


@dataclass(frozen=True, slots=True)
class Tie:
    """Two customers who may be one, the lesser id first, with the probability that they are."""

    left: str
    right: str
    probability: float

    @property
    def order(self) -> tuple[float, str, str]:
        """The strongest first, equal ones by their ids."""
        return -self.probability, self.left, self.right


class _Items:
    """Items as they form; a customer may be in several, of which the newest is the one that others join."""

    def __init__(self) -> None:
        self.members: dict[int, set[str]] = {}
        self.ties: dict[int, list[Tie]] = {}
        self._of: dict[str, set[int]] = defaultdict(set)
        self._newest: dict[str, int] = {}

    def put(self, number: int, tie: Tie, most: int) -> None:
        """Put the tie into the item that has both its customers, else into one that takes them in, or a new one."""
        if common := self._of[tie.left] & self._of[tie.right]:
            self.ties[min(common)].append(tie)
            return
        joined = {self._newest[side] for side in (tie.left, tie.right) if side in self._newest}
        together = {tie.left, tie.right}.union(*(self.members[item] for item in joined))
        if len(together) > most:
            joined, together = set(), {tie.left, tie.right}
        self.ties[number] = [tie]
        self.members[number] = together
        for item in joined:
            self.ties[number] += self.ties.pop(item)
            del self.members[item]
        for customer in together:
            self._of[customer].difference_update(joined)
            self._of[customer].add(number)
            if not joined or self._newest.get(customer, -1) in (-1, *joined):
                self._newest[customer] = number


def form_items(ties: Iterable[Tie], most: int = MOST_CUSTOMERS) -> list[tuple[Tie, ...]]:
    """Return the ties by item, each item's in the order in which they are asked.

    The strongest ties join first. One that would make an item too large begins a further one, unless its two customers
    are together in an item already; so a customer may be in several items, a tie is in one.
    """
    items = _Items()
    for number, tie in enumerate(sorted(ties, key=lambda tie: tie.order)):
        items.put(number, tie, most)
    return [asked_order(found) for _, found in sorted(items.ties.items())]


def asked_order(ties: Iterable[Tie]) -> tuple[Tie, ...]:
    """Return the ties of an item, those first that settle most.

    Answered with `same`, the strongest tree of ties over the customers settles all the others. A tie of the tree
    settles as many as lead from one of the sides that it joins to the other; what the tree settles is asked last.
    """
    strongest = sorted(ties, key=lambda tie: tie.order)
    tree: list[Tie] = []
    side = {customer: {customer} for tie in strongest for customer in (tie.left, tie.right)}
    for tie in strongest:
        if side[tie.left] is not side[tie.right]:
            tree.append(tie)
            together = side[tie.left] | side[tie.right]
            side |= dict.fromkeys(together, together)
    settles = {tie: sum(_crosses(other, _beyond(tie, tree)) for other in strongest) for tie in tree}
    return tuple(sorted(strongest, key=lambda tie: (-settles.get(tie, 0), *tie.order)))


def _beyond(cut: Tie, tree: Collection[Tie]) -> set[str]:
    """Return the customers on one side of a tie of the tree."""
    near: dict[str, list[str]] = defaultdict(list)
    for tie in tree:
        if tie != cut:
            near[tie.left].append(tie.right)
            near[tie.right].append(tie.left)
    found, waiting = {cut.left}, [cut.left]
    while waiting:
        fresh = set(near[waiting.pop()]) - found
        found |= fresh
        waiting += fresh
    return found


def _crosses(tie: Tie, side: Collection[str]) -> bool:
    return (tie.left in side) != (tie.right in side)


def hub_of(ties: Collection[Tie]) -> str | None:
    """Return the customer that fits several who are not near each other: every tie leads to it; None for one tie."""
    if len(ties) < _TWO_SIDES:
        return None
    shared: set[str] = set.intersection(*({tie.left, tie.right} for tie in ties))
    return min(shared) if shared else None


def customers_of(ties: Iterable[Tie]) -> Iterator[str]:
    """Yield the customers that ties are about, each once, in the order of the ties."""
    yield from dict.fromkeys(customer for tie in ties for customer in (tie.left, tie.right))
