"""`joinedup plan` and `joinedup apply`: what a night would change; doing exactly that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from pipelines.commands.run import HELD, render_summary
from pipelines.progress import Progress
from warehouse.durable import surroundings
from warehouse.errors import Refused, UsageError
from warehouse.settings.load import load_settings
from warehouse.workspace import resolve_workspace

if TYPE_CHECKING:
    from pipelines.plan.document import Plan
    from pipelines.summary import RunSummary
    from warehouse.workspace import Workspace

_UNKNOWN = (
    "its files, joinedup.yaml, decisions and base are as they were, so something else has moved: the labels, the "
    "clock, or the version of joinedup"
)
_AGAIN = "nothing was published: look at a new plan with `joinedup plan`"


def plan(  # noqa: PLR0913 - an argument per option
    workspace: WorkspaceOption = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where the plan goes, its page beside it (default: var/plans)."),
    ] = None,
    full: FullOption = False,
    retrain: RetrainOption = False,
    as_of: StandsAtOption = None,
    threads: ThreadsOption = ALL_THREADS,
    as_json: JsonOption = False,
) -> None:
    """Plan a night: what it would change, customer by customer, without publishing. The plan has personal values."""
    from pipelines.night import NightOptions  # a help page need not wait for the matching to load
    from pipelines.plan.keep import page_of, read_plan
    from pipelines.plan.text import plan_text_page
    from pipelines.run_nightly import run_nightly

    place, moment = resolve_workspace(workspace), parse_moment(as_of) if as_of else None
    target = _target(out) if out else None
    options = NightOptions(moment, full=full, retrain=retrain, threads=threads, plan=True)
    progress = Progress(quiet=as_json)
    try:
        summary = run_nightly(place, options, progress, job="plan")
    finally:
        progress.close()
    path = _move(Path(summary.plan or ""), target)
    found = read_plan(path)
    answer(
        {"document": str(path), "page": str(page_of(path)), **found},
        lambda: plan_text_page(found, str(path), str(page_of(path))),
        as_json=as_json,
    )


def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The plan's JSON document.")],
    workspace: WorkspaceOption = None,
    *,
    threads: ThreadsOption = ALL_THREADS,
    as_json: JsonOption = False,
) -> None:
    """Do exactly what a plan says and publish it, or refuse (exit 6) because what it rests on has moved."""
    from pipelines.plan.apply import moved_before
    from pipelines.plan.keep import read_plan

    place, found = resolve_workspace(workspace), read_plan(file)
    settings = load_settings(place.settings_file)
    if moved := moved_before(place, settings, found):
        message = f"the plan {file} no longer holds: {'; '.join(moved)}; {_AGAIN}"
        raise Refused(message)
    if found["would"] == "change nothing":
        told = f"Nothing to do: by the plan, {found['base']['release_id']} stays."
        document = {"run_id": None, "release_id": found["base"]["release_id"], "published": False}
        answer(document | {"outcome": "nothing_changed", "held_by": []}, lambda: told, as_json=as_json)
        return
    summary = _do(place, found, file, threads, quiet=as_json)
    answer(summary.document(), lambda: _applied(summary), as_json=as_json)
    if summary.outcome == "held":
        raise typer.Exit(HELD)


def _do(place: Workspace, found: Plan, file: Path, threads: int, *, quiet: bool) -> RunSummary:
    """Do the planned night; raises Refused, saying what moved, where it does not give what was planned."""
    from pipelines.night_options import NotAsPlanned
    from pipelines.plan.apply import moved_within, options_of
    from pipelines.run_nightly import run_nightly

    progress = Progress(quiet=quiet)
    try:
        return run_nightly(place, options_of(found, threads), progress)
    except NotAsPlanned as error:
        moved = moved_within(place, found) or [_UNKNOWN]
        message = f"the plan {file} no longer holds: {'; '.join(moved)}; {_AGAIN}"
        raise Refused(message) from error
    finally:
        progress.close()


def _applied(summary: RunSummary) -> str:
    told = render_summary(summary)
    if summary.outcome == "held" and all(reason.startswith("gate: ") for reason in summary.held_by):
        told += "\n  It is what was planned; where that is right: joinedup release approve --reason TEXT"
    return told


def _target(out: Path) -> Path:
    """Return where the plan is to go; raises UsageError where it cannot, before the night is done."""
    path = out.expanduser().absolute()
    if path.suffix == ".html" or path.is_dir():
        message = f"--out {out}: name a file for the plan's document, such as plan.json; its page goes beside it"
        raise UsageError(message)
    if not path.parent.is_dir():
        message = f"--out {out}: there is no folder {path.parent}: make it first, or name another one"
        raise UsageError(message)
    return path


def _move(path: Path, target: Path | None) -> Path:
    """Bring the plan and its page to where the user wants them, if anywhere else, and return where they are."""
    if target is None:
        return path
    from pipelines.plan.keep import page_of, read_plan, write_plan

    write_plan(target, read_plan(path))
    with surroundings(f"removing {path}"):
        path.unlink()
        page_of(path).unlink()
    return target
