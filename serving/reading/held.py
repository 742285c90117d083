"""The tables that say who a customer is, in memory: a row is there in a hundredth of the time that a query takes.

Some hundred megabytes for a release of a million records. Keeps this: rows are what the release has, value by value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serving.reading.once import Once
from serving.reading.places import Places, find_places
from warehouse.connection import quote_identifier
from warehouse.tables.care import HOUSEHOLD, PERMISSION, PROFILE, SIGNAL
from warehouse.tables.golden import CROSSWALK, CUSTOMER, POSSIBLE_MATCH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa

    from stewardship.web.releases import Pinned

HELD = tuple(spec.name for spec in (CUSTOMER, PROFILE, CROSSWALK, HOUSEHOLD, POSSIBLE_MATCH, SIGNAL, PERMISSION))
GROUPS = {HOUSEHOLD.name: "household_id"}
"""By which column the rows of a table are found that belong together, beside those of each customer."""
WORTH_IT = 2_000
"""A table of fewer rows is read through: that is as quick."""
_FEW = 16
"""So many rows are cut out one by one; more are gathered at once."""


@dataclass(frozen=True, slots=True)
class Held:
    """All rows of a table in the order of the release, and where those of each customer and of each group lie."""

    rows: pa.RecordBatch
    places: Places
    groups: Places | None = None

    def of(self, golden_id: str) -> list[dict[str, Any]]:
        """Return the rows that are about a customer, as DuckDB gives them, in the order of the release."""
        return self._at(self.places.of(golden_id))

    def of_group(self, group_id: str) -> list[dict[str, Any]]:
        """Return the rows of a group, a household's members, as `of` does; none of a table without groups."""
        return self._at(self.groups.of(group_id)) if self.groups is not None else []

    def of_each(self, golden_ids: Iterable[str], columns: Sequence[str]) -> list[dict[str, Any]]:
        """Return some columns of the rows that are about these customers, in the order of the ids."""
        numbers = [number for golden_id in golden_ids for number in self.places.of(golden_id)]
        return self.rows.select(list(columns)).take(numbers).to_pylist(maps_as_pydicts="strict") if numbers else []

    def _at(self, numbers: list[int]) -> list[dict[str, Any]]:
        if len(numbers) <= _FEW:
            parts = [self.rows.slice(number, 1) for number in numbers]
        else:
            parts = [self.rows.take(numbers)]
        return [row for part in parts for row in part.to_pylist(maps_as_pydicts="strict")]


def held(pinned: Pinned, table: str) -> Held | None:
    """Return a table that is held in memory; None where it need not, or not yet, be."""
    if table not in HELD or pinned.manifest.rows.get(table, 0) < WORTH_IT:
        return None
    return _HELD.of(pinned, table)


def hold(pinned: Pinned, table: str) -> Held:
    """Read all of a table into memory."""
    with pinned.golden() as con:
        read = con.sql(f"FROM {quote_identifier(table)} ORDER BY rowid").to_arrow_table()
    groups = find_places(pinned, table, (GROUPS[table],)) if table in GROUPS else None
    return Held(read.combine_chunks().to_batches()[0], find_places(pinned, table), groups)


_HELD = Once(hold)
