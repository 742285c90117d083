"""The columns of a card: the customers concerned, what hangs on each, and beneath each its records.

At most SHOWN records are shown: of each customer in turn those that are asked about, then one of every distinct record,
since records that say the same need no second column. The others are counted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

from stewardship.card.reading import rows_by, rows_of
from stewardship.entry import written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from stewardship.card.reading import Row
    from stewardship.entry import Record

SHOWN = 12
"""So many records are shown side by side; more are no help to anybody."""

_CUSTOMER = ("golden_id", "full_name", "organisation", "record_count", "first_seen_at", "last_seen_at")
_PROFILE = ("golden_id", "orders", "spend", "open_cases")
_RECORD = ("holds", "updated_at", "deleted")


@dataclass(frozen=True, slots=True)
class Column:
    """A source record as a column; `alike` is how many further records of its customer say the same, not shown.

    `asked` is whether the item asks about this very record; `distinct_record_id` is None for a record that is nobody's.
    """

    source: str
    source_record_id: str
    holds: str | None
    updated_at: str | None
    distinct_record_id: str | None
    alike: int
    asked: bool

    @property
    def record(self) -> Record:
        """The record."""
        return self.source, self.source_record_id

    @property
    def label(self) -> str:
        """The record as people write it."""
        return written(self.record)


@dataclass(frozen=True, slots=True)
class Member:
    """A customer of the item: `columns` are those of its records that are shown, `more` counts the others.

    On a blind card a member is one record, and nothing is told of the customer. `spend` is text by currency.
    """

    letter: str
    golden_id: str | None
    name: str | None
    records: int
    more: int
    sources: tuple[str, ...]
    columns: tuple[Column, ...]
    orders: int = 0
    spend: tuple[tuple[str, str], ...] = ()
    open_cases: int = 0
    first_seen_at: str | None = None
    last_seen_at: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What was read of the customers: their rows, and which records they have, with the distinct record of each."""

    customers: Mapping[str, Row]
    records: Mapping[str, tuple[Record, ...]]
    nodes: Mapping[Record, str]


def read_known(
    golden: DuckDBPyConnection, workings: DuckDBPyConnection, golden_ids: Sequence[str], asked: Collection[Record]
) -> Known:
    """Return what the release knows of the customers, and of the asked records that are none of theirs."""
    customers: dict[str, Row] = {
        row["golden_id"]: dict(row) for row in rows_by(golden, "customer", _CUSTOMER, "golden_id", golden_ids)
    }
    for row in rows_by(golden, "profile", _PROFILE, "golden_id", customers):
        customers[row["golden_id"]] |= row
    records: dict[str, list[Record]] = defaultdict(list)
    for row in rows_by(golden, "crosswalk", ("source", "source_record_id", "golden_id"), "golden_id", customers):
        records[row["golden_id"]].append((row["source"], row["source_record_id"]))
    every = dict.fromkeys((*asked, *chain.from_iterable(records.values())))
    found = rows_of(workings, "matching.member", ("distinct_record_id",), every)
    nodes = {record: row["distinct_record_id"] for record, row in found.items()}
    ordered = {golden_id: tuple(sorted(records[golden_id])) for golden_id in golden_ids if golden_id in customers}
    return Known(customers, ordered, nodes)


def members(workings: DuckDBPyConnection, known: Known, asked: Collection[Record]) -> tuple[Member, ...]:
    """Return the customers as members, in the order in which they were asked for; at most SHOWN of them."""
    ranked = {golden_id: _ranked(records, known.nodes, asked) for golden_id, records in known.records.items()}
    shown = _choose(ranked, asked)
    landed = rows_of(workings, "landing.source_record", _RECORD, list(chain.from_iterable(shown.values())))
    told = []
    for letter, (golden_id, chosen) in zip(letters(len(shown)), shown.items(), strict=True):
        records = known.records[golden_id]
        alike = _alike(records, chosen, known.nodes)
        columns = tuple(
            column(record, landed.get(record, {}), known.nodes, alike[record], asked=record in asked)
            for record in chosen
        )
        told.append(_member(letter, golden_id, known.customers[golden_id], records, columns))
    return tuple(told)


def blind_members(
    workings: DuckDBPyConnection, records: Sequence[Record], nodes: Mapping[Record, str]
) -> tuple[Member, ...]:
    """Return a member for each of the records alone, in the order given."""
    landed = rows_of(workings, "landing.source_record", _RECORD, records)
    return tuple(
        Member(letter, None, None, 1, 0, (record[0],), (column(record, landed.get(record, {}), nodes, 0, asked=True),))
        for letter, record in zip(letters(len(records)), records, strict=True)
    )


def letters(count: int) -> list[str]:
    """Return what members are called: A, B, C and so on."""
    return [chr(ord("A") + place) for place in range(count)]


def column(
    record: Record, landed: Mapping[str, Any], nodes: Mapping[Record, str], alike: int, *, asked: bool
) -> Column:
    """Return a record as a column."""
    return Column(*record, landed.get("holds"), iso(landed.get("updated_at")), nodes.get(record), alike, asked)


def iso(moment: datetime | None) -> str | None:
    """Return a time, naive UTC, as ISO 8601 to the second."""
    return f"{moment.isoformat(timespec='seconds')}Z" if moment else None


def _member(letter: str, golden_id: str, row: Row, records: Sequence[Record], columns: tuple[Column, ...]) -> Member:
    return Member(
        letter=letter,
        golden_id=golden_id,
        name=row["full_name"] or row["organisation"],
        records=len(records),
        more=len(records) - len(columns),
        sources=tuple(sorted({source for source, _ in records})),
        columns=columns,
        orders=row.get("orders") or 0,
        spend=tuple((currency, f"{amount:.2f}") for currency, amount in sorted((row.get("spend") or {}).items())),
        open_cases=row.get("open_cases") or 0,
        first_seen_at=iso(row["first_seen_at"]),
        last_seen_at=iso(row["last_seen_at"]),
    )


def _ranked(records: Sequence[Record], nodes: Mapping[Record, str], asked: Collection[Record]) -> list[Record]:
    """Return the records of a customer that are worth a column: the asked ones, one of each distinct record."""
    told: set[str] = set()
    ranked = []
    for record in sorted(records, key=lambda record: (record not in asked, record)):
        node = nodes.get(record)
        if node is None or node not in told or record in asked:
            ranked.append(record)
        if node is not None:
            told.add(node)
    return ranked


def _choose(ranked: Mapping[str, Sequence[Record]], asked: Collection[Record]) -> dict[str, list[Record]]:
    """Return at most SHOWN records, by customer: the asked ones, then one of each customer in turn."""
    first = sorted(ranked, key=lambda golden_id: not set(ranked[golden_id]) & set(asked))[:SHOWN]
    shown: dict[str, list[Record]] = {golden_id: [] for golden_id in ranked if golden_id in first}
    turns: Iterable[tuple[tuple[str, Record] | None, ...]] = zip_longest(
        *([(golden_id, record) for record in ranked[golden_id]] for golden_id in shown)
    )
    every = [turn for turn in chain.from_iterable(turns) if turn is not None]
    for golden_id, record in sorted(every, key=lambda turn: turn[1] not in asked)[:SHOWN]:
        shown[golden_id].append(record)
    return {golden_id: records for golden_id, records in shown.items() if records}


def _alike(records: Sequence[Record], chosen: Sequence[Record], nodes: Mapping[Record, str]) -> dict[Record, int]:
    """Return how many records that are not shown say the same as each that is; they are counted once."""
    hidden: dict[str, int] = defaultdict(int)
    for record in set(records) - set(chosen):
        if record in nodes:
            hidden[nodes[record]] += 1
    return {record: hidden.pop(nodes[record], 0) if record in nodes else 0 for record in chosen}
