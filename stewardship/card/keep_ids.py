"""Which golden id stays with whom when customers merge or come apart, as the night gives them.

An id stays with the part that has most of its records. Where several ids claim one part, or one id claims several, the
most records count, then the older customer, then who has the record that founded it, then the least record's name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from stewardship.card.reading import rows_by
from stewardship.entry import written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from stewardship.entry import Record


class Birth(NamedTuple):
    """When a customer was made (its place in the change log; less is older), and by which record."""

    age: int
    founder: Record | None


@dataclass(frozen=True, slots=True)
class Part:
    """The records of a customer to be; `held` counts by golden id those that it had, `name` is its least record."""

    records: tuple[Record, ...]
    held: Mapping[str, int]

    @property
    def name(self) -> str:
        """What tells it from the others, whatever the order."""
        return min(written(record) for record in self.records)


def part_of(records: Iterable[Record], whose: Mapping[Record, str]) -> Part:
    """Return a part of these records, which are whose until now."""
    ordered = tuple(sorted(records))
    return Part(ordered, Counter(whose[record] for record in ordered if record in whose))


def births_of(golden: DuckDBPyConnection, golden_ids: Collection[str]) -> dict[str, Birth]:
    """Return when and by whom these customers were made."""
    columns = ("golden_id", "event", "sequence", "source", "source_record_id")
    rows = rows_by(golden, "change", columns, "golden_id", golden_ids)
    return {
        row["golden_id"]: Birth(row["sequence"], (row["source"], row["source_record_id"]))
        for row in rows
        if row["event"] == "created"
    }


def keep_ids(
    parts: Sequence[Part], births: Mapping[str, Birth], claims: Sequence[Mapping[str, int]] | None = None
) -> dict[int, str]:
    """Return the golden id that stays, by the place of the part; a part without one gets an id of its own.

    `claims` are how many records speak for each id in each part, where these are others than all that it held.
    """
    counted = claims if claims is not None else [part.held for part in parts]
    most: dict[str, int] = defaultdict(int)
    for held in counted:
        for golden_id, records in held.items():
            most[golden_id] = max(most[golden_id], records)
    claimed = [
        (place, golden_id)
        for place, held in enumerate(counted)
        for golden_id, records in sorted(held.items())
        if records == most[golden_id] > 0
    ]
    of_id, of_part = Counter(golden_id for _, golden_id in claimed), Counter(place for place, _ in claimed)
    settled = {place: golden_id for place, golden_id in claimed if of_id[golden_id] == of_part[place] == 1}
    contested = [claim for claim in claimed if claim[0] not in settled]
    placed = set(settled.values())
    for place, golden_id in sorted(contested, key=lambda claim: _order(parts[claim[0]], claim[1], most, births)):
        if place not in settled and golden_id not in placed:
            settled[place] = golden_id
            placed.add(golden_id)
    return settled


def _order(
    part: Part, golden_id: str, most: Mapping[str, int], births: Mapping[str, Birth]
) -> tuple[int, int, bool, str, str]:
    birth = births.get(golden_id, Birth(0, None))
    return -most[golden_id], birth.age, birth.founder not in part.records, part.name, golden_id
