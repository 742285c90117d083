"""A value that is not used as evidence, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence


class Dropped(NamedTuple):
    """One value as delivered, the attribute it was delivered for, and the reason it is not used."""

    attribute: str
    value: str
    reason: str


DROPPED_TYPE = pa.list_(pa.struct([("attribute", pa.string()), ("value", pa.string()), ("reason", pa.string())]))
"""The Arrow type of a column of dropped values."""


def dropped_column(values: Sequence[tuple[Dropped, ...]]) -> pa.Array[Any]:
    """Return dropped values as an Arrow column of lists of structs, null where nothing was dropped."""
    rows = [[dropped._asdict() for dropped in entry] if entry else None for entry in values]
    return pa.array(rows, DROPPED_TYPE)
