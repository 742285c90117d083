"""Settle the landing: what is live tonight, and the time at which the night stands.

READS: landing.lineage, landing.source_record, landing.delivery, landing.quarantine.
WRITES: landing.live_record, landing.night.
Invariant: a live record is the newest version in the lineage and no tombstone; every delivery's accounts add up, else
the night ends here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.connection import quote_identifier
from warehouse.errors import JoinedupError
from warehouse.run import StageReport
from warehouse.tables import landing

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

READS = ("landing.lineage", "landing.source_record", "landing.delivery", "landing.quarantine")
WRITES = ("landing.live_record", "landing.night")

ADDENDS = ("new", "changed", "unchanged", "duplicate", "superseded", "quarantined")


def settle(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Fill landing.live_record and landing.night; raises JoinedupError where a delivery's accounts do not add up."""
    del settings  # what they say has been applied while landing
    check_accounts(con, run)
    live = _fill_live_record(con)
    time = _settle_time(con, run)
    return StageReport({"landing.live_record": live, "landing.night": 1}, {"as_of": f"{time.isoformat()}Z"})


def check_accounts(con: DuckDBPyConnection, run: Run) -> None:
    """Check `read = new + changed + unchanged + duplicate + superseded + quarantined` for each delivery of the run.

    What was read is the reader's count; the others are verdicts on single records. The quarantined ones must also be
    found in landing.quarantine. Raises JoinedupError with the figures.
    """
    rows = con.execute(
        f"SELECT delivery.source, delivery.read, {', '.join('delivery.' + name for name in ADDENDS)}, ("
        " SELECT count(*) FROM landing.quarantine AS bad WHERE bad.delivery_id = delivery.delivery_id) AS kept"
        " FROM landing.delivery AS delivery WHERE delivery.run_id = ? ORDER BY delivery.source",
        [run.run_id],
    ).fetchall()
    for source, read, *counted, kept in rows:
        figures = dict(zip(ADDENDS, counted, strict=True))
        if read != sum(counted) or figures["quarantined"] != kept:
            sums = " + ".join(f"{count} {name}" for name, count in figures.items())
            message = (
                f"source {source}: the accounts do not add up: {read} read, but {sums} = {sum(counted)}, "
                f"and {kept} in quarantine; this is a defect of joinedup: nothing is published"
            )
            raise JoinedupError(message)


def _fill_live_record(con: DuckDBPyConnection) -> int:
    columns = ", ".join(map(quote_identifier, landing.LIVE_RECORD.column_names))
    con.execute("DELETE FROM landing.live_record").fetchall()
    (live,) = con.execute(
        f"INSERT INTO landing.live_record ({columns}) SELECT {columns} FROM landing.source_record AS record"
        " SEMI JOIN (SELECT version.source, version.source_record_id, version.run_id"
        " FROM landing.source_record AS version JOIN landing.lineage AS lineage USING (run_id)"
        " QUALIFY row_number()"
        " OVER (PARTITION BY version.source, version.source_record_id ORDER BY lineage.position) = 1"
        ") AS newest ON newest.source = record.source AND newest.source_record_id = record.source_record_id"
        " AND newest.run_id = record.run_id WHERE NOT record.deleted"
    ).fetchall()[0]
    return int(live)


def _settle_time(con: DuckDBPyConnection, run: Run) -> datetime:
    """Write and return tonight's as_of: what was asked for, else the newest time of a live record before the start.

    Where a plan is carried out, it is the time at which the plan stood.
    """
    row = con.execute(
        'SELECT max("at") FROM (SELECT updated_at AS "at" FROM landing.live_record UNION ALL'
        ' SELECT "at" FROM landing.live_record) WHERE "at" <= ?',
        [run.started_at],
    ).fetchone()
    newest: datetime | None = row[0] if row else None
    time = run.given_as_of or run.settled_as_of or newest or run.started_at
    con.execute("DELETE FROM landing.night").fetchall()
    con.execute("INSERT INTO landing.night (run_id, as_of) VALUES (?, ?)", [run.run_id, time]).fetchall()
    return time
