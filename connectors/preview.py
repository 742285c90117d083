"""The first rows of a source through its mapping, without a warehouse: what `joinedup check` shows.

READS: the source's first file, or the first ones where each is one record. WRITES: nothing. Keeps: what is shown is
what the same rows would land as.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from connectors.attributes_seen import attributes_seen, statuses_seen, unmapped_columns
from connectors.check_columns import check_columns
from connectors.column_names import ColumnNames, missing_from
from connectors.delivery import delivery_of
from connectors.formats.batch import Batch, UnreadableFile
from connectors.mapping import mapped_columns
from connectors.raw_rows import RawRows
from connectors.read_files import FileRead, batches_of, files_to_read, format_of
from connectors.type_records import type_records
from connectors.typed_columns import TYPED_COLUMNS
from warehouse.connection import open_memory, quote_identifier
from warehouse.errors import SourceError
from warehouse.run import Run
from warehouse.tables import landing

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from connectors.delivery import Delivery
    from connectors.found_file import FoundFile
    from warehouse.settings import Settings


_AS_THEY_ARE = ("raw", "_detail")


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a source.

    Each of `records` has its `source_record_id`, its `raw` row and what is `typed` of it; each of `quarantined` its
    `path`, `line`, `source_record_id`, `reason` and `detail`; each of `attributes` its `columns`, in how many records
    it is `filled`, in how many `unread`, and its first value as `delivered` and as `read`. `unmapped` are the export's
    columns that nothing takes, `not_read` what of the file is left out, such as further sheets, `statuses` what each
    status means.
    """

    source: str
    holds: str
    files: tuple[str, ...]
    rows: int
    records: tuple[dict[str, Any], ...]
    quarantined: tuple[dict[str, Any], ...]
    attributes: tuple[dict[str, Any], ...] = ()
    unmapped: tuple[str, ...] = ()
    not_read: str = ""
    statuses: dict[str, str | None] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the preview as JSON-ready data."""
        return {
            "source": self.source,
            "holds": self.holds,
            "files": list(self.files),
            "rows": self.rows,
            "records": list(self.records),
            "quarantined": list(self.quarantined),
            "attributes": list(self.attributes),
            "unmapped": list(self.unmapped),
            "not_read": self.not_read,
            "statuses": self.statuses,
        }


def preview(settings: Settings, workspace: Path, source: str, limit: int = 100) -> Preview:
    """Return the first `limit` rows of a source as they would land.

    Raises SettingsError where the mapping names what is not there, SourceError where the source cannot be read.
    """
    con = open_memory()
    try:
        con.execute("CREATE SCHEMA landing")
        for spec in landing.TABLES:
            con.execute(spec.create_sql())
        run = Run("preview", workspace, datetime.now(UTC).replace(tzinfo=None))
        delivery = delivery_of(con, settings, run, source)
        format_of(delivery.source, delivery.place)
        files = [file for file, _ in files_to_read(delivery)]
        if not files:
            return Preview(source, delivery.source.holds, (), 0, (), ())
        return _looked_at(delivery, files, limit)
    finally:
        con.close()


def _looked_at(delivery: Delivery, files: list[FoundFile], limit: int) -> Preview:
    con, source = delivery.con, delivery.source
    raw = RawRows(con)
    single = format_of(source, delivery.place).single
    some = files[:limit] if single else files[:1]
    reads = [_read_some(delivery, raw, number, file, limit) for number, file in enumerate(some)]
    read = reads[0]
    check_columns(con, delivery.name, source, raw, [read])
    rows = type_records(con, raw, source, place=delivery.place, zone=delivery.zone, today=delivery.today)
    names = ("source_record_id", "raw", "updated_at", *TYPED_COLUMNS)
    records = _select(con, names, "_reason IS NULL")
    bad = _select(con, ("_path", "_line", "source_record_id", "_reason", "_detail"), "_reason IS NOT NULL")
    every = [
        {name: value if name in _AS_THEY_ARE else _shown(value) for name, value in found.items() if value is not None}
        | {name: None for name, value in found.items() if value is None}
        for found in _select(con, (*names, "_detail"), "true")
    ]
    return Preview(
        source=delivery.name,
        holds=source.holds,
        files=tuple(file.path for file in files),
        rows=rows,
        records=tuple(_record(found) for found in records),
        quarantined=tuple({name.lstrip("_"): value for name, value in found.items()} for found in bad),
        attributes=tuple(attributes_seen(con, source, delivery.place, every)),
        unmapped=unmapped_columns(con, source, delivery.place, read.columns),
        not_read=read.note,
        statuses=statuses_seen(every),
    )


def _read_some(delivery: Delivery, raw: RawRows, number: int, file: FoundFile, limit: int) -> FileRead:
    """Read the first rows, and of objects that may leave keys out as many more as it takes to see each mapped key."""
    file_format = format_of(delivery.source, delivery.place)
    mapped = mapped_columns(delivery.con, delivery.source, delivery.place)
    columns, note = dict[str, None](), ""
    try:
        for batch in batches_of(file, delivery.source):
            raw.add(_first(batch, limit - raw.read), file=number, path=file.path, origin="fresh")
            raw.know(batch.rows.column_names)
            columns |= dict.fromkeys(batch.rows.column_names)
            note = batch.note
            missing = file_format.sparse and any(missing_from(mapped, ColumnNames(raw.columns)))
            if raw.read >= limit and not missing:
                break
    except UnreadableFile as error:
        raise SourceError(delivery.name, f"{file.path}: {error}") from error
    return FileRead(file, raw.read, tuple(columns), note=note)


def _first(batch: Batch, count: int) -> Batch:
    count = max(count, 0)
    return Batch(batch.rows.slice(0, count), batch.lines.slice(0, count), batch.bad[:count])


def _select(con: DuckDBPyConnection, names: tuple[str, ...], condition: str) -> list[dict[str, Any]]:
    columns = ", ".join(map(quote_identifier, names))
    rows = con.execute(f"SELECT {columns} FROM typed_row WHERE {condition} ORDER BY _file, _line").fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def _record(found: dict[str, Any]) -> dict[str, Any]:
    typed = {
        name: _shown(value)
        for name, value in found.items()
        if name not in ("source_record_id", "raw") and value not in (None, [])
    }
    return {"source_record_id": found["source_record_id"], "raw": json.loads(found["raw"]), "typed": typed}


def _shown(value: Any) -> Any:  # noqa: ANN401 - any value of a typed column
    if isinstance(value, list):
        return [_shown(member) for member in value]
    if isinstance(value, dict):
        return {name: _shown(member) for name, member in value.items() if member is not None}
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    return (
        value if isinstance(value, str | bool | int) else value.isoformat() if isinstance(value, date) else str(value)
    )
