"""`joinedup run`: one night, from the exports to a published release."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipelines.commands.options import (
    ALL_THREADS,
    FullOption,
    JsonOption,
    RetrainOption,
    StandsAtOption,
    ThreadsOption,
    WorkspaceOption,
    answer,
    parse_moment,
)
from pipelines.progress import Progress
from pipelines.words import LINE
from warehouse.workspace import resolve_workspace

if TYPE_CHECKING:
    from pipelines.summary import RunSummary

HELD = 3
NEW_MODEL = (
    "A new model was made, for what the last one was made for has changed (matching in joinedup.yaml, or the labels), "
    "and every pair was scored anew. `joinedup plan` shows beforehand what such a change does to customers."
)


def run(
    workspace: WorkspaceOption = None,
    *,
    full: FullOption = False,
    retrain: RetrainOption = False,
    as_of: StandsAtOption = None,
    threads: ThreadsOption = ALL_THREADS,
    as_json: JsonOption = False,
) -> None:
    """Run a night: land, match, check, publish. Exit 3: the gate held the candidate, the last release stays."""
    from pipelines.night import NightOptions  # a help page need not wait for the matching to load
    from pipelines.run_nightly import run_nightly

    options = NightOptions(parse_moment(as_of) if as_of else None, full=full, retrain=retrain, threads=threads)
    progress = Progress(quiet=as_json)
    try:
        summary = run_nightly(resolve_workspace(workspace), options, progress)
    finally:
        progress.close()
    answer(summary.document(), lambda: render_summary(summary), as_json=as_json)
    if summary.outcome == "held":
        raise typer.Exit(HELD)


def render_summary(summary: RunSummary) -> str:
    """Return the run's result in a few lines for a person."""
    read = sum(counts["read"] for counts in summary.records.values())
    quarantined = sum(counts["quarantined"] for counts in summary.records.values())
    lines = [_headline(summary)]
    lines.append(
        f"  {read:,} records read from {len(summary.records)} sources, {quarantined:,} quarantined; "
        f"{summary.customers:,} customers, {summary.excluded_records:,} records are nobody's"
    )
    if summary.published:
        lines.append(
            f"  {summary.merges:,} merges, {summary.splits:,} splits, {summary.review_items:,} pairs to review"
        )
    for sentence in (*summary.told, *summary.in_quarantine, *summary.sureness, *summary.labelled):
        lines += textwrap.wrap(sentence, LINE, initial_indent="  ", subsequent_indent="    ")
    if summary.model_made_because == "settings":
        lines += textwrap.wrap(NEW_MODEL, LINE, initial_indent="  ", subsequent_indent="    ")
    for reason in summary.held_by:
        lines += textwrap.wrap(f"held by {reason}", LINE, initial_indent="  ", subsequent_indent="    ")
    if summary.plan:
        page = Path(summary.plan).with_suffix(".html")
        lines.append(f"  what it would have changed, customer by customer: {page}")
    lines.append(f"  {summary.cpu_seconds:,.1f} CPU s, {summary.peak_rss_mb:,.0f} MB; page: {summary.report}")
    return "\n".join(lines)


def _headline(summary: RunSummary) -> str:
    if summary.outcome == "published":
        return f"Published {summary.release_id}, as of {summary.as_of}."
    if summary.outcome == "nothing_changed":
        return f"Nothing had changed: {summary.release_id} stays."
    if summary.outcome == "held":
        stays = f"{summary.release_id} stays" if summary.release_id else "no release was published"
        return f"Held: {stays}."
    return "Landed and checked; nothing was published."
