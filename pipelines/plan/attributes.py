"""What changes in the golden record of a customer who stays: old value, new value, and the rule and record behind it.

READS: latest.customer, golden.customer, golden.provenance, the temporary table planned. WRITES nothing.
Invariant: of a customer who is in both, every published attribute that differs is told, and no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.plan.asking import rows_of
from warehouse.connection import quote_identifier, quote_literal
from warehouse.tables.golden import ATTRIBUTES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SINGLE = (*ATTRIBUTES, "safe_for")
"""Columns of golden.customer with one value; full_name is made of the name's parts."""
LISTED = ("emails", "phones")
"""Columns with all values of the customer's records."""

_BOTH = "latest.customer AS before JOIN golden.customer AS now USING (golden_id) SEMI JOIN planned USING (golden_id)"


def find_changes(con: DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return golden_id, attribute, before, after and, for the value after, its source, record and rule.

    Of a list or of identifiers, a value that came has no `before`, one that went no `after`. Rows are in the order of
    golden_id and of the attributes.
    """
    queries = [_single(name) for name in SINGLE] + [_listed(name) for name in LISTED] + [_identifiers()]
    numbered = (f"SELECT {place} AS place, * FROM ({query})" for place, query in enumerate(queries))
    return rows_of(
        con,
        f"""
        SELECT golden_id, attribute, "before", "after", said.source, said.source_record_id, said.rule
        FROM ({" UNION ALL ".join(numbered)}) AS change
        LEFT JOIN golden.provenance AS said USING (golden_id, attribute)
        ORDER BY golden_id, place, "before" NULLS LAST, "after" NULLS LAST
        """,
    )


def _single(name: str) -> str:
    column = quote_identifier(name)
    return (
        f"SELECT golden_id, {quote_literal(name)} AS attribute, before.{column}::VARCHAR AS before,"
        f" now.{column}::VARCHAR AS after FROM {_BOTH} WHERE before.{column} IS DISTINCT FROM now.{column}"
    )


def _listed(name: str) -> str:
    column = quote_identifier(name)
    gone = f"SELECT golden_id, unnest(before.{column}) AS before, NULL AS after, now.{column} AS other FROM {_BOTH}"
    come = f"SELECT golden_id, NULL AS before, unnest(now.{column}) AS after, before.{column} AS other FROM {_BOTH}"
    return (
        f"SELECT golden_id, {quote_literal(name)} AS attribute, before, after"
        f" FROM ({gone} UNION ALL {come}) WHERE NOT list_contains(other, coalesce(before, after))"
    )


def _identifiers() -> str:
    """Return the identifiers that came and went, each under its own name."""

    def flat(side: str) -> str:
        entry = f"SELECT golden_id, unnest(map_entries({side}.identifiers)) AS entry FROM {_BOTH}"
        return f"SELECT golden_id, entry.key AS name, unnest(entry.value) AS value FROM ({entry})"

    gone = f"SELECT golden_id, name, value AS before, NULL AS after FROM ({flat('before')} EXCEPT {flat('now')})"
    come = f"SELECT golden_id, name, NULL AS before, value AS after FROM ({flat('now')} EXCEPT {flat('before')})"
    return f"SELECT golden_id, 'identifier.' || name AS attribute, before, after FROM ({gone} UNION ALL {come})"
