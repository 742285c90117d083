"""`joinedup review publish`: what stewards have decided, bound and published without waiting for the night."""

from __future__ import annotations

import typer

from pipelines.commands.options import ALL_THREADS, JsonOption, ThreadsOption, WorkspaceOption, answer
from pipelines.commands.run import HELD, render_summary
from pipelines.progress import Progress
from warehouse.workspace import resolve_workspace


def publish(
    workspace: WorkspaceOption = None,
    *,
    threads: ThreadsOption = ALL_THREADS,
    as_json: JsonOption = False,
) -> None:
    """Bind what was decided since the release and publish it: a night that reads no export. Exit 3: held."""
    from pipelines.night import NightOptions  # a help page need not wait for the matching to load
    from pipelines.run_nightly import run_nightly

    options = NightOptions(threads=threads, read_exports=False)
    progress = Progress(quiet=as_json)
    try:
        summary = run_nightly(resolve_workspace(workspace), options, progress, job="decisions")
    finally:
        progress.close()
    answer(summary.document(), lambda: render_summary(summary), as_json=as_json)
    if summary.outcome == "held":
        raise typer.Exit(HELD)
