"""Withdraw the sources that were taken out of joinedup.yaml: their records are deleted, which the gate judges.

READS: landing.lineage, landing.source_record, landing.delivery. WRITES: landing.source_record, landing.delivery.
Invariant: afterwards no record of a source that joinedup.yaml does not name is live.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.delivery import Accounts, Concluded, delivery_id, record_delivery
from warehouse.run import StageReport

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

READS = ("landing.lineage", "landing.source_record", "landing.delivery")
WRITES = ("landing.source_record", "landing.delivery")

_NEWEST = """
    SELECT record.source, record.source_record_id, record.deleted, record.record_hash, record.mapping_hash,
        record.holds, record.trust
    FROM landing.source_record AS record
    JOIN landing.lineage AS lineage ON lineage.run_id = record.run_id AND lineage.position >= 1
    QUALIFY row_number() OVER (PARTITION BY record.source, record.source_record_id ORDER BY lineage.position) = 1"""


def withdraw_sources(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write a tombstone for every live record of the sources that joinedup.yaml no longer names."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE withdrawn AS"
        f" SELECT * FROM ({_NEWEST}) WHERE NOT deleted AND source NOT IN (SELECT unnest(?::VARCHAR[]))",
        [list(settings.sources)],
    ).fetchall()
    sources = con.execute("SELECT source, count(*), max(mapping_hash) FROM withdrawn GROUP BY ALL ORDER BY source")
    found = sources.fetchall()
    for source, records, mapping in found:
        _forget(con, delivery_id(source, run.run_id))
        con.execute(
            "INSERT INTO landing.source_record (source, source_record_id, run_id, delivery_id, deleted, record_hash,"
            " mapping_hash, holds, trust) SELECT source, source_record_id, ?, ?, true, record_hash, mapping_hash,"
            " holds, trust FROM withdrawn WHERE source = ?",
            [run.run_id, delivery_id(source, run.run_id), source],
        ).fetchall()
        accounts = Accounts(deleted=records)
        record_delivery(con, run, Concluded(source, _last_load(con, source), "withdrawn", mapping, accounts))
    deleted = sum(records for _, records, _ in found)
    return StageReport({"landing.source_record": deleted, "landing.delivery": len(found)}, {"deleted": deleted})


def _forget(con: DuckDBPyConnection, delivery: str) -> None:
    for table in WRITES:
        con.execute(f"DELETE FROM {table} WHERE delivery_id = ?", [delivery]).fetchall()


def _last_load(con: DuckDBPyConnection, source: str) -> str:
    row = con.execute(
        "SELECT delivery.load FROM landing.delivery AS delivery JOIN landing.lineage AS lineage"
        " ON lineage.run_id = delivery.run_id AND lineage.position >= 1 WHERE delivery.source = ?"
        " ORDER BY lineage.position LIMIT 1",
        [source],
    ).fetchone()
    return str(row[0]) if row else "full"
