"""What the rows of one delimited file have to look like: how many fields, in which order, and what is a header again.

Keeps: a field is only ever given to the column that the header (or `options.columns`) says; surplus or missing fields
are borne where they are empty on every row alike, so that nothing is in them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST_ROWS = 100
"""By so many it is settled how many fields a row has."""
_TELLING_ROWS = 2
"""A single row with an empty field too many may as well have it in another place."""


@dataclass(slots=True)
class RowShape:
    """The shape of a file's rows: `names` of the columns, `header` as it stands in the file, empty without one.

    `width` is how many fields a row has, not known before the first rows; `order` tells which field each column takes,
    once a header within the file has put them into another order, which `turned` says has happened.
    """

    names: tuple[str, ...]
    header: tuple[str, ...] = ()
    width: int | None = None
    order: tuple[int, ...] | None = None
    turned: bool = False

    def learn(self, rows: Sequence[Sequence[str]]) -> None:
        """Settle from the first rows how many fields a row has: as many as there are columns, unless none has."""
        rows = list(islice(filter(None, rows), FIRST_ROWS))
        if self.width is not None or not rows:
            return
        count = len(self.names)
        counts = Counter(len(row) for row in rows if not self.is_header(row))
        self.width = count
        if count in counts or not counts:
            return
        usual, times = max(counts.items(), key=lambda item: (item[1], item[0]))
        if times >= _TELLING_ROWS and self._is_borne(usual, rows):
            self.width = usual

    def _is_borne(self, width: int, rows: Sequence[Sequence[str]]) -> bool:
        """Say whether rows of `width` fields lack nothing and hold nothing beyond the columns."""
        count = len(self.names)
        if width < count:
            return bool(self.header) and not any(self.header[width:])
        return not any(any(row[count:]) for row in rows if len(row) == width and not self.is_header(row))

    def is_header(self, row: Sequence[str]) -> bool:
        """Say whether a row is the header again, in its order or another."""
        if len(row) != len(self.header):
            return False
        if row[0].removeprefix("\ufeff") not in self.header:
            return False
        return sorted(self._unmarked(row)) == sorted(self.header)

    def turn(self, row: Sequence[str]) -> bool:
        """Take a header within the file for what it says about the rows behind it; say whether the order changed."""
        before = self.order
        unmarked = self._unmarked(row)
        same = unmarked == self.header or len(set(self.header)) < len(self.header)
        self.order = None if same else tuple(map(unmarked.index, self.header))
        self.turned |= self.order is not None
        return self.order != before

    def fit(self, row: list[str]) -> list[str] | None:
        """Return a value for each column, None for a row with too many or too few fields."""
        count = len(self.names)
        if len(row) != self.width:
            return None
        if len(row) != count:
            if any(row[count:]):
                return None
            row = row[:count] + [""] * (count - len(row))
        return row if self.order is None else [row[place] for place in self.order]

    def fit_table(self, table: pa.Table) -> pa.Table | None:
        """Return rows of `width` fields as the columns, None where one may be a header or has too much."""
        marks = pa.array([*self.header, *("\ufeff" + name for name in self.header[:1])], pa.string())
        for column in table.columns[:2]:
            if not self.header or not pa.compute.any(pa.compute.is_in(column, marks)).as_py():
                break
        else:
            return None
        count = len(self.names)
        empty = pa.chunked_array([pa.nulls(table.num_rows, pa.string()).fill_null("")])
        if any(column != empty for column in table.columns[count:]):
            return None
        columns = table.columns[:count] + [empty] * (count - table.num_columns)
        if self.order is not None:
            columns = [columns[place] for place in self.order]
        return pa.Table.from_arrays(columns, names=list(self.names))

    @staticmethod
    def _unmarked(row: Sequence[str]) -> tuple[str, ...]:
        return (row[0].removeprefix("\ufeff"), *row[1:])
