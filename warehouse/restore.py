"""Bring back what the warehouse lost from the workings of a release: landed versions and models.

READS: the workings.duckdb of the base release. WRITES: landing.source_record, landing.delivery, landing.file,
landing.quarantine, matching.model, matching.model_frequency, quality.run. Invariant: afterwards the newest version of
every record is what it was when the release was published, so that incremental sources lose nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.connection import quote_literal, transaction
from warehouse.errors import SurroundingsError
from warehouse.failpoint import failpoint
from warehouse.release.manifest import WORKINGS, read_manifest
from warehouse.tables import landing, matching

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

RESTORED = (*landing.ACCUMULATED, *matching.ACCUMULATED)


def knows_run(con: DuckDBPyConnection, run_id: str) -> bool:
    """Return whether the warehouse has seen the run."""
    return con.execute("SELECT 1 FROM quality.run WHERE run_id = ?", [run_id]).fetchall() != []


def restore_from_workings(con: DuckDBPyConnection, directory: Path) -> None:
    """Replace what the warehouse has accumulated by what the release in `directory` rests on.

    Raises SurroundingsError where that release has no workings any more.
    """
    manifest = read_manifest(directory)
    path = directory / WORKINGS
    if not path.exists():
        message = (
            f"var/warehouse.duckdb knows nothing of release {manifest.release_id}, and {path} is gone: restore the"
            " warehouse from a backup, or `joinedup release rollback` to one of the newest two releases"
        )
        raise SurroundingsError(message)
    con.execute(f"ATTACH {quote_literal(str(path))} AS workings (READ_ONLY)")
    try:
        with transaction(con):
            _bring_back(con)
            failpoint("restoring")
            con.execute("DELETE FROM quality.run")
            con.execute(
                "INSERT INTO quality.run (run_id, started_at, base_release_id, as_of, model_version, release_id,"
                " outcome) VALUES (?, ?, ?, ?, ?, ?, 'published')",
                [
                    manifest.run_id,
                    manifest.created_at,
                    manifest.base_release_id,
                    manifest.as_of,
                    manifest.model_version,
                    manifest.release_id,
                ],
            )
        failpoint("restored")
    finally:
        con.execute("DETACH DATABASE workings")


def _bring_back(con: DuckDBPyConnection) -> None:
    """Replace the tables by those of the workings; what an earlier version's lack stays empty."""
    found = con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = 'workings'")
    kept = {name for (name,) in found.fetchall()}
    for spec in RESTORED:
        con.execute(f"DELETE FROM {spec.full_name}")
        if spec.full_name in kept:
            con.execute(f"INSERT INTO {spec.full_name} BY NAME SELECT * FROM workings.{spec.full_name}")
