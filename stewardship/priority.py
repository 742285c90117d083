"""What is asked first: how much harm a steward's minute is expected to remove.

    priority = P(wrong) x what hangs on it / expected seconds x 60

P(wrong) is the probability that what is published of an item is wrong; the matching's posteriors give it. What hangs on
it is counted in orders: an order is 1, spend is worth as many orders as it would buy on average, an open case 3, since
somebody works with the wrong picture now, and a pair of records that is wrongly together or apart 0.25. How long an
item takes is learned from those that were answered, and how often stewards err from pairs of the audit that two judged.

A steward who errs makes wrong what was right: an answer costs P(steward errs) x P(right) x what hangs on it. Where
that is more than it brings, since the matching is surer than stewards are, the priority is what it brings less that:
below 0.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from math import sqrt
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

WORTH_OF_CASE = 3.0
"""An open case, in orders."""
WORTH_OF_RECORD_PAIR = 0.25
"""A pair of source records that is wrongly together or apart, in orders."""
SHIPPED_SECONDS: Mapping[str, tuple[float, float]] = {
    "default": (30.0, 12.0),
    "a_or_b": (35.0, 15.0),
    "conflict": (60.0, 20.0),
    "poisoned": (45.0, 15.0),
    "reconfirm": (25.0, 5.0),
    "audit": (25.0, 0.0),
}
"""What an item of a queue takes as long as nobody has answered any: its first question, and each further one."""
SHIPPED_COUNTS_AS = 20
"""The shipped figure weighs as much as so many answers do."""
LARGEST_SIZE = 4
"""Items of so many questions and more are one size."""
SHIPPED_ERROR = 0.05
"""How often an answer is wrong as long as nobody has measured it."""
ERROR_COUNTS_AS = 40
"""The shipped error weighs as much as so many pairs do that two have judged."""
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Hanging:
    """What hangs on an item: orders and open cases of its customers, their spend, and pairs of records it settles.

    `wrong_record_pairs` is how many of these are expected to be wrong: each question's by its own probability.
    """

    orders: int
    spend: Decimal
    open_cases: int
    record_pairs: int
    wrong_record_pairs: float


def any_of(probabilities: Iterable[float]) -> float:
    """Return the probability that at least one of independent events happens; the same in any order."""
    none = 1.0
    for probability in sorted(probabilities):
        none *= 1 - probability
    return round(1 - none, _DECIMALS)


def harm(p_wrong: float, hanging: Hanging, spend_per_order: float) -> float:
    """Return the expected harm of leaving an item as it is, in units of one order.

    An order costs `spend_per_order` on average; 0: nothing was bought.
    """
    of_pairs = WORTH_OF_RECORD_PAIR * hanging.wrong_record_pairs
    return round(p_wrong * _of_customers(hanging, spend_per_order) + of_pairs, _DECIMALS)


def removed(p_wrong: float, hanging: Hanging, spend_per_order: float, error: float) -> float:
    """Return the harm that asking is expected to remove; below 0 where stewards, who err so often, add more than that.

    Then it is what they add, taken off. Of the pairs of records each counts by its own question's probability, as in
    `harm`.
    """
    brought = harm(p_wrong, hanging, spend_per_order)
    right = (1 - p_wrong) * _of_customers(hanging, spend_per_order)
    right += WORTH_OF_RECORD_PAIR * (hanging.record_pairs - hanging.wrong_record_pairs)
    left = round(brought - error * right, _DECIMALS)
    return brought if left > 0 else left


def error_rate(twice: int, disagreed: int) -> float:
    """Return how often an answer is wrong: of pairs that two judged, so many otherwise, shrunk towards what is shipped.

    Two who err independently, each e of the time, disagree in 2e(1 - e) of the cases; from one half on all is guessed.
    """
    shipped = 2 * SHIPPED_ERROR * (1 - SHIPPED_ERROR)
    share = (ERROR_COUNTS_AS * shipped + disagreed) / (ERROR_COUNTS_AS + twice)
    return round((1 - sqrt(max(0.0, 1 - 2 * share))) / 2, _DECIMALS)


def priority(expected: float, seconds: float) -> float:
    """Return the harm expected to be removed per minute, in units of one order, of what is `removed` in so long."""
    return round(expected / seconds * 60, _DECIMALS)


def _of_customers(hanging: Hanging, spend_per_order: float) -> float:
    bought = max(float(hanging.spend), 0.0) / spend_per_order if spend_per_order > 0 else 0.0
    return hanging.orders + bought + WORTH_OF_CASE * hanging.open_cases


class Pace:
    """How many seconds an item takes: what was measured, shrunk towards what is shipped.

    `answered` are queue, questions and seconds of items that were answered. The median of a queue's items of one size
    counts as often as there are such items, the shipped figure SHIPPED_COUNTS_AS times.
    """

    def __init__(self, answered: Iterable[tuple[str, int, float]] = ()) -> None:
        found: dict[tuple[str, int], list[float]] = defaultdict(list)
        for queue, questions, seconds in answered:
            if seconds > 0:
                found[queue, _size(questions)].append(seconds)
        self._measured = {key: (len(seconds), median(seconds)) for key, seconds in found.items()}

    def seconds(self, queue: str, questions: int) -> float:
        """Return the time that an item of so many questions is expected to take, in seconds."""
        first, further = SHIPPED_SECONDS[queue]
        shipped = first + further * (max(questions, 1) - 1)
        answers, measured = self._measured.get((queue, _size(questions)), (0, 0.0))
        return round((SHIPPED_COUNTS_AS * shipped + answers * measured) / (SHIPPED_COUNTS_AS + answers), 1)


def _size(questions: int) -> int:
    return min(max(questions, 1), LARGEST_SIZE)


def spend_per_order(spend: Decimal, orders: int) -> float:
    """Return what one order costs on average, 0 where nothing was bought."""
    return float(spend / orders) if orders and spend > 0 else 0.0


def within_budget(elapsed: Sequence[float], minutes: float) -> int:
    """Return how many items can be answered in so many minutes: at least one, if there is any.

    `elapsed` are the seconds needed up to each item, the item included, in the order in which they are asked.
    """
    return max(bisect_right(elapsed, minutes * 60), min(len(elapsed), 1))
