"""Read what is open in the quarantine of one source again, under the mapping of tonight, and accept what is in order.

READS: landing.quarantine and what says whether it is open, landing.file (the columns of its files), the lineage,
landing.source_record. WRITES: what landing writes.
Keeps: no file is read and nothing is deleted; every record takes its own place in time, so that it wins over what was
accepted exactly where it would have won had it been in order then; read = new + changed + unchanged + duplicate +
superseded + quarantined holds for what was read again.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from connectors.accept import cases, conclude, find_stored
from connectors.check_columns import make_missing
from connectors.column_names import known_before, missing_from, names_of, unknown_column
from connectors.delivery import Accounts, Concluded, delivery_of, record_delivery
from connectors.formats.batch import BadRecord, Batch, line_numbers, text_table
from connectors.land import WORKING_TABLES, forget, report
from connectors.look_back import newest_arrival
from connectors.mail.columns import MAIL_COLUMNS
from connectors.mapping import is_mail, mapped_columns
from connectors.quarantine import CAN_REPLAY, EVER, open_rows, supersede
from connectors.raw_rows import RawRows
from connectors.read_files import format_of
from connectors.reread import reread
from connectors.retype import pointer_to, retype_stored
from connectors.type_records import type_records
from warehouse.connection import has_rows, quote_literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from connectors.delivery import Delivery
    from connectors.selection import Selection
    from warehouse.run import Run, StageReport
    from warehouse.settings import Settings

_OF_FILE = "(SELECT {} FROM replay_file WHERE replay_file._file = typed_row._file)"
_TABLES = (*WORKING_TABLES, "to_replay", "replay_part", "replay_file", "stored_since")


def replay_source(
    con: DuckDBPyConnection, settings: Settings, run: Run, source: str, selection: Selection | None
) -> StageReport:
    """Replay what `selection` names of the quarantine of the source called `source`; None names nothing.

    Raises SettingsError where the mapping names a column that the source's files never had.
    """
    delivery = delivery_of(con, settings, run, source)
    format_of(delivery.source, delivery.place)
    forget(delivery)
    accounts = Accounts()
    find_stored(delivery)
    if selection is not None and _choose(delivery, selection):
        raw = _read_again(delivery)
        accounts.read = type_records(
            con, raw, delivery.source, place=delivery.place, zone=delivery.zone, today=delivery.today
        )
        _judge(delivery)
        conclude(delivery, accounts, _OF_FILE.format("delivered_in"))
        _end(delivery)
        supersede(delivery, _OF_FILE.format("came_at"))
    accounts.newest_arrival = newest_arrival(delivery, [])
    retype_stored(delivery, accounts)
    record_delivery(con, run, Concluded(source, delivery.source.load, "replayed", delivery.mapping, accounts))
    for table in _TABLES:
        con.execute(f"DROP TABLE IF EXISTS {table}").fetchall()
    return report(delivery, accounts, "replayed", 0)


def _choose(delivery: Delivery, selection: Selection) -> bool:
    """Fill to_replay with the records that are open, chosen and whole; say whether there are any.

    replay_part has their lines, with files numbered in the order in which they came; replay_file knows the numbers.
    """
    con = delivery.con
    chosen, values = selection.sql()
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE to_replay AS SELECT * FROM ({open_rows()})"
        f" WHERE source = $of AND set_aside_at >= 1 AND {CAN_REPLAY} AND {chosen}",
        {"of": delivery.name, **values},
    ).fetchall()
    con.execute(
        "CREATE OR REPLACE TEMP TABLE replay_part AS SELECT delivered_in, came_at, part.*, reason, detail,"
        " source_record_id, dense_rank() OVER (ORDER BY came_at DESC, delivered_in, part.path) - 1 AS _file FROM ("
        " SELECT *, unnest(coalesce(lines, [{path: path, line: line, kept_as: kept_as, raw: raw}])) AS part"
        " FROM to_replay)"
    ).fetchall()
    con.execute(
        "CREATE OR REPLACE TEMP TABLE replay_file AS SELECT DISTINCT _file, delivered_in, came_at FROM replay_part"
    ).fetchall()
    return has_rows(con, "FROM to_replay")


def _read_again(delivery: Delivery) -> RawRows:
    """Fill raw_row with what was kept as a row, and with what the kept texts give now."""
    con, source = delivery.con, delivery.source
    raw = RawRows(con)
    if is_mail(source):
        raw.know(MAIL_COLUMNS)
    names = con.execute(
        "SELECT DISTINCT unnest(json_keys(raw)) AS name FROM replay_part WHERE kept_as = 'row' ORDER BY name"
    ).fetchall()
    raw.know(name for (name,) in names)
    columns = "".join(f", {column}" for column in raw.columns.values())
    texts = "".join(f", json_extract_string(raw, {quote_literal(pointer_to(name))})" for name in raw.columns)
    (rows,) = con.execute(
        f"INSERT INTO raw_row (_file, _path, _line, _origin{columns})"
        f" SELECT _file, path, line, 'replayed'{texts} FROM replay_part WHERE kept_as = 'row'"
    ).fetchall()[0]
    raw.read += int(rows)
    raw.good += int(rows)
    for file, path, batch in _texts(delivery):
        raw.add(batch, file=file, path=path, origin="replayed")
    _check_columns(delivery, raw)
    return raw


def _texts(delivery: Delivery) -> Iterator[tuple[int, str, Batch]]:
    """Yield what the texts of each file give, with the file's number and path."""
    parts = delivery.con.execute(
        "SELECT part._file, part.path, part.line, part.raw, file.columns, part.reason, part.detail,"
        " part.source_record_id FROM replay_part AS part"
        " LEFT JOIN landing.file AS file ON file.delivery_id = part.delivered_in AND file.path = part.path"
        " WHERE part.kept_as = 'text' ORDER BY part._file, part.line"
    ).fetchall()
    for (file, path), of_file in groupby(parts, key=lambda part: (part[0], part[1])):
        found: list[tuple[int, dict[str, str | None] | BadRecord]] = []
        for _, _, line, text, columns, reason, detail, key in of_file:
            again = list(reread(text, line, columns or (), delivery.source))
            found += again or [(line, BadRecord(line, reason, detail, text, _key_fields(delivery, key)))]
        yield file, path, _batch(found)


def _key_fields(delivery: Delivery, key: str | None) -> dict[str, str | None]:
    """Return the key of a record that cannot be read as its column, where it is one."""
    columns = delivery.source.key
    return {columns[0]: key} if key is not None and isinstance(columns, tuple) and len(columns) == 1 else {}


def _batch(found: list[tuple[int, dict[str, str | None] | BadRecord]]) -> Batch:
    rows = [(line, record) for line, record in found if isinstance(record, dict)]
    bad = tuple(replace(record, line=line) for line, record in found if isinstance(record, BadRecord))
    names = list(dict.fromkeys(name for _, row in rows for name in row))
    columns = [[row.get(name) for _, row in rows] for name in names]
    return Batch(text_table(names, columns), line_numbers([line for line, _ in rows]), bad)


def _check_columns(delivery: Delivery, raw: RawRows) -> None:
    """Make the mapped columns that these rows lack columns of nulls; one that no file ever had is a mistake."""
    con, mapped = delivery.con, mapped_columns(delivery.con, delivery.source, delivery.place)
    known = known_before(con, delivery.name).columns
    if known:
        for column in missing_from(mapped, names_of([*known, *raw.columns])):
            raise unknown_column(column, known, f"what source {delivery.name} has delivered")
    make_missing(raw, mapped)


def _judge(delivery: Delivery) -> None:
    """Fill the temporary table verdict: one row per record that could be typed.

    `is_older` says that the record loses against what is stored. Which came later decides as in `accept`; within one
    delivery the greatest updated_at, then the last file, then the last line.
    """
    _date_stored(delivery)
    incremental = delivery.source.load == "incremental"
    order = "_file, _line" if is_mail(delivery.source) else "updated_at DESC NULLS LAST, _file DESC, _line DESC"
    loser = "quarantined" if is_mail(delivery.source) else "superseded"
    accepted_alone = (
        f"CASE WHEN {delivery.source.rows == 'lines'} AND together AND NOT was_deleted"
        " AND verdict IN ('changed', 'superseded') THEN 'quarantined' ELSE verdict END"
    )
    delivery.con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE verdict AS
        WITH delivered AS (
            SELECT row.source_record_id, row._file, row._line, row._marked AS marked,
                row.record_hash AS record_hash, row.updated_at AS updated_at,
                stored.source_record_id IS NOT NULL AS is_stored, stored.deleted AS was_deleted,
                stored.record_hash IS NOT DISTINCT FROM row.record_hash AS same,
                coalesce(stored.at = file.came_at AND ({not incremental} OR stored.path = row._path), false)
                    AS together,
                {_is_older(incremental=incremental)} AS is_older,
                true AS is_fresh, false AS other_mapping
            FROM typed_row AS row JOIN replay_file AS file USING (_file)
            LEFT JOIN stored_since AS stored USING (source_record_id)
            WHERE row._reason IS NULL
        ),
        copies AS (
            SELECT *, row_number() OVER (PARTITION BY source_record_id, record_hash ORDER BY {order}) AS copy
            FROM delivered
        ),
        ranked AS (
            SELECT *, row_number() OVER (PARTITION BY source_record_id, copy ORDER BY {order}) AS place FROM copies
        )
        SELECT source_record_id, _file, _line, marked, was_deleted, other_mapping, {accepted_alone} AS verdict
        FROM (SELECT *, {cases(delivery, loser)} AS verdict FROM ranked)"""
    ).fetchall()


def _is_older(*, incremental: bool) -> str:
    """Return SQL for whether a row loses by its time against what is stored, which came before, with or after it."""
    this = f"(coalesce(row.updated_at, {EVER}), row._path, row._line)"
    other = f"(coalesce(stored.updated_at, {EVER}), stored.path, stored.line)"
    return f"""CASE
        WHEN stored.at > file.came_at THEN {incremental} AND stored.updated_at IS NOT NULL
            AND coalesce(row.updated_at < stored.updated_at, true)
        WHEN stored.at = file.came_at THEN stored.path IS NOT NULL AND {this} < {other}
        ELSE NOT ({incremental} AND row.updated_at IS NOT NULL
            AND coalesce(row.updated_at > stored.updated_at, NOT stored.deleted)) END"""


def _date_stored(delivery: Delivery) -> None:
    """Fill stored_since: what is stored of the keys read again, and `at`, the position of the run that brought it.

    A version that has the content of the one before it was only typed anew; one that was replayed came with the
    delivery that it was replayed from.
    """
    delivery.con.execute(
        """
        CREATE OR REPLACE TEMP TABLE stored_since AS
        WITH version AS (
            SELECT record.source_record_id, record.delivery_id, record.path, record.line, lineage.position,
                record.record_hash = stored.record_hash AND record.deleted = stored.deleted AS same
            FROM landing.source_record AS record
            JOIN landing.lineage AS lineage ON lineage.run_id = record.run_id AND lineage.position >= 1
            JOIN stored USING (source_record_id)
            WHERE record.source = $source
                AND record.source_record_id IN (SELECT source_record_id FROM typed_row WHERE _reason IS NULL)
        ), first AS (
            SELECT source_record_id, max(position) AS position, arg_max(delivery_id, position) AS delivery_id
            FROM version AS kept WHERE same AND position < ALL (SELECT position FROM version AS other
                WHERE other.source_record_id = kept.source_record_id AND NOT other.same)
            GROUP BY source_record_id
        )
        SELECT stored.*, coalesce(origin.position, first.position) AS at
        FROM stored JOIN first USING (source_record_id)
        LEFT JOIN landing.quarantine_end AS ended ON ended.ended_in = first.delivery_id AND ended.ended = 'replayed'
            AND ended.path = stored.path AND ended.line = stored.line
        LEFT JOIN landing.delivery AS came ON came.delivery_id = ended.delivered_in
        LEFT JOIN landing.lineage AS origin ON origin.run_id = came.run_id""",
        {"source": delivery.name},
    ).fetchall()


def _end(delivery: Delivery) -> None:
    """Put an end to what was taken up; what failed again stands in quarantine anew, with the reason of tonight."""
    delivery.con.execute(
        "INSERT INTO landing.quarantine_end (delivery_id, delivered_in, path, line, source, ended, run_id, ended_in)"
        " SELECT delivery_id, delivered_in, path, line, source, 'replayed', ?, ? FROM to_replay",
        [delivery.run.run_id, delivery.id],
    ).fetchall()
