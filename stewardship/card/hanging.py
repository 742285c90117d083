"""What hangs on records: the orders, the open cases and the money that go with them when customers merge or part."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from stewardship.card.reading import Row, rows_by

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from duckdb import DuckDBPyConnection

    from stewardship.entry import Record

_COLUMNS = ("source", "source_record_id", "kind", "status", "amount", "currency")
NO_CURRENCY = "XXX"
"""What stands for a currency that was not said, as in `profile`."""


@dataclass(frozen=True, slots=True)
class Hanging:
    """Orders without cancelled ones, open cases, all activities, and what was spent, as text by currency."""

    orders: int = 0
    open_cases: int = 0
    activities: int = 0
    spend: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """What hangs, as one says it: `2 orders (24.00 USD), 1 open case`."""
        spend = " and ".join(f"{amount} {currency}" for currency, amount in self.spend)
        told = [
            f"{_count(self.orders, 'order')}{f' ({spend})' if spend else ''}" if self.orders else "",
            _count(self.open_cases, "open case") if self.open_cases else "",
        ]
        return ", ".join(part for part in told if part) or "no orders, no open cases"


class Activities:
    """The activities of some customers, by the record that each came with."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: Mapping[Record, list[Row]] = defaultdict(list)
        for row in rows:
            self._rows[row["source"], row["source_record_id"]].append(row)

    def of(self, records: Collection[Record]) -> Hanging:
        """Return what hangs on these records."""
        rows = [row for record in records for row in self._rows.get(record, ())]
        orders = [row for row in rows if row["kind"] == "order" and row["status"] != "cancelled"]
        spend: dict[str, Decimal] = defaultdict(Decimal)
        for row in orders:
            if row["amount"] is not None:
                spend[(row["currency"] or NO_CURRENCY).upper()] += row["amount"]
        cases = sum(row["kind"] == "case" and row["status"] == "open" for row in rows)
        told = tuple((currency, f"{amount:.2f}") for currency, amount in sorted(spend.items()))
        return Hanging(len(orders), cases, len(rows), told)


def activities_of(golden: DuckDBPyConnection, golden_ids: Collection[str]) -> Activities:
    """Return the activities of these customers."""
    return Activities(rows_by(golden, "activity", _COLUMNS, "golden_id", golden_ids))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
