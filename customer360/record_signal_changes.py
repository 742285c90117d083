"""Writes down which signals were raised and cleared tonight: the stage `record_signal_changes`.

READS: care.signal, landing.night, latest.signal_change.
WRITES: care.signal_change.
Invariant: care.signal_change is the feed of the newest release and after it, without a gap, what tonight raises and
clears; replayed from the start it gives exactly the signals of care.signal, each with its severity and its beginning.

Held against is the feed of the newest release, not the signals of the base: after a rollback the two differ, and the
events then also take back what is no longer so. A signal that grows worse, or is dated otherwise, is cleared and raised
again; so is one whose customer has another golden id tonight, at the id that the activity belongs to now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.connection import has_rows
from warehouse.run import StageReport, as_of
from warehouse.state import next_release_id

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

READS = ("care.signal", "landing.night", "latest.signal_change")
WRITES = ("care.signal_change",)

_TOLD = "golden_id, signal, activity_id, severity, since"

_STANDING = """
    SELECT golden_id, signal, activity_id,
        arg_max(severity, sequence) AS severity, arg_max_null(since, sequence) AS since
    FROM latest.signal_change
    GROUP BY golden_id, signal, activity_id
    HAVING arg_max(event, sequence) = 'raised'
    """
"""The signals that stand at the end of the newest release's feed."""

_FEED = f"""
    INSERT INTO care.signal_change BY NAME
    WITH standing AS ({_STANDING}), now AS (SELECT {_TOLD} FROM care.signal), event AS (
        SELECT 1 AS phase, 'cleared' AS event, * FROM (FROM standing EXCEPT FROM now)
        UNION ALL
        SELECT 2, 'raised', * FROM (FROM now EXCEPT FROM standing)
    )
    SELECT * FROM latest.signal_change
    UNION ALL BY NAME
    (
        SELECT row_number() OVER (ORDER BY phase, golden_id, signal, activity_id NULLS FIRST)
                + (SELECT coalesce(max(sequence), 0) FROM latest.signal_change) AS sequence,
            $release_id AS release_id, $at::TIMESTAMP AS at, event, {_TOLD}
        FROM event
        ORDER BY sequence
    )
    """

_EMPTY_FEED = "CREATE OR REPLACE TEMP TABLE no_feed AS SELECT * FROM care.signal_change LIMIT 0"


def record_signal_changes(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Append to the feed of signals what was raised and cleared since the newest release.

    Where that release was made by a joinedup that kept no such feed, all of tonight's signals are raised.
    """
    con.execute("DELETE FROM care.signal_change")
    query = _FEED
    if not _has_feed(con):
        con.execute(_EMPTY_FEED)
        query = _FEED.replace("latest.signal_change", "temp.no_feed")
    release_id = next_release_id(run)
    con.execute(query, {"release_id": release_id, "at": as_of(con)})
    con.execute("DROP TABLE IF EXISTS temp.no_feed")
    rows = int(con.execute("SELECT count(*) FROM care.signal_change").fetchall()[0][0])
    events = con.execute(
        "SELECT event, count(*) FROM care.signal_change WHERE release_id = ? GROUP BY ALL ORDER BY ALL", [release_id]
    ).fetchall()
    return StageReport(rows={WRITES[0]: rows}, figures={str(event): int(count) for event, count in events})


def _has_feed(con: DuckDBPyConnection) -> bool:
    return has_rows(con, "FROM duckdb_tables() WHERE database_name = 'latest' AND table_name = 'signal_change'")
