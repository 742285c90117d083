"""Collapses equal records into distinct records, the units that are compared.

Reads matching.standardised, matching.shared_value and matching.decision. Writes matching.distinct_record and
matching.member. Keeps this: every standardised record is member of exactly one distinct record; ids are hashes of what
is compared, so the same records give the same ids in any order.

Equal is not the same: a tuple that says too little to single somebody out (only a name, only a street) stands alone
for each of its records, and the model decides later. Shared values and placeholders are taken out of the tuple first.
References that tie records to others are part of a tuple that stands alone; elsewhere its members' are gathered. A
record that a binding decision names is a node by itself, so that a steward can part two that say the same; it says what
its tuple says, and stays one with it unless a decision parts them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.bound import BINDING
from warehouse.run import Run, StageReport
from warehouse.tables.matching import DISTINCT_RECORD

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.settings import Settings

READS = ("matching.standardised", "matching.shared_value", "matching.decision")
WRITES = ("matching.distinct_record", "matching.member")

_TEXTS = (
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
_LISTS = ("emails", "phones", "identifiers")
_ID_DIGITS = 20


def collapse(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Make tonight's distinct records and their members anew."""
    con.execute(_usable_sql())
    con.execute(_TUPLES_SQL)
    for table in WRITES:
        con.execute(f"DELETE FROM {table}")
    gathered = {"quoted": "list_sort(list_distinct(flatten(list(quoted))))", "nicknames": "min(nicknames)"}
    columns = [name for name in DISTINCT_RECORD.column_names if name not in {*gathered, "records"}]
    con.execute(f"""
        INSERT INTO matching.distinct_record ({", ".join((*columns, "records", *gathered))})
        WITH node AS (
            SELECT {", ".join(columns)}, count(*) AS records FROM tuple_of_record GROUP BY {", ".join(columns)}
        ),
        gathered AS (
            SELECT tuple_id, {", ".join(f"{told} AS {name}" for name, told in gathered.items())}
            FROM tuple_of_record GROUP BY tuple_id
        )
        SELECT {", ".join((*columns, "records", *gathered))} FROM node JOIN gathered USING (tuple_id)
        ORDER BY distinct_record_id
    """)
    con.execute("""
        INSERT INTO matching.member
        SELECT source, source_record_id, distinct_record_id FROM tuple_of_record ORDER BY source, source_record_id
    """)
    counts = con.execute("""
        SELECT count(*), count(DISTINCT tuple_id), count(*) FILTER (stands_alone), sum(records)
        FROM matching.distinct_record
    """).fetchall()[0]
    con.execute("DROP TABLE temp.usable")
    con.execute("DROP TABLE temp.tuple_of_record")
    return StageReport(
        rows={WRITES[0]: counts[0], WRITES[1]: counts[3] or 0},
        figures={"tuples": counts[1], "standing_alone": counts[2]},
    )


def _shared_sql(attribute: str, column: str) -> str:
    """Return a subquery: per record, the values of the list `column` that are shared ones."""
    compared = "right(value, 7)" if attribute == "phone" else "value"
    return f"""
    (SELECT source, source_record_id, list(value) AS found
        FROM (SELECT source, source_record_id, unnest({column}) AS value FROM matching.standardised)
        SEMI JOIN (SELECT value AS shared FROM matching.shared_value WHERE attribute = '{attribute}') AS s
            ON s.shared = {compared}
        GROUP BY source, source_record_id)"""


def _without_sql(column: str, found: str) -> str:
    return (
        f"CASE WHEN {found} IS NULL THEN coalesce({column}, [])"
        f" ELSE list_filter({column}, lambda value: NOT list_contains({found}, value)) END"
    )


def _usable_sql() -> str:
    """Return the statement that makes the temporary table `usable`: the records without their shared values."""
    name = "(SELECT value FROM matching.shared_value WHERE attribute = '{0}')"
    return f"""
    CREATE OR REPLACE TEMP TABLE usable AS
    WITH listed AS (
        SELECT s.* EXCLUDE (given, family, nicknames, emails, phones, identifiers, quoted, city),
            CASE WHEN s.street IS NULL THEN s.city END AS city,
            CASE WHEN g.value IS NULL THEN s.given END AS given,
            CASE WHEN g.value IS NULL THEN s.nicknames END AS nicknames,
            CASE WHEN f.value IS NULL THEN s.family END AS family,
            {_without_sql("s.emails", "e.found")} AS emails,
            {_without_sql("s.phones", "p.found")} AS phones,
            {_without_sql("s.identifiers", "i.found")} AS identifiers,
            coalesce(s.quoted, []) AS quoted
        FROM matching.standardised AS s
        LEFT JOIN {name.format("given")} AS g ON g.value = s.given
        LEFT JOIN {name.format("family")} AS f ON f.value = s.family
        LEFT JOIN {_shared_sql("email", "emails")} AS e USING (source, source_record_id)
        LEFT JOIN {_shared_sql("phone", "phones")} AS p USING (source, source_record_id)
        LEFT JOIN {_shared_sql("identifier", "identifiers")} AS i USING (source, source_record_id)
    )
    SELECT * REPLACE (
        CASE WHEN list_contains(emails, email) THEN email ELSE emails[1] END AS email,
        CASE WHEN list_contains(list_transform(phones, lambda number: right(number, 7)), phone)
            THEN phone ELSE right(phones[1], 7) END AS phone
    ) FROM listed
    """


_SINGLES_OUT = """
    email IS NOT NULL OR phone IS NOT NULL OR len(identifiers) > 0
    OR (length(given) > 1 AND length(family) > 1
        AND (birth_date IS NOT NULL OR po_box IS NOT NULL OR (street IS NOT NULL AND street_number IS NOT NULL)))
"""
"""What a tuple must say for its records to be one node: a contact point, a number, a full name at a place or date."""

_TUPLE_TEXT = " || chr(31) || ".join(
    [
        *(f"coalesce({column}::VARCHAR, '')" for column in _TEXTS),
        *(f"array_to_string({column}, chr(30))" for column in _LISTS),
    ]
)

_TUPLES_SQL = f"""
CREATE OR REPLACE TEMP TABLE tuple_of_record AS
WITH spelled AS (
    SELECT *, NOT coalesce({_SINGLES_OUT}, false) AS stands_alone, {_TUPLE_TEXT} AS tuple_text FROM usable
),
decided AS (
    SELECT source_l AS source, source_record_id_l AS source_record_id, true AS is_decided
    FROM matching.decision WHERE state IN {BINDING}
    UNION
    SELECT source_r, source_record_id_r, true FROM matching.decision WHERE state IN {BINDING}
),
told AS (
    SELECT *, tuple_text || CASE WHEN stands_alone
        THEN chr(31) || array_to_string(quoted, chr(30)) ELSE '' END AS told
    FROM spelled LEFT JOIN decided USING (source, source_record_id)
)
SELECT *,
    't' || left(sha256(told), {_ID_DIGITS}) AS tuple_id,
    'd' || left(sha256(told || CASE WHEN stands_alone OR is_decided
        THEN chr(29) || source || ':' || source_record_id ELSE '' END), {_ID_DIGITS}) AS distinct_record_id
FROM told
"""
