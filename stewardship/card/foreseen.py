"""Who would be one customer with whom, and under which id, by what stewards have said until a moment.

Reads the release and the stewards' log as it would stand. Keeps this: by the log that a release was made by, nobody is
anybody else's than in that release.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matching.evidence import model_in_use
from matching.foresee import Bound, components_of, foresee
from stewardship.card.keep_ids import Part, births_of, keep_ids, part_of
from stewardship.card.reading import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from stewardship.entry import Record
    from stewardship.standing import Standing


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The customers of the components concerned: `whose` each record is now, the `parts` to be, and what stays.

    `kept` holds the golden id of a part by its place; a part that is not in it gets an id of its own.
    """

    whose: Mapping[Record, str]
    parts: tuple[Part, ...]
    kept: Mapping[int, str]

    @property
    def before(self) -> dict[str, tuple[Record, ...]]:
        """The customers as they are, with their records."""
        held: dict[str, list[Record]] = defaultdict(list)
        for record, golden_id in sorted(self.whose.items()):
            held[golden_id].append(record)
        return {golden_id: tuple(records) for golden_id, records in held.items()}


def foresee_customers(
    golden: DuckDBPyConnection, workings: DuckDBPyConnection, standing: Standing, about: Sequence[Record], head: int
) -> Foreseen:
    """Return what the components of these records come to by the log as it stands; `head` is what the release knew."""
    bound = [Bound(found.entry.id, found.verdict, *found.pair) for found in standing.bound()]
    reached = _reached(workings, about, [said for said in bound if said.decision == "same" and said.decision_id > head])
    gone = [entry.records[0] for entry in standing.active() if entry.kind == "not_a_customer"]
    numbered = foresee(workings, model_in_use(workings), reached, bound, gone)
    groups: dict[int, list[Record]] = defaultdict(list)
    for record, number in numbered.items():
        groups[number].append(record)
    now = rows_of(golden, "crosswalk", ("golden_id",), sorted({*numbered, *about}))
    whose = {record: row["golden_id"] for record, row in now.items()}
    parts = tuple(sorted((part_of(records, whose) for records in groups.values()), key=lambda part: part.name))
    births = births_of(golden, {golden_id for part in parts for golden_id in part.held})
    return Foreseen(whose, parts, keep_ids(parts, births))


def _reached(workings: DuckDBPyConnection, about: Sequence[Record], ties: Sequence[Bound]) -> list[Record]:
    """Return the records, and those of other components that new decisions tie to theirs."""
    records = list(dict.fromkeys((*about, *(record for tie in ties for record in (tie.left, tie.right)))))
    component = components_of(workings, records)
    reached = {component[record] for record in about if record in component}
    links = {(component[tie.left], component[tie.right]) for tie in ties if {tie.left, tie.right} <= set(component)}
    growing = True
    while growing:
        further = {end for link in links if set(link) & reached for end in link}
        growing = not further <= reached
        reached |= further
    return [record for record in records if component.get(record) in reached]
