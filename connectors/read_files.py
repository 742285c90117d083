"""A source's files into raw_row: which are read tonight, and which are left for a later night.

READS: the files; landing.file, landing.delivery, landing.lineage (what was read before). WRITES: raw_row.
Keeps: a file that cannot be read lands nothing of its source; of an incremental one, a file that is not whole yet is
left as it is, and the others are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.column_names import shown
from connectors.databases.asked import database_file
from connectors.files import find_files, open_file
from connectors.formats import FORMATS, find_format
from connectors.formats.batch import EmptyFile, UnfinishedFile, UnreadableFile
from connectors.formats.dialect import dialect_of
from connectors.formats.sql import SQL
from connectors.mail.columns import MAIL_COLUMNS
from connectors.mapping import is_mail
from connectors.raw_rows import RawRows
from warehouse.errors import SettingsError, SourceError
from warehouse.settings.secrets import mask_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from connectors.delivery import Delivery
    from connectors.formats.batch import BadRecord, Batch, FileFormat
    from connectors.found_file import FoundFile
    from connectors.raw_rows import Origin
    from warehouse.settings import SourceSettings


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that was read: how many records it held, the names of its columns, and their types where it declares any.

    With `left_because` nothing was taken of it, with `for_good` nothing will be as long as it stays as it is; `note`
    tells what of it is not read, such as the other sheets; `cut_off` how its text ends in the middle of a record.
    """

    file: FoundFile
    records: int
    columns: tuple[str, ...]
    types: tuple[str | None, ...] | None = None
    left_because: str | None = None
    for_good: bool = False
    note: str = ""
    cut_off: str = ""


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
    left = [
        FileRead(file, 0, (), left_because=file.left_because, for_good=not file.under_way)
        for file in found
        if file.left_because
    ]
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
            left.append(FileRead(file, 0, (), left_because=earlier, for_good=True))
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
        problem = f"no file matches {mask_url(delivery.source.files)}; let the export run, or correct `files`"
        raise SourceError(delivery.name, problem)


def batches_of(file: FoundFile, source: SourceSettings) -> Iterator[Batch]:
    """Yield the rows of a file, or of a database that is asked; raises UnreadableFile."""
    if file.answer is not None:
        yield from file.answer.batches()
        return
    with open_file(file) as stream:
        yield from format_of(source, "").read(stream, source)


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
    records, columns, note, cut_off = 0, dict[str, str | None](), "", ""
    for batch in batches_of(file, source):
        cut_off = next((_cut_off(bad, source) for bad in batch.bad if bad.cut_off), cut_off)
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
    nothing_new = left_because is not None
    return FileRead(file, records, tuple(columns), types, left_because, nothing_new, note, cut_off)


def _cut_off(bad: BadRecord, source: SourceSettings) -> str:
    advice = "; where that is a footer and no record, set options.skip_footer" if source.format == "csv" else ""
    found = bad.detail.partition(":")[0]
    return (
        f"line {bad.line}: it ends in the middle of a record ({found}, and no line end after it), as a file does that "
        f"is cut off or still being written{advice}"
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
