"""Says for every retired golden id who it is now.

Invariant: a redirect follows the retired customer's records, since after a later split the customer it merged into may
be another person. Only where none of those records is left does it follow the merges, one after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from golden.history import births, endings, last_members

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_GONE = f"""
    CREATE OR REPLACE TEMP TABLE gone AS
    SELECT ending.golden_id, ending.event, ending.other_golden_id, ending.release_id AS retired_in, ending.sequence
    FROM ({endings("golden.change")}) AS ending
    ANTI JOIN golden.customer AS live ON live.golden_id = ending.golden_id
    """
_FOLLOWED = f"""
    CREATE OR REPLACE TEMP TABLE followed AS
    WITH former AS ({last_members("golden.change", not_live="gone")}), held AS (
        SELECT former.golden_id, holder.golden_id AS current_golden_id, count(*) AS records
        FROM former JOIN golden.crosswalk AS holder USING (source, source_record_id)
        GROUP BY ALL
    )
    SELECT held.golden_id, held.current_golden_id
    FROM held JOIN ({births("golden.change")}) AS birth ON birth.golden_id = held.current_golden_id
    QUALIFY row_number() OVER (PARTITION BY held.golden_id ORDER BY held.records DESC, birth.age) = 1
    """
_BY_RETIREMENT = """
    SELECT gone.golden_id, gone.retired_in, gone.other_golden_id, followed.current_golden_id
    FROM gone LEFT JOIN followed ON followed.golden_id = gone.golden_id
    ORDER BY gone.sequence DESC
    """


def write_redirects(con: DuckDBPyConnection) -> None:
    """Replace golden.redirect: one row for each id of golden.change that has no customer tonight."""
    con.execute(_GONE)
    con.execute(_FOLLOWED)
    current = _follow_merges(con)
    con.execute("DELETE FROM golden.redirect")
    con.execute(
        """
        INSERT INTO golden.redirect BY NAME
        SELECT gone.golden_id, target.current_golden_id, gone.retired_in
        FROM gone JOIN (SELECT unnest(?::VARCHAR[]) AS golden_id, unnest(?::VARCHAR[]) AS current_golden_id) AS target
            ON target.golden_id = gone.golden_id
        ORDER BY gone.golden_id
        """,
        [list(current), list(current.values())],
    )
    con.execute("DROP TABLE gone")
    con.execute("DROP TABLE followed")


def _follow_merges(con: DuckDBPyConnection) -> dict[str, str | None]:
    """Return retired id -> living id or None.

    The rows come newest retirement first: an id merges into one that lived on, so whoever it leads to is either alive
    or retired later, and already answered.
    """
    answered: dict[str, str | None] = {}
    for golden_id, _, merged_into, follows in con.execute(_BY_RETIREMENT).fetchall():
        answered[golden_id] = follows or answered.get(merged_into, merged_into)
    return answered
