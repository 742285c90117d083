"""Land one source: its files to versions of source records, every record accounted for.

READS: the source's files, landing.lineage, landing.source_record, landing.delivery, landing.file.
WRITES: landing.source_record, landing.delivery, landing.file, landing.quarantine.
Invariant: all of a delivery lands or nothing of it; read = new + changed + unchanged + duplicate + superseded +
quarantined, where the reader counts the left side and the verdicts on single records the right one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.accept import accept, find_stored
from connectors.delivery import Accounts, Concluded, Delivery, delivery_of, record_delivery
from connectors.read_files import FileRead, check_columns, files_to_read, format_of, read_files
from connectors.retype import retype_stored
from connectors.type_records import type_records
from warehouse.errors import SourceError
from warehouse.run import StageReport

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

READS = ("landing.lineage", "landing.source_record", "landing.delivery", "landing.file")
WRITES = ("landing.source_record", "landing.delivery", "landing.file", "landing.quarantine")

WORKING_TABLES = ("raw_row", "typed_line", "typed_row", "stored", "verdict", "retyped")
"""Temporary tables of one landing; without them the next source has their memory."""


def land_source(con: DuckDBPyConnection, settings: Settings, run: Run, source: str) -> StageReport:
    """Land the source called `source`; done twice in one run it replaces what it landed first.

    Raises SettingsError where the mapping names what never was, SourceError where the source cannot be read and its
    last accepted data may not stand in.
    """
    delivery = delivery_of(con, settings, run, source)
    format_of(delivery.source, delivery.place)
    _forget(delivery)
    accounts = Accounts()
    reads: list[FileRead] = []
    try:
        reads = _land_files(delivery, accounts)
        outcome = "read" if reads else "nothing_new"
    except SourceError as error:
        if delivery.source.if_missing != "use_last" or not _was_accepted(delivery):
            raise
        accounts = Accounts(notes={"used_last_because": error.message})
        outcome = "used_last"
        find_stored(delivery)
    retype_stored(delivery, accounts)
    record_delivery(con, run, Concluded(source, delivery.source.load, outcome, delivery.mapping, accounts))
    _record_files(delivery, reads)
    for table in WORKING_TABLES:
        con.execute(f"DROP TABLE IF EXISTS {table}").fetchall()
    return _report(delivery, accounts, outcome, len(reads))


def _land_files(delivery: Delivery, accounts: Accounts) -> list[FileRead]:
    """Read, type and accept what there is to read; return what was read."""
    files = files_to_read(delivery)
    if not files:
        find_stored(delivery)
        return []
    raw, reads = read_files(delivery.con, delivery.name, delivery.source, files)
    check_columns(delivery.con, delivery.name, delivery.source, raw, reads)
    accounts.read = type_records(
        delivery.con, raw, delivery.source, place=delivery.place, zone=delivery.zone, today=delivery.today
    )
    accept(delivery, accounts)
    return reads


def _forget(delivery: Delivery) -> None:
    for table in ("landing.file", "landing.quarantine", "landing.source_record", "landing.delivery"):
        delivery.con.execute(f"DELETE FROM {table} WHERE delivery_id = ?", [delivery.id]).fetchall()


def _was_accepted(delivery: Delivery) -> bool:
    row = delivery.con.execute(
        "SELECT count(*) FROM landing.delivery AS delivery JOIN landing.lineage AS lineage"
        " ON lineage.run_id = delivery.run_id AND lineage.position >= 1"
        " WHERE delivery.source = ? AND delivery.outcome = 'read'",
        [delivery.name],
    ).fetchone()
    return row is not None and row[0] > 0


def _record_files(delivery: Delivery, reads: list[FileRead]) -> None:
    for read in reads:
        delivery.con.execute(
            "INSERT INTO landing.file (delivery_id, source, path, sha256, bytes, rows, columns)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                delivery.id,
                delivery.name,
                read.file.path,
                read.file.sha256,
                read.file.bytes,
                read.records,
                list(read.columns),
            ],
        ).fetchall()


def _report(delivery: Delivery, accounts: Accounts, outcome: str, files: int) -> StageReport:
    (written,) = delivery.con.execute(
        "SELECT count(*) FROM landing.source_record WHERE delivery_id = ?", [delivery.id]
    ).fetchall()[0]
    rows = {
        "landing.source_record": int(written),
        "landing.delivery": 1,
        "landing.file": files,
        "landing.quarantine": accounts.quarantined,
    }
    return StageReport(rows, {"outcome": outcome, **accounts.counts, **accounts.notes})
