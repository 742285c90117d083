"""Says in words which ruling of a steward took effect tonight: a pin, a placeholder, a record that is nobody's.

Reads matching.ruling, yesterday.matching.ruling, matching.standardised, golden.provenance, latest.provenance and the
temporary tables `move` and `touched`. Keeps this: a ruling is named only in the night in which it came to bind or
ceased to, and a pin only where the value that is published became another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from golden.pins import pins_in_force
from warehouse.connection import has_rows

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

READS = (
    "matching.ruling",
    "yesterday.ruling",
    "matching.standardised",
    "golden.provenance",
    "latest.provenance",
)

_ENDS = "CASE WHEN now.decision_id IS NULL THEN ', which binds no longer' ELSE '' END"
_WHO = "coalesce(now.decision_id, before.decision_id), ' by ', coalesce(now.decided_by, before.decided_by)"


def _turned(now: str, before: str, *columns: str) -> str:
    """Return the query of the rulings of two queries that are in one only: decision_id, `words`, and the columns."""
    kept = ", ".join(f"coalesce(now.{column}, before.{column}) AS {column}" for column in columns)
    return f"""
        SELECT coalesce(now.decision_id, before.decision_id) AS decision_id, now.decision_id IS NOT NULL AS binds,
            concat('decision ', {_WHO}) AS told, {_ENDS} AS ending, {kept}
        FROM ({now}) AS now FULL JOIN ({before}) AS before ON before.decision_id = now.decision_id
        WHERE now.decision_id IS NULL OR before.decision_id IS NULL
        """


def _of_kind(ruling: str) -> tuple[str, str]:
    """Return the queries of tonight's and of yesterday's rulings of a kind."""
    query = "SELECT *, source_l AS source, source_record_id_l AS source_record_id FROM {0} WHERE ruling = '{1}'"
    return query.format("matching.ruling", ruling), query.format("yesterday.matching.ruling", ruling)


_CAUSE = "concat(arg_min(words, decision_id), CASE WHEN count(*) > 1 THEN concat(', and ', count(*) - 1, ' more') END)"

_COMPARED = "CASE attribute WHEN 'phone' THEN right(regexp_replace(value, '[^0-9]', '', 'g'), 7) ELSE lower(value) END"
_CARRIED = """
    SELECT source, source_record_id, unnest([
        {'attribute': 'given_name', 'values': [given]}, {'attribute': 'family_name', 'values': [family]},
        {'attribute': 'email', 'values': emails}, {'attribute': 'identifier', 'values': identifiers},
        {'attribute': 'phone', 'values': list_transform(phones, lambda phone: right(phone, 7))}
    ], recursive := true) FROM matching.standardised
    """


_PINNED = f"""
    CREATE OR REPLACE TEMP TABLE pinned_customer AS
    WITH turned AS (
        SELECT DISTINCT new_id AS golden_id, attribute, decision_id, concat(told, ': pin', ending) AS words
        FROM turned_pin JOIN move USING (source, source_record_id)
    ), effective AS (
        SELECT golden_id, decision_id, words FROM turned
        LEFT JOIN golden.provenance AS said USING (golden_id, attribute)
        LEFT JOIN latest.provenance AS had USING (golden_id, attribute)
        WHERE said.value IS DISTINCT FROM had.value
    )
    SELECT golden_id, {_CAUSE} AS cause FROM effective GROUP BY golden_id
    """
_VOIDED = f"""
    CREATE OR REPLACE TEMP TABLE voided_customer AS
    WITH carrier AS (
        SELECT source, source_record_id, decision_id, concat(told, ': placeholder', ending) AS words
        FROM (SELECT source, source_record_id, attribute, unnest("values") AS value FROM ({{carried}}))
        JOIN (SELECT * REPLACE ({_COMPARED} AS value) FROM turned_placeholder) USING (attribute, value)
    ), concerned AS (
        SELECT old_id AS golden_id, decision_id, words FROM carrier JOIN move USING (source, source_record_id)
        UNION
        SELECT new_id, decision_id, words FROM carrier JOIN move USING (source, source_record_id)
    )
    SELECT golden_id, {_CAUSE} AS cause FROM concerned WHERE golden_id IS NOT NULL GROUP BY golden_id
    """


def find_ruled_customers(con: DuckDBPyConnection, as_of: datetime, before: datetime | None) -> None:
    """Make the temporary tables `pinned_customer` and `voided_customer`, both golden_id, cause; from `move`.

    `before` is the as_of of the base. A pin concerns the customer that its record belongs to, a placeholder all
    customers with a record that carries the value.
    """
    now, then = (
        pins_in_force(ruling, moment)
        for ruling, moment in (("matching.ruling", as_of), ("yesterday.matching.ruling", before or as_of))
    )
    pins = _turned(now, then, "source", "source_record_id", "attribute")
    values = _turned(*_of_kind("placeholder"), "attribute", "value")
    con.execute(f"CREATE OR REPLACE TEMP TABLE turned_pin AS {pins}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE turned_placeholder AS {values}")
    con.execute(_PINNED)
    some = "" if has_rows(con, "FROM turned_placeholder") else " WHERE false"
    con.execute(_VOIDED.replace("{carried}", _CARRIED + some))
    for table in ("turned_pin", "turned_placeholder"):
        con.execute(f"DROP TABLE {table}")


def tell_of_ruled_records(con: DuckDBPyConnection) -> None:
    """Say in `touched` of the records that came to be nobody's by a steward's word, or ceased to, that he said so."""
    ruled = _turned(*_of_kind("not_a_customer"), "source", "source_record_id")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE ruled_record AS
        SELECT source, source_record_id, CASE WHEN bool_or(binds) THEN concat('excluded: ', min(told) FILTER (binds))
            ELSE concat('counts again: ', min(told), ' binds no longer') END AS what
        FROM ({ruled}) JOIN landing.live_record USING (source, source_record_id)
        GROUP BY ALL
        """)
    con.execute(
        "DELETE FROM touched USING ruled_record AS ruled WHERE ruled.source = touched.source"
        " AND ruled.source_record_id = touched.source_record_id"
    )
    con.execute("INSERT INTO touched FROM ruled_record")
    con.execute("DROP TABLE ruled_record")
