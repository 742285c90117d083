"""The shop's books: orders, billing accounts and cases, each knowing what it looked like at any moment.

Nothing here is written twice for three nights: a record carries its own history, and an export asks what was so at
the moment it is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from examples.shop.letters import Letter
    from examples.shop.slips import Card

T = TypeVar("T")
_NUMBERS_BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
_SHIPPED_AFTER = timedelta(days=2)


def latest(history: Sequence[tuple[datetime, T]], moment: datetime) -> tuple[datetime, T]:
    """Give the last of `(since, value)` pairs that had begun at a moment; the first one if none had."""
    return max((pair for pair in history if pair[0] <= moment), key=lambda pair: pair[0], default=history[0])


@dataclass(frozen=True)
class Line:
    """One line of an order: goods, how many, and what they cost together in cents."""

    sku: str
    description: str
    quantity: int
    cents: int


@dataclass(frozen=True)
class Order:
    """One order; it never changes but for its status, which follows from its age and its fate."""

    order_no: str
    person_id: str
    ordered_at: datetime
    card: Card
    lines: tuple[Line, ...]
    fate: str
    promised_on: date

    def status_at(self, moment: datetime) -> tuple[datetime, str]:
        """Give since when, and what, its status is at a moment."""
        steps = [(timedelta(0), "new"), (timedelta(hours=16), "packed"), (_SHIPPED_AFTER, "shipped")]
        if self.fate == "cancelled":
            steps = [*steps[:1], (timedelta(hours=9), "cancelled")]
        elif self.fate != "lost":
            steps.append((timedelta(days=5), "delivered"))
        if self.fate == "returned":
            steps.append((timedelta(days=16), "returned"))
        return latest([(self.ordered_at + after, status) for after, status in steps], moment)

    @property
    def shipped_at(self) -> datetime:
        """When it leaves the house, unless it is cancelled."""
        return self.ordered_at + _SHIPPED_AFTER

    @property
    def cents(self) -> int:
        """The total of its lines."""
        return sum(line.cents for line in self.lines)


@dataclass(frozen=True)
class Entry:
    """What billing holds about the owner of an account from some moment on; `birth_date` as it is written there."""

    card: Card
    birth_date: str


@dataclass(frozen=True)
class Account:
    """One billing account with the entries made in it; `removed_at` when it was deleted."""

    account_no: str
    person_id: str
    opened_on: date
    entries: tuple[tuple[datetime, Entry], ...]
    billing_email: str
    cents: int
    status: str
    removed_at: datetime | None = None

    def exists_at(self, moment: datetime) -> bool:
        """Tell whether an export taken at a moment holds it."""
        return self.entries[0][0] <= moment and (self.removed_at is None or moment < self.removed_at)

    def corrected(self, since: datetime, entry: Entry) -> Account:
        """Give the same account with a new entry."""
        return replace(self, entries=(*self.entries, (since, entry)))


@dataclass(frozen=True)
class Case:
    """One case; its contact can be corrected, its status follows from its age. A test of ours has no person."""

    case_no: str
    person_id: str
    opened_at: datetime
    contacts: tuple[tuple[datetime, Card], ...]
    subject: str
    text: str
    order_no: str
    channel: str
    agent: str
    days_open: int

    def status_at(self, moment: datetime) -> tuple[datetime, str]:
        """Give since when, and what, its status is at a moment."""
        steps = (
            (timedelta(0), "open"),
            (timedelta(hours=20), "pending"),
            (timedelta(days=self.days_open), "solved"),
            (timedelta(days=self.days_open + 14), "closed"),
        )
        return latest([(self.opened_at + after, status) for after, status in steps], moment)

    def corrected(self, since: datetime, card: Card) -> Case:
        """Give the same case with another contact."""
        return replace(self, contacts=(*self.contacts, (since, card)))


@dataclass
class Numbers:
    """Hands out record numbers that grow with time, none twice: the minutes since 2025 began, or the next free one."""

    prefix: str
    taken: set[int] = field(default_factory=set)

    def next(self, moment: datetime) -> str:
        """Give the number of something that happens at a moment."""
        number = 100_000 + int((moment - _NUMBERS_BEGIN) / timedelta(minutes=1))
        while number in self.taken:
            number += 1
        self.taken.add(number)
        return f"{self.prefix}{number:06d}"


@dataclass
class Books:
    """All that happened, and the numbers given out for it."""

    orders: list[Order] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    order_numbers: Numbers = field(default_factory=lambda: Numbers("LG-"))
    account_numbers: Numbers = field(default_factory=lambda: Numbers("B"))
    case_numbers: Numbers = field(default_factory=lambda: Numbers("C-"))
    orders_of: dict[str, list[Order]] = field(default_factory=dict)

    def add_order(self, order: Order) -> Order:
        """Enter an order, findable by its person."""
        self.orders.append(order)
        self.orders_of.setdefault(order.person_id, []).append(order)
        return order

    def last_order(self, person_id: str, moment: datetime) -> Order | None:
        """Find the newest order that a person had made by a moment."""
        made = [order for order in self.orders_of.get(person_id, ()) if order.ordered_at < moment]
        return max(made, key=lambda order: (order.ordered_at, order.order_no), default=None)
