"""Land one source: its files to versions of source records, every record accounted for.

READS: the source's files, landing.lineage, landing.source_record, landing.delivery, landing.file,
landing.quarantine_drop. WRITES: landing.source_record, landing.delivery, landing.file, landing.quarantine,
landing.quarantine_end.
Invariant: all of a delivery lands or nothing of it; read = new + changed + unchanged + duplicate + superseded +
quarantined, where the reader counts the left side and the verdicts on single records the right one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from connectors.accept import accept, find_stored
from connectors.check_columns import check_columns, check_drift
from connectors.column_names import shown
from connectors.delivery import Accounts, Concluded, Delivery, delivery_of, record_delivery
from connectors.limits import bounded_memory
from connectors.look_back import newest_arrival, tell_lateness, tell_misfits, tell_overlap
from connectors.quarantine import date_back
from connectors.read_files import FileRead, format_of, look_for_files, read_files
from connectors.retype import retype_stored
from connectors.type_records import type_records
from warehouse.errors import SourceError
from warehouse.run import StageReport

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

READS = ("landing.lineage", "landing.source_record", "landing.delivery", "landing.file", "landing.quarantine_drop")
WRITES = (
    "landing.source_record",
    "landing.delivery",
    "landing.file",
    "landing.quarantine",
    "landing.quarantine_end",
)

_FILE_FIELDS: list[pa.Field[Any]] = [
    *(
        pa.field(name, pa.string())
        for name in ("delivery_id", "source", "path", "sha256", "left_because", "etag", "watermark")
    ),
    *(pa.field(name, pa.int64()) for name in ("bytes", "rows")),
    *(pa.field(name, pa.list_(pa.string())) for name in ("columns", "types")),
    pa.field("arrived_at", pa.timestamp("us")),
]

_TOLD_FILES = 5
WORKING_TABLES = ("raw_row", "typed_line", "typed_row", "stored", "verdict", "retyped")
"""Temporary tables of one landing; without them the next source has their memory."""


def land_source(con: DuckDBPyConnection, settings: Settings, run: Run, source: str) -> StageReport:
    """Land the source called `source`; done twice in one run it replaces what it landed first.

    Raises SettingsError where the mapping names what never was, SourceError where the source cannot be read and its
    last accepted data may not stand in.
    """
    with bounded_memory(con):
        return _land(con, settings, run, source)


def _land(con: DuckDBPyConnection, settings: Settings, run: Run, source: str) -> StageReport:
    """Land the source, or let its last accepted data stand."""
    delivery = delivery_of(con, settings, run, source)
    format_of(delivery.source, delivery.place)
    forget(delivery)
    accounts = Accounts()
    reads: list[FileRead] = []
    try:
        reads = _land_files(delivery, accounts)
        outcome = "read" if any(read.left_because is None for read in reads) else "nothing_new"
    except SourceError as error:
        if delivery.source.if_missing != "use_last" or not _was_accepted(delivery):
            raise
        told = f"what was last accepted stands for tonight, because of {error.message}"
        accounts = Accounts(notes={"used_last_because": error.message}, told=[told])
        outcome = "used_last"
        find_stored(delivery)
    accounts.newest_arrival = newest_arrival(delivery, reads)
    tell_lateness(delivery, accounts)
    _tell_left(accounts, reads)
    retype_stored(delivery, accounts)
    record_delivery(con, run, Concluded(source, delivery.source.load, outcome, delivery.mapping, accounts))
    _record_files(delivery, reads)
    date_back(delivery)
    for table in WORKING_TABLES:
        con.execute(f"DROP TABLE IF EXISTS {table}").fetchall()
    return report(delivery, accounts, outcome, len(reads))


def _land_files(delivery: Delivery, accounts: Accounts) -> list[FileRead]:
    """Read, type and accept what there is to read; return what was read, and what was left for later."""
    chosen = look_for_files(delivery)
    if not chosen.files:
        find_stored(delivery)
        return chosen.left
    raw, reads = read_files(delivery.con, delivery.name, delivery.source, chosen.files)
    accounts.told += check_columns(delivery.con, delivery.name, delivery.source, raw, reads)
    check_drift(delivery, accounts, reads)
    accounts.read = type_records(
        delivery.con, raw, delivery.source, place=delivery.place, zone=delivery.zone, today=delivery.today
    )
    tell_overlap(delivery, accounts, len(reads))
    accept(delivery, accounts, reads)
    tell_misfits(delivery, accounts)
    if in_part := [read for read in reads if read.note]:
        accounts.notes["not_read"] = "; ".join(f"{read.file.path}: {read.note}" for read in in_part)
        accounts.told += [f"{read.file.path}: not read: {read.note}" for read in in_part]
    return reads + chosen.left


def _tell_left(accounts: Accounts, reads: list[FileRead]) -> None:
    """Tell which files wait for a later night; the run's page lists them all."""
    left = [
        f"{shown(read.file.path)}: {read.left_because}" for read in reads if read.left_because and not read.for_good
    ]
    accounts.told += [f"left for a later night: {each}" for each in left[:_TOLD_FILES]]
    if len(left) > _TOLD_FILES:
        accounts.told.append(f"left for a later night: {len(left) - _TOLD_FILES:,} further files")


def forget(delivery: Delivery) -> None:
    """Forget what this delivery has written so far."""
    delivery.con.execute("DELETE FROM landing.quarantine_end WHERE ended_in = ?", [delivery.id]).fetchall()
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
    """Write a row per file, all together: there may be as many files as mails in a folder."""
    rows = [
        {
            "delivery_id": delivery.id,
            "source": delivery.name,
            "path": read.file.path,
            "sha256": read.file.sha256 or None,
            "bytes": read.file.bytes,
            "rows": read.records,
            "columns": list(read.columns),
            "arrived_at": read.file.arrived_at,
            "types": list(read.types) if read.types else None,
            "left_because": read.left_because,
            "etag": read.file.etag,
            "watermark": read.file.watermark,
        }
        for read in reads
    ]
    delivery.con.register("file_to_record", pa.Table.from_pylist(rows, schema=pa.schema(_FILE_FIELDS)))
    delivery.con.execute("INSERT INTO landing.file BY NAME SELECT * FROM file_to_record").fetchall()
    delivery.con.unregister("file_to_record")


def report(delivery: Delivery, accounts: Accounts, outcome: str, files: int) -> StageReport:
    """Return what the delivery has written and how it ended."""
    (written,) = delivery.con.execute(
        "SELECT count(*) FROM landing.source_record WHERE delivery_id = ?", [delivery.id]
    ).fetchall()[0]
    rows = {
        "landing.source_record": int(written),
        "landing.delivery": 1,
        "landing.file": files,
        "landing.quarantine": accounts.quarantined,
    }
    return StageReport(rows, {"outcome": outcome, **accounts.notes, **accounts.counts})
