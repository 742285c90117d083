"""Exports a release as a folder of files that other tools read, with a page that says how to read them.

READS: one release, pinned while it is read. WRITES: a new folder anywhere. Invariant: the folder is there whole or not
at all; its files hold every row of the release, in the order of their key, and nothing of the release is changed.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

from warehouse.connection import PUBLISHED, open_memory, quote_identifier, quote_literal
from warehouse.data_contract import VERSION, contract_page
from warehouse.durable import remove_tree, surroundings, sync_folder, sync_tree
from warehouse.errors import Refused, UsageError
from warehouse.failpoint import failpoint
from warehouse.read import open_release
from warehouse.release.export_page import export_page
from warehouse.release.export_sqlite import write_sqlite
from warehouse.release.manifest import GOLDEN
from warehouse.tables import RELEASE_TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from warehouse.table_spec import Column, TableSpec
    from warehouse.workspace import Workspace

FORMATS = ("parquet", "csv", "jsonl", "sqlite")
PACKED = ("csv", "jsonl")
"""Formats that gzip makes smaller; Parquet is packed by itself."""

FLAT = ("csv", "sqlite")
"""Formats that know no lists, maps and structs."""

_COPIED = {
    "parquet": "FORMAT parquet, COMPRESSION zstd",
    "csv": "FORMAT csv, HEADER, NULLSTR ''",
    "jsonl": "FORMAT json",
}
_NESTED = ("[", "MAP", "STRUCT")


class Exported(NamedTuple):
    """What was exported: the release, the folder, the rows of each table, and what an older release lacks.

    `lacking` names tables, and columns as `table.column`.
    """

    release_id: str
    folder: Path
    rows: Mapping[str, int]
    lacking: tuple[str, ...]


class Wanted(NamedTuple):
    """What to export: the format, packed or not, which tables (empty: all), and whether columns of personal data."""

    format: str
    gzip: bool = False
    tables: tuple[str, ...] = ()
    personal: bool = True


def export_release(workspace: Workspace, release_id: str | None, target: Path, wanted: Wanted) -> Exported:
    """Write a release (default: the current one) into the folder `target`, which must not be there yet, or be empty.

    Raises UsageError for a format or table that there is not, Refused where the folder holds something or the release
    is not there, SurroundingsError where the disk fails; the folder is then not there.
    """
    specs = _specs(wanted)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        message = f"{target} is there already: name a folder that is not, or an empty one; nothing was written"
        raise Refused(message)
    with open_release(workspace, release_id) as release, surroundings(f"exporting to {target}"):
        parts = _parts(release.con, specs, wanted)
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target)
        draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.draft")
        draft.mkdir()
        try:
            with open_memory() as con:
                con.execute(f"ATTACH {quote_literal(str(release.directory / GOLDEN))} AS {PUBLISHED} (READ_ONLY)")
                rows = _write(con, parts, draft, wanted)
            lacking = _lacking(specs, parts, wanted)
            exported = Exported(release.release_id, target, rows, lacking)
            page = export_page(release.manifest, wanted, rows, lacking, VERSION)
            (draft / "README.md").write_text(page, encoding="utf-8")
            (draft / "data-contract.yaml").write_text(contract_page(), encoding="utf-8")
            sync_tree(draft)
            failpoint("export written")
            draft.replace(target)
            sync_folder(target.parent)
        except BaseException:
            remove_tree(draft)
            raise
    return exported


def file_name(table: str, wanted: Wanted) -> str:
    """Return the name of a table's file; all tables are in one SQLite file."""
    if wanted.format == "sqlite":
        return "release.sqlite"
    return f"{table}.{wanted.format}{'.gz' if wanted.gzip else ''}"


def _specs(wanted: Wanted) -> Sequence[TableSpec]:
    if wanted.format not in FORMATS:
        message = f"no format {wanted.format!r}: a release is exported as {', '.join(FORMATS)}"
        raise UsageError(message)
    if wanted.gzip and wanted.format not in PACKED:
        message = f"--gzip is for {' and '.join(PACKED)}: leave it out for {wanted.format}"
        raise UsageError(message)
    known = {spec.name: spec for spec in RELEASE_TABLES}
    for name in wanted.tables:
        if name not in known:
            message = f"a release has no table {name!r}: it has {', '.join(known)}"
            raise UsageError(message)
    return [known[name] for name in dict.fromkeys(wanted.tables)] if wanted.tables else RELEASE_TABLES


def _sweep(target: Path) -> None:
    """Remove what an export that was killed has left."""
    for left in target.parent.glob(f".{target.name}.*.draft"):
        remove_tree(left)


def _parts(con: DuckDBPyConnection, specs: Sequence[TableSpec], wanted: Wanted) -> dict[TableSpec, list[Column]]:
    """Return the tables and columns to export that the release has; an earlier joinedup knew fewer."""
    there = set(con.execute("SELECT table_name, column_name FROM duckdb_columns()").fetchall())
    parts = {spec: [column for column in _asked(spec, wanted) if (spec.name, column.name) in there] for spec in specs}
    return {spec: columns for spec, columns in parts.items() if columns}


def _asked(spec: TableSpec, wanted: Wanted) -> list[Column]:
    return [column for column in spec.columns if wanted.personal or not column.personal]


def _lacking(
    specs: Sequence[TableSpec], parts: Mapping[TableSpec, Sequence[Column]], wanted: Wanted
) -> tuple[str, ...]:
    tables = [spec.name for spec in specs if spec not in parts]
    columns = [
        f"{spec.name}.{column.name}"
        for spec, found in parts.items()
        for column in _asked(spec, wanted)
        if column not in found
    ]
    return (*tables, *columns)


def _write(
    con: DuckDBPyConnection, parts: Mapping[TableSpec, Sequence[Column]], draft: Path, wanted: Wanted
) -> dict[str, int]:
    flat = wanted.format in FLAT
    queries = {spec: _select(spec, columns, flat=flat) for spec, columns in parts.items()}
    if wanted.format == "sqlite":
        selected = {spec: (columns, queries[spec]) for spec, columns in parts.items()}
        return write_sqlite(con, selected, draft / file_name("", wanted))
    how = _COPIED[wanted.format] + (", COMPRESSION gzip" if wanted.gzip else "")
    rows = {}
    for spec, query in queries.items():
        path = quote_literal(str(draft / file_name(spec.name, wanted)))
        written: list[tuple[Any, ...]] = con.execute(f"COPY ({query}) TO {path} ({how})").fetchall()
        rows[spec.name] = int(written[0][0])
    return rows


def _select(spec: TableSpec, columns: Sequence[Column], *, flat: bool) -> str:
    """Return the query of a table's rows in the order of its key; `flat`: lists, maps and structs become JSON."""
    values = ", ".join(_value(column, flat=flat) for column in columns)
    order = ", ".join(quote_identifier(name) for name in spec.key)
    return f"SELECT {values} FROM {PUBLISHED}.main.{quote_identifier(spec.name)} ORDER BY {order}"


def _value(column: Column, *, flat: bool) -> str:
    name = quote_identifier(column.name)
    return f"to_json({name})::VARCHAR AS {name}" if flat and any(part in column.type for part in _NESTED) else name
