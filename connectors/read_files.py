"""A source's files into raw_row, and the judgement whether they are what its mapping was written for.

READS: the files; landing.file, landing.delivery, landing.lineage (what was read before). WRITES: raw_row.
Keeps: a file that cannot be read, or lacks a mapped column, lands nothing of its source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.column_names import ColumnNames, known_before, lost_column, missing_from, names_of, unknown_column
from connectors.files import find_files, open_file
from connectors.formats import FORMATS, find_format
from connectors.formats.batch import EmptyFile, UnreadableFile
from connectors.formats.dialect import dialect_of
from connectors.mail.columns import MAIL_COLUMNS
from connectors.mapping import is_mail, mapped_columns
from connectors.raw_rows import RawRows
from warehouse.errors import SettingsError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from connectors.delivery import Delivery
    from connectors.files import FoundFile
    from connectors.formats.batch import FileFormat
    from connectors.mapping import MappedColumn
    from connectors.raw_rows import Origin
    from warehouse.settings import SourceSettings


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that was read: how many records it held, and the names of its columns."""

    file: FoundFile
    records: int
    columns: tuple[str, ...]


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
    found = _found(delivery.name, delivery.source, delivery.run.workspace)
    if delivery.source.load == "full":
        if not found:
            problem = f"no file matches {delivery.source.files}; let the export run, or correct `files`"
            raise SourceError(delivery.name, problem)
        return [(file, "fresh") for file in found]
    seen = _seen(delivery)
    return [
        (file, "reread" if file.sha256 in seen else "fresh")
        for file in found
        if delivery.mapping not in seen.get(file.sha256, ())
    ]


def read_files(
    con: DuckDBPyConnection, name: str, source: SourceSettings, files: list[tuple[FoundFile, Origin]]
) -> tuple[RawRows, list[FileRead]]:
    """Read the files into raw_row; raises SourceError for a file that cannot be read."""
    raw = RawRows(con)
    if is_mail(source):
        raw.know(MAIL_COLUMNS)
    return raw, [_read_file(raw, name, source, number, file) for number, file in enumerate(files)]


def check_columns(
    con: DuckDBPyConnection, name: str, source: SourceSettings, raw: RawRows, reads: list[FileRead]
) -> None:
    """Check that every mapped column is there, and make those that are left out everywhere columns of nulls.

    Raises SettingsError for a column that never was, SourceError for one that was there before.
    """
    mapped = mapped_columns(con, source, f"sources.{name}")
    file_format = format_of(source, f"sources.{name}")
    before = known_before(con, name)
    together = names_of(column for read in reads for column in read.columns)
    for read in reads:
        found = together if file_format.sparse else names_of(read.columns)
        for column in missing_from(mapped, found) if read.columns else ():
            was = before.has(column) or together.has(column)
            if file_format.sparse and was and source.load == "incremental":
                continue
            if was:
                raise lost_column(name, column, found.columns, read.file.path)
            raise unknown_column(column, found.columns, read.file.path)
    make_missing(raw, mapped)


def make_missing(raw: RawRows, mapped: Iterable[MappedColumn]) -> None:
    """Make columns of nulls for mapped columns that no row has."""
    for column in missing_from(mapped, ColumnNames(raw.columns)):
        raw.know([column.name.partition(".")[0] if column.kind == "path" else column.name])


def _found(name: str, source: SourceSettings, workspace: Path) -> tuple[FoundFile, ...]:
    try:
        return find_files(source, workspace)
    except UnreadableFile as error:
        raise SourceError(name, str(error)) from error


def _read_file(
    raw: RawRows, name: str, source: SourceSettings, number: int, chosen: tuple[FoundFile, Origin]
) -> FileRead:
    file, origin = chosen
    file_format = format_of(source, f"sources.{name}")
    records, columns = 0, dict[str, None]()
    try:
        if file.bytes == 0 and not file_format.single:
            raise EmptyFile("it is empty: 0 bytes")  # noqa: TRY301 - told like every other emptiness
        with open_file(file) as stream:
            for batch in file_format.read(stream, source):
                records += raw.add(batch, file=number, path=file.path, origin=origin)
                columns |= dict.fromkeys(batch.rows.column_names)
    except EmptyFile as error:
        if source.load == "full":
            raise SourceError(name, f"{file.path}: {error}; let the export run again") from error
    except UnreadableFile as error:
        raise SourceError(name, f"{file.path}: {error}") from error
    return FileRead(file, records, tuple(columns))


def _seen(delivery: Delivery) -> dict[str, set[str]]:
    """Return the hashes of the files that the lineage has read, each with the mappings it was read under.

    Files from before the source was taken out of joinedup.yaml do not count: their records were deleted then.
    """
    rows = delivery.con.execute(
        """WITH tonight AS (
            SELECT delivery.*, lineage.position FROM landing.delivery AS delivery
            JOIN landing.lineage AS lineage ON lineage.run_id = delivery.run_id AND lineage.position >= 1
            WHERE delivery.source = ?)
        SELECT file.sha256, tonight.mapping_hash FROM tonight JOIN landing.file AS file USING (delivery_id)
        WHERE tonight.position < ALL (SELECT position FROM tonight WHERE outcome = 'withdrawn')""",
        [delivery.name],
    ).fetchall()
    seen: dict[str, set[str]] = {}
    for sha256, mapping in rows:
        seen.setdefault(sha256, set()).add(mapping)
    return seen
