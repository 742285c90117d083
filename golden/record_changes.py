"""Writes down what tonight does to identities: the stage `record_changes`.

READS: golden.customer, golden.crosswalk, golden.excluded_record, matching.cluster, matching.possible_match,
landing.night, latest.customer, latest.crosswalk, latest.change, and what golden.same_records, golden.touched,
golden.decided and golden.ruled read.
WRITES: golden.change, golden.redirect, golden.possible_match.
Invariant: golden.change is the log of the newest release and after it, without a gap, tonight's events; replayed from
the start it gives exactly golden.customer and golden.crosswalk. Every retired id has one redirect, to a living customer
or to nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from golden import decided, ruled, same_records, touched
from golden.causes import find_touched_customers, with_causes
from golden.decided import find_decided_customers
from golden.events import find_events
from golden.redirects import write_redirects
from golden.ruled import find_ruled_customers, tell_of_ruled_records
from golden.same_records import find_same_records
from golden.touched import find_touched_records
from golden.what_changed import what_changed
from warehouse.run import StageReport, as_of
from warehouse.state import model_version, next_release_id

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

READS = (
    *dict.fromkeys((*same_records.READS, *touched.READS, *decided.READS, *ruled.READS)),
    "golden.customer",
    "golden.crosswalk",
    "matching.cluster",
    "matching.possible_match",
    "matching.model",
    "landing.night",
    "latest.customer",
    "latest.crosswalk",
    "latest.change",
)
WRITES = ("golden.change", "golden.redirect", "golden.possible_match")
_TEMPORARY = (
    "move",
    "appeared",
    "ended",
    "flow",
    "successor",
    "origin",
    "founder",
    "event",
    "touched",
    "touched_customer",
    "decided_customer",
    "pinned_customer",
    "voided_customer",
    "renamed",
    "returned",
)


def record_changes(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Append tonight's events to the log, and write where retired ids lead and which customers may be one."""
    find_events(con)
    find_same_records(con)
    find_touched_records(con, run)
    if run.latest_release_id is not None:
        tell_of_ruled_records(con)
    find_touched_customers(con)
    find_ruled_customers(con, as_of(con), run.base.as_of if run.base else None)
    find_decided_customers(con)
    causes = what_changed(settings, run, model_version(con, run))
    figures = {
        str(event): int(events)
        for event, events in con.execute("SELECT event, count(*) FROM event GROUP BY ALL ORDER BY ALL").fetchall()
    }
    con.execute("DELETE FROM golden.change")
    # the log so far is in its order: only tonight's events are sorted
    con.execute(
        f"""
        INSERT INTO golden.change BY NAME
        SELECT * FROM latest.change
        UNION ALL BY NAME
        (
            SELECT row_number() OVER (ORDER BY phase, golden_id, source, source_record_id)
                    + (SELECT coalesce(max(sequence), 0) FROM latest.change) AS sequence,
                $release_id AS release_id, $at::TIMESTAMP AS at,
                event, golden_id, other_golden_id, cause, source, source_record_id, after
            FROM ({with_causes("event", causes)})
            ORDER BY sequence
        )
        """,
        {"release_id": next_release_id(run), "at": as_of(con)},
    )
    for table in _TEMPORARY:
        con.execute(f"DROP TABLE {table}")
    write_redirects(con)
    _write_possible_matches(con)
    rows = {table: int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]) for table in WRITES}
    return StageReport(rows=rows, figures=figures)


def _write_possible_matches(con: DuckDBPyConnection) -> None:
    con.execute("DELETE FROM golden.possible_match")
    con.execute(
        """
        INSERT INTO golden.possible_match BY NAME
        WITH named AS (
            SELECT DISTINCT cluster.cluster_id, held.golden_id
            FROM matching.cluster AS cluster JOIN golden.crosswalk AS held USING (source, source_record_id)
        )
        SELECT least(l.golden_id, r.golden_id) AS golden_id_l, greatest(l.golden_id, r.golden_id) AS golden_id_r,
            round(pair.match_probability, 6) AS match_probability, pair.reason
        FROM matching.possible_match AS pair
        JOIN named AS l ON l.cluster_id = pair.cluster_id_l
        JOIN named AS r ON r.cluster_id = pair.cluster_id_r
        ORDER BY ALL
        """
    )
