"""The hard cases of a set whose truth knows its persons: how many there are, wrongly merged, wrongly split.

A slice is found by a rule over the truth and the raw exports. One of persons is of pairs of them: wrongly merged, if a
cluster has records of both; wrongly split, if one of the two has several clusters. One of records is wrongly merged, if
another person has more records in its cluster than its own; wrongly split, if it is not in the cluster that has most of
its person's records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.connection import quote_literal

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

STORM = 10
"""A contact point of more persons than this is taken for a placeholder, one of fewer for a shared one."""

FAMILY = 10
"""A household of more persons than this is no family but a dormitory or the like."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice: `what` is counted, how many there are, how many are wrongly merged and split."""

    name: str
    what: str
    count: int
    merged: int
    split: int


PAIRS = {
    "family: one household, other names": (
        "household_l = household_r AND (first_l <> first_r OR last_l <> last_r) AND born_l IS DISTINCT FROM born_r"
        f" AND of_household <= {FAMILY}"
    ),
    "twins: one household, one birth date": "household_l = household_r AND born_l = born_r",
    "junior and senior: one household, one name": (
        "household_l = household_r AND first_l = first_r AND last_l = last_r"
    ),
    "namesakes: one name, other households": (
        "first_l = first_r AND last_l = last_r AND household_l IS DISTINCT FROM household_r"
    ),
}
"""Slices of pairs of persons, by what the truth knows of them."""

RECORDS = {
    "swapped names": (
        "(given = last AND family = first) OR name = last || ' ' || first"
        " OR (name LIKE last || ' ' || first || ' %' AND first <> last)"
    ),
    "company in the name's field": "name IN (SELECT organisation FROM firm)",
}
"""Slices of records, by what was delivered and what the truth knows of their person; all in small letters."""


def measure_slices(scratch: DuckDBPyConnection, truth: Path, persons: Path) -> list[Slice]:
    """Return the slices of `labelled`, `told` and `landed`, by the truth's files of records and of persons."""
    scratch.execute(_PERSON_SQL.format(persons=quote_literal(str(persons))))
    for statement in (_DELIVERED_SQL, _FIRM_SQL, _CONTACT_SQL, _HOME_SQL):
        scratch.execute(statement)
    found = [_nobodies(scratch)]
    found += [_of_pairs(scratch, name, _PERSON_PAIRS_SQL.format(rule=rule)) for name, rule in PAIRS.items()]
    shared = f"BETWEEN 2 AND {STORM}"
    for contact, words in (("phone", "telephone"), ("email", "e-mail address")):
        found.append(_of_pairs(scratch, f"a shared {words}", _SHARED_SQL.format(contact=contact, bearers=shared)))
    found.append(_of_records(scratch, f"placeholder storms: a contact point of over {STORM} persons", _STORM_SQL))
    found += [_of_records(scratch, name, _DELIVERED_AS_SQL.format(rule=rule)) for name, rule in RECORDS.items()]
    replies = f"SELECT * FROM read_parquet({quote_literal(str(truth))}) WHERE kind = 'staff_reply'"
    return [*found, _of_records(scratch, "answers of the staff", replies)]


def _nobodies(scratch: DuckDBPyConnection) -> Slice:
    count, merged = scratch.execute("""
        SELECT count(*), count(*) FILTER (cluster IN (SELECT cluster FROM told)) FROM labelled WHERE person IS NULL
    """).fetchall()[0]
    return Slice("non-customers", "records", count, merged, 0)


def _of_pairs(scratch: DuckDBPyConnection, name: str, pairs: str) -> Slice:
    counts = scratch.execute(f"""
        WITH pair AS (SELECT DISTINCT p, q FROM ({pairs})),
        joined AS (
            SELECT DISTINCT p, q FROM pair
            JOIN told AS l ON l.person = p JOIN told AS r ON r.person = q AND r.cluster = l.cluster
        ),
        several AS (SELECT person FROM told GROUP BY person HAVING count(DISTINCT cluster) > 1)
        SELECT (SELECT count(*) FROM pair), (SELECT count(*) FROM joined),
            (SELECT count(*) FROM pair WHERE p IN (FROM several) OR q IN (FROM several))
    """).fetchall()[0]
    return Slice(name, "pairs of persons", *counts)


def _of_records(scratch: DuckDBPyConnection, name: str, records: str) -> Slice:
    counts = scratch.execute(f"""
        SELECT count(*), count(*) FILTER (owner <> person), count(*) FILTER (home <> cluster)
        FROM (SELECT DISTINCT source, source_record_id FROM ({records})) JOIN placed USING (source, source_record_id)
    """).fetchall()[0]
    return Slice(name, "records", *counts)


_PERSON_SQL = """
CREATE OR REPLACE TABLE person AS
SELECT person_id AS person, lower(first_name) AS first, lower(last_name) AS last, date_of_birth AS born,
    household_id AS household, count(*) OVER (PARTITION BY household_id) AS of_household
FROM read_parquet({persons}) SEMI JOIN told ON told.person = person_id
"""

_DELIVERED_SQL = """
CREATE OR REPLACE TABLE delivered AS
SELECT source, source_record_id, l.person, first, last, lower(trim(given_name)) AS given,
    lower(trim(family_name)) AS family, lower(trim(full_name)) AS name
FROM told AS l JOIN person USING (person) JOIN landed USING (source, source_record_id)
"""

_FIRM_SQL = """
CREATE OR REPLACE TABLE firm AS
SELECT DISTINCT lower(trim(organisation)) AS organisation FROM landed WHERE organisation IS NOT NULL
"""

_CONTACT_SQL = r"""
CREATE OR REPLACE TABLE contact AS
WITH said AS (
    SELECT source, source_record_id, 'email' AS contact, lower(trim(unnest(emails))) AS value FROM landed
    UNION ALL
    SELECT source, source_record_id, 'phone',
        right(regexp_replace(regexp_replace(lower(unnest(phones)), '(x|ext).*', ''), '\D', '', 'g'), 10) FROM landed
)
SELECT contact, value, source, source_record_id, person,
    list_unique(list(person) OVER (PARTITION BY contact, value)) AS persons
FROM said JOIN told USING (source, source_record_id) WHERE value <> ''
"""

_HOME_SQL = """
CREATE OR REPLACE TABLE placed AS
WITH cell AS (SELECT person, cluster, count(*) AS records FROM told GROUP BY person, cluster),
home AS (
    SELECT person, arg_max(cluster, (records, cluster)) AS home FROM cell GROUP BY person
),
owner AS (
    SELECT cluster, arg_max(person, (records, person)) AS owner FROM cell GROUP BY cluster
)
SELECT source, source_record_id, person, cluster, home, owner
FROM told JOIN home USING (person) JOIN owner USING (cluster)
"""

_PERSON_PAIRS_SQL = """
SELECT p, q FROM (
    SELECT l.person AS p, r.person AS q, l.first AS first_l, r.first AS first_r, l.last AS last_l, r.last AS last_r,
        l.born AS born_l, r.born AS born_r, l.household AS household_l, r.household AS household_r,
        l.of_household
    FROM person AS l JOIN person AS r ON l.person < r.person
        AND (l.household = r.household OR (l.first = r.first AND l.last = r.last))
) WHERE {rule}
"""

_SHARED_SQL = """
SELECT l.person AS p, r.person AS q FROM contact AS l JOIN contact AS r USING (contact, value)
WHERE contact = '{contact}' AND l.persons {bearers} AND l.person < r.person
"""

_STORM_SQL = f"SELECT source, source_record_id FROM contact WHERE persons > {STORM}"

_DELIVERED_AS_SQL = "SELECT source, source_record_id FROM delivered WHERE {rule}"
