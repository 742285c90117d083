"""Which words are given names and which are family names, learnt from the names themselves, and names put right by it.

Works on a table of distinct names with the columns of `name_table` and `records`, how many records have each. A word's
role is the share of votes that it has as given name; a name does not vote on itself, and a list of known given names
counts as one vote. Exact counts and fixed odds: the outcome depends on the set of names alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from matching.attributes.nickname import known_given_names
from warehouse.connection import quote_identifier

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROUNDS = 3
"""Roles are counted, names turned, and roles counted again, so often: turned names then vote the right way round."""

SURE_OF_TWO = 81
"""Odds that turn a name when both its words speak: a share of .1 for the one and .9 for the other."""
SURE_OF_ONE = 20
"""Odds that turn a name when only one word speaks, beside an initial."""
SURE_OF_LONE = 10
"""Odds that make a family name of a word that stands alone."""

ENOUGH_TO_TELL, MORE_OFTEN = 20, 3
"""A source writes family names first if known given names end that many of its names, and so much more often."""
VOTES = 5
"""A pair of given and family name votes once per record, at most so often: many orders do not make it truer."""

_PAIRS_SQL = """
CREATE OR REPLACE TEMP TABLE name_pair AS
SELECT given, family, least(sum(records), {votes})::BIGINT AS votes
FROM {names} WHERE length(given) > 1 AND length(family) > 1
GROUP BY given, family
"""
_WORDS_SQL = """
CREATE OR REPLACE TEMP TABLE name_word AS
WITH word AS (
    SELECT unnest(string_split(given, ' ')) AS word, votes AS as_given, 0 AS as_family FROM name_pair
    UNION ALL
    SELECT unnest(string_split(family, ' ')), 0, votes FROM name_pair
)
SELECT word, sum(as_given)::BIGINT AS as_given, sum(as_family)::BIGINT AS as_family,
    word IN (SELECT name FROM known_given) AS is_known
FROM word
GROUP BY word
"""

_ODDS = (
    "((coalesce({w}.as_family - {f}, 0) + 0.5)"
    " / (coalesce({w}.as_given - {g}, 0) + 0.5 + coalesce({w}.is_known, false)::INT))"
)
"""Odds that a word is a family name; `f` and `g` are the votes of the name that is judged."""
_SEEN_TURNED = "pow(greatest(coalesce(reverse.votes / own.votes, 0), 1), 2)"
"""How much more likely a name is turned when the data have it more often the other way round."""


def settle_roles(con: DuckDBPyConnection, table: str) -> None:
    """Put right, in place, the distinct names of temporary `table` whose words stand in the wrong part.

    Leaves the temporary table `name_word`: each word, its votes `as_given` and `as_family`, and whether it `is_known`.
    """
    names = quote_identifier(table)
    _make_known_given(con)
    for _ in range(ROUNDS):
        _count(con, names)
        _judge(con, names)
        _turn(con, names)
    _count(con, names)
    _move_lone_words(con, names)
    _join_double_families(con, names)
    con.execute("DROP TABLE known_given")
    con.execute("DROP TABLE name_pair")


def count_votes(con: DuckDBPyConnection, table: str) -> None:
    """Make the temporary tables `name_word` and `name_pair` (given, family, votes) of names that were put right."""
    _make_known_given(con)
    _count(con, quote_identifier(table))
    con.execute("DROP TABLE known_given")


def _make_known_given(con: DuckDBPyConnection) -> None:
    known = pa.table({"name": pa.array(sorted(known_given_names()), pa.string())})
    con.register("known_given_arrow", known)
    con.execute("CREATE OR REPLACE TEMP TABLE known_given AS SELECT name FROM known_given_arrow")
    con.unregister("known_given_arrow")


def _count(con: DuckDBPyConnection, names: str) -> None:
    con.execute(_PAIRS_SQL.format(names=names, votes=VOTES))
    con.execute(_WORDS_SQL)


def _judge(con: DuckDBPyConnection, names: str) -> None:
    """Make the temporary table of the names whose parts change places: where both words say so, or one strongly."""
    given = _ODDS.format(w="g", f="0", g="own.votes")
    middle = _ODDS.format(w="m", f="0", g="0")
    family = _ODDS.format(w="f", f="own.votes", g="0")
    beside_initial = _ODDS.format(w="g", f="0", g="0")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE turned AS
        SELECT n.raw,
            CASE
                WHEN length(n.family) > 1 AND {given} > 1 AND {family} < 1
                    AND {given} * {_SEEN_TURNED} >= {SURE_OF_TWO} * {family}
                        * CASE WHEN length(n.middle) = 1 THEN {SURE_OF_ONE} ELSE 1 END
                    THEN CASE WHEN length(n.middle) > 1 AND {middle} < 1 THEN 'rotate' ELSE 'exchange' END
                WHEN length(n.family) = 1 AND length(n.middle) > 1 AND {beside_initial} > 1 AND {middle} < 1
                    AND {beside_initial} >= {SURE_OF_TWO} * {middle} THEN 'rotate'
                WHEN length(n.family) = 1 AND coalesce(length(n.middle), 1) = 1 AND {beside_initial} >= {SURE_OF_ONE}
                    THEN 'exchange'
            END AS how
        FROM {names} AS n
        LEFT JOIN name_pair AS own ON own.given = n.given AND own.family = n.family
        LEFT JOIN name_pair AS reverse ON reverse.given = n.family AND reverse.family = n.given
        LEFT JOIN name_word AS g ON g.word = string_split(n.given, ' ')[-1]
        LEFT JOIN name_word AS m ON m.word = string_split(n.middle, ' ')[1]
        LEFT JOIN name_word AS f ON f.word = n.family
        WHERE NOT n.order_certain AND length(n.given) > 1 AND NOT contains(n.family, ' ')
    """)


def _turn(con: DuckDBPyConnection, names: str) -> None:
    """Exchange given and family name, or move each part of `Family Given Middle` to its place."""
    con.execute(f"""
        UPDATE {names} AS n SET
            given = CASE how WHEN 'rotate' THEN n.middle ELSE n.family END,
            clean_given = CASE how WHEN 'rotate' THEN n.clean_middle ELSE n.clean_family END,
            middle = CASE WHEN how = 'rotate' THEN n.family WHEN length(n.middle) > 1 THEN NULL ELSE n.middle END,
            clean_middle = CASE
                WHEN how = 'rotate' THEN n.clean_family WHEN length(n.middle) > 1 THEN NULL ELSE n.clean_middle END,
            family = CASE
                WHEN how = 'exchange' AND length(n.middle) > 1 THEN n.given || ' ' || n.middle ELSE n.given END,
            clean_family = CASE
                WHEN how = 'exchange' AND length(n.middle) > 1 THEN n.clean_given || ' ' || n.clean_middle
                ELSE n.clean_given END,
            order_certain = true
        FROM turned AS t WHERE t.raw = n.raw AND t.how IS NOT NULL
    """)
    con.execute("DROP TABLE turned")


def _move_lone_words(con: DuckDBPyConnection, names: str) -> None:
    """Make a given name without a family name the family name, where its word is one."""
    con.execute(f"""
        UPDATE {names} AS n SET given = NULL, clean_given = NULL, family = n.given, clean_family = n.clean_given
        FROM name_word AS w
        WHERE w.word = n.given AND n.family IS NULL AND length(n.given) > 1 AND NOT n.order_certain
            AND {_ODDS.format(w="w", f="0", g="0")} >= {SURE_OF_LONE}
    """)


def _join_double_families(con: DuckDBPyConnection, names: str) -> None:
    """Join the last middle name to the family name where other names have the two as a double family name."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE double_family AS
        SELECT DISTINCT family FROM {names} WHERE contains(family, ' ') AND (given IS NOT NULL OR order_certain)
    """)
    con.execute(f"""
        UPDATE {names} AS n SET
            family = d.family,
            clean_family = string_split(n.clean_middle, ' ')[-1] || ' ' || n.clean_family,
            middle = nullif(array_to_string(string_split(n.middle, ' ')[:-2], ' '), ''),
            clean_middle = nullif(array_to_string(string_split(n.clean_middle, ' ')[:-2], ' '), '')
        FROM double_family AS d
        WHERE d.family = string_split(n.middle, ' ')[-1] || ' ' || n.family
            AND length(string_split(n.middle, ' ')[-1]) > 1
            AND length(string_split(n.middle, ' ')) = length(string_split(n.clean_middle, ' '))
    """)
    con.execute("DROP TABLE double_family")


def family_first_sources(con: DuckDBPyConnection, names: str) -> tuple[str, ...]:
    """Return the sources that write family names first in their one-line names though nothing says so, sorted.

    `names` is a relation with the columns source and full_name. In such a source known given names stand last, not
    first, in at least 20 names and 3 times as often.
    """
    known = pa.table({"name": pa.array(sorted(known_given_names()), pa.string())})
    con.register("known_given_arrow", known)
    rows = con.execute(f"""
        WITH word AS (
            SELECT DISTINCT source, regexp_extract(lower(full_name), '^\\s*([a-z]+)\\s', 1) AS first,
                regexp_extract(lower(full_name), '\\s([a-z]{{2,}})(\\s+[a-z])?\\.?\\s*$', 1) AS last
            FROM {names} WHERE NOT contains(full_name, ',')
        ),
        known AS (
            SELECT source, first IN (FROM known_given_arrow) AS begins, last IN (FROM known_given_arrow) AS ends
            FROM word
        )
        SELECT source FROM known WHERE begins != ends
        GROUP BY source
        HAVING count(*) FILTER (ends) >= greatest({ENOUGH_TO_TELL}, {MORE_OFTEN} * count(*) FILTER (begins))
        ORDER BY source
    """).fetchall()
    con.unregister("known_given_arrow")
    return tuple(row[0] for row in rows)
