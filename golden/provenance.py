"""Turns the ranking into provenance: for each published attribute its value, its record, the rule, what lost.

Reads the temporary tables `ranked` and `pinned`. Invariant: a row for every attribute that has a published value and
for no other; the winner comes first, no value comes twice; what a steward pinned wins, and what would have won else is
the first of those that lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from golden.evidence import SEPARATOR
from golden.rules import ADDRESS_PARTS, FULLER, ONLY_VALUE, PINNED, RECORD_ORDER

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PARTS = ", ".join(
    f"('{group}', '{attribute}', {number})"
    for group, attributes in (("name", ("given_name", "family_name")), ("address", ADDRESS_PARTS))
    for number, attribute in enumerate(attributes, start=1)
)
_BY_ATTRIBUTE = f"""
    SELECT ranked.* EXCLUDE (attribute, value), part.attribute,
        string_split(ranked.value, {SEPARATOR})[part.number] AS value
    FROM ranked JOIN (VALUES {_PARTS}) AS part(moving_together, attribute, number)
        ON part.moving_together = ranked.attribute
    WHERE string_split(ranked.value, {SEPARATOR})[part.number] <> ''
    UNION ALL BY NAME
    SELECT * FROM ranked WHERE attribute NOT IN ('name', 'address')
    """
_PROVENANCE = f"""
    INSERT INTO golden.provenance BY NAME
    WITH by_attribute AS ({_BY_ATTRIBUTE}), distinct_value AS (
        SELECT * FROM by_attribute
        QUALIFY row_number() OVER (PARTITION BY golden_id, attribute, value ORDER BY place) = 1
    ), placed AS (
        SELECT *, row_number() OVER best_first AS nth, lead(keys) OVER best_first AS keys_of_next
        FROM distinct_value WINDOW best_first AS (PARTITION BY golden_id, attribute ORDER BY place)
    ), pin AS (
        SELECT golden_id, attribute, value AS pinned_value FROM pinned
    ), lost AS (
        SELECT golden_id, attribute, list(
            {{'value': value, 'source': source, 'source_record_id': source_record_id, 'observed_at': observed_at}}
            ORDER BY nth
        ) AS alternatives
        FROM placed LEFT JOIN pin USING (golden_id, attribute)
        WHERE CASE WHEN pin.pinned_value IS NULL THEN nth > 1 ELSE value <> pin.pinned_value END
        GROUP BY golden_id, attribute
    ), winner AS (
        SELECT *, list_filter(
            list_zip(keys, keys_of_next, rules), lambda compared: compared[1] <> compared[2]
        ) AS differing
        FROM placed ANTI JOIN pin USING (golden_id, attribute) WHERE nth = 1 AND chosen
    ), decided AS (
        SELECT golden_id, attribute, value, source, source_record_id, observed_at,
            CASE
                WHEN keys_of_next IS NULL THEN '{ONLY_VALUE}'
                WHEN place = 0 THEN '{FULLER}'
                WHEN len(differing) = 0 THEN '{RECORD_ORDER}'
                ELSE differing[1][3]
            END AS rule
        FROM winner
        UNION ALL BY NAME
        SELECT *, '{PINNED}' AS rule FROM pinned
    )
    SELECT decided.*, coalesce(lost.alternatives, []) AS alternatives
    FROM decided LEFT JOIN lost USING (golden_id, attribute)
    ORDER BY golden_id, attribute
    """


def write_provenance(con: DuckDBPyConnection) -> None:
    """Replace golden.provenance by what `ranked` and `pinned` say."""
    con.execute("DELETE FROM golden.provenance")
    con.execute(_PROVENANCE)
