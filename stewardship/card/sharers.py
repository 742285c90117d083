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
    from collections.abc import Collection, Mapping

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
    weights = []
    for attribute, value, others in told:
        weight: dict[str, int] = defaultdict(int)
        for node, records in others.items():
            if (entity := entities.get(node)) is not None and entity not in mine:
                weight[entity] += records
        if weight:
            weights.append((attribute, value, weight))
    named = _named(golden, workings, {entity for _, _, weight in weights for entity in _heaviest(weight)})
    found = [Shared(attribute, value, len(weight), _largest(weight, named)) for attribute, value, weight in weights]
    return tuple(sorted(found, key=lambda shared: (-shared.customers, shared.attribute, shared.value)))


def _bearers(workings: DuckDBPyConnection, spoken: Spoken) -> dict[str, dict[str, dict[str, int]]]:
    """Return by attribute and value the distinct records that say it, each with the number of its records."""
    said: dict[str, set[str]] = {"email": set(), "phone": set(), "street": set()}
    streets = sorted({row["street"] for row in spoken.clean.values() if row.get("street")})
    for row in spoken.clean.values():
        said["email"].update(row.get("emails") or ())
        said["phone"].update(row.get("phones") or ())
        if row.get("street") and row.get("street_number"):
            said["street"].add(f"{row['street_number']} {row['street']}")
    told: dict[str, dict[str, dict[str, int]]] = {}
    for attribute, values in said.items():
        told[attribute] = defaultdict(dict)
        if values:
            asked = [sorted(values), streets] if attribute == "street" else [sorted(values)]
            for value, node, records in workings.execute(_BEARERS[attribute], asked).fetchall():
                told[attribute][value][node] = records
    return told


def _entities(workings: DuckDBPyConnection, nodes: Collection[str]) -> Mapping[str, str]:
    columns = ("distinct_record_id", "entity")
    rows = rows_by(workings, "matching.resolution", columns, "distinct_record_id", sorted(nodes))
    return {row["distinct_record_id"]: row["entity"] for row in rows}


def _heaviest(weight: Mapping[str, int]) -> list[str]:
    return sorted(weight, key=lambda entity: (-weight[entity], entity))[:_MOST_WEIGHED]


def _named(golden: DuckDBPyConnection, workings: DuckDBPyConnection, entities: Collection[str]) -> dict[str, Other]:
    """Return the customers of these entities, each of which bears the name of a distinct record of its own."""
    columns = ("source", "source_record_id", "distinct_record_id")
    entity_of: dict[Record, str] = {}
    for row in rows_by(workings, "matching.member", columns, "distinct_record_id", sorted(entities)):
        entity_of[row["source"], row["source_record_id"]] = row["distinct_record_id"]
    first = {entity: record for record, entity in sorted(entity_of.items(), reverse=True)}
    whose = rows_of(golden, "crosswalk", ("golden_id",), sorted(first.values()))
    ids = {entity: whose[record]["golden_id"] for entity, record in first.items() if record in whose}
    rows = rows_by(
        golden, "customer", ("golden_id", "full_name", "organisation", "record_count"), "golden_id", ids.values()
    )
    others = {
        row["golden_id"]: Other(row["golden_id"], row["full_name"] or row["organisation"], row["record_count"])
        for row in rows
    }
    return {entity: others[golden_id] for entity, golden_id in ids.items() if golden_id in others}


def _largest(weight: Mapping[str, int], named: Mapping[str, Other]) -> tuple[Other, ...]:
    told = {named[entity] for entity in _heaviest(weight) if entity in named}
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
        FROM matching.distinct_record
        WHERE street IN (SELECT unnest($2::VARCHAR[]))
            AND list_contains($1::VARCHAR[], street_number || ' ' || street)""",
}
