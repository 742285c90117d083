"""One night on a workspace, through the front door, and the customers that its release assigns to the records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyarrow import parquet

from benchmarks.accuracy.children import DidNotFinish, run_child
from warehouse.read import open_release

if TYPE_CHECKING:
    from pathlib import Path

CLUSTERS = "clusters_joinedup.parquet"

MATCHING = ("standardise", "find_shared", "collapse", "prepare_model", "score", "cluster")
"""The steps that correspond to what Splink does."""


def run_night(workspace: Path, limit: float) -> dict[str, Any]:
    """Run a night and return what it reports of itself; its clusters are in the file CLUSTERS of the workspace.

    Raises DidNotFinish.
    """
    report = run_child(["-m", "pipelines", "run", "-w", str(workspace), "--json"], limit)
    if report["held_by"]:
        raise DidNotFinish(f"held by the gate: {'; '.join(report['held_by'])}")
    if report["release_id"] is None:
        raise DidNotFinish(f"did not finish: {report['failure'] or report['outcome']}")
    with open_release(workspace) as release:
        query = "SELECT source, source_record_id, golden_id AS cluster FROM crosswalk"
        assigned = release.con.sql(query).to_arrow_table()
    parquet.write_table(assigned, workspace / CLUSTERS)
    return report


def matching_seconds(report: dict[str, Any]) -> float:
    """Return the CPU seconds of the steps from delivered values to clusters."""
    cpu: dict[str, float] = report["stage_cpu_seconds"]
    return sum(cpu.get(step, 0.0) for step in MATCHING)
