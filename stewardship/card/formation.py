"""How a customer was formed, merge by merge, and the weakest of them: the bridge that it would come apart at.

Reads matching.merge and matching.pair. What merged after the bridge goes with the side that it is tied to most firmly,
so that a split there leaves two customers that each hang together.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stewardship.card.reading import rows_by

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from stewardship.card.reading import Row
    from stewardship.entry import Record

_MERGE = ("round", "entity", "other", "match_weight", "match_probability")
_MOST_TIES = 60
_BY_ATTRIBUTES, _BY_DECISION = 0, 1
"""Rounds before the first in which evidence was weighed."""


@dataclass(frozen=True, slots=True)
class Merged:
    """One merge, in its order: the records on either side then; `weight` is None where a decision says so.

    `by` says what did it: attributes that say the same, a decision, or evidence.
    """

    by: str
    left: tuple[Record, ...]
    right: tuple[Record, ...]
    weight: float | None
    probability: float
    is_bridge: bool


@dataclass(frozen=True, slots=True)
class TieOf:
    """A compared pair of distinct records of the customer, by a source record of each; `crosses` the bridge or not."""

    left: Record
    right: Record
    weight: float
    crosses: bool


@dataclass(frozen=True, slots=True)
class Bridge:
    """The weakest merge by evidence: its probability and weight, and all records of the customer on either side.

    The side with more records stands first; `firmest` is the strongest pair across, None where none was compared.
    """

    weight: float
    probability: float
    left: tuple[Record, ...]
    right: tuple[Record, ...]
    firmest: float | None


@dataclass(frozen=True, slots=True)
class Formation:
    """How the customer of one member was formed; nothing is told of records that say the same from the start."""

    letter: str
    golden_id: str
    merges: tuple[Merged, ...]
    ties: tuple[TieOf, ...]
    bridge: Bridge | None


def formation(
    workings: DuckDBPyConnection, letter: str, golden_id: str, nodes: Mapping[Record, str]
) -> Formation | None:
    """Return how the customer of these records (each with its distinct record) was formed; None of a single one."""
    records: dict[str, list[Record]] = defaultdict(list)
    for record in sorted(nodes):
        records[nodes[record]].append(record)
    if len(records) < 2:  # noqa: PLR2004 - nothing was merged
        return None
    merges = sorted(rows_by(workings, "matching.merge", _MERGE, "other", records), key=_order)
    pairs = _pairs(workings, list(records))
    sides = _replayed(merges, records)
    weakest = _weakest(merges)
    bridge = _bridge(merges, weakest, sides, pairs, records) if weakest is not None else None
    left = set(bridge.left) if bridge else set()
    return Formation(
        letter,
        golden_id,
        tuple(_merged(row, *sides[place], records, is_bridge=place == weakest) for place, row in enumerate(merges)),
        tuple(
            TieOf(
                ours := records[one][0],
                theirs := records[other][0],
                weight,
                bridge is not None and (ours in left) != (theirs in left),
            )
            for (one, other), weight in sorted(pairs.items(), key=lambda told: (-told[1], told[0]))[:_MOST_TIES]
        ),
        bridge,
    )


def _order(row: Row) -> tuple[int, str, str]:
    return row["round"], row["entity"], row["other"]


def _pairs(workings: DuckDBPyConnection, nodes: Sequence[str]) -> dict[tuple[str, str], float]:
    columns = ("distinct_record_id_l", "distinct_record_id_r", "match_weight")
    rows = rows_by(workings, "matching.pair", columns, "distinct_record_id_l", nodes)
    inside = set(nodes)
    return {(one, other): weight for one, other, weight in (row.values() for row in rows) if other in inside}


def _replayed(merges: Sequence[Row], nodes: Collection[str]) -> list[tuple[set[str], set[str]]]:
    """Return the distinct records on either side of each merge, when it was made."""
    whole = {node: {node} for node in nodes}
    sides = []
    for row in merges:
        ours, theirs = whole.get(row["entity"], {row["entity"]}), whole.pop(row["other"], {row["other"]})
        sides.append((set(ours), theirs))
        whole[row["entity"]] = ours | theirs
    return sides


def _weakest(merges: Sequence[Row]) -> int | None:
    """Return the place of the weakest merge by evidence, the latest of equal ones."""
    weighed = [
        (row["match_probability"], row["match_weight"], -place)
        for place, row in enumerate(merges)
        if row["match_weight"] is not None and row["round"] > _BY_DECISION
    ]
    return -min(weighed)[2] if weighed else None


def _bridge(
    merges: Sequence[Row],
    place: int,
    sides: Sequence[tuple[set[str], set[str]]],
    pairs: Mapping[tuple[str, str], float],
    records: Mapping[str, Sequence[Record]],
) -> Bridge:
    one, other = (set(side) for side in sides[place])
    for ours, theirs in sides[place + 1 :]:
        for group in (ours, theirs):
            if not group & (one | other):
                (other if _tied(group, other, pairs) > _tied(group, one, pairs) else one).update(group)
    told = sorted((_records(side, records) for side in (one, other)), key=lambda side: (-len(side), side))
    firmest = _tied(one, other, pairs)
    weighed = merges[place]
    return Bridge(
        weighed["match_weight"],
        weighed["match_probability"],
        told[0],
        told[1],
        None if firmest == -float("inf") else firmest,
    )


def _tied(one: Collection[str], other: Collection[str], pairs: Mapping[tuple[str, str], float]) -> float:
    """Return the weight of the strongest pair between two groups, -inf where none was compared."""
    between = (
        weight
        for (left, right), weight in pairs.items()
        if (left in one and right in other) or (left in other and right in one)
    )
    return max(between, default=-float("inf"))


def _merged(
    row: Row, one: set[str], other: set[str], records: Mapping[str, Sequence[Record]], *, is_bridge: bool
) -> Merged:
    by = {_BY_ATTRIBUTES: "they say the same", _BY_DECISION: "a decision"}.get(row["round"], "evidence")
    sides = _records(one, records), _records(other, records)
    return Merged(by, *sides, row["match_weight"], row["match_probability"], is_bridge)


def _records(nodes: Collection[str], records: Mapping[str, Sequence[Record]]) -> tuple[Record, ...]:
    return tuple(sorted(record for node in nodes for record in records.get(node, ())))
