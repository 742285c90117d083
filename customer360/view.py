"""One customer as plain data, read from a release: who, why we think so, what happened, what changed.

Reads the tables of a release under their bare names; writes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

Row = dict[str, Any]

_FEWEST_DIGITS = 7
_GRAVEST_FIRST = (
    "list_position(['urgent', 'warning', 'notice', 'info'], severity), since DESC NULLS LAST, signal, activity_id"
)


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A golden record with all that hangs on it; each list is a list of rows of the table of that name.

    `household` holds everybody of the customer's household, himself included, with their names. `pins` are the rulings
    of stewards behind values that are pinned, None where the release does not keep them any more. What a release of an
    earlier version has no table for is empty.
    """

    customer: Row
    profile: Row | None
    household: list[Row]
    crosswalk: list[Row]
    provenance: list[Row]
    activity: list[Row]
    change: list[Row]
    formerly: list[str]
    signals: list[Row] = field(default_factory=list)
    contact_facts: list[Row] = field(default_factory=list)
    permissions: list[Row] = field(default_factory=list)
    offers: list[Row] = field(default_factory=list)
    pins: list[Row] | None = None

    def document(self) -> dict[str, Any]:
        """Return the view as JSON-ready data."""
        return {name: getattr(self, name) for name in self.__slots__}


def customer_view(con: DuckDBPyConnection, golden_id: str) -> CustomerView | None:
    """Return the living customer with this id, None when there is none; redirects are followed by the caller."""
    found = _rows(con, "SELECT * FROM customer WHERE golden_id = ?", golden_id)
    if not found:
        return None
    profiles = _rows(con, "SELECT * FROM profile WHERE golden_id = ?", golden_id)
    return CustomerView(
        customer=found[0],
        profile=profiles[0] if profiles else None,
        household=_rows(
            con,
            "SELECT household_id, golden_id, basis, coalesce(full_name, organisation) AS name"
            " FROM household JOIN customer USING (golden_id)"
            " WHERE household_id = (SELECT household_id FROM household WHERE golden_id = ?) ORDER BY golden_id",
            golden_id,
        ),
        crosswalk=_rows(
            con, "SELECT * FROM crosswalk WHERE golden_id = ? ORDER BY source, source_record_id", golden_id
        ),
        provenance=_rows(con, "SELECT * FROM provenance WHERE golden_id = ? ORDER BY attribute", golden_id),
        activity=_rows(
            con, 'SELECT * FROM activity WHERE golden_id = ? ORDER BY "at" DESC NULLS LAST, activity_id', golden_id
        ),
        change=changes_of(con, golden_id),
        formerly=[
            row["golden_id"]
            for row in _rows(
                con, "SELECT golden_id FROM redirect WHERE current_golden_id = ? ORDER BY golden_id", golden_id
            )
        ],
        signals=_of(con, "signal", golden_id, _GRAVEST_FIRST),
        contact_facts=_of(con, "contact_fact", golden_id, '"at" DESC NULLS LAST, activity_id, attribute, value'),
        permissions=_of(con, "permission", golden_id, "purpose, channel"),
        offers=_of(con, "offer", golden_id, "eligible DESC, offer"),
    )


def _of(con: DuckDBPyConnection, table: str, golden_id: str, order: str) -> list[Row]:
    """Return a customer's rows of a table in an order, none where the release has no such table."""
    known = "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND table_name = ?"
    if not _rows(con, known, table):
        return []
    return _rows(con, f"SELECT * FROM {table} WHERE golden_id = ? ORDER BY {order}", golden_id)


def pins_of(workings: DuckDBPyConnection, provenance: Sequence[Row]) -> list[Row]:
    """Return who pinned the pinned values of a customer, until when and why; `workings` are those of the release.

    Each row: attribute, decision_id, decided_by, decided_at, until, reason; in the order of `provenance`.
    """
    found: list[Row] = []
    for row in provenance:
        if row["rule"] == "pinned":
            found += _rows(
                workings,
                "SELECT attribute, decision_id, decided_by, decided_at, until, reason FROM matching.ruling"
                " WHERE ruling = 'pin' AND source_l = ? AND source_record_id_l = ? AND attribute = ?"
                " ORDER BY decision_id DESC LIMIT 1",
                row["source"],
                row["source_record_id"],
                row["attribute"],
            )
    return found


def changes_of(con: DuckDBPyConnection, golden_id: str, until: int | None = None) -> list[Row]:
    """Return the events of `change` that concern a customer, in their sequence, up to that of number `until`."""
    return _rows(
        con,
        'SELECT sequence, release_id, "at", event, golden_id, other_golden_id, cause, source, source_record_id '
        "FROM change WHERE (golden_id = $1 OR other_golden_id = $1) AND sequence <= coalesce($2, sequence)"
        " ORDER BY sequence",
        golden_id,
        until,
    )


def golden_id_of_record(con: DuckDBPyConnection, source: str, source_record_id: str) -> str | None:
    """Return the customer that a source record belongs to, None when it is nobody's or unknown."""
    found = _rows(
        con,
        "SELECT golden_id FROM crosswalk WHERE source = ? AND source_record_id = ?",
        source,
        source_record_id,
    )
    return found[0]["golden_id"] if found else None


def find_customers(con: DuckDBPyConnection, text: str, limit: int = 20) -> list[Row]:
    """Return customers by any part of a name or e-mail, by a phone in any format, or by a reference that is quoted.

    Each row: golden_id, full_name, organisation, email, phone, city, record_count, last_seen_at; most records first.
    """
    wanted = text.strip().lower()
    digits = re.sub(r"\D", "", text)
    return _rows(
        con,
        """
        SELECT golden_id, full_name, organisation, email, phone, city, record_count, last_seen_at FROM customer
        WHERE contains(lower(concat_ws(' ', full_name, organisation)), $1)
           OR list_bool_or(list_transform(emails, lambda e: contains(lower(e), $1)))
           OR ($2 <> '' AND list_bool_or(list_transform(phones,
               lambda p: ends_with(regexp_replace(p, '\\D', '', 'g'), $2))))
           OR golden_id IN (SELECT golden_id FROM activity WHERE lower(reference) = $1)
           OR golden_id IN (SELECT golden_id FROM crosswalk WHERE lower(source_record_id) = $1)
        ORDER BY record_count DESC, golden_id LIMIT $3""",
        wanted,
        digits if len(digits) >= _FEWEST_DIGITS else "",
        limit,
    )


def _rows(con: DuckDBPyConnection, query: str, *parameters: object) -> list[Row]:
    cursor = con.execute(query, list(parameters))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
