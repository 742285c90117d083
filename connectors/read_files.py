"""A source's files into raw_row, and the judgement whether they are what its mapping was written for.

READS: the files; landing.file, landing.delivery, landing.lineage (what was read before). WRITES: raw_row.
Keeps: a file that cannot be read, or lacks a mapped column, lands nothing of its source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.column_names import (
    ColumnNames,
    known_before,
    lost_columns,
    missing_from,
    names_of,
    shown,
    unknown_column,
)
from connectors.databases.asked import database_file
from connectors.files import find_files, open_file
from connectors.formats import FORMATS, find_format
from connectors.formats.batch import EmptyFile, UnfinishedFile, UnreadableFile
from connectors.formats.dialect import dialect_of
from connectors.formats.sql import SQL
from connectors.mail.columns import MAIL_COLUMNS
from connectors.mapping import is_mail, mapped_columns
from connectors.mend import mending_line
from connectors.raw_rows import RawRows
from connectors.schema_drift import Schema, last_accepted, likely_renamings
from warehouse.errors import SettingsError, SourceError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from connectors.delivery import Delivery
    from connectors.formats.batch import BadRecord, Batch, FileFormat
    from connectors.found_file import FoundFile
    from connectors.mapping import MappedColumn
    from connectors.raw_rows import Origin
    from warehouse.settings import SourceSettings


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that was read: how many records it held, the names of its columns, and their types where it declares any.

    With `left_because` nothing was taken of it; `note` tells what of it is not read, such as the other sheets.
    """

    file: FoundFile
    records: int
    columns: tuple[str, ...]
    types: tuple[str | None, ...] | None = None
    left_because: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ToRead:
    """The files to read tonight in the order of their names, each with its origin; and those left for a later night."""

    files: list[tuple[FoundFile, Origin]]
    left: list[FileRead]


def format_of(source: SourceSettings, place: str) -> FileFormat:
    """Return the source's format, its options checked; raises SettingsError for one that cannot be read."""
    file_format = find_format(source.format)
    if file_format is None:
        allowed = ", ".join(known.name for known in FORMATS)
        problem = f"{source.format!r} cannot be read by this version; allowed: {allowed}; export it as one of these"
        raise SettingsError(problem, key=f"{place}.format")
    if source.format == "csv":
        dialect_of(source.options, f"{place}.options")
    return file_format


def files_to_read(delivery: Delivery) -> list[tuple[FoundFile, Origin]]:
    """Return the files to read tonight, in the order of their names, and whether the lineage has read them before.

    A full source's files are all read. An incremental source's are not, where they were read under the same mapping.
    Raises SourceError where a full source has none.
    """
    return look_for_files(delivery).files


def look_for_files(delivery: Delivery) -> ToRead:
    """Return the files to read tonight, and those that by their names are not to be read, or not yet.

    Raises SourceError where a full source has none, or where one of its parts is still being written.
    """
    if delivery.source.format == SQL.name:
        return ToRead([(database_file(delivery), "fresh")], [])
    known = _known_etags(delivery) if delivery.source.load == "incremental" else ()
    found = _found(delivery.name, delivery.source, delivery.run.workspace, known)
    whole = [file for file in found if file.left_because is None]
    left = [FileRead(file, 0, (), left_because=file.left_because) for file in found if file.left_because]
    if delivery.source.load == "full":
        _check_whole(delivery, whole, left)
        return ToRead([(file, "fresh") for file in whole], left)
    seen = _seen(delivery)
    to_read: list[tuple[FoundFile, Origin]] = []
    for file in whole:
        read = seen.get(file.sha256, {})
        if not any(delivery.mapping in mappings for mappings in read.values()):
            to_read.append((file, "reread" if read else "fresh"))
        elif file.path not in read:
            earlier = f"its bytes were read before, as {shown(min(read))}"
            left.append(FileRead(file, 0, (), left_because=earlier))
    return ToRead(to_read, left)


def read_files(
    con: DuckDBPyConnection, name: str, source: SourceSettings, files: list[tuple[FoundFile, Origin]]
) -> tuple[RawRows, list[FileRead]]:
    """Read the files into raw_row; raises SourceError for a file that cannot be read."""
    raw = RawRows(con, gather=True)
    if is_mail(source):
        raw.know(MAIL_COLUMNS)
    reads = [_read_file(raw, name, source, number, file) for number, file in enumerate(files)]
    raw.put_in()
    return raw, reads


def _check_whole(delivery: Delivery, whole: list[FoundFile], left: list[FileRead]) -> None:
    """Check that a full source has files, and with `take: all` none that is still on its way."""
    under_way = [shown(read.file.path) for read in left if read.file.under_way]
    if under_way and (delivery.source.take == "all" or not whole):
        problem = (
            f"{', '.join(under_way)}: by its name still being written, so the delivery is not whole; let the export "
            "finish and run again, or take away what an interrupted one has left"
        )
        raise SourceError(delivery.name, problem)
    if not whole:
        problem = f"no file matches {delivery.source.files}; let the export run, or correct `files`"
        raise SourceError(delivery.name, problem)


def check_columns(
    con: DuckDBPyConnection, name: str, source: SourceSettings, raw: RawRows, reads: list[FileRead]
) -> list[str]:
    """Check that every mapped column is there, and make those that are left out everywhere columns of nulls.

    Returns in sentences which columns others stand in for. Raises SettingsError for a column that never was,
    SourceError for one that was there before and that nothing stands in for.
    """
    mapped = mapped_columns(con, source, f"sources.{name}")
    file_format = format_of(source, f"sources.{name}")
    before = known_before(con, name)
    together = names_of(column for read in reads for column in read.columns)
    told = dict[str, None]()
    for read in reads:
        found = together if file_format.sparse else names_of(read.columns)
        missing = list(missing_from(mapped, found)) if read.columns else []
        never = [column for column in missing if not before.has(column) and not together.has(column)]
        if never:
            raise _together([unknown_column(column, found.columns, read.file.path) for column in never])
        if file_format.sparse and source.load == "incremental":
            continue
        lost = [column for column in missing if not any(map(found.has, column.instead))]
        if lost:
            hint = _hint(con, name, source, raw, lost, found)
            raise lost_columns(name, lost, found.columns, shown(read.file.path), hint)
        told |= dict.fromkeys(
            f"{shown(column.name)} is gone from {shown(read.file.path)}; what stands beside it in {column.key} is there"
            for column in missing
        )
    make_missing(raw, mapped)
    return list(told)


def _together(errors: list[SettingsError]) -> SettingsError:
    """Return the first error, with the others as its further ones."""
    errors[0].others = tuple(errors[1:])
    return errors[0]


def _hint(
    con: DuckDBPyConnection,
    name: str,
    source: SourceSettings,
    raw: RawRows,
    lost: list[MappedColumn],
    found: ColumnNames,
) -> str:
    """Return what to do about columns that are gone: the lines of joinedup.yaml where they were renamed."""
    before = last_accepted(con, name)
    renamings = likely_renamings(con, name, raw, before, Schema(tuple(found.columns), {})) if before else []
    likely = {each.old: each for each in renamings}
    lines, because = [], []
    for column in lost:
        old = column.name.partition(".")[0] if column.kind == "path" else column.name
        if old not in likely:
            continue
        renamed = likely[old]
        line = mending_line(source, f"sources.{name}", column, renamed.new)
        lines.append(line or f"{column.key}: with {shown(renamed.new)} for {shown(old)} in the sql")
        because.append(f"{shown(old)} is likely {shown(renamed.new)} now ({renamed.because})")
    if not lines:
        return "ask for the export as it was, or change the mapping"
    return (
        f"{'; '.join(dict.fromkeys(because))}; if so, write in joinedup.yaml: {' | '.join(lines)}; "
        "else ask for the export as it was"
    )


def batches_of(file: FoundFile, source: SourceSettings) -> Iterator[Batch]:
    """Yield the rows of a file, or of a database that is asked; raises UnreadableFile."""
    if file.answer is not None:
        yield from file.answer.batches()
        return
    with open_file(file) as stream:
        yield from format_of(source, "").read(stream, source)


def make_missing(raw: RawRows, mapped: Iterable[MappedColumn]) -> None:
    """Make columns of nulls for mapped columns that no row has."""
    for column in missing_from(mapped, ColumnNames(raw.columns)):
        raw.know([column.name.partition(".")[0] if column.kind == "path" else column.name])


def _found(
    name: str, source: SourceSettings, workspace: Path, known: Collection[tuple[str, str]]
) -> tuple[FoundFile, ...]:
    try:
        return find_files(source, workspace, known=known)
    except UnreadableFile as error:
        raise SourceError(name, str(error)) from error


def _read_file(
    raw: RawRows, name: str, source: SourceSettings, number: int, chosen: tuple[FoundFile, Origin]
) -> FileRead:
    """Read one file; of an incremental source one that is not whole is left for a later night."""
    file, _ = chosen
    try:
        if file.bytes == 0 and file.answer is None and not format_of(source, "").single:
            raise EmptyFile("it is empty: 0 bytes")  # noqa: TRY301 - told like every other emptiness
        return _read_whole(raw, source, number, chosen)
    except (EmptyFile, UnfinishedFile) as error:
        if source.load == "full":
            again = "; let the export run again" if isinstance(error, EmptyFile) else ""
            raise SourceError(name, f"{shown(file.path)}: {error}{again}") from error
        raw.take_back(number)
        return FileRead(file, 0, (), left_because=str(error))
    except UnreadableFile as error:
        raise SourceError(name, f"{shown(file.path)}: {error}") from error


def _read_whole(raw: RawRows, source: SourceSettings, number: int, chosen: tuple[FoundFile, Origin]) -> FileRead:
    file, origin = chosen
    records, columns, note = 0, dict[str, str | None](), ""
    for batch in batches_of(file, source):
        for bad in batch.bad:
            if bad.cut_off:
                raise UnfinishedFile(_cut_off(bad, source))
        records += raw.add(batch, file=number, path=file.path, origin=origin)
        for column in batch.rows.schema:
            declared = (column.metadata or {}).get(b"type")
            columns[column.name] = declared.decode() if declared else columns.get(column.name)
        note = batch.note
    left_because = None
    if file.answer is not None:
        left_because = "no row has come since the watermark" if file.answer.is_nothing_new(records) else None
        file = file.answer.as_read(file)
    types = tuple(columns.values()) if any(columns.values()) else None
    return FileRead(file, records, tuple(columns), types, left_because, note)


def _cut_off(bad: BadRecord, source: SourceSettings) -> str:
    advice = "; where that is a footer and no record, set options.skip_footer" if source.format == "csv" else ""
    return (
        f"line {bad.line}: it ends in the middle of a record ({bad.detail}, and no line end after it), so it is cut "
        f"off or still being written; get the whole file and run again{advice}"
    )


def _known_etags(delivery: Delivery) -> set[tuple[str, str]]:
    """Return the names and ETags of what the lineage has read under the same mapping: it need not be fetched again."""
    rows = delivery.con.execute(
        """SELECT file.path, file.etag FROM landing.file AS file JOIN landing.delivery AS delivery USING (delivery_id)
        JOIN landing.lineage AS lineage ON lineage.run_id = delivery.run_id AND lineage.position >= 1
        WHERE file.source = ? AND file.etag IS NOT NULL AND file.left_because IS NULL AND delivery.mapping_hash = ?
        AND lineage.position < ALL (SELECT earlier.position FROM landing.lineage AS earlier
            JOIN landing.delivery AS gone USING (run_id) WHERE gone.source = ? AND gone.outcome = 'withdrawn')""",
        [delivery.name, delivery.mapping, delivery.name],
    ).fetchall()
    return set(rows)


def _seen(delivery: Delivery) -> dict[str, dict[str, set[str]]]:
    """Return the hashes of the files that the lineage has read, each with its paths and the mapping it was read under.

    Files from before the source was taken out of joinedup.yaml do not count: their records were deleted then.
    """
    rows = delivery.con.execute(
        """WITH tonight AS (
            SELECT delivery.*, lineage.position FROM landing.delivery AS delivery
            JOIN landing.lineage AS lineage ON lineage.run_id = delivery.run_id AND lineage.position >= 1
            WHERE delivery.source = ?)
        SELECT file.sha256, file.path, tonight.mapping_hash FROM tonight JOIN landing.file AS file USING (delivery_id)
        WHERE file.left_because IS NULL
        AND tonight.position < ALL (SELECT position FROM tonight WHERE outcome = 'withdrawn')""",
        [delivery.name],
    ).fetchall()
    seen: dict[str, dict[str, set[str]]] = {}
    for sha256, path, mapping in rows:
        seen.setdefault(sha256, {}).setdefault(path, set()).add(mapping)
    return seen
