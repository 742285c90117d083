"""Labelled truth: who each source record is of, read from a file and laid beside tonight's customers.

Reads the file, and matching.cluster, matching.member over a connection that need not be able to write. Makes the
scratch table `told`, a row per labelled record that somebody is or was held to be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from matching.arrays import copy_table
from warehouse.connection import quote_literal
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

NEEDED = ("source", "source_record_id", "person_id")


def load_truth(con: DuckDBPyConnection, scratch: DuckDBPyConnection, path: Path) -> None:
    """Make the scratch tables `label`, `assigned` and `told` from the file and from tonight's customers.

    `told` has `person` and `cluster` for every labelled record: a record that is nobody's is a person of its own, one
    without a customer a cluster of its own. Nobody's records without a customer are rightly left out, here too. Raises
    UsageError for a file that cannot be read, lacks a column, or labels a record twice.
    """
    _read_labels(scratch, path)
    copy_table(con, _ASSIGNED_SQL, scratch, "assigned")
    scratch.execute(_TOLD_SQL)


def _read_labels(scratch: DuckDBPyConnection, path: Path) -> None:
    literal = quote_literal(str(path))
    is_parquet = path.suffix.lower() == ".parquet"
    file = f"read_parquet({literal})" if is_parquet else f"read_csv({literal}, header = true, all_varchar = true)"
    try:
        columns = [row[0] for row in scratch.execute(f"DESCRIBE SELECT * FROM {file}").fetchall()]
    except duckdb.Error as error:
        message = f"{path} cannot be read as {'Parquet' if is_parquet else 'CSV'}: {_first_line(error)}"
        raise UsageError(message) from error
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        message = (
            f"{path} has the columns {', '.join(columns)} and lacks {', '.join(missing)}: it needs {', '.join(NEEDED)}"
        )
        raise UsageError(message)
    try:
        scratch.execute(f"""
            CREATE OR REPLACE TABLE label AS
            SELECT source::VARCHAR AS source, source_record_id::VARCHAR AS source_record_id,
                nullif(person_id::VARCHAR, '') AS person_id
            FROM {file}
        """)
    except duckdb.Error as error:
        message = f"{path} cannot be read to its end: {_first_line(error)}"
        raise UsageError(message) from error
    _check_keys(scratch, path)


def _check_keys(scratch: DuckDBPyConnection, path: Path) -> None:
    twice = scratch.execute("""
        SELECT source || ':' || source_record_id, count(*) OVER () FROM label
        GROUP BY source, source_record_id HAVING count(*) > 1 ORDER BY 1 LIMIT 1
    """).fetchall()
    if twice:
        message = f"{path} labels {twice[0][1]} records more than once, the first of them {twice[0][0]}: one row each"
        raise UsageError(message)
    without = scratch.execute("SELECT count(*) FROM label WHERE source IS NULL OR source_record_id IS NULL").fetchall()
    if without[0][0]:
        message = f"{path} has {without[0][0]} rows without source or source_record_id: both are needed in every row"
        raise UsageError(message)


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]


_ASSIGNED_SQL = """
SELECT source, source_record_id, cluster_id, distinct_record_id
FROM matching.cluster JOIN matching.member USING (source, source_record_id)
"""

_TOLD_SQL = """
CREATE OR REPLACE TABLE told AS
SELECT l.source, l.source_record_id, a.distinct_record_id,
    l.person_id IS NOT NULL AS is_somebody,
    a.cluster_id IS NOT NULL AS is_assigned,
    CASE WHEN l.person_id IS NULL THEN 'nobody ' || l.source || ':' || l.source_record_id
        ELSE 'person ' || l.person_id END AS person,
    CASE WHEN a.cluster_id IS NULL THEN 'none ' || l.source || ':' || l.source_record_id
        ELSE 'cluster ' || a.cluster_id END AS cluster
FROM label AS l LEFT JOIN assigned AS a USING (source, source_record_id)
WHERE l.person_id IS NOT NULL OR a.cluster_id IS NOT NULL
"""
