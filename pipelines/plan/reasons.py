"""Why records come together or apart: what the sides share, and what stewards have decided about them.

READS: golden.crosswalk, latest.crosswalk, matching.standardised, matching.shared_value, matching.decision,
matching.ruling, yesterday.matching.decision, yesterday.matching.ruling, the temporary table planned. WRITES nothing.
Invariant: what counts as shared is what matching could see and did not take for a placeholder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.plan.asking import rows_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NEW = "new records"
"""The side of records that were nobody's before."""
_NAMED = 6
"""Records that are named for a value that sides share; the others are counted."""

_VALUES = (
    ("identifier", "unnest(identifiers)", "identifier"),
    ("e-mail", "unnest(emails)", "email"),
    ("phone", "unnest(phones)", "phone"),
    ("birth date", "birth_date::VARCHAR", ""),
    ("name", "nullif(concat_ws(' ', clean_given_name, clean_family_name), '')", ""),
    ("organisation", "clean_organisation", ""),
    ("address", "CASE WHEN clean_street IS NOT NULL THEN concat_ws(', ', clean_street, clean_city) END", ""),
    ("reference", "unnest(quoted)", ""),
)
"""What a value is called, where it is found, and what matching.shared_value calls it, strongest first."""

_SAID = " UNION ALL ".join(
    f"SELECT {place} AS place, '{name}' AS attribute, '{shared}' AS shared, new_id, old_id, record, {value} AS value"
    " FROM side JOIN matching.standardised USING (source, source_record_id)"
    for place, (name, value, shared) in enumerate(_VALUES)
)
_EVIDENCE = f"""
    WITH side AS (
        SELECT source, source_record_id, source || ':' || source_record_id AS record,
            now.golden_id AS new_id, coalesce(before.golden_id, '{_NEW}') AS old_id
        FROM golden.crosswalk AS now
        JOIN (SELECT golden_id FROM planned WHERE moved) AS concerned ON concerned.golden_id = now.golden_id
        LEFT JOIN latest.crosswalk AS before USING (source, source_record_id)
    ), said AS ({_SAID}), known AS (
        SELECT said.* FROM said
        ANTI JOIN matching.shared_value AS shared ON shared.attribute = said.shared AND shared.value = said.value
        WHERE said.value IS NOT NULL
    )
    SELECT new_id AS golden_id, attribute, min(value) AS value,
        list_sort(list(DISTINCT old_id)) AS sides, count(DISTINCT record) AS records,
        list_sort(list(DISTINCT record))[:{_NAMED}] AS named
    FROM known GROUP BY new_id, place, attribute, lower(value)
    HAVING count(DISTINCT old_id) > 1
    ORDER BY new_id, place, value
    """
_DECISIONS = """
    WITH held AS (
        SELECT source, source_record_id, golden_id FROM golden.crosswalk
        SEMI JOIN planned USING (golden_id)
    )
    SELECT DISTINCT l.golden_id AS golden_id, decision_id, decision,
        source_l || ':' || source_record_id_l AS record_l, source_r || ':' || source_record_id_r AS record_r,
        decided_by, decided_at, reason, state
    FROM matching.decision
    JOIN held AS l ON l.source = source_l AND l.source_record_id = source_record_id_l
    JOIN held AS r ON r.source = source_r AND r.source_record_id = source_record_id_r
    JOIN planned AS of_l ON of_l.golden_id = l.golden_id
    JOIN planned AS of_r ON of_r.golden_id = r.golden_id AND of_r.grp = of_l.grp
    WHERE state <> 'dormant'
    ORDER BY decision_id, record_l, record_r
    """
_BOUND = """
    SELECT decision_id, decision, source_l || ':' || source_record_id_l AS record_l,
        source_r || ':' || source_record_id_r AS record_r, decided_by, decided_at, reason, tonight.state,
        CASE WHEN tonight.decision_id IS NULL THEN 'no longer' WHEN known.decision_id IS NULL THEN 'newly'
            ELSE 'otherwise' END AS bound
    FROM (SELECT * FROM matching.decision) AS tonight
    FULL JOIN (SELECT * FROM yesterday.matching.decision) AS known USING (decision_id, decision, source_l,
        source_record_id_l, source_r, source_record_id_r, decided_by, decided_at, reason)
    WHERE tonight.state IS DISTINCT FROM known.state
    ORDER BY decision_id, bound, record_l, record_r
    """
_RULED = """
    SELECT *, CASE WHEN source_l IS NULL THEN NULL ELSE concat(source_l, ':', source_record_id_l) END AS record_l,
        CASE WHEN source_r IS NULL THEN NULL ELSE concat(source_r, ':', source_record_id_r) END AS record_r
    FROM (
        SELECT *, 'newly' AS bound FROM matching.ruling ANTI JOIN yesterday.matching.ruling USING (decision_id)
        UNION ALL
        SELECT *, 'no longer' FROM yesterday.matching.ruling ANTI JOIN matching.ruling USING (decision_id)
    )
    WHERE ruling <> 'unsure'
    """


def find_evidence(con: DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return, per customer that others' records come to, the values that records of several sides have in common.

    A side is who a record was before: a golden id, or `new records`. Strongest kind of value first.
    """
    return rows_of(con, _EVIDENCE)


def find_decisions(con: DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the decisions that bind records of the customers concerned, each with the customer of its first record."""
    return rows_of(con, _DECISIONS)


def decisions_bound(con: DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the decisions that bind tonight and did not before, no longer do, or do in another state."""
    return rows_of(con, _BOUND)


def rulings_bound(con: DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return what else stewards said that binds tonight and did not before, or no longer does."""
    return rows_of(
        con,
        f"""
        SELECT decision_id, ruling, record_l, record_r, attribute, value, until, decided_by, decided_at, reason, bound
        FROM ({_RULED}) ORDER BY decision_id
        """,
    )
