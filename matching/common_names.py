"""Which names are common, and which common name a rare one is probably mistyped for.

Two common names that look alike are two names (Mary, Gary); of a common and a rare one the rare may be a slip (Garry,
Grary). Both follow from the frequencies frozen in the model and from a list of known given names, not from tonight's
records, so that a pair means the same every night.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from matching.attributes.nickname import known_given_names

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from duckdb import DuckDBPyConnection

COMMON_RECORDS = 5
"""A common name is borne by so many records …"""

COMMON_SHARE = 5e-5
"""… and by this share of those that have a name; a known given name is common without either."""

LEAST_LETTERS = 4
"""Shorter names are one slip away from too many others."""

NAMES = ("given", "family")


def load_common_names(
    scratch: DuckDBPyConnection, records: Mapping[str, int], among: Collection[str] | None = None
) -> None:
    """Make the scratch table `common_name` (attribute, value, frequency) from the scratch table `frequency`.

    `records` is, per attribute, how many records the frequencies speak of. Given some values, others are left out.
    """
    names = known_given_names() if among is None else known_given_names() & frozenset(among)
    known = pa.table({"value": pa.array(sorted(names), pa.string())})
    scratch.register("known_given", known)
    enough = " OR ".join(
        f"(attribute = '{name}' AND frequency >= {max(COMMON_SHARE, COMMON_RECORDS / max(1, records[name])):.10f})"
        for name in NAMES
    )
    scratch.execute(f"""
        CREATE OR REPLACE TABLE common_name AS
        SELECT attribute, value, max(frequency) AS frequency
        FROM (
            SELECT attribute, value, frequency FROM frequency WHERE {enough}
            UNION ALL
            SELECT 'given', value, 0 FROM known_given
        )
        WHERE length(value) > 1 GROUP BY attribute, value
    """)
    scratch.unregister("known_given")


def mark_common_names(scratch: DuckDBPyConnection, table: str) -> None:
    """Add to `table` whether its names are common: the columns `given_is_common` and `family_is_common`."""
    scratch.execute(f"CREATE OR REPLACE TABLE {table} AS {marked_sql(table)}")


def add_roots(scratch: DuckDBPyConnection) -> None:
    """Add to the table `feature` the columns `given_root` and `family_root`: the common name meant, or the name itself.

    A rare name is meant for the commonest name that is one insertion, deletion, substitution or transposition away.
    """
    make_roots(scratch, "feature")
    scratch.execute(f"CREATE OR REPLACE TABLE feature AS {rooted_sql('feature')}")


def marked_sql(features: str) -> str:
    """Return the SELECT that marks the common names among `features`; it needs the table `common_name`."""
    return f"""
        SELECT t.*, g.value IS NOT NULL AS given_is_common, f.value IS NOT NULL AS family_is_common
        FROM {features} AS t
        LEFT JOIN common_name AS g ON g.attribute = 'given' AND g.value = t.given
        LEFT JOIN common_name AS f ON f.attribute = 'family' AND f.value = t.family
    """


def rooted_sql(features: str) -> str:
    """Return the SELECT that adds the roots of names to `features`; it needs the table `name_root`."""
    return f"""
        SELECT t.*, coalesce(g.root, t.given) AS given_root, coalesce(f.root, t.family) AS family_root
        FROM {features} AS t
        LEFT JOIN name_root AS g ON g.attribute = 'given' AND g.value = t.given
        LEFT JOIN name_root AS f ON f.attribute = 'family' AND f.value = t.family
    """


def make_roots(scratch: DuckDBPyConnection, names: str) -> None:
    """Make the scratch table `name_root` (attribute, value, root) of those of `names` that are meant for a common one.

    `names` is a table with the columns `given` and `family`; the table `common_name` must be there.
    """
    scratch.execute(
        f"CREATE OR REPLACE TABLE name_root AS {' UNION ALL '.join(_roots_sql(name, names) for name in NAMES)}"
    )


def _roots_sql(name: str, names: str) -> str:
    def cut(source: str) -> str:
        """Return the query of the values of `source` with each of their letters left out, and whole."""
        return f"""
            SELECT *, unnest(list_distinct(list_append(list_transform(
                range(1, length(value) + 1), lambda place: left(value, place - 1) || substr(value, place + 1)
            ), value))) AS part FROM ({source})"""

    is_common = f"SELECT value FROM common_name WHERE attribute = '{name}'"
    rare = f"""
        SELECT DISTINCT {name} AS value FROM {names}
        WHERE length({name}) >= {LEAST_LETTERS} AND {name} NOT IN ({is_common})"""
    common = f"{is_common} AND frequency > 0 AND length(value) >= {LEAST_LETTERS}"
    near = f"SELECT DISTINCT r.value, c.value AS common FROM ({cut(rare)}) AS r JOIN ({cut(common)}) AS c USING (part)"
    return f"""
        SELECT '{name}' AS attribute, r.value, arg_max(c.value, (c.frequency, c.value)) AS root
        FROM ({near}) AS r JOIN common_name AS c ON c.attribute = '{name}' AND c.value = r.common
        WHERE damerau_levenshtein(r.value, c.value) <= 1
        GROUP BY r.value"""
