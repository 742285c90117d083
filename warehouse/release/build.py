"""Build a candidate: the files of a release in a folder of their own, with the manifest that describes them.

READS: the tables of RELEASE_TABLES and WORKINGS_TABLES in the warehouse, landing.lineage, landing.night, quality.gate.
WRITES: golden.duckdb, parquet/<table>.parquet, workings.duckdb, manifest.json in the folder given. Invariant: what is
for everybody stands in the order of its key, in a format that every DuckDB reads; each DuckDB file is closed, whole and
without a write-ahead log.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from platform import python_version
from typing import TYPE_CHECKING, Any

import duckdb

from warehouse.connection import STORAGE_VERSION, quote_identifier, quote_literal, transaction
from warehouse.durable import remove_tree
from warehouse.errors import Refused, SurroundingsError
from warehouse.failpoint import failpoint
from warehouse.program import RESOLUTION, resolution_version
from warehouse.release.hashes import ReleaseHashes, hash_release, in_catalog
from warehouse.release.manifest import GOLDEN, PARQUET, WORKINGS, FileEntry, Manifest, file_sha256, write_manifest
from warehouse.settings.digest import deciding, settings_hash
from warehouse.state import model_version
from warehouse.tables import RELEASE_TABLES, WORKINGS_TABLES, landing, matching, nightly, quarantine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings
    from warehouse.table_spec import TableSpec

CATALOG = "candidate"
VERSIONED = ("joinedup", "duckdb", "splink", "great-expectations")
"""Packages whose version the manifest tells."""

IN_LINEAGE = "SELECT run_id FROM landing.lineage"
OF_DELIVERY = f"WHERE delivery_id IN (SELECT delivery_id FROM landing.delivery WHERE run_id IN ({IN_LINEAGE}))"
NEEDED = {
    # the newest version of every record, tombstones too: a deleted record that comes back must be known
    landing.SOURCE_RECORD.full_name: "WHERE (source, source_record_id, run_id) IN"
    " (SELECT (source, source_record_id, newest) FROM"
    " (SELECT source, source_record_id, arg_min(run_id, position) AS newest"
    " FROM landing.source_record JOIN landing.lineage USING (run_id) GROUP BY source, source_record_id))",
    landing.DELIVERY.full_name: f"WHERE run_id IN ({IN_LINEAGE})",
    landing.FILE.full_name: OF_DELIVERY,
    quarantine.QUARANTINE.full_name: OF_DELIVERY,
    quarantine.QUARANTINE_END.full_name: f"WHERE run_id IN ({IN_LINEAGE})",
    matching.MODEL.full_name: "WHERE model_version = $model",
    matching.MODEL_FREQUENCY.full_name: "WHERE model_version = $model",
    nightly.MODEL_HOT_KEY.full_name: "WHERE model_version = $model",
}
"""Which rows of a table tonight's release rests on; all of them where nothing is said."""


@dataclass(frozen=True, slots=True)
class Build:
    """A candidate on its way: its folder, the id it would get, and the hashes of its golden.duckdb."""

    folder: Path
    release_id: str
    hashes: ReleaseHashes


def begin_build(con: DuckDBPyConnection, folder: Path, release_id: str) -> Build:
    """Make the folder anew, write golden.duckdb into it and hash what was written."""
    remove_tree(folder)
    folder.mkdir(parents=True)
    with _new_database(con, folder / GOLDEN, STORAGE_VERSION):
        with transaction(con):
            for spec in RELEASE_TABLES:
                con.execute(spec.create_sql(schema="main", catalog=CATALOG))
                _fill(con, spec, f"{CATALOG}.main.{quote_identifier(spec.name)}", f"ORDER BY {_order(spec)}")
        hashes = hash_release(con, in_catalog(CATALOG))
    failpoint("golden built")
    return Build(folder, release_id, hashes)


def complete_build(con: DuckDBPyConnection, settings: Settings, run: Run, build: Build) -> Manifest:
    """Add the Parquet files, the workings and the manifest; return the manifest."""
    _build_parquet(con, build.folder)
    failpoint("parquet built")
    model = model_version(con, run)
    workings_rows = _build_workings(con, build.folder, model)
    failpoint("workings built")
    rows = {
        GOLDEN: sum(build.hashes.rows.values()),
        WORKINGS: workings_rows,
        **{f"{PARQUET}/{name}.parquet": count for name, count in build.hashes.rows.items()},
    }
    lineage = con.execute("SELECT run_id FROM landing.lineage ORDER BY position").fetchall()
    manifest = Manifest(
        release_id=build.release_id,
        base_release_id=run.base.release_id if run.base else None,
        created_at=datetime.now(UTC).replace(tzinfo=None),
        as_of=_settled_as_of(con, run),
        run_id=run.run_id,
        lineage=tuple(run_id for (run_id,) in lineage),
        content_hash=build.hashes.content_hash,
        release_hash=build.hashes.release_hash,
        rows=build.hashes.rows,
        files={name: _entry(build.folder / name, count) for name, count in sorted(rows.items())},
        versions={"python": python_version(), RESOLUTION: resolution_version()}
        | {name: version(name) for name in VERSIONED},
        model_version=model,
        settings_hash=settings_hash(settings),
        deciding=deciding(settings),
        gate=_gate(con, run),
        precision=_measured(con, "precision"),
        recall=_measured(con, "recall"),
        decisions_head=_decisions_head(con, run),
        audit_head=_figure(con, run, "bind_rulings", "audit_head"),
    )
    write_manifest(build.folder, manifest)
    failpoint("described")
    return manifest


def _settled_as_of(con: DuckDBPyConnection, run: Run) -> datetime:
    found: list[tuple[datetime]] = con.execute(
        "SELECT as_of FROM landing.night WHERE run_id = ?", [run.run_id]
    ).fetchall()
    if not found:
        message = f"run {run.run_id} has not landed anything: there is no candidate; run all stages, from landing on"
        raise Refused(message)
    return found[0][0]


def _build_parquet(con: DuckDBPyConnection, folder: Path) -> None:
    (folder / PARQUET).mkdir()
    con.execute(f"ATTACH {quote_literal(str(folder / GOLDEN))} AS {CATALOG} (READ_ONLY)")
    try:
        for spec in RELEASE_TABLES:
            target = quote_literal(str(folder / PARQUET / f"{spec.name}.parquet"))
            # The rows stand in the order of their key there, and DuckDB keeps it. The first level of zstd packs these
            # tables as small as the third, which is the default, in two thirds of its time.
            con.execute(
                f"COPY {CATALOG}.main.{quote_identifier(spec.name)} TO {target}"
                " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
            )
    finally:
        con.execute(f"DETACH DATABASE IF EXISTS {CATALOG}")


def _build_workings(con: DuckDBPyConnection, folder: Path, model: str | None) -> int:
    """Copy what the release rests on, in the warehouse's own order and format: no other program reads it."""
    rows = 0
    with _new_database(con, folder / WORKINGS, "latest"), transaction(con):
        for schema in sorted({spec.schema for spec in WORKINGS_TABLES}):
            con.execute(f"CREATE SCHEMA {CATALOG}.{quote_identifier(schema)}")
        for spec in WORKINGS_TABLES:
            con.execute(spec.create_sql(catalog=CATALOG))
            rows += _fill(con, spec, f"{CATALOG}.{spec.full_name}", NEEDED.get(spec.full_name, ""), model)
    return rows


@contextmanager
def _new_database(con: DuckDBPyConnection, path: Path, storage: str) -> Iterator[None]:
    con.execute(f"DETACH DATABASE IF EXISTS {CATALOG}")
    con.execute(f"ATTACH {quote_literal(str(path))} AS {CATALOG} (STORAGE_VERSION {quote_literal(storage)})")
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):  # what broke the build may break this too; the build's own error is the one to see
            con.execute(f"DETACH {CATALOG}")
        raise
    con.execute(f"DETACH {CATALOG}")
    if path.with_name(f"{path.name}.wal").exists():
        message = f"{path} was left with a write-ahead log: not all of its rows are in the file"
        raise SurroundingsError(message)


def _fill(con: DuckDBPyConnection, spec: TableSpec, target: str, which: str, model: str | None = None) -> int:
    """Write the warehouse's rows into the target, `which` saying which of them, or in which order; return how many."""
    columns = ", ".join(quote_identifier(name) for name in spec.column_names)
    parameters = {"model": model} if "$model" in which else None
    written = con.execute(
        f"INSERT INTO {target} ({columns}) SELECT {columns} FROM {spec.full_name} {which}", parameters
    ).fetchall()
    return int(written[0][0])


def _order(spec: TableSpec) -> str:
    return ", ".join(quote_identifier(name) for name in spec.key)


def _entry(path: Path, rows: int) -> FileEntry:
    return FileEntry(file_sha256(path), path.stat().st_size, rows)


def _decisions_head(con: DuckDBPyConnection, run: Run) -> int | None:
    """Return how far the stewards' log was read, as the stage that binds tonight by it has reported."""
    found = _figure(con, run, "bind_decisions", "decisions_head")
    return None if found is None else int(found)


def _figure(con: DuckDBPyConnection, run: Run, stage: str, name: str) -> str | None:
    """Return what a stage of tonight has reported by that name, as text; None where it has not."""
    found = con.execute(
        "SELECT report->'figures'->>? FROM quality.stage WHERE run_id = ? AND stage = ?", [name, run.run_id, stage]
    ).fetchall()
    return str(found[0][0]) if found and found[0][0] is not None else None


def _measured(con: DuckDBPyConnection, name: str) -> dict[str, float] | None:
    """Return precision or recall as stewards' judgements give it, with its interval; None where too few were judged."""
    found = con.execute(
        f"SELECT {name}, {name}_low, {name}_high, judged, unsure, head FROM review.audit_measure WHERE sources = 'all'"
    ).fetchall()
    if not found or found[0][0] is None:
        return None
    return dict(zip(("estimate", "low", "high", "judged", "unsure", "decisions_head"), found[0], strict=True))


def _gate(con: DuckDBPyConnection, run: Run) -> tuple[dict[str, Any], ...]:
    columns = ("rule", "subject", "outcome", "unit", "found", "allowed", "reason", "causes")
    judged = con.execute(
        f"SELECT {', '.join(columns)} FROM quality.gate WHERE run_id = ? ORDER BY rule, subject", [run.run_id]
    ).fetchall()
    return tuple(dict(zip(columns, row, strict=True)) for row in judged)
