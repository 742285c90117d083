"""What a card is of: an item of the queue, by the customers and the pairs of records that it asks about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stewardship.entry import Record


@dataclass(frozen=True, slots=True)
class Asked:
    """One pair that is asked about: a record of either customer, what the model holds of it, and why it is asked.

    `decision_id` is the decision that is to be reconfirmed, where it is one.
    """

    left: Record
    right: Record
    probability: float | None = None
    reason: str | None = None
    decision_id: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked: the customers concerned, the one with most records first, and the pairs, the first one first."""

    item_id: str
    queue: str
    golden_ids: tuple[str, ...]
    asked: tuple[Asked, ...]

    @property
    def records(self) -> tuple[Record, ...]:
        """The records that are asked about, each once, in the order in which they are named."""
        return tuple(dict.fromkeys(record for pair in self.asked for record in (pair.left, pair.right)))
