"""Finds what stewards have pinned: per customer and attribute the one value that is published, whatever the rules say.

Reads golden.crosswalk, landing.night and matching.ruling. Keeps this: a pin is of a source record and binds the
customer that has the record tonight; a pin of a record that is nobody's, or whose time is over as of tonight, binds
nothing; of two pins on one attribute of a customer the later decision holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.connection import quote_literal
from warehouse.tables.golden import ATTRIBUTES

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

READS = ("golden.crosswalk", "landing.night", "matching.ruling")

_VALUE = "CASE attribute WHEN 'birth_date' THEN try_cast(value AS DATE)::VARCHAR ELSE nullif(trim(value), '') END"


def pins_in_force(ruling: str, as_of: datetime) -> str:
    """Return the query of the pins of a table `ruling` that hold at a moment, whoever their record is of.

    Columns: decision_id, source, source_record_id, attribute, value, until, decided_by, decided_at.
    """
    return f"""
        SELECT decision_id, source_l AS source, source_record_id_l AS source_record_id, attribute, {_VALUE} AS value,
            until, decided_by, decided_at
        FROM {ruling}
        WHERE ruling = 'pin' AND attribute IN {ATTRIBUTES} AND {_VALUE} IS NOT NULL
            AND (until IS NULL OR until > {quote_literal(as_of.isoformat(sep=" "))}::TIMESTAMP)
        """


def find_pinned(con: DuckDBPyConnection, as_of: datetime) -> None:
    """Make the temporary table `pinned`: golden_id, attribute, value, source, source_record_id, observed_at.

    `observed_at` is when it was pinned.
    """
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE pinned AS
        SELECT golden_id, attribute, value, source, source_record_id, decided_at AS observed_at
        FROM ({pins_in_force("matching.ruling", as_of)})
        JOIN golden.crosswalk USING (source, source_record_id)
        QUALIFY row_number() OVER (PARTITION BY golden_id, attribute ORDER BY decision_id DESC) = 1
        """
    )
