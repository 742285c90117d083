"""What is derived from a distinct record before it is blocked and compared: short, comparable columns.

Nothing here decides; it only spells a tuple so that blocking keys and comparison levels are cheap expressions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.arrays import copy_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FREQUENCY_ATTRIBUTES = ("given", "middle", "family", "organisation", "birth_date", "email", "phone", "place")
"""The columns whose values weigh by their rarity."""


def features_sql(tuples: str) -> str:
    """Return the SELECT that spells the rows of `tuples`, a query with the columns of matching.distinct_record."""
    return f"""
    WITH told AS (
        SELECT * EXCLUDE (street),
            replace(family, ' ', '') AS joined_family,
            left(given, 1) AS given_initial,
            regexp_replace(split_part(email, '@', 1), '[^a-z]', '', 'g') AS letters,
            coalesce(street, 'po box ' || po_box) AS street
        FROM ({tuples})
    ),
    judged AS (SELECT *, {_EMAIL_KIND} AS email_kind FROM told)
    SELECT * EXCLUDE (letters, joined_family, po_box) REPLACE (
            CASE WHEN len(nicknames) > 0 THEN nicknames END AS nicknames,
            CASE WHEN len(identifiers) > 0 THEN identifiers END AS identifiers,
            CASE WHEN len(quoted) > 0 THEN quoted END AS quoted
        ),
        length(given) = 1 AS given_is_initial,
        left(family, 1) AS family_initial,
        length(family) = 1 AS family_is_initial,
        string_split(family, ' ') AS family_words,
        left(family, 1) || regexp_replace(substr(joined_family, 2), '[aeiouyhw]', '', 'g') AS family_skeleton,
        year(birth_date) AS birth_year,
        month(birth_date) AS birth_month,
        day(birth_date) AS birth_day,
        split_part(email, '@', 1) AS email_local,
        split_part(email, '@', 2) AS email_domain,
        nullif(letters, '') AS email_letters,
        regexp_replace(split_part(email, '@', 1), '[^0-9]', '', 'g') AS email_digits,
        email_kind = 'handle' OR regexp_matches(split_part(email, '@', 1), '[0-9]') AS email_is_telling,
        CASE WHEN street IS NOT NULL THEN concat_ws(' ', street_number, street) END AS place
    FROM judged
    """


_EMAIL_KIND = """
CASE
    WHEN email IS NULL THEN NULL
    WHEN (length(given) > 2 AND contains(letters, replace(given, ' ', '')))
        OR coalesce(list_bool_or(list_transform(
            nicknames, lambda name: length(name) > 2 AND contains(letters, name))), false)
        OR letters IN (given_initial || joined_family, given_initial || middle || joined_family,
            joined_family || given_initial)
        THEN 'personal'
    WHEN length(joined_family) > 2 AND contains(letters, joined_family) THEN 'family'
    ELSE 'handle'
END
"""
"""Whom an address speaks of: its bearer alone, the bearer's family, or nobody by name."""

NODES_SQL = """
SELECT distinct_record_id, (dense_rank() OVER (ORDER BY tuple_id) - 1)::INTEGER AS tuple_no, stands_alone
FROM matching.distinct_record ORDER BY distinct_record_id
"""
"""Every distinct record with the number of its tuple, in the order of the ids: a node's number is its place here."""

_TUPLES_SQL = """
SELECT (row_number() OVER (ORDER BY tuple_id) - 1)::INTEGER AS tuple_no, * EXCLUDE (tuple_id, distinct_record_id)
FROM (
    SELECT * REPLACE (sum(records) OVER (PARTITION BY tuple_id)::BIGINT AS records)
    FROM matching.distinct_record
    QUALIFY row_number() OVER (PARTITION BY tuple_id ORDER BY distinct_record_id) = 1
)
"""


def load_features(con: DuckDBPyConnection, scratch: DuckDBPyConnection) -> int:
    """Copy tonight's tuples from the warehouse into `scratch`, spelled for comparison; return how many there are.

    Makes `feature` (one row per tuple, `tuple_no` from 0 in the order of tuple_id) and `node` (see NODES_SQL).
    """
    copy_table(con, NODES_SQL, scratch, "node")
    tuples = copy_table(con, _TUPLES_SQL, scratch, "distinct_tuple")
    scratch.execute(f"CREATE OR REPLACE TABLE feature AS {features_sql('SELECT * FROM distinct_tuple')}")
    scratch.execute("DROP TABLE distinct_tuple")
    return tuples
