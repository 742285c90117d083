"""What the depot knows: which parcels are under way, what lies on the shelves, and what is wrong with either.

Nothing is drawn: who carries a parcel and of which lot a thing is follow from the number of its order, so the parcels
of the story do not depend on the seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from examples.shop import words
from examples.shop.clock import at_shop, exported_at, on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from examples.shop.books import Books, Line, Order

CARRIERS = ("Northpost", "Swiftparcel", "Two Rivers Freight")
BOOK_BEGINS = on(2026, 2, 1, 0)
"""The depot's program is new: of orders before this day it knows nothing."""
_LOTS_SINCE = date(2026, 1, 1)
_DAYS_OF_A_LOT = 14
_STATES = {"shipped": "in transit", "delivered": "delivered", "returned": "delivered"}
"""What has become of a parcel, by the status of its order; one that is packed only has not left."""

OUT_OF_STOCK = "KT-1010"
_EMPTY_SINCE_NIGHT = 2
_EXPECTED_ON = date(2026, 3, 12)


@dataclass(frozen=True)
class Parcel:
    """One article of an order on its way; `sent_at` is when its order was shipped."""

    parcel_no: str
    order: Order
    line: Line
    sent_at: datetime
    state: str

    @property
    def carrier(self) -> str:
        """Who carries it."""
        return CARRIERS[_number(self.order) % len(CARRIERS)]

    @property
    def lot(self) -> str:
        """Of which lot the article is: a fortnight's delivery, from shelf A or B."""
        fortnight = (at_shop(self.order.ordered_at).date() - _LOTS_SINCE).days // _DAYS_OF_A_LOT
        return f"26-{fortnight:02d}{'AB'[_number(self.order) % 2]}"

    @property
    def source_record_id(self) -> str:
        """Its key in the export: the parcel and the article."""
        return f"{self.parcel_no}|{self.line.sku}"


@dataclass(frozen=True)
class Issue:
    """Something that is known to be wrong, from a night on; over from `over_on_night` on, if ever."""

    number: str
    night: int
    since: date
    what: str
    sku: str = ""
    lot: str = ""
    carrier: str = ""
    region: str = ""
    over_on_night: int = 99


ISSUES = (
    Issue("KI-0093", 1, date(2026, 2, 9), "Reading lamp: plug of the wrong kind", sku="HM-3041", over_on_night=1),
    Issue(
        *("KI-0101", 1, date(2026, 2, 28), "Swiftparcel is two days late: a bridge on the north road is closed"),
        carrier="Swiftparcel",
        region="Alderford, Brackwater, Carrow Falls, Dunmere",
    ),
    Issue(
        *("KI-0102", 3, date(2026, 3, 3), "Stoneware of this lot is glazed too thin and may crack with hot drinks"),
        sku="KT-1010, KT-1011",
        lot="26-04A",
    ),
)


def parcels(books: Books, night: int) -> Iterator[Parcel]:
    """Yield what has been sent by a night, article by article, in the order of the numbers of orders."""
    moment = exported_at(night)
    sent = (order for order in books.orders if BOOK_BEGINS <= order.ordered_at <= moment)
    for order in sorted(sent, key=lambda order: order.order_no):
        _, status = order.status_at(moment)
        if status in _STATES:
            number = f"P{_number(order)}"
            for line in order.lines:
                yield Parcel(number, order, line, order.shipped_at, _STATES[status])


def shipment_rows(books: Books, night: int) -> list[list[str]]:
    """Give the rows of `shipments.csv`."""
    return [
        [
            *(parcel.parcel_no, parcel.order.order_no, f"{at_shop(parcel.sent_at):%Y-%m-%d %H:%M}", parcel.carrier),
            *(parcel.line.sku, parcel.lot, parcel.order.card.town, parcel.state),
        ]
        for parcel in parcels(books, night)
    ]


def inventory_rows(night: int) -> list[list[str]]:
    """Give the rows of `inventory.csv`: every article of the catalogue, counted the evening before."""
    counted_on = at_shop(exported_at(night)).date().isoformat()
    rows = []
    for place, (sku, description, _) in enumerate(words.GOODS):
        is_empty = sku == OUT_OF_STOCK and night >= _EMPTY_SINCE_NIGHT
        left = "0" if is_empty else str(12 + 7 * place % 40)
        rows.append([sku, description, left, _EXPECTED_ON.isoformat() if is_empty else "", counted_on])
    return rows


def known_issue_rows(night: int) -> list[list[str]]:
    """Give the rows of `known_issues.csv`: what had come to be known by a night."""
    return [
        [
            *(issue.number, issue.since.isoformat(), issue.what, issue.sku, issue.lot, issue.carrier, issue.region),
            "resolved" if night >= issue.over_on_night else "open",
        ]
        for issue in ISSUES
        if issue.night <= night
    ]


def _number(order: Order) -> int:
    return int(order.order_no.rpartition("-")[2])
