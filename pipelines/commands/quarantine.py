"""`joinedup quarantine`: list, show, replay and drop what could not be read."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from connectors import quarantined_rows
from connectors.selection import Selection
from pipelines.commands.options import (
    ALL_THREADS,
    JsonOption,
    ThreadsOption,
    WorkspaceOption,
    answer,
    login_name,
    parse_moment,
)
from pipelines.commands.run import HELD, render_summary
from pipelines.progress import Progress
from pipelines.words import counted
from pipelines.words_of_quarantine import dropped_page, groups_page, replayed_page, rows_page
from warehouse import state
from warehouse.connection import transaction
from warehouse.durable import surroundings
from warehouse.errors import Refused, UsageError
from warehouse.settings.load import load_settings
from warehouse.workspace import Workspace, resolve_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

app = typer.Typer(help="List, show, read again and drop what could not be read.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]…", help="Rows, as `quarantine show` names them.")]
SourceOption = Annotated[str | None, typer.Option("--source", metavar="SOURCE", help="Only of this source.")]
ReasonOption = Annotated[str | None, typer.Option("--reason", metavar="REASON", help="Only with this reason.")]
DeliveryOption = Annotated[
    str | None, typer.Option("--delivery", metavar="DELIVERY", help="Only of this delivery, as `list` names it.")
]


@app.command("list")
def list_(
    workspace: WorkspaceOption = None,
    *,
    source: SourceOption = None,
    reason: ReasonOption = None,
    delivery: DeliveryOption = None,
    dropped: Annotated[bool, typer.Option("--dropped", help="List instead what was dropped, by whom and why.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List what is in quarantine now: by source, reason and delivery."""
    selection = Selection((), source, reason, delivery)
    with _opened(resolve_workspace(workspace), "list") as (con, attempt):
        if dropped:
            log = quarantined_rows.dropped(con)
            answer({"dropped": log}, lambda: dropped_page(log), as_json=as_json)
            return
        _check_known(con, selection)
        found = quarantined_rows.open_groups(con, selection)
        document = {"open": sum(group["rows"] for group in found), "last_attempt": attempt, "groups": found}
        answer(document, lambda: groups_page(found, attempt is not None), as_json=as_json)


@app.command()
def show(  # noqa: PLR0913 - an argument per option
    ids: Ids = None,
    workspace: WorkspaceOption = None,
    *,
    source: SourceOption = None,
    reason: ReasonOption = None,
    delivery: DeliveryOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many rows.")] = 20,
    offset: Annotated[int, typer.Option("--offset", min=0, help="Leave out so many rows before.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Show rows in quarantine as they were delivered, with what is wrong; they hold personal values."""
    selection = Selection(tuple(ids or ()), source, reason, delivery)
    with _opened(resolve_workspace(workspace), "show") as (con, _):
        _check_known(con, selection)
        total = quarantined_rows.count_open(con, selection)
        found = quarantined_rows.show_open(con, selection, limit, offset)
        document = {"open": total, "offset": offset, "rows": found}
        answer(document, lambda: rows_page(found, total, offset), as_json=as_json)


@app.command()
def replay(  # noqa: PLR0913 - an argument per option
    ids: Ids = None,
    workspace: WorkspaceOption = None,
    *,
    source: SourceOption = None,
    reason: ReasonOption = None,
    delivery: DeliveryOption = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="T", help="Where the night stands (default: the newest time accepted)."),
    ] = None,
    threads: ThreadsOption = ALL_THREADS,
    as_json: JsonOption = False,
) -> None:
    """Read rows in quarantine again under the mapping of now, and publish: a night that reads no export."""
    from pipelines.night import NightOptions  # a help page need not wait for the matching to load
    from pipelines.run_nightly import run_nightly

    place, selection = resolve_workspace(workspace), Selection(tuple(ids or ()), source, reason, delivery)
    moment = parse_moment(as_of) if as_of else None
    load_settings(place.settings_file)
    chosen = _can_be_replayed(place, selection)
    if chosen == 0:
        told = "Nothing to read again: no such row is open in quarantine."
        answer(
            {"chosen": 0, "published": False, "outcome": "nothing_changed", "records": {}},
            lambda: told,
            as_json=as_json,
        )
        return
    progress = Progress(quiet=as_json)
    try:
        summary = run_nightly(place, NightOptions(moment, threads=threads, replay=selection), progress)
    finally:
        progress.close()
    document = {"chosen": chosen, **summary.document()}
    answer(document, lambda: f"{replayed_page(summary)}\n{render_summary(summary)}", as_json=as_json)
    if summary.outcome == "held":
        raise typer.Exit(HELD)


@app.command()
def drop(  # noqa: PLR0913 - an argument per option
    ids: Ids = None,
    workspace: WorkspaceOption = None,
    *,
    why: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why they are dropped: it is written down.")],
    source: SourceOption = None,
    only: Annotated[
        str | None, typer.Option("--only-reason", metavar="REASON", help="Only with this reason for quarantine.")
    ] = None,
    delivery: DeliveryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take rows out of the quarantine for good; who did so, when and why is kept. No record is touched."""
    selection = Selection(tuple(ids or ()), source, only, delivery)
    if selection.is_everything:
        message = "name the rows to drop: their ids, --source, --only-reason or --delivery"
        raise UsageError(message)
    if not why.strip():
        message = "--reason is empty: say in a few words why these rows are to be dropped"
        raise UsageError(message)
    with _opened(resolve_workspace(workspace), "drop") as (con, _), surroundings("dropping rows"), transaction(con):
        at, by = datetime.now(UTC).replace(tzinfo=None), login_name()
        written = quarantined_rows.drop_open(con, selection, at=at, by=by, why=why.strip())
        if not written:
            message = "no such row is open in quarantine: `joinedup quarantine list` says what is; nothing was dropped"
            raise Refused(message)
    ids_dropped = sorted({row["row_id"] for row in written})
    document = {"dropped": len(written), "by": by, "at": at, "reason": why.strip(), "ids": ids_dropped}
    answer(document, lambda: f"Dropped {counted(len(written), 'row')}, noted as done by {by}.", as_json=as_json)


@contextmanager
def _opened(place: Workspace, verb: str) -> Iterator[tuple[DuckDBPyConnection, str | None]]:
    """Open the warehouse between nights, with the runs that count; give the last attempt that published nothing."""
    if not place.settings_file.exists():
        load_settings(place.settings_file)  # which says what a workspace is
    with state.between_nights(place, f"joinedup quarantine {verb}") as (con, lineage, attempt):
        quarantined_rows.count_runs(con, lineage, attempt)
        yield con, attempt


def _check_known(con: DuckDBPyConnection, selection: Selection) -> None:
    """Refuse a selection that never had a row: a name that was mistyped looks like good news otherwise."""
    if selection.is_everything or quarantined_rows.was_ever(con, selection):
        return
    known = quarantined_rows.open_groups(con, Selection())
    there = sorted({f"{group['source']} {group['reason']}" for group in known})
    told = f"there is {', '.join(there)}" if there else "it is empty"
    message = f"no such row has been in quarantine; {told}: see `joinedup quarantine list`"
    raise Refused(message)


def _can_be_replayed(place: Workspace, selection: Selection) -> int:
    """Return how many of the chosen rows can be read again; raises Refused where that is for their files to do."""
    with _opened(place, "replay") as (con, _):
        _check_known(con, selection)
        rows = quarantined_rows.count_open(con, selection)
        quarantined_rows.leave_out_attempt(con)  # as the night will
        groups = quarantined_rows.open_groups(con, selection)
    whole = sum(int(group["can_replay"]) for group in groups)
    if rows and not whole:
        if groups:
            message = f"{counted(rows, 'row')} chosen, and none is kept whole: mend the file, then `joinedup run`"
        else:
            message = (
                f"{counted(rows, 'row')} chosen, of a run that published nothing and does not count: mend the mapping "
                "or the file, then `joinedup run`, which reads the files again"
            )
        raise Refused(message)
    return whole
