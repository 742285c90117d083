"""Forget what was delivered longer ago than `retention.raw_days` and what nothing rests on any more.

READS: the manifests of the releases, quality.run, landing.delivery. WRITES: landing.source_record, landing.quarantine.
Invariant: the newest version of every record stays, whatever its age, and so does every version that a kept release
rests on: rolling back to any of them still works, no hash changes, and an incremental source loses nothing. Of a record
that was deleted, what it last said stays until the deletion is old, so that one that comes back is known again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from warehouse.connection import quote_identifier, transaction
from warehouse.durable import surroundings
from warehouse.errors import ReleaseDamaged
from warehouse.failpoint import failpoint
from warehouse.release.manifest import read_manifest
from warehouse.release.pointer import release_ids
from warehouse.tables import landing

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.workspace import Workspace

PERSONAL = tuple(column.name for column in landing.SOURCE_RECORD.columns if column.personal)
OLD = "(SELECT delivery_id FROM old_delivery)"


class Forgotten(NamedTuple):
    """Counts: versions removed, tombstones left with their key alone, quarantined rows left with their reason alone."""

    versions: int = 0
    tombstones: int = 0
    quarantined: int = 0


def forget(con: DuckDBPyConnection, workspace: Workspace, run: Run, raw_days: int) -> Forgotten:
    """Forget, in a transaction of its own, what was landed more than `raw_days` before the run began.

    Call it after the night has ended, holding the workspace's lock. Where the manifest of a release cannot be read,
    nobody knows what that release rests on, and nothing is forgotten. Raises SurroundingsError when the disk fails.
    """
    try:
        manifests = [read_manifest(workspace.releases / release_id) for release_id in release_ids(workspace)]
    except ReleaseDamaged:
        return Forgotten()
    with surroundings("forgetting what was delivered long ago"):
        if not _find_old(con, run, raw_days):
            return Forgotten()
        with transaction(con):
            _find_needed(con, {manifest.release_id: manifest.lineage for manifest in manifests})
            forgotten = Forgotten(_forget_versions(con), _forget_tombstones(con), _forget_quarantined(con))
            failpoint("forgetting")
    failpoint("forgotten")
    return forgotten


def _find_old(con: DuckDBPyConnection, run: Run, raw_days: int) -> int:
    """Find the deliveries that are old: by their run's start, or by their files where the run is not known any more."""
    found = con.execute(
        "CREATE OR REPLACE TEMP TABLE old_delivery AS SELECT delivery.delivery_id FROM landing.delivery AS delivery"
        " LEFT JOIN quality.run AS run USING (run_id)"
        " WHERE coalesce(run.started_at, delivery.newest_arrival) < ?::TIMESTAMP - to_days(?)",
        [run.started_at, raw_days],
    ).fetchall()
    return int(found[0][0])


def _find_needed(con: DuckDBPyConnection, lineages: dict[str, tuple[str, ...]]) -> None:
    """Find, of the records that have old versions, the ones that each kept release rests on."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE kept_lineage (release_id VARCHAR, run_id VARCHAR, position INTEGER)"
    ).fetchall()
    for release_id, lineage in lineages.items():
        con.execute(
            "INSERT INTO kept_lineage SELECT ?, unnest(?::VARCHAR[]), unnest(range(?))::INTEGER",
            [release_id, list(lineage), len(lineage)],
        ).fetchall()
    con.execute(
        "CREATE OR REPLACE TEMP TABLE needed AS WITH newest AS ("
        " SELECT version.source, version.source_record_id, arg_min(version.run_id, kept.position) AS run_id,"
        " arg_min(version.run_id, kept.position) FILTER (NOT version.deleted) AS last_live,"
        f" arg_min(version.delivery_id IN {OLD}, kept.position) AS is_old"
        " FROM landing.source_record AS version JOIN kept_lineage AS kept USING (run_id)"
        " SEMI JOIN (SELECT source, source_record_id FROM landing.source_record"
        f" GROUP BY ALL HAVING count(*) > 1 AND bool_or(delivery_id IN {OLD})"
        ") AS several ON several.source = version.source AND several.source_record_id = version.source_record_id"
        " GROUP BY kept.release_id, version.source, version.source_record_id)"
        " SELECT source, source_record_id, run_id FROM newest UNION"
        " SELECT source, source_record_id, last_live FROM newest WHERE last_live IS NOT NULL AND NOT is_old"
    ).fetchall()


def _forget_versions(con: DuckDBPyConnection) -> int:
    return _count(
        con,
        f"DELETE FROM landing.source_record AS version WHERE delivery_id IN {OLD}"
        " AND EXISTS (FROM needed WHERE needed.source = version.source"
        " AND needed.source_record_id = version.source_record_id)"
        " AND NOT EXISTS (FROM needed WHERE needed.source = version.source"
        " AND needed.source_record_id = version.source_record_id AND needed.run_id = version.run_id)",
    )


def _forget_tombstones(con: DuckDBPyConnection) -> int:
    emptied = ", ".join(f"{quote_identifier(name)} = NULL" for name in PERSONAL)
    told = " OR ".join(f"{quote_identifier(name)} IS NOT NULL" for name in PERSONAL)
    return _count(
        con, f"UPDATE landing.source_record SET {emptied} WHERE deleted AND delivery_id IN {OLD} AND ({told})"
    )


def _forget_quarantined(con: DuckDBPyConnection) -> int:
    return _count(
        con,
        "UPDATE landing.quarantine SET raw = NULL, detail = NULL, lines = NULL, kept_as = 'part'"
        f" WHERE delivery_id IN {OLD} AND (raw IS NOT NULL OR detail IS NOT NULL OR lines IS NOT NULL)",
    )


def _count(con: DuckDBPyConnection, statement: str) -> int:
    return int(con.execute(statement).fetchall()[0][0])
