"""A customer's page for stewards: its records, how it was formed, what happened to its id, and what was decided.

From here a customer is taken apart: at its bridge, or by records that a steward chooses.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from stewardship.answer import Statement
from stewardship.card.card import formations
from stewardship.card.members import iso, members, read_known
from stewardship.card.offers import Offer
from stewardship.card.reading import rows_by
from stewardship.card.strip import strips
from stewardship.card.values import read_spoken, value_rows
from stewardship.card.why_not import decided_among
from stewardship.entry import written
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from duckdb import DuckDBPyConnection

    from stewardship.card.formation import Formation
    from stewardship.card.members import Member
    from stewardship.card.strip import Strip
    from stewardship.card.values import ValueRow
    from stewardship.entry import Record
    from stewardship.web.releases import Pinned

_TOLD = ("merged", "split", "unmerged", "created", "revived", "attached", "detached")
"""The events of an id that a steward wants to know of: not that a value was updated."""
_MOST = 100


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the customer's id: which, when (ISO 8601), in which release, why, and with whom."""

    event: str
    at: str
    release_id: str
    cause: str
    other_golden_id: str | None
    record: str | None


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """A customer with at most twelve of its records as columns; `records` are all of them.

    `history` is what happened to its id, newest first, and `more_history` how much more; `decisions` are sentences.
    """

    golden_id: str
    release_id: str
    member: Member
    records: tuple[Record, ...]
    rows: tuple[ValueRow, ...]
    strip: Strip
    formation: Formation | None
    history: tuple[Happened, ...]
    more_history: int
    decisions: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return the page as JSON-ready data."""
        return asdict(self)


def customer_card(pinned: Pinned, golden_id: str) -> CustomerCard | None:
    """Return the page of a customer, a retired id being followed; None where there is no such customer any more.

    Raises Refused for an id that the release has never heard of, or where it keeps no workings.
    """
    with pinned.alone() as release:
        now = release.resolve(golden_id)
    if now is None:
        return None
    with pinned.golden() as golden, pinned.workings() as workings:
        known = read_known(golden, workings, [now], ())
        shown = members(workings, known, ())
        columns = [column.record for column in shown[0].columns]
        history = _history(golden, now)
        formed = formations(workings, known, shown)
        decided = decided_among(workings, dict.fromkeys(known.records[now], now))
        return CustomerCard(
            golden_id=now,
            release_id=pinned.release_id,
            member=shown[0],
            records=known.records[now],
            rows=value_rows(read_spoken(workings, columns), columns),
            strip=strips(golden, shown)[0],
            formation=formed[0] if formed else None,
            history=tuple(history[:_MOST]),
            more_history=max(0, len(history) - _MOST),
            decisions=tuple(said.sentence() for said in decided),
        )


def take_out(card: CustomerCard, records: Collection[Record]) -> Offer:
    """Return the answer that these records are another customer than the rest of theirs.

    Raises UsageError where one of them is not this customer's, or they are none or all of its records.
    """
    out = sorted(set(records))
    foreign = sorted(set(out) - set(card.records))
    if foreign:
        raise UsageError(f"{written(foreign[0])} is no record of {card.golden_id}")
    rest = [record for record in card.records if record not in set(out)]
    if not out or not rest:
        raise UsageError(f"choose some records of {card.golden_id}, and leave some")
    sides = (*(0 for _ in rest), *(1 for _ in out))
    told = f"{len(out)} of the {len(card.records)} records of {card.golden_id} are another customer."
    return Offer("B", "Take out", (Statement("split", (*rest, *out), sides),), told)


def _history(golden: DuckDBPyConnection, golden_id: str) -> list[Happened]:
    """Return the events of an id, and those of others that became it or came out of it, newest first."""
    columns = (
        "sequence",
        "event",
        "at",
        "release_id",
        "cause",
        "golden_id",
        "other_golden_id",
        "source",
        "source_record_id",
    )
    rows = {row["sequence"]: row for row in rows_by(golden, "change", columns, "golden_id", [golden_id])}
    for row in rows_by(golden, "change", columns, "other_golden_id", [golden_id]):
        if row["event"] in ("merged", "split", "unmerged"):
            rows[row["sequence"]] = row | {"other_golden_id": row["golden_id"]}
    return [
        Happened(
            event=row["event"],
            at=iso(row["at"]) or "",
            release_id=row["release_id"],
            cause=row["cause"],
            other_golden_id=row["other_golden_id"],
            record=written((row["source"], row["source_record_id"])) if row["source"] else None,
        )
        for _, row in sorted(rows.items(), reverse=True)
        if row["event"] in _TOLD
    ]
