"""Whether the columns of tonight's files are those that the mapping was written for, and what to do where not.

READS: raw_row; landing.file, landing.delivery, landing.lineage (the columns of before). WRITES: columns of raw_row.
Keeps: a mapped column that never was is a mistake of the mapping, one that is gone stops its source, and whatever the
mapping does not need is told and stops nothing.
"""

from __future__ import annotations

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
from connectors.mapping import mapped_columns
from connectors.mend import mending_line
from connectors.read_files import format_of
from connectors.schema_drift import Schema, differences, last_accepted, likely_renamings, respelt, schema_of
from warehouse.errors import SourceError
from warehouse.settings.sources import KeyHash

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

    from connectors.delivery import Accounts, Delivery
    from connectors.mapping import MappedColumn
    from connectors.raw_rows import RawRows
    from connectors.read_files import FileRead
    from warehouse.errors import SettingsError
    from warehouse.settings import SourceSettings


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


def make_missing(raw: RawRows, mapped: Iterable[MappedColumn]) -> None:
    """Make columns of nulls for mapped columns that no row has."""
    for column in missing_from(mapped, ColumnNames(raw.columns)):
        raw.know([column.name.partition(".")[0] if column.kind == "path" else column.name])


def check_drift(delivery: Delivery, accounts: Accounts, reads: list[FileRead]) -> None:
    """Tell how the columns differ from those last accepted; raise SourceError where keys would be spelt otherwise."""
    before = last_accepted(delivery.con, delivery.name)
    now = schema_of((read.columns, read.types) for read in reads)
    if before is None or not now.columns:
        return
    keys = delivery.source.key.hash if isinstance(delivery.source.key, KeyHash) else delivery.source.key
    for name, was, declared in respelt(before, now):
        if name in keys:
            problem = (
                f"the key column {shown(name)} was {was} and is {declared}: its values would be spelt otherwise, so "
                "that every record would be another; ask for the export as it was"
            )
            raise SourceError(delivery.name, problem)
    accounts.told += differences(before, now, sparse=format_of(delivery.source, delivery.place).sparse)
