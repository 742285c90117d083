"""Who else has what the records of a card say: an e-mail, a phone number, an address that others have tells less.

Reads matching.distinct_record and matching.resolution, and of the release whose the records are. Counted are the
customers who are not on the card.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stewardship.card.reading import rows_by, rows_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from stewardship.card.members import Known
    from stewardship.card.values import Spoken
    from stewardship.entry import Record

MOST_NAMED = 3
_MOST_WEIGHED = 30
"""Of so many others the largest are found by their records; of more, by how many of these say the value."""


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else who has a value."""

    golden_id: str
    name: str | None
    records: int


@dataclass(frozen=True, slots=True)
class Shared:
    """A value of a row of the card that `customers` others have, too; `largest` are those of them with most records."""

    attribute: str
    value: str
    customers: int
    largest: tuple[Other, ...]


def sharers(
    golden: DuckDBPyConnection, workings: DuckDBPyConnection, spoken: Spoken, known: Known
) -> tuple[Shared, ...]:
    """Return the values that others share, the most widely shared first; of the rows email, phone and street."""
    ours = set(known.nodes.values())
    told = []
    for attribute, by_value in _bearers(workings, spoken).items():
        for value, nodes in by_value.items():
            others = {node: records for node, records in nodes.items() if node not in ours}
            if others:
                told.append((attribute, value, others))
    entities = _entities(workings, {node for _, _, others in told for node in others} | ours)
    mine = {entities[node] for node in ours if node in entities}
    found = []
    for attribute, value, others in told:
        weight: dict[str, int] = defaultdict(int)
        for node, records in others.items():
            if (entity := entities.get(node)) is not None and entity not in mine:
                weight[entity] += records
        if weight:
            found.append(Shared(attribute, value, len(weight), _largest(golden, workings, weight)))
    return tuple(sorted(found, key=lambda shared: (-shared.customers, shared.attribute, shared.value)))


def _bearers(workings: DuckDBPyConnection, spoken: Spoken) -> dict[str, dict[str, dict[str, int]]]:
    """Return by attribute and value the distinct records that say it, each with the number of its records."""
    said: dict[str, set[str]] = {"email": set(), "phone": set(), "street": set()}
    for row in spoken.clean.values():
        said["email"].update(row.get("emails") or ())
        said["phone"].update(row.get("phones") or ())
        if row.get("street") and row.get("street_number"):
            said["street"].add(f"{row['street_number']} {row['street']}")
    told: dict[str, dict[str, dict[str, int]]] = {}
    for attribute, values in said.items():
        told[attribute] = defaultdict(dict)
        if values:
            for value, node, records in workings.execute(_BEARERS[attribute], [sorted(values)]).fetchall():
                told[attribute][value][node] = records
    return told


def _entities(workings: DuckDBPyConnection, nodes: Collection[str]) -> Mapping[str, str]:
    columns = ("distinct_record_id", "entity")
    rows = rows_by(workings, "matching.resolution", columns, "distinct_record_id", sorted(nodes))
    return {row["distinct_record_id"]: row["entity"] for row in rows}


def _largest(golden: DuckDBPyConnection, workings: DuckDBPyConnection, weight: Mapping[str, int]) -> tuple[Other, ...]:
    most = sorted(weight, key=lambda entity: (-weight[entity], entity))[:_MOST_WEIGHED]
    members = rows_by(workings, "matching.member", ("source", "source_record_id"), "distinct_record_id", most)
    records: Sequence[Record] = sorted({(row["source"], row["source_record_id"]) for row in members})
    whose = {row["golden_id"] for row in rows_of(golden, "crosswalk", ("golden_id",), records).values()}
    rows = rows_by(golden, "customer", ("golden_id", "full_name", "organisation", "record_count"), "golden_id", whose)
    told = [Other(row["golden_id"], row["full_name"] or row["organisation"], row["record_count"]) for row in rows]
    return tuple(sorted(told, key=lambda other: (-other.records, other.golden_id))[:MOST_NAMED])


_BEARERS = {
    "email": """
        SELECT value, distinct_record_id, records
        FROM (
            SELECT unnest(emails) AS value, distinct_record_id, records
            FROM matching.distinct_record WHERE list_has_any(emails, $1::VARCHAR[])
        ) WHERE list_contains($1::VARCHAR[], value)""",
    "phone": """
        SELECT value, distinct_record_id, records
        FROM (
            SELECT unnest(phones) AS value, distinct_record_id, records
            FROM matching.distinct_record WHERE list_has_any(phones, $1::VARCHAR[])
        ) WHERE list_contains($1::VARCHAR[], value)""",
    "street": """
        SELECT street_number || ' ' || street AS value, distinct_record_id, records
        FROM matching.distinct_record WHERE list_contains($1::VARCHAR[], street_number || ' ' || street)""",
}
