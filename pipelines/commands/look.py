"""`joinedup show`, `explain`, `evaluate`: looking at what was published, and why it is so."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.options import JsonOption, WorkspaceOption, answer, parse_moment, parse_record
from pipelines.words import customer_page, found_customers
from warehouse.errors import Refused, UsageError
from warehouse.read import open_release
from warehouse.release.listing import list_releases
from warehouse.workspace import resolve_workspace

if TYPE_CHECKING:
    from warehouse.read import Release

AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="RELEASE|DATE", help="The release to look at (default: the current one)."),
]
_THE_DAY = timedelta(days=1, microseconds=-1)
"""What a date without a time includes."""
_RELEASE_ID = re.compile(r"r\d+")


def show(
    who: Annotated[
        str | None, typer.Argument(metavar="[ID|RECORD]", help="A golden id, or SOURCE:SOURCE_RECORD_ID.")
    ] = None,
    workspace: WorkspaceOption = None,
    *,
    find: Annotated[str | None, typer.Option("--find", metavar="TEXT", help="Part of a name, e-mail, phone…")] = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a customer: golden record with provenance, what hangs on it, and what changed."""
    from customer360.view import customer_view, find_customers  # loaded when it is needed

    if (who is None) == (find is None):
        message = "name one customer: a golden id, SOURCE:SOURCE_RECORD_ID, or --find TEXT"
        raise UsageError(message)
    with _open(workspace, as_of) as pinned:
        if find is not None:
            rows = find_customers(pinned.con, find)
            answer({"release_id": pinned.release_id, "customers": rows}, lambda: found_customers(rows), as_json=as_json)
            return
        view = customer_view(pinned.con, _golden_id(pinned, str(who)))
        if view is None:
            message = f"{who}: no such customer in {pinned.release_id}; look for one with `joinedup show --find TEXT`"
            raise Refused(message)
        document = {"release_id": pinned.release_id, **view.document()}
        answer(document, lambda: customer_page(view, pinned.release_id), as_json=as_json)


def explain(
    left: Annotated[str, typer.Argument(metavar="RECORD", help="SOURCE:SOURCE_RECORD_ID")],
    right: Annotated[str, typer.Argument(metavar="RECORD", help="SOURCE:SOURCE_RECORD_ID")],
    workspace: WorkspaceOption = None,
    *,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why two records are, or are not, one customer."""
    from matching.explain import explain as explain_pair  # Splink takes a second to load
    from pipelines.words_of_explaining import explanation_page

    pair = parse_record(left), parse_record(right)
    with _open(workspace, as_of) as pinned, pinned.workings() as workings:
        found = explain_pair(workings, *pair)
    answer(found.document(), lambda: explanation_page(found), as_json=as_json)


def evaluate(
    truth: Annotated[Path, typer.Argument(help="CSV or Parquet: source, source_record_id, person_id.")],
    workspace: WorkspaceOption = None,
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Try no other thresholds, which takes most time.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Hold the release against labelled truth: pairwise and B-cubed precision, recall, F1, and where pairs are lost."""
    from matching.evaluate import evaluate as evaluate_truth  # loaded when it is needed
    from pipelines.words_of_matching import evaluation_page

    if not truth.is_file():
        message = f"no file {truth}: name a CSV or Parquet file with source, source_record_id, person_id"
        raise UsageError(message)
    with _open(workspace) as pinned, pinned.workings() as workings:
        found = evaluate_truth(workings, truth.absolute(), quick=quick)
    answer(found.document(), lambda: evaluation_page(found), as_json=as_json)


def _open(workspace: Path | None, as_of: str | None = None) -> Release:
    """Open the current release, or the one that `as_of` names: by its id, or as the last one as of that time."""
    place = resolve_workspace(workspace)
    if as_of is None or _RELEASE_ID.fullmatch(as_of):
        return open_release(place, as_of)
    until = parse_moment(as_of) + (_THE_DAY if len(as_of) == len("2026-01-31") else timedelta())
    for entry in list_releases(place):
        if "damaged" not in entry and datetime.fromisoformat(entry["as_of"]) <= until:
            return open_release(place, entry["release_id"])
    message = f"no release is as of {as_of} or earlier; `joinedup release list` shows which there are"
    raise Refused(message)


def _golden_id(pinned: Release, who: str) -> str:
    """Return the living golden id for a golden id, a retired one, or a record; raises Refused where there is none."""
    from customer360.view import golden_id_of_record  # loaded when it is needed

    if ":" in who:
        source, record = parse_record(who)
        golden_id = golden_id_of_record(pinned.con, source, record)
        if golden_id is None:
            message = f"{who}: no customer in {pinned.release_id} has this record; it may be nobody's, or not delivered"
            raise Refused(message)
        return golden_id
    resolved = pinned.resolve(who)
    if resolved is None:
        message = f"{who}: no such golden id in {pinned.release_id}, or it has no successor; try --find TEXT"
        raise Refused(message)
    return resolved
