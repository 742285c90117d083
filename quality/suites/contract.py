"""What a table's spec says of its rows, asked of the rows: keys, required columns, closed lists, finite numbers.

Nothing here is written by hand: a column that is added to a spec is checked from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.suite import Count, counted, repeated, rows
from warehouse.connection import quote_identifier, quote_literal
from warehouse.tables import care, golden, landing, matching, quarantine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quality.suite import Group, Suite
    from warehouse.table_spec import TableSpec

EMPTY_WHEN = {
    quarantine.QUARANTINE: "every row could be read",
    matching.EXCLUDED_RECORD: "every record may be somebody's",
    golden.EXCLUDED_RECORD: "every record is somebody's",
    golden.POSSIBLE_MATCH: "no two customers are in doubt",
    golden.REDIRECT: "no golden id was ever retired",
    care.ITEM: "no order or invoice has lines",
    care.SIGNAL: "there is nothing to know about a customer",
    care.SIGNAL_CHANGE: "no signal was ever raised",
    care.KNOWN_ISSUE: "no problem of ours is known",
    care.ISSUE_EFFECT: "no open order is touched by a problem of ours",
    care.CONTACT_FACT: "nobody wrote of a new contact point",
    care.PERMISSION: "no source says how customers may be addressed",
    care.OFFER: "joinedup.yaml has no offers",
    care.HOUSEHOLD: "no two customers share a household",
}
"""Tables that may be empty, and what that means; every other one holds the night when it is."""


def contract(spec: TableSpec, group: Group, *, of_release: bool = False) -> Suite:
    """Return the suite that holds a table to its spec."""
    counts = tuple(_counts(spec))
    empty_when = EMPTY_WHEN.get(spec, "")
    name = f"{spec.schema}_{spec.name}_contract"
    return counted(name, group, spec.full_name, counts, empty_when=empty_when, of_release=of_release)


def _counts(spec: TableSpec) -> Iterator[Count]:
    table = spec.full_name
    yield Count("key_repeated", f"one row per {spec.grain}", repeated(table, spec.key))
    for column in spec.columns:
        name = quote_identifier(column.name)
        if not column.nullable:
            guards = "a required column has a value in every row"
            yield Count(f"{column.name}_missing", guards, rows(f"{name} IS NULL"))
        if column.values:
            listed = ", ".join(quote_literal(value) for value in column.values)
            guards = "a value comes from its closed list"
            yield Count(f"{column.name}_unlisted", guards, rows(f"{name} NOT IN ({listed})"))
        if column.type == "DOUBLE":
            guards = "a number is a number, not infinite and not undefined"
            yield Count(f"{column.name}_not_finite", guards, rows(f"NOT isfinite({name})"))


LANDING = tuple(contract(spec, "landing") for spec in (landing.LIVE_RECORD, landing.DELIVERY, quarantine.QUARANTINE))
STANDARDISED = tuple(contract(spec, "standardised") for spec in (matching.STANDARDISED, matching.EXCLUDED_RECORD))
GOLDEN = tuple(contract(spec, "golden", of_release=True) for spec in golden.TABLES)
CARE = tuple(contract(spec, "care", of_release=True) for spec in care.TABLES)
