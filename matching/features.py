"""What is derived from a distinct record before it is blocked and compared: short, comparable columns.

Nothing here decides; it only spells a tuple so that blocking keys and comparison levels are cheap expressions. Lists
are costly to carry along with every pair: what is compared as a list is null where it holds no more than one value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.arrays import copy_table
from matching.attributes.email import ROLE_MAILBOXES
from matching.attributes.email_domain import PUBLIC_PROVIDERS
from warehouse.connection import quote_literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(quote_literal(word) for word in sorted(words))


FREQUENCY_ATTRIBUTES = (
    *("given", "middle", "family", "organisation", "birth_date"),
    *("email", "phone", "phone_line", "place", "postal_code", "city"),
)
"""The columns whose values weigh by their rarity."""


def features_sql(tuples: str) -> str:
    """Return the SELECT that spells the rows of `tuples`, a query with the columns of matching.distinct_record."""
    return f"""
    WITH told AS (
        SELECT * EXCLUDE (street),
            replace(family, ' ', '') AS joined_family,
            left(given, 1) AS given_initial,
            split_part(email, '@', 1) AS email_local,
            split_part(email, '@', 2) AS email_domain,
            regexp_replace(email_local, '[^a-z]', '', 'g') AS letters,
            coalesce(street, 'po box ' || po_box) AS street
        FROM ({tuples})
    ),
    judged AS (
        SELECT *, {_EMAIL_KIND} AS email_kind,
            given IS NULL AND family IS NULL AND organisation IS NOT NULL AS is_firm,
            CASE WHEN street IS NOT NULL THEN concat_ws(' ', street_number, street) END AS place
        FROM told
    )
    SELECT * EXCLUDE (letters, joined_family, po_box) REPLACE (
            CASE WHEN len(nicknames) > 0 THEN nicknames END AS nicknames,
            CASE WHEN len(identifiers) > 0 THEN identifiers END AS identifiers,
            CASE WHEN len(quoted) > 0 THEN quoted END AS quoted,
            {_WHOLE_PHONE} AS phone
        ),
        is_firm OR (email IS NULL AND phone IS NULL) AS is_sparse,
        {_OF_PERSONS}, {_OF_CONTACTS}, {_OF_FIRMS_OR_OTHERS}
    FROM judged
    """


_WHOLE_PHONE = "coalesce(list_filter(phones, lambda number: ends_with(number, phone))[1], phone)"
_OF_PERSONS = """
        length(given) = 1 AS given_is_initial,
        CASE WHEN len(nicknames) > 1 THEN nicknames END AS short_for,
        left(family, 1) AS family_initial,
        length(family) = 1 AS family_is_initial,
        CASE WHEN contains(family, ' ') THEN string_split(family, ' ') END AS families,
        left(family, 1) || regexp_replace(substr(joined_family, 2), '[aeiouyhw]', '', 'g') AS family_skeleton,
        year(birth_date) AS birth_year,
        month(birth_date) AS birth_month,
        day(birth_date) AS birth_day"""
_OF_CONTACTS = f"""
        CASE WHEN len(emails) > 1 THEN emails END AS many_emails,
        nullif(letters, '') AS email_letters,
        regexp_replace(email_local, '[^0-9]', '', 'g') AS email_digits,
        email_kind = 'handle' OR regexp_matches(email_local, '[0-9]') AS email_is_telling,
        email_domain IN ({_quoted(PUBLIC_PROVIDERS)}) AS email_is_public,
        CASE WHEN len(phones) > 1 THEN phones END AS many_phones,
        phone AS phone_line,
        nullif(CASE WHEN contains(postal_code, ' ') THEN split_part(postal_code, ' ', 1) ELSE left(postal_code, -2) END,
            '') AS postal_area"""
_OF_FIRMS_OR_OTHERS = """
        CASE WHEN is_firm THEN organisation END AS firm,
        CASE WHEN is_firm THEN string_split(organisation, ' ') END AS firm_words,
        CASE WHEN is_firm THEN place END AS site,
        CASE WHEN is_firm THEN phone END AS switchboard,
        CASE WHEN NOT is_firm THEN organisation END AS employer,
        CASE WHEN NOT is_firm THEN place END AS home,
        CASE WHEN NOT is_firm THEN phone END AS own_phone"""

_EMAIL_KIND = f"""
CASE
    WHEN email IS NULL THEN NULL
    WHEN letters IN ({_quoted(ROLE_MAILBOXES)}) THEN 'family'
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
"""Whom an address speaks of: its bearer alone, the bearer's family or office, or nobody by name."""

NODES = "matching.distinct_record"


def nodes_sql(among: str | None = None, nodes: str = NODES) -> str:
    """Return the query of every distinct record with the number of its tuple, from 0 in the order of tuple_id.

    The rows are in the order of the ids. `among` names a table of the tuples to look at; all of them without it.
    """
    return f"""
        SELECT distinct_record_id, (dense_rank() OVER (ORDER BY tuple_id) - 1)::INTEGER AS tuple_no, stands_alone
        FROM {_looked_at(among, nodes)} ORDER BY distinct_record_id
    """


def tuple_numbers_sql(among: str | None = None, nodes: str = NODES) -> str:
    """Return the query of the tuples (tuple_id, tuple_no), numbered as in nodes_sql."""
    return f"""
        SELECT tuple_id, (row_number() OVER (ORDER BY tuple_id) - 1)::INTEGER AS tuple_no
        FROM (SELECT DISTINCT tuple_id FROM {_looked_at(among, nodes)})
    """


def _looked_at(among: str | None, nodes: str) -> str:
    return f"(FROM {nodes} SEMI JOIN {among} USING (tuple_id))" if among else nodes


def _tuples_sql(nodes: str) -> str:
    return f"""
        WITH told AS (
            SELECT tuple_id, min(distinct_record_id) AS distinct_record_id, sum(records)::BIGINT AS records
            FROM {nodes} GROUP BY tuple_id
        )
        SELECT (row_number() OVER (ORDER BY r.tuple_id) - 1)::INTEGER AS tuple_no,
            r.* EXCLUDE (tuple_id, distinct_record_id) REPLACE (told.records AS records)
        FROM {nodes} AS r JOIN told USING (distinct_record_id)
    """


def load_features(
    con: DuckDBPyConnection,
    scratch: DuckDBPyConnection,
    columns: Iterable[str] = ("*",),
    among: str | None = None,
    nodes: str = NODES,
) -> int:
    """Copy tonight's tuples from the warehouse into `scratch`, spelled for comparison; return how many there are.

    Makes `feature` (one row per tuple, `tuple_no` from 0 in the order of tuple_id; of its columns those named) and
    `node` (see nodes_sql). `among` names a table of `con` with the `tuple_id` of the tuples to take, `nodes` the
    table of distinct records.
    """
    if among is not None:
        con.execute(f"CREATE OR REPLACE TEMP TABLE looked_at AS FROM {nodes} SEMI JOIN {among} USING (tuple_id)")
        nodes = "temp.looked_at"
    copy_table(con, nodes_sql(nodes=nodes), scratch, "node")
    spelled = f"SELECT {', '.join(columns)} FROM ({features_sql(_tuples_sql(nodes))})"
    tuples = copy_table(con, spelled, scratch, "feature")
    if among is not None:
        con.execute("DROP TABLE temp.looked_at")
    return tuples
