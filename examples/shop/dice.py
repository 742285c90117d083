"""Seeded draws that come out the same on every machine and every Python."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Dice:
    """Draws for one purpose, named by what the seed is made of.

    Only `random.Random.random` is used below, since it is the one method whose sequence Python promises to keep
    between versions; `choice`, `shuffle` and `sample` carry no such promise.
    """

    def __init__(self, *seed: object) -> None:
        self._draw = Random("/".join(str(part) for part in seed)).random

    def chance(self, share: float) -> bool:
        """Say yes in `share` (0..1) of the cases."""
        return self._draw() < share

    def below(self, limit: int) -> int:
        """Draw a whole number from 0 to `limit` - 1."""
        return int(self._draw() * limit)

    def between(self, low: int, high: int) -> int:
        """Draw a whole number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def pick(self, choices: Sequence[T]) -> T:
        """Draw one of `choices`, each as likely as the next."""
        return choices[self.below(len(choices))]

    def skewed(self, choices: Sequence[T]) -> T:
        """Draw one of `choices`, the first ones far more often, as names and goods are spread in real life."""
        draw = self._draw()
        return choices[int(draw * draw * len(choices))]

    def weighted(self, choices: Sequence[tuple[T, int]]) -> T:
        """Draw the first half of one of the pairs `(value, weight)`."""
        left = self.below(sum(weight for _, weight in choices))
        for value, weight in choices:
            left -= weight
            if left < 0:
                return value
        raise ValueError("weights must be positive")

    def several(self, choices: Sequence[T], count: int) -> list[T]:
        """Draw up to `count` different ones of `choices`, in the order drawn."""
        left = list(choices)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]


class SteadyHand(Dice):
    """Dice that never slip: every chance is refused, every pick is the first. The people of the story use them."""

    def __init__(self) -> None:
        super().__init__("steady")

    def chance(self, share: float) -> bool:  # noqa: ARG002  (the share does not matter to a steady hand)
        """Say no."""
        return False

    def below(self, limit: int) -> int:  # noqa: ARG002  (nor does the limit)
        """Draw 0."""
        return 0
