"""Collapses equal records into distinct records, the units that are compared.

Reads matching.standardised, matching.shared_value and matching.decision, and what they were in the base, with what came
of them. Writes matching.distinct_record and matching.member, and to matching.record_change and matching.node_change
what is not as in the base.
Keeps this: every standardised record is member of exactly one distinct record; ids are hashes of what is compared, so
the same records give the same ids in any order, and in any night.

Equal is not the same: a tuple that says too little to single somebody out (only a name, only a street) stands alone
for each of its records, and the model decides later. Shared values and placeholders are taken out of the tuple first.
References that tie records to others are part of a tuple that stands alone; elsewhere its members' are gathered. A
record that a binding decision names is a node by itself, so that a steward can part two that say the same; it says what
its tuple says, and stays one with it unless a decision parts them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.bound import BINDING
from matching.changed_records import COLLAPSED, LISTS, TEXTS, write_changed_records
from matching.yesterday import builds_on_base, mark, take_up
from warehouse.connection import has_rows
from warehouse.run import Run, StageReport
from warehouse.tables.matching import DISTINCT_RECORD

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.settings import Settings

READS = (
    "matching.standardised",
    "matching.shared_value",
    "matching.decision",
    "yesterday.standardised",
    "yesterday.shared_value",
    "yesterday.decision",
    "yesterday.distinct_record",
    "yesterday.member",
)
WRITES = (
    "matching.distinct_record",
    "matching.member",
    "matching.node_change",
    "matching.record_change",
    "matching.collapse_run",
)
NODES, MEMBERS, CHANGES, RECORDS, MARKER = WRITES

ID_DIGITS = 20


def collapse(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Make tonight's distinct records and their members: all of them, or those that are not as in the base."""
    for table in (CHANGES, RECORDS):
        con.execute(f"DELETE FROM {table}")
    if builds_on_base(con, run):
        take_up(con, run, MARKER, (NODES, MEMBERS))
        _collapse_changed(con, run)
    else:
        collapse_all(con)
        mark(con, MARKER, run.run_id)
    counts = con.execute(f"""
        SELECT count(*), count(DISTINCT tuple_id), count(*) FILTER (stands_alone), sum(records),
            (SELECT count(*) FROM {CHANGES}), (SELECT count(*) FROM {RECORDS})
        FROM {NODES}
    """).fetchall()[0]
    return StageReport(
        rows={NODES: counts[0], MEMBERS: counts[3] or 0, CHANGES: counts[4], RECORDS: counts[5], MARKER: 1},
        figures={"tuples": counts[1], "standing_alone": counts[2]},
    )


def collapse_all(con: DuckDBPyConnection) -> None:
    """Make the distinct records of all of matching.standardised, and their members."""
    _make_tuples(con, "matching.standardised")
    for table in (NODES, MEMBERS):
        con.execute(f"DELETE FROM {table}")
    con.execute(f"INSERT INTO {NODES} BY NAME {_NODES_SQL} ORDER BY distinct_record_id")
    con.execute(f"INSERT INTO {MEMBERS} {_MEMBERS_SQL} ORDER BY source, source_record_id")
    con.execute("DROP TABLE temp.tuple_of_record")


def _collapse_changed(con: DuckDBPyConnection, run: Run) -> None:
    """Make the tuples anew that a changed record belongs to, or belonged to, and write down what is different."""
    write_changed_records(con)
    con.execute(_LOOKED_AT_SQL)
    _make_tuples(con, "temp.looked_at")
    con.execute(_CONCERNED_SQL)
    con.execute(_OTHERS_SQL)
    con.execute(f"CREATE OR REPLACE TEMP TABLE made_node AS {_NODES_SQL}")
    con.execute(_CHANGES_SQL)
    if has_rows(con, f"SELECT 1 FROM {CHANGES}"):
        con.execute(f"DELETE FROM {NODES} WHERE distinct_record_id IN (SELECT distinct_record_id FROM {CHANGES})")
        con.execute(
            f"INSERT INTO {NODES} BY NAME SELECT * FROM temp.made_node SEMI JOIN {CHANGES} USING (distinct_record_id)"
        )
        con.execute(
            f"DELETE FROM {MEMBERS} AS m USING {RECORDS} AS c"
            " WHERE m.source = c.source AND m.source_record_id = c.source_record_id"
        )
        con.execute(
            f"INSERT INTO {MEMBERS} SELECT * FROM ({_MEMBERS_SQL}) SEMI JOIN matching.record_change"
            " USING (source, source_record_id)"
        )
        mark(con, MARKER, run.run_id)
    for table in ("looked_at", "moved_node", "concerned_node", "made_node", "tuple_of_record"):
        con.execute(f"DROP TABLE temp.{table}")


_LOOKED_AT_SQL = f"""
CREATE OR REPLACE TEMP TABLE looked_at AS
SELECT source, source_record_id, {", ".join(COLLAPSED)}
FROM matching.standardised SEMI JOIN matching.record_change USING (source, source_record_id)
"""

_CONCERNED_SQL = """
CREATE OR REPLACE TEMP TABLE moved_node AS
SELECT distinct_record_id FROM matching.member SEMI JOIN matching.record_change USING (source, source_record_id)
UNION
SELECT distinct_record_id FROM temp.tuple_of_record;
CREATE OR REPLACE TEMP TABLE concerned_node AS
SELECT * FROM matching.distinct_record SEMI JOIN (
    SELECT tuple_id FROM temp.tuple_of_record
    UNION ALL
    SELECT tuple_id FROM matching.distinct_record SEMI JOIN temp.moved_node USING (distinct_record_id)
) USING (tuple_id)
"""
"""The nodes that changed records belong to, or belonged to; and those of the base that are of the tuples of these."""

_GATHERED = {"quoted": "list_sort(list_distinct(flatten(list(quoted))))", "nicknames": "min(nicknames)"}
_OF_NODE = tuple(name for name in DISTINCT_RECORD.column_names if name not in {*_GATHERED, "records"})
_NODE = ", ".join(_OF_NODE)

_NODES_SQL = f"""
WITH node AS (SELECT {_NODE}, count(*) AS records FROM temp.tuple_of_record GROUP BY {_NODE}),
gathered AS (
    SELECT tuple_id, {", ".join(f"{told} AS {name}" for name, told in _GATHERED.items())}
    FROM temp.tuple_of_record GROUP BY tuple_id
)
SELECT {_NODE}, records, {", ".join(_GATHERED)} FROM node JOIN gathered USING (tuple_id)
"""
_OTHERS_SQL = f"""
INSERT INTO temp.tuple_of_record BY NAME
SELECT source, source_record_id, {", ".join(f"n.{name}" for name in _OF_NODE)}, coalesce(s.quoted, []) AS quoted,
    CASE WHEN n.given IS NOT DISTINCT FROM s.given THEN s.nicknames END AS nicknames
FROM matching.member
JOIN temp.concerned_node AS n USING (distinct_record_id)
JOIN matching.standardised AS s USING (source, source_record_id)
ANTI JOIN matching.record_change USING (source, source_record_id)
"""
"""The other records of those tuples: what they say is what it was, so their nodes tell it but for what is gathered.

A given name that the node does not have is a shared value.
"""

_MEMBERS_SQL = "SELECT source, source_record_id, distinct_record_id FROM temp.tuple_of_record"

_COMPARED = ", ".join(name for name in DISTINCT_RECORD.column_names if name != "records")
_CHANGES_SQL = f"""
INSERT INTO {CHANGES}
WITH before AS (SELECT distinct_record_id, tuple_id, hash({_COMPARED}) AS said FROM temp.concerned_node),
now AS (SELECT distinct_record_id, tuple_id, hash({_COMPARED}) AS said FROM temp.made_node)
SELECT distinct_record_id, coalesce(n.tuple_id, b.tuple_id),
    CASE WHEN b.said IS NULL THEN 'new' WHEN n.said IS NULL THEN 'gone' WHEN n.said <> b.said THEN 'changed'
        ELSE 'members' END
FROM before AS b FULL JOIN now AS n USING (distinct_record_id)
WHERE n.said IS DISTINCT FROM b.said OR distinct_record_id IN (SELECT distinct_record_id FROM temp.moved_node)
"""
"""That a record among the members is another is a change too, even where nothing that is compared has changed."""


def _make_tuples(con: DuckDBPyConnection, records: str) -> None:
    """Make the temporary table `tuple_of_record` of `records`, a table of rows of matching.standardised."""
    con.execute(_usable_sql(records))
    con.execute(_TUPLES_SQL)
    con.execute("DROP TABLE temp.usable")


def _shared_sql(records: str, attribute: str, column: str) -> str:
    """Return a subquery: per record, the values of the list `column` that are shared ones."""
    compared = "right(value, 7)" if attribute == "phone" else "value"
    return f"""
    (SELECT source, source_record_id, list(value) AS found
        FROM (SELECT source, source_record_id, unnest({column}) AS value FROM {records})
        SEMI JOIN (SELECT value AS shared FROM matching.shared_value WHERE attribute = '{attribute}') AS s
            ON s.shared = {compared}
        GROUP BY source, source_record_id)"""


def _without_sql(column: str, found: str) -> str:
    return (
        f"CASE WHEN {found} IS NULL THEN coalesce({column}, [])"
        f" ELSE list_filter({column}, lambda value: NOT list_contains({found}, value)) END"
    )


def _usable_sql(records: str) -> str:
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
        FROM {records} AS s
        LEFT JOIN {name.format("given")} AS g ON g.value = s.given
        LEFT JOIN {name.format("family")} AS f ON f.value = s.family
        LEFT JOIN {_shared_sql(records, "email", "emails")} AS e USING (source, source_record_id)
        LEFT JOIN {_shared_sql(records, "phone", "phones")} AS p USING (source, source_record_id)
        LEFT JOIN {_shared_sql(records, "identifier", "identifiers")} AS i USING (source, source_record_id)
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
        *(f"coalesce({column}::VARCHAR, '')" for column in TEXTS),
        *(f"array_to_string({column}, chr(30))" for column in LISTS),
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
    't' || left(sha256(told), {ID_DIGITS}) AS tuple_id,
    'd' || left(sha256(told || CASE WHEN stands_alone OR is_decided
        THEN chr(29) || source || ':' || source_record_id ELSE '' END), {ID_DIGITS}) AS distinct_record_id
FROM told
"""
