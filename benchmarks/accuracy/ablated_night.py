"""A night as far as its clusters, without one idea: `python -m benchmarks.accuracy.ablated_night IDEA WORKSPACE OUT`.

What is left out by settings is already in the workspace's joinedup.yaml; the rest is patched here, in this process
alone. The idea `none` leaves out nothing. Writes the clusters to OUT and prints what it cost as JSON.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import matching
from benchmarks.accuracy.ideas import NothingToLeaveOut, find_idea
from connectors.land import land_source
from pipelines import stages
from warehouse import state
from warehouse.connection import open_database, quote_literal, transaction
from warehouse.settings.load import load_settings
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NONE = "none"
LAST = "cluster"


def main() -> None:
    """Patch the program, then run the stages."""
    name, workspace, clusters = sys.argv[1], Workspace(Path(sys.argv[2])), Path(sys.argv[3])
    for module in pkgutil.walk_packages(matching.__path__, "matching."):
        importlib.import_module(module.name)
    idea = None if name == NONE else find_idea(name)
    if idea and idea.patch:
        try:
            idea.patch()
        except NothingToLeaveOut as missing:
            print(json.dumps({"error": {"message": str(missing)}}))
            return
    workspace.var.mkdir(exist_ok=True)
    con = open_database(workspace.warehouse_file)
    run_stages(con, workspace)
    con.execute(f"""
        COPY (SELECT source, source_record_id, cluster_id AS cluster FROM matching.cluster)
        TO {quote_literal(str(clusters))} (FORMAT parquet)
    """)
    con.close()
    print(json.dumps({"cpu_seconds": time.process_time()}))


def run_stages(con: DuckDBPyConnection, workspace: Workspace) -> None:
    """Land every source, then run the stages up to LAST, each in a transaction of its own, as a night does."""
    settings = load_settings(workspace.settings_file)
    run = state.begin_run(con, workspace, run_id="ablated")
    state.attach_releases(con, run)
    for source in sorted(settings.sources):
        with transaction(con):
            land_source(con, settings, run, source)
    for entry in stages.STAGES:
        with transaction(con):
            entry.run(con, settings, run)
        if entry.name == LAST:
            break


if __name__ == "__main__":
    main()
