"""`joinedup show`, `explain`, `evaluate`: looking at what was published, and why it is so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.options import JsonOption, WorkspaceOption, answer, parse_record
from pipelines.past import open_as_of
from pipelines.words import found_customers
from pipelines.words_of_customer import customer_page
from warehouse.errors import Refused, UsageError
from warehouse.read import open_release
from warehouse.release.manifest import WORKINGS
from warehouse.release.pointer import release_ids
from warehouse.workspace import Workspace, resolve_workspace

if TYPE_CHECKING:
    from customer360.view import CustomerView
    from golden.past import Moment
    from warehouse.read import Release

AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="RELEASE|DATE", help="The release to look at (default: the current one)."),
]


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
    from customer360.view import find_customers  # loaded when it is needed

    if (who is None) == (find is None):
        message = "name one customer: a golden id, SOURCE:SOURCE_RECORD_ID, or --find TEXT"
        raise UsageError(message)
    with open_as_of(resolve_workspace(workspace), as_of) as (pinned, moment):
        if find is not None:
            if moment is not None:
                message = f"{moment.release_id} is gone: name a golden id or a record, for it cannot be searched"
                raise Refused(message)
            rows = find_customers(pinned.con, find)
            answer({"release_id": pinned.release_id, "customers": rows}, lambda: found_customers(rows), as_json=as_json)
            return
        release_id = moment.release_id if moment else pinned.release_id
        view = _view_then(pinned, str(who), moment) if moment else _view(pinned, str(who))
        document = {"release_id": release_id, "kept": moment is None, **view.document()}
        answer(document, lambda: customer_page(view, release_id, is_kept=moment is None), as_json=as_json)


def explain(
    left: Annotated[str, typer.Argument(metavar="RECORD", help="SOURCE:SOURCE_RECORD_ID")],
    right: Annotated[str, typer.Argument(metavar="RECORD", help="SOURCE:SOURCE_RECORD_ID")],
    workspace: WorkspaceOption = None,
    *,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why two records are, or are not, one customer.

    For a release that is older than the newest two its matching is done again, which takes the workspace's lock.
    """
    from matching.explain import explain as explain_pair  # Splink takes a second to load
    from pipelines.rebuild import workings_of
    from pipelines.words_of_explaining import explanation_page

    pair = parse_record(left), parse_record(right)
    with open_as_of(resolve_workspace(workspace), as_of) as (pinned, moment):
        if moment is not None:
            message = (
                f"{moment.release_id} was removed (retention.releases), and with it what its customers can be held"
                f" against: explain a release that `joinedup release list` shows"
            )
            raise Refused(message)
        with workings_of(pinned) as workings:
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
    with open_release(resolve_workspace(workspace)) as pinned, pinned.workings() as workings:
        found = evaluate_truth(workings, truth.absolute(), quick=quick)
    answer(found.document(), lambda: evaluation_page(found), as_json=as_json)


def _view(pinned: Release, who: str) -> CustomerView:
    """Return the living customer that a golden id, a retired one or a record leads to; raises Refused for nobody."""
    from customer360.view import customer_view, pins_of  # loaded when it is needed

    view = customer_view(pinned.con, _golden_id(pinned, who))
    if view is None:
        message = f"{who}: no such customer in {pinned.release_id}; look for one with `joinedup show --find TEXT`"
        raise Refused(message)
    if not (pinned.directory / WORKINGS).exists():
        return view
    with pinned.workings() as workings:
        return replace(view, pins=pins_of(workings, view.provenance))


def _view_then(log: Release, who: str, moment: Moment) -> CustomerView:
    """Return what the log knows of a customer as of a release that is gone; raises Refused for nobody."""
    from customer360.view import CustomerView, changes_of  # loaded when it is needed
    from golden.past import customer_then, first_release_of, holder_then, lived_on_as

    is_record = ":" in who
    then = holder_then(log.con, *parse_record(who), moment) if is_record else lived_on_as(log.con, who, moment)
    found = customer_then(log.con, then, moment) if then else None
    if then is None or found is None:
        born = None if is_record else first_release_of(log.con, who)
        later = f"; {who} is there from {born} on" if born else ""
        message = f"{who}: nobody as of {moment.release_id}{later}"
        raise Refused(message)
    customer, records = found
    return CustomerView(
        customer=customer,
        profile=None,
        household=[],
        crosswalk=records,
        provenance=[],
        activity=[],
        change=changes_of(log.con, then, moment.sequence),
        formerly=[],
    )


def _golden_id(pinned: Release, who: str) -> str:
    """Return the living golden id for a golden id, a retired one, or a record; raises Refused where there is none."""
    from customer360.view import golden_id_of_record  # loaded when it is needed

    if ":" in who:
        source, record = parse_record(who)
        golden_id = golden_id_of_record(pinned.con, source, record)
        if golden_id is None:
            raise Refused(_nobodys(pinned, source, record))
        return golden_id
    try:
        resolved = pinned.resolve(who)
    except Refused as error:
        raise Refused(error.message + _when_else(pinned, who)) from error
    if resolved is None:
        message = f"{who}: that customer was retired by {pinned.release_id} and nobody took its place; try --find TEXT"
        raise Refused(message)
    return resolved


def _nobodys(pinned: Release, source: str, record: str) -> str:
    """Return why a record is no customer's."""
    from matching.explained_words import REASONS  # loaded when it is needed

    excluded = pinned.con.execute(
        "SELECT reason FROM excluded_record WHERE source = ? AND source_record_id = ?", [source, record]
    ).fetchall()
    if excluded:
        why = REASONS.get(excluded[0][0], excluded[0][0])
        return f"{source}:{record}: is nobody's in {pinned.release_id}: {why}"
    return (
        f"{source}:{record}: no customer in {pinned.release_id} has this record; it was not delivered, or was deleted"
    )


def _when_else(pinned: Release, golden_id: str) -> str:
    """Return, for an id that a release does not know, since when there is one, where the newest release's log does."""
    from golden.past import first_release_of  # loaded when it is needed

    workspace = Workspace(pinned.directory.parent.parent.parent)
    with open_release(workspace, release_ids(workspace)[-1]) as newest:
        born = first_release_of(newest.con, golden_id)
    return f" yet: it is there from {born} on" if born else "; look for one with `joinedup show --find TEXT`"
