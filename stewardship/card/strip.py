"""What happened to each member of a card, newest first: orders, invoices, cases, mails."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stewardship.card.members import iso
from stewardship.card.reading import Row, rows_by

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from stewardship.card.members import Member
    from stewardship.entry import Record

MOST = 8
"""So many of a member's activities are told; the others are counted."""
_LONGEST = 80
_COLUMNS = (
    "golden_id",
    "source",
    "source_record_id",
    "activity_id",
    "kind",
    "at",
    "reference",
    "channel",
    "direction",
    "amount",
    "currency",
    "status",
    "subject",
)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when (ISO 8601, UTC; None: not known), its kind as the contract names it, and words."""

    at: str | None
    kind: str
    words: str
    source: str
    source_record_id: str


@dataclass(frozen=True, slots=True)
class Strip:
    """A member's newest activities; `more` counts the older ones."""

    letter: str
    events: tuple[Event, ...]
    more: int


def strips(golden: DuckDBPyConnection, members: Sequence[Member]) -> tuple[Strip, ...]:
    """Return a strip for each member: of its customer, or of its one record where no customer is told."""
    whole = [member.golden_id for member in members if member.golden_id]
    records = {column.record for member in members if not member.golden_id for column in member.columns}
    found: dict[str | Record, list[Row]] = defaultdict(list)
    for row in rows_by(golden, "activity", _COLUMNS, "golden_id", whole):
        found[row["golden_id"]].append(row)
    for row in _of_records(golden, records):
        found[row["source"], row["source_record_id"]].append(row)
    return tuple(_strip(member, found[member.golden_id or member.columns[0].record]) for member in members)


def _of_records(golden: DuckDBPyConnection, records: Collection[Record]) -> list[Row]:
    rows = rows_by(golden, "activity", _COLUMNS, "source_record_id", sorted({key for _, key in records}))
    return [row for row in rows if (row["source"], row["source_record_id"]) in records]


def _strip(member: Member, rows: Sequence[Row]) -> Strip:
    dated = sorted((row for row in rows if row["at"]), key=lambda row: (row["at"], row["activity_id"]), reverse=True)
    undated = sorted((row for row in rows if not row["at"]), key=lambda row: str(row["activity_id"]))
    newest = [*dated, *undated][:MOST]
    events = tuple(
        Event(iso(row["at"]), row["kind"], _words(row), row["source"], row["source_record_id"]) for row in newest
    )
    return Strip(member.letter, events, len(rows) - len(events))


def _words(row: Mapping[str, object]) -> str:
    """Return what one would say of it on the phone: its reference, what it cost, how it stands, what it is about."""
    amount = row["amount"]
    cost = f"{amount:.2f} {row['currency'] or ''}".strip() if amount is not None else None
    told = [row["reference"], cost, row["status"], row["subject"]]
    if row["direction"] in ("outbound", "internal"):
        told.insert(0, "from us" if row["direction"] == "outbound" else "among us")
    words = ", ".join(" ".join(str(part).split()) for part in told if part)
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
