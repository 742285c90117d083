"""Who a customer is: the golden record behind an id, its records, where its values come from, and who is near.

Reads customer, redirect, change, crosswalk, excluded_record, provenance, household and possible_match of a release.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from serving.reading.tables import Row, about_customer, in_memory, of_group, rows
from warehouse.tables.care import HOUSEHOLD
from warehouse.tables.golden import CROSSWALK, CUSTOMER, POSSIBLE_MATCH, PROVENANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from stewardship.web.releases import Pinned

State = Literal["living", "retired", "gone", "unknown"]
_NAMES = ("golden_id", "full_name", "organisation")

_FOLLOW_SQL = """
    WITH RECURSIVE led(golden_id, current_golden_id) USING KEY (golden_id) AS (
        SELECT golden_id, current_golden_id FROM redirect WHERE golden_id = $golden_id
        UNION
        SELECT r.golden_id, r.current_golden_id FROM led JOIN redirect AS r ON r.golden_id = led.current_golden_id
    )
    SELECT (SELECT min(golden_id) FROM customer WHERE golden_id IN (SELECT current_golden_id FROM led)),
        (SELECT count(*) FROM led)
            + (SELECT count(*) FROM change WHERE golden_id = $golden_id AND event IN ('erased', 'retired'))"""

_RESOLVE_SQL = """
    WITH asked AS (
        SELECT unnest($sources::VARCHAR[]) AS source, unnest($keys::VARCHAR[]) AS source_record_id,
            generate_subscripts($sources::VARCHAR[], 1) AS number
    )
    SELECT source, source_record_id, golden_id, reason FROM asked
    LEFT JOIN crosswalk USING (source, source_record_id)
    LEFT JOIN excluded_record USING (source, source_record_id)
    ORDER BY number"""


@dataclass(frozen=True, slots=True)
class Found:
    """What a golden id is in a release.

    `living`: a customer, whose row of `customer` is `row`. `retired`: `golden_id` is who it is now. `gone`: it was a
    customer and has no successor. `unknown`: the release has never heard of it.
    """

    state: State
    golden_id: str | None = None
    row: Row | None = None


def find_customer(pinned: Pinned, golden_id: str) -> Found:
    """Return what a golden id is, a retired one being followed to its end."""
    found = about_customer(pinned, CUSTOMER, golden_id)
    if found:
        return Found("living", golden_id, found[0])
    with pinned.golden() as con:
        return _retired(con, golden_id)


def customer(pinned: Pinned, golden_id: str) -> Row | None:
    """Return the row of `customer`, a retired id being followed; None where there is none, or no successor."""
    found = find_customer(pinned, golden_id)
    if found.state == "retired" and found.golden_id is not None:
        found = find_customer(pinned, found.golden_id)
    return found.row


def records(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return the rows of `crosswalk` of a customer."""
    return about_customer(pinned, CROSSWALK, golden_id, "source", "source_record_id")


def provenance(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return where each attribute of a customer comes from, in the order of their names."""
    return about_customer(pinned, PROVENANCE, golden_id, "attribute")


def household(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return who lives with a customer, the customer too: household_id, golden_id, basis, full_name, organisation."""
    own = about_customer(pinned, HOUSEHOLD, golden_id)
    if not own:
        return []
    return _with_names(pinned, of_group(pinned, HOUSEHOLD, own[0]["household_id"], "golden_id"))


def possible_matches(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return who may be the same person: golden_id, full_name, organisation, match_probability, reason."""
    pairs = about_customer(pinned, POSSIBLE_MATCH, golden_id, "-match_probability", "golden_id_l", "golden_id_r")
    for pair in pairs:
        left, right = pair.pop("golden_id_l"), pair.pop("golden_id_r")
        pair["golden_id"] = right if left == golden_id else left
    return _with_names(pinned, pairs)


def resolve(pinned: Pinned, asked: Sequence[tuple[str, str]]) -> list[Row]:
    """Return whose each record is, in the order asked: source, source_record_id, golden_id, reason (of nobody's)."""
    parameters = {"sources": [source for source, _ in asked], "keys": [key for _, key in asked]}
    with pinned.golden() as con:
        return rows(con, _RESOLVE_SQL, parameters)


def _with_names(pinned: Pinned, found: list[Row]) -> list[Row]:
    """Add the names of the customers that rows are about."""
    if not found:
        return []
    names = {row["golden_id"]: row for row in _named(pinned, [row["golden_id"] for row in found])}
    return [row | names[row["golden_id"]] for row in found if row["golden_id"] in names]


def _named(pinned: Pinned, golden_ids: list[str]) -> list[Row]:
    if (memory := in_memory(pinned, CUSTOMER)) is not None:
        return memory.of_each(golden_ids, _NAMES)
    query = f"SELECT {', '.join(_NAMES)} FROM customer WHERE golden_id IN (SELECT unnest($ids::VARCHAR[]))"
    with pinned.golden() as con:
        return rows(con, query, {"ids": golden_ids})


def _retired(con: DuckDBPyConnection, golden_id: str) -> Found:
    now, known = con.execute(_FOLLOW_SQL, {"golden_id": golden_id}).fetchall()[0]
    if now is not None:
        return Found("retired", now)
    return Found("gone" if known else "unknown")
