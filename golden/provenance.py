"""Turns the ranking into provenance: for each published attribute its value, its record, the rule, what lost.

Invariant: a row for every attribute that has a published value and for no other; the winner comes first, no value comes
twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from golden.evidence import SEPARATOR
from golden.rules import ADDRESS_PARTS, FULLER, ONLY_VALUE, RECORD_ORDER

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
    ), gathered AS (
        SELECT golden_id, attribute, list(
            {{
                'value': value, 'source': source, 'source_record_id': source_record_id, 'observed_at': observed_at,
                'place': place, 'chosen': chosen, 'keys': keys, 'rules': rules
            }} ORDER BY place
        ) AS said
        FROM distinct_value GROUP BY golden_id, attribute
    ), decided AS (
        SELECT golden_id, attribute, said, said[1] AS winner, list_filter(
            list_zip(said[1].keys, said[2].keys, said[1].rules), lambda compared: compared[1] <> compared[2]
        ) AS differing
        FROM gathered WHERE said[1].chosen
    )
    SELECT golden_id, attribute, winner.value, winner.source, winner.source_record_id, winner.observed_at,
        CASE
            WHEN len(said) = 1 THEN '{ONLY_VALUE}'
            WHEN winner.place = 0 THEN '{FULLER}'
            WHEN len(differing) = 0 THEN '{RECORD_ORDER}'
            ELSE differing[1][3]
        END AS rule,
        list_transform(said[2:], lambda lost: {{
            'value': lost.value, 'source': lost.source, 'source_record_id': lost.source_record_id,
            'observed_at': lost.observed_at
        }}) AS alternatives
    FROM decided
    ORDER BY golden_id, attribute
    """


def write_provenance(con: DuckDBPyConnection) -> None:
    """Replace golden.provenance by what `ranked` says."""
    con.execute("DELETE FROM golden.provenance")
    con.execute(_PROVENANCE)
