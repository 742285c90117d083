"""The state between nights: what a run starts from, and what is left of it when it ends.

READS: the manifests of the releases, quality.run, landing.night, matching.model.
WRITES: landing.lineage, quality.run; discards rows of runs that no release rests on, empties the tables of a release.
Invariant: the base is the published release. What a run that never published has landed or learned does not count.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from warehouse.connection import open_database, open_memory, quote_identifier, quote_literal, transaction
from warehouse.durable import surroundings
from warehouse.errors import ReleaseDamaged
from warehouse.failpoint import failpoint
from warehouse.migrations import migrate
from warehouse.release.manifest import GOLDEN, WORKINGS, Manifest, read_manifest
from warehouse.release.pointer import current_release_id, next_number, release_ids
from warehouse.release.verify import check_files
from warehouse.restore import knows_run, restore_from_workings
from warehouse.run import Base, Run
from warehouse.tables import RELEASE_TABLES, WORKINGS_TABLES
from warehouse.workspace import Workspace, lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

Outcome = Literal["published", "nothing_changed", "held", "landed", "planned"]

YESTERDAY = "yesterday"
"""The catalog of the base's workings."""

BY_RUN = (
    "landing.source_record",
    "landing.delivery",
    "landing.quarantine_end",
    "quality.result",
    "quality.gate",
    "quality.run",
    "quality.stage",
)
"""Tables whose rows name the run that wrote them."""
BY_DELIVERY = ("landing.file", "landing.quarantine")
"""Tables whose rows name the delivery, which names its run."""


@contextmanager
def between_nights(
    workspace: Workspace, command: str
) -> Iterator[tuple[DuckDBPyConnection, tuple[str, ...], str | None]]:
    """Open the warehouse while no run has it: the connection, the current release's lineage, and the last attempt.

    The last attempt is the run that came last and is no part of the release: held, failed, or nothing had changed; what
    it landed counts until the next run begins. Without a warehouse everything is empty. Raises WorkspaceBusy while a
    run holds the workspace, ReleaseDamaged and SurroundingsError as `begin_run` does.
    """
    with lock(workspace, command):
        base = find_base(workspace)
        stored = base is not None or workspace.warehouse_file.exists()
        con = open_database(workspace.warehouse_file) if stored else open_memory()
        try:
            with surroundings(f"opening {workspace.warehouse_file}"):
                migrate(con)
                if base is not None and not knows_run(con, base.lineage[0]):
                    restore_from_workings(con, base.directory)
            lineage = base.lineage if base else ()
            yield con, lineage, _last_attempt(con, base)
        finally:
            con.close()


def _last_attempt(con: DuckDBPyConnection, base: Base | None) -> str | None:
    found = con.execute("SELECT run_id, base_release_id FROM quality.run ORDER BY started_at DESC LIMIT 1").fetchall()
    if not found or found[0][1] != (base.release_id if base else None) or (base and found[0][0] in base.lineage):
        return None
    return str(found[0][0])


def begin_run(  # noqa: PLR0913 - one argument per fact of a run, all by name
    con: DuckDBPyConnection,
    workspace: Workspace,
    *,
    run_id: str,
    given_as_of: datetime | None = None,
    full: bool = False,
    retrain: bool = False,
    threads: int = 2,
) -> Run:
    """Make the warehouse ready for a run on top of the published release; the caller holds the workspace's lock.

    Creates missing tables, restores what the warehouse lacks of the base from its workings, discards what runs
    without a release have left, writes tonight's lineage and the run's own row. `given_as_of` without a zone is UTC.
    Raises ReleaseDamaged where `current` leads nowhere, SurroundingsError where the base's landing is lost.
    """
    base = find_base(workspace)
    published = release_ids(workspace)
    run = Run(
        run_id=run_id,
        workspace=workspace.path,
        started_at=datetime.now(UTC).replace(tzinfo=None),
        base=base,
        latest_release_id=published[-1] if published else None,
        given_as_of=_as_utc(given_as_of),
        full=full,
        retrain=retrain,
        threads=threads,
    )
    with surroundings(f"preparing {workspace.warehouse_file}"):
        migrate(con)
        if base is not None and not knows_run(con, base.lineage[0]):
            restore_from_workings(con, base.directory)
        manifests = list(_manifests(workspace, published))
        with transaction(con):
            _open_run(con, run, manifests)
    failpoint("run begun")
    return run


def find_base(workspace: Workspace) -> Base | None:
    """Return the published release that `current` points at, None before the first one.

    Raises ReleaseDamaged where releases exist but `current` does not lead to one of them, or to a damaged one.
    """
    release_id = current_release_id(workspace)
    existing = release_ids(workspace)
    if release_id is None and not existing:
        return None
    if release_id not in existing:
        newest = existing[-1] if existing else "one restored from a backup"
        message = f"{workspace.current} does not lead to a release: `joinedup release rollback` to {newest}"
        raise ReleaseDamaged(message)
    directory = workspace.releases / release_id
    manifest = check_files(directory)
    return Base(
        release_id,
        directory,
        manifest.lineage,
        manifest.as_of,
        manifest.model_version,
        manifest.deciding,
        manifest.versions,
    )


def attach_releases(con: DuckDBPyConnection, run: Run) -> None:
    """Attach the base release as catalog `base`, its workings as `yesterday`, the highest release as `latest`.

    All are read-only. What is not there is an empty database with the same tables: all three on the first night, and
    `yesterday` too where the base's workings were removed, or lack what this version of joinedup keeps in them. Call
    it outside a transaction.
    """
    releases = Workspace(run.workspace).releases
    for catalog, release_id in (("base", run.base.release_id if run.base else None), ("latest", run.latest_release_id)):
        con.execute(f"DETACH DATABASE IF EXISTS {catalog}")
        if release_id is None:
            con.execute(f"ATTACH ':memory:' AS {catalog}")
            _create_empty(con, catalog)
        else:
            path = releases / release_id / GOLDEN
            with surroundings(f"opening {path}"):
                con.execute(f"ATTACH {quote_literal(str(path))} AS {catalog} (READ_ONLY)")
    _attach_yesterday(con, run.base)


def knows_yesterday(con: DuckDBPyConnection) -> bool:
    """Say whether the catalog `yesterday` holds the workings of the base, rather than nothing."""
    found = con.execute("SELECT path FROM duckdb_databases() WHERE database_name = ?", [YESTERDAY]).fetchall()
    return bool(found and found[0][0])


def _attach_yesterday(con: DuckDBPyConnection, base: Base | None) -> None:
    con.execute(f"DETACH DATABASE IF EXISTS {YESTERDAY}")
    path = base.directory / WORKINGS if base else None
    if path and path.exists():
        with surroundings(f"opening {path}"):
            con.execute(f"ATTACH {quote_literal(str(path))} AS {YESTERDAY} (READ_ONLY)")
            if _has_all_workings(con):
                return
            con.execute(f"DETACH DATABASE {YESTERDAY}")
    attach_empty_workings(con)


def attach_empty_workings(con: DuckDBPyConnection) -> None:
    """Attach as catalog `yesterday` the workings of nobody: matching then starts from nothing."""
    con.execute(f"ATTACH ':memory:' AS {YESTERDAY}")
    for spec in WORKINGS_TABLES:
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {YESTERDAY}.{quote_identifier(spec.schema)}")
        con.execute(spec.create_sql(catalog=YESTERDAY))


def _has_all_workings(con: DuckDBPyConnection) -> bool:
    found = con.execute(
        "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() WHERE database_name = ?",
        [YESTERDAY],
    ).fetchall()
    return {(spec.full_name, name) for spec in WORKINGS_TABLES for name in spec.column_names} <= set(found)


def next_release_id(run: Run) -> str:
    """Return the id that this run's release will have; the same during the whole run, never used before."""
    return f"r{next_number(Workspace(run.workspace))}"


def finish_run(con: DuckDBPyConnection, run: Run, outcome: Outcome, release_id: str | None = None) -> None:
    """Write into quality.run how the run ended, its as_of and its model, in a transaction of its own."""
    with surroundings("recording the end of the run"), transaction(con):
        con.execute(
            "UPDATE quality.run SET outcome = ?, release_id = ?, model_version = ?,"
            " as_of = coalesce((SELECT night.as_of FROM landing.night AS night WHERE night.run_id = ?), as_of)"
            " WHERE run_id = ?",
            [outcome, release_id, model_version(con, run), run.run_id, run.run_id],
        )
        failpoint("finishing")
    failpoint("finished")


def model_version(con: DuckDBPyConnection, run: Run) -> str | None:
    """Return the model that scored tonight: the one this run made, else the base's."""
    query = "SELECT max(model_version) FROM matching.model WHERE run_id = ?"
    made: str | None = con.execute(query, [run.run_id]).fetchall()[0][0]
    return made or (run.base.model_version if run.base else None)


def _as_utc(moment: datetime | None) -> datetime | None:
    """Return the moment as the warehouse keeps times: in UTC, without a zone."""
    if moment is None or moment.tzinfo is None:
        return moment
    return moment.astimezone(UTC).replace(tzinfo=None)


def _manifests(workspace: Workspace, release_ids: tuple[str, ...]) -> Iterator[Manifest]:
    """Yield the manifests of the releases; one that cannot be read can be no run's base, and stops none."""
    for release_id in release_ids:
        with suppress(ReleaseDamaged):
            yield read_manifest(workspace.releases / release_id)


def _open_run(con: DuckDBPyConnection, run: Run, manifests: list[Manifest]) -> None:
    """Leave in the warehouse what the releases rest on, and note that the run has begun."""
    _reconcile(con, manifests)
    _discard_unpublished(
        con,
        runs=sorted({run_id for manifest in manifests for run_id in manifest.lineage}),
        models=sorted({manifest.model_version for manifest in manifests if manifest.model_version}),
    )
    failpoint("unpublished discarded")
    for spec in RELEASE_TABLES:  # a candidate that is held early must not show an earlier night's customers
        con.execute(f"DELETE FROM {spec.full_name}")
    _write_lineage(con, run)
    base_release_id = run.base.release_id if run.base else None
    con.execute(
        "INSERT INTO quality.run (run_id, started_at, base_release_id, as_of, outcome) VALUES (?, ?, ?, ?, 'running')",
        [run.run_id, run.started_at, base_release_id, run.given_as_of],
    )


def _reconcile(con: DuckDBPyConnection, manifests: list[Manifest]) -> None:
    """Say of runs that were killed after publishing that they published: the manifest is the truth about that."""
    for manifest in manifests:
        con.execute(
            "UPDATE quality.run SET outcome = 'published', release_id = ?, as_of = ?, model_version = ?"
            " WHERE run_id = ? AND outcome <> 'published'",
            [manifest.release_id, manifest.as_of, manifest.model_version, manifest.run_id],
        )


def _discard_unpublished(con: DuckDBPyConnection, *, runs: list[str], models: list[str]) -> None:
    """Discard what runs without a release have left; a release's model stays, whichever run has made it last."""
    published = "(SELECT unnest(?::VARCHAR[]))"
    for table in BY_DELIVERY:
        con.execute(
            f"DELETE FROM {table} WHERE delivery_id NOT IN"
            f" (SELECT delivery_id FROM landing.delivery WHERE run_id IN {published})",
            [runs],
        )
    for table in ("matching.model", "matching.model_frequency", "matching.model_hot_key"):
        con.execute(f"DELETE FROM {table} WHERE model_version NOT IN {published}", [models])
    for table in BY_RUN:
        con.execute(f"DELETE FROM {table} WHERE run_id NOT IN {published}", [runs])


def _write_lineage(con: DuckDBPyConnection, run: Run) -> None:
    lineage = (run.run_id, *(run.base.lineage if run.base else ()))
    con.execute("DELETE FROM landing.lineage")
    con.execute(
        "INSERT INTO landing.lineage SELECT unnest(?::VARCHAR[]), unnest(range(?))::INTEGER",
        [list(lineage), len(lineage)],
    )


def _create_empty(con: DuckDBPyConnection, catalog: str) -> None:
    for spec in RELEASE_TABLES:
        columns = ", ".join(f"{quote_identifier(column.name)} {column.type}" for column in spec.columns)
        con.execute(f"CREATE TABLE {catalog}.main.{quote_identifier(spec.name)} ({columns})")
