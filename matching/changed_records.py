"""Which records are not what they were in the base: the ones whose distinct records are made anew.

Reads matching.standardised, matching.shared_value and matching.decision, tonight's and the base's. Writes
matching.record_change. Keeps this: a record that is not in it collapses to what it did in the base, unless another
record of its tuple has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.bound import BINDING, BINDS_BY

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TEXTS = (
    "given",
    "middle",
    "family",
    "suffix",
    "organisation",
    "birth_date",
    "email",
    "phone",
    "street_number",
    "street",
    "unit",
    "po_box",
    "city",
    "postal_code",
)
"""The attributes of a tuple that are one value."""

LISTS = ("emails", "phones", "identifiers")
"""The attributes of a tuple that are several."""

COLLAPSED = (*TEXTS, *LISTS, "nicknames", "quoted")
"""What a record's distinct record is made of."""

FINGERPRINT_SQL = f"hash(source, source_record_id, {', '.join(COLLAPSED)})"
"""Whose record it is, and what its distinct record is made of: equal in two nights where both are."""

_STANDARDISED_SQL = """
SELECT source, source_record_id FROM matching.standardised
ANTI JOIN yesterday.matching.standardised USING (fingerprint)
UNION ALL
SELECT source, source_record_id FROM yesterday.matching.standardised
ANTI JOIN matching.standardised USING (fingerprint)
"""

_TURNED_SQL = """
CREATE OR REPLACE TEMP TABLE turned_value AS
SELECT attribute, value FROM matching.shared_value ANTI JOIN yesterday.matching.shared_value USING (attribute, value)
UNION ALL
SELECT attribute, value FROM yesterday.matching.shared_value ANTI JOIN matching.shared_value USING (attribute, value)
"""
"""The values that are shared ones tonight and were none in the base, or the other way round."""

_CARRIED = {
    "given": "given",
    "family": "family",
    "email": "unnest(emails)",
    "phone": "right(unnest(phones), 7)",
    "identifier": "unnest(identifiers)",
}
"""What of a record is held against the shared values of each attribute."""

_DECIDED_SQL = f"""
WITH tonight AS (SELECT {BINDS_BY} FROM matching.decision WHERE state IN {BINDING}),
before AS (SELECT {BINDS_BY} FROM yesterday.matching.decision WHERE state IN {BINDING}),
turned AS ((FROM tonight EXCEPT FROM before) UNION ALL (FROM before EXCEPT FROM tonight))
SELECT source_l AS source, source_record_id_l AS source_record_id FROM turned
UNION ALL
SELECT source_r, source_record_id_r FROM turned
"""


def write_changed_records(con: DuckDBPyConnection) -> None:
    """Write to matching.record_change, which is empty, the records that are new, gone, or concerned.

    Concerned are those that say something else, carry a value that has become a shared one or is none any more, or are
    named by a decision that did not bind in the base, or does not tonight.
    """
    con.execute(_TURNED_SQL)
    attributes = con.execute("SELECT DISTINCT attribute FROM temp.turned_value").fetchall()
    concerned = [_STANDARDISED_SQL, _DECIDED_SQL, *(_carriers_sql(attribute) for (attribute,) in attributes)]
    con.execute(f"""
        INSERT INTO matching.record_change
        SELECT DISTINCT source, source_record_id FROM ({" UNION ALL ".join(f"({query})" for query in concerned)})
    """)
    con.execute("DROP TABLE temp.turned_value")


def _carriers_sql(attribute: str) -> str:
    return f"""
        SELECT source, source_record_id
        FROM (SELECT source, source_record_id, {_CARRIED[attribute]} AS value FROM matching.standardised)
        SEMI JOIN (SELECT value FROM temp.turned_value WHERE attribute = '{attribute}') USING (value)"""
