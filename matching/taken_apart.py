"""That two customers came out as one which could not be one, as an explanation tells it.

Reads matching.poisoned, matching.member and matching.cluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class TakenApart:
    """What two customers came out as: the reason why it could not be one, its size, and into how many parts it fell."""

    reason: str
    distinct_records: int
    records: int
    parts: int


def taken_apart(con: DuckDBPyConnection, left: str, right: str) -> TakenApart | None:
    """Return what the clusters `left` and `right` were parts of; None where they were no parts of one."""
    found = con.execute(_WHOLE_SQL, [left, right]).fetchall()
    return TakenApart(*found[0]) if found else None


_WHOLE_SQL = """
WITH part AS (
    SELECT cluster_id, p.*
    FROM matching.poisoned AS p
    JOIN matching.member AS m ON m.distinct_record_id = p.entity
    JOIN matching.cluster USING (source, source_record_id)
)
SELECT DISTINCT l.reason, l.whole_distinct_records, l.whole_records,
    (SELECT count(*) FROM matching.poisoned AS every WHERE every.whole = l.whole)
FROM part AS l JOIN part AS r USING (whole)
WHERE l.cluster_id = ? AND r.cluster_id = ?
"""
