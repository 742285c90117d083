"""Where in a large table the rows of each customer lie: for the tables that are not in the order of golden ids.

Made once per release and table, the first time it is asked for; until then the table is looked through. Some
megabytes for a million rows, and a look-up of one customer takes a thousandth of the rows' reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from serving.reading.once import Once
from warehouse.connection import quote_identifier
from warehouse.tables.care import ACTIVITY, HOUSEHOLD
from warehouse.tables.golden import CHANGE, CROSSWALK, POSSIBLE_MATCH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stewardship.web.releases import Pinned
    from warehouse.table_spec import TableSpec

LARGE = 50_000
"""A table of fewer rows is looked through: that is as quick."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    ACTIVITY.name: ("golden_id",),
    CROSSWALK.name: ("golden_id",),
    CHANGE.name: ("golden_id", "other_golden_id"),
    HOUSEHOLD.name: ("golden_id",),
    POSSIBLE_MATCH.name: ("golden_id_l", "golden_id_r"),
}
"""Tables that are in another order, and in which of their columns a row names whom it is about."""


@dataclass(frozen=True, slots=True)
class Places:
    """The row numbers of each id, as one array in the order of the ids; `starts` is one longer than `ids`."""

    ids: np.ndarray[Any, np.dtype[np.bytes_]]
    starts: np.ndarray[Any, np.dtype[np.int64]]
    numbers: np.ndarray[Any, np.dtype[np.uint32]]

    def of(self, wanted_id: str) -> list[int]:
        """Return the numbers of the rows of an id, as of a customer, ascending."""
        wanted = np.bytes_(wanted_id.encode())
        at = int(np.searchsorted(self.ids, wanted))
        if at == len(self.ids) or self.ids[at] != wanted:
            return []
        found: list[int] = self.numbers[self.starts[at] : self.starts[at + 1]].tolist()
        return found


def places(pinned: Pinned, spec: TableSpec) -> Places | None:
    """Return where the rows of a table lie; None where they need not, or not yet, be known."""
    if spec.name not in COLUMNS or pinned.manifest.rows.get(spec.name, 0) < LARGE:
        return None
    return _PLACES.of(pinned, spec.name)


def find_places(pinned: Pinned, table: str, columns: tuple[str, ...] = ()) -> Places:
    """Return where the rows of a table lie, by looking through all of it.

    They are found by the ids in `columns`, where none are given by the golden ids of whom they are about.
    """
    named = " UNION ALL ".join(
        f"SELECT {column} AS golden_id, rowid AS number FROM {quote_identifier(table)} WHERE {column} IS NOT NULL"
        for column in map(quote_identifier, columns or COLUMNS.get(table, ("golden_id",)))
    )
    with pinned.golden() as con:
        con.execute(
            f"""
            SELECT golden_id, list(number ORDER BY number) AS numbers
            FROM (SELECT DISTINCT golden_id, number FROM ({named})) GROUP BY golden_id ORDER BY golden_id"""
        )
        ids: list[bytes] = []
        counts: list[int] = []
        parts: list[np.ndarray[Any, np.dtype[np.uint32]]] = []
        while batch := con.fetchmany(10_000):
            ids += [golden_id.encode() for golden_id, _ in batch]
            counts += [len(numbers) for _, numbers in batch]
            parts.append(np.fromiter((number for _, numbers in batch for number in numbers), np.uint32))
    starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
    return Places(np.array(ids, np.bytes_), starts, np.concatenate([*parts, np.array([], np.uint32)]))


_PLACES = Once(find_places)
