"""Rebuilds the workings of a release that keeps them no more: the stages from landing to clusters, once again.

READS: the warehouse, the stewards' log, the release. WRITES: a scratch database that is removed at the end. Invariant:
what it gives are the workings that the release was published from, or nothing: its customers are held record by record
against the release's crosswalk.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.stages import STAGES
from stewardship.bind_rulings import write_rulings
from stewardship.evidence import states_query
from stewardship.store import open_store
from warehouse.connection import open_database, quote_literal, transaction
from warehouse.durable import surroundings
from warehouse.errors import Refused
from warehouse.migrations import migrate
from warehouse.release.manifest import GOLDEN, WORKINGS
from warehouse.run import Base, Run
from warehouse.settings.digest import decided_by
from warehouse.settings.load import load_settings
from warehouse.state import attach_empty_workings, between_nights
from warehouse.tables import landing, matching
from warehouse.tables.decision import DECISION
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from stewardship.standing import Standing
    from warehouse.read import Release
    from warehouse.release.manifest import Manifest
    from warehouse.settings import Settings

PREFIX = ".rebuilt_"
"""How the folder of a scratch database begins, under `var`; the next run sweeps what a kill leaves."""

_FROM, _THROUGH = "settle", "cluster"
_GIVEN = ("prepare_model", "bind_rulings", "bind_decisions")
"""Stages whose work is not done again: the release's own model, and what stewards had decided by then, are there."""

_OF_RUN = (landing.SOURCE_RECORD, landing.DELIVERY)
_OF_DELIVERY = tuple(spec for spec in landing.ACCUMULATED if spec.full_name in {"landing.file", "landing.quarantine"})

_UNLIKE = """
    FROM (
        SELECT source, source_record_id, min(source || ':' || source_record_id) OVER (PARTITION BY golden_id) AS least,
            basis, round(match_weight, 6) AS weight
        FROM published.crosswalk
    ) AS then_so
    FULL JOIN (
        SELECT source, source_record_id, cluster_id AS least, basis, round(match_weight, 6) AS weight
        FROM matching.cluster
    ) AS now_so USING (source, source_record_id)
    WHERE then_so.least IS DISTINCT FROM now_so.least OR then_so.basis IS DISTINCT FROM now_so.basis
        OR then_so.weight IS DISTINCT FROM now_so.weight
    """
_LANDED_OTHERWISE = """
    FROM (
        SELECT source, source_record_id FROM published.crosswalk
        UNION ALL SELECT source, source_record_id FROM published.excluded_record
    ) AS then_there
    FULL JOIN landing.live_record AS now_there USING (source, source_record_id)
    WHERE then_there.source IS NULL OR now_there.source IS NULL
    """


@contextmanager
def workings_of(release: Release) -> Iterator[DuckDBPyConnection]:
    """Open the workings of a release, rebuilt where it does not keep them any more.

    To rebuild takes the workspace's lock, and as long as matching takes. Raises Refused where what the release was made
    from is not there any more, or where this version of the program comes to other customers.
    """
    if (release.directory / WORKINGS).exists():
        with release.workings() as con:
            yield con
        return
    workspace = Workspace(release.directory.parent.parent.parent)
    manifest = release.manifest
    if manifest.deciding is None:
        message = (
            f"release {manifest.release_id} was published by a version of joinedup that did not keep the settings it"
            " was made by, so its workings cannot be rebuilt: explain one of the newest two releases"
        )
        raise Refused(message)
    settings = decided_by(load_settings(workspace.settings_file), manifest.deciding)
    workspace.var.mkdir(exist_ok=True)
    with (
        between_nights(workspace, f"joinedup explain --as-of {manifest.release_id}") as (warehouse, _, _),
        tempfile.TemporaryDirectory(prefix=PREFIX, dir=workspace.var) as folder,
        surroundings(f"rebuilding the workings of {manifest.release_id}"),
    ):
        path = Path(folder) / "workings.duckdb"
        _copy_landed(warehouse, path, manifest)
        con = open_database(path)
        try:
            _match_again(con, settings, workspace, release)
            yield con
        finally:
            con.close()


def _copy_landed(warehouse: DuckDBPyConnection, path: Path, manifest: Manifest) -> None:
    """Copy into a new database what the release's runs have landed, and its model."""
    fresh = open_database(path)
    migrate(fresh)
    fresh.close()
    warehouse.execute(f"ATTACH {quote_literal(str(path))} AS rebuilt")
    try:
        with transaction(warehouse):
            runs = "run_id IN (SELECT unnest($named::VARCHAR[]))"
            of_delivery = f"delivery_id IN (SELECT delivery_id FROM landing.delivery WHERE {runs})"
            for specs, which, named in (
                (_OF_RUN, runs, list(manifest.lineage)),
                (_OF_DELIVERY, of_delivery, list(manifest.lineage)),
                (matching.ACCUMULATED, "model_version IN (SELECT unnest($named::VARCHAR[]))", [manifest.model_version]),
            ):
                for spec in specs:
                    warehouse.execute(
                        f"INSERT INTO rebuilt.{spec.full_name} BY NAME SELECT * FROM {spec.full_name} WHERE {which}",
                        {"named": named},
                    )
            warehouse.execute(
                "INSERT INTO rebuilt.landing.lineage SELECT unnest(?::VARCHAR[]), unnest(range(?))::INTEGER",
                [list(manifest.lineage), len(manifest.lineage)],
            )
    finally:
        warehouse.execute("DETACH rebuilt")


def _match_again(con: DuckDBPyConnection, settings: Settings, workspace: Workspace, release: Release) -> None:
    """Do the stages on the copy, and hold what they come to against the release; raises Refused where it differs."""
    manifest = release.manifest
    if not con.execute("FROM matching.model").fetchall():
        message = f"the model of {manifest.release_id} is not in the warehouse any more: its workings cannot be rebuilt"
        raise Refused(message)
    base = Base(manifest.release_id, release.directory, manifest.lineage, manifest.as_of, manifest.model_version)
    run = Run(
        run_id=manifest.run_id,
        workspace=workspace.path,
        started_at=manifest.created_at,
        base=base,
        latest_release_id=manifest.release_id,
        given_as_of=manifest.as_of,
        full=True,
    )
    con.execute(f"ATTACH {quote_literal(str(release.directory / GOLDEN))} AS published (READ_ONLY)")
    attach_empty_workings(con)
    names = [entry.name for entry in STAGES]
    for entry in STAGES[names.index(_FROM) : names.index(_THROUGH) + 1]:
        with transaction(con):
            if entry.name == "bind_rulings":
                write_rulings(con, _log_of_then(settings, workspace, manifest))
            elif entry.name == "bind_decisions":
                query, parameters = states_query(_log_of_then(settings, workspace, manifest).bound())
                con.execute(f"INSERT INTO matching.decision ({', '.join(DECISION.column_names)}) {query}", parameters)
            elif entry.name not in _GIVEN:
                entry.run(con, settings, run)
        if entry.name == _FROM:
            _require_all_landed(con, manifest)
    (unlike,) = con.execute(f"SELECT count(*) {_UNLIKE}").fetchall()[0]
    if unlike:
        message = (
            f"{unlike:,} records of {manifest.release_id} come out otherwise now: another version of joinedup published"
            " it, and only that one can say why; explain one of the newest two releases"
        )
        raise Refused(message)


def _require_all_landed(con: DuckDBPyConnection, manifest: Manifest) -> None:
    (missing,) = con.execute(f"SELECT count(*) {_LANDED_OTHERWISE}").fetchall()[0]
    if missing:
        message = (
            f"{missing:,} records of {manifest.release_id} are not in the warehouse any more as they were then: it was"
            " made anew since, or has forgotten them; explain one of the newest two releases"
        )
        raise Refused(message)


def _log_of_then(settings: Settings, workspace: Workspace, manifest: Manifest) -> Standing:
    """Return the stewards' log as it stood when the release was made."""
    return open_store(settings, workspace.path).read(manifest.decisions_head or 0)
