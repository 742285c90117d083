"""`joinedup review`: what waits for a steward, what was decided, and deciding."""

from __future__ import annotations

from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.options import JsonOption, WorkspaceOption, answer, login_name
from pipelines.words import counted
from warehouse.durable import surroundings, write_text
from warehouse.errors import UsageError
from warehouse.settings.load import load_settings
from warehouse.workspace import Workspace, resolve_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stewardship.store import Store
    from warehouse.read import Release

app = typer.Typer(help="Decide what the matching cannot: list, decide, revoke, import, export.", no_args_is_help=True)

CSV, JSON_LINES = ".csv", (".jsonl", ".ndjson")


class Verdict(StrEnum):
    """What can be decided; typed as the values, of which `split` is no name for a member of texts."""

    same = "same"
    different = "different"
    unsure = "unsure"
    apart = "split"
    pin = "pin"
    placeholder = "placeholder"
    household = "household"
    not_a_customer = "not_a_customer"


class State(StrEnum):
    """What becomes of a decision."""

    bound = "bound"
    reconfirm = "reconfirm"
    dormant = "dormant"
    expired = "expired"
    revoked = "revoked"
    replaced = "replaced"


WhatArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="WHAT...",
        help="same, different, unsure, household: RECORD RECORD. not_a_customer: RECORD. split: RECORD... with --from. "
        "pin: RECORD ATTRIBUTE VALUE. placeholder: ATTRIBUTE VALUE.",
    ),
]
AsOption = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who decides (default: who is logged in).")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why: others will go by it.")]


@app.command("list")
def list_(
    workspace: WorkspaceOption = None,
    *,
    state: Annotated[State | None, typer.Option("--state", help="Only decisions in this state, and no pairs.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many pairs, the likeliest first.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List the pairs that wait for a decision, and what was decided."""
    from pipelines.words_of_review import review_page  # SQLAlchemy is slow to load
    from stewardship.overview import overview

    with _opened(workspace) as (_, store, release):
        document = overview(store, release, limit=limit, state=state.value if state else None)
    answer(document, lambda: review_page(document), as_json=as_json)


@app.command()
def decide(  # noqa: PLR0913 - an argument per option
    verdict: Annotated[Verdict, typer.Argument(help="What is decided.")],
    what: WhatArgument,
    workspace: WorkspaceOption = None,
    *,
    reason: ReasonOption,
    who: AsOption = None,
    part_from: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="RECORD", help="split: a record of the other customer; may be given again."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="T", help="pin: when it ends, as 2026-12-31 (default: never).")
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also for a record that the release does not know yet.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Decide about records or a value: that two are the same customer, or different ones; it binds the next night."""
    from pipelines.statement import parse_statement  # SQLAlchemy is slow to load
    from pipelines.words_of_review import decided_page
    from stewardship.decide import decide_on, say

    statement = parse_statement(verdict.value, what, part_from or [], until)
    with _opened(workspace) as (_, store, release):
        said = say(login_name() if who is None else who, reason, release)
        done = decide_on(store, release, statement, said, anyway=anyway)
    answer(done.document(), lambda: decided_page(done), as_json=as_json)


@app.command()
def revoke(
    decision: Annotated[int, typer.Argument(metavar="ID", help="The decision, as `review list` names it.")],
    workspace: WorkspaceOption = None,
    *,
    reason: ReasonOption,
    who: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a decision back: from the next night on the matching decides again. It stays in the log."""
    from pipelines.words_of_review import revoked_page  # SQLAlchemy is slow to load
    from stewardship.decide import entry_document, say
    from stewardship.decide import revoke as write_revocation

    with _opened(workspace) as (_, store, release):
        entry, revoked = write_revocation(store, decision, say(login_name() if who is None else who, reason, release))
    document = {**entry_document(entry), "revoked": entry_document(revoked)}
    answer(document, lambda: revoked_page(entry, revoked), as_json=as_json)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Decisions, as csv or jsonl: see docs/review.md.")],
    workspace: WorkspaceOption = None,
    *,
    who: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Who imports (default: who is logged in).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Import decisions, all of them or none; those that the log has already are passed over."""
    from pipelines.words_of_review import imported_page  # SQLAlchemy is slow to load
    from stewardship.transfer import import_file

    with _opened(workspace) as (_, store, release):
        done = import_file(store, release, file, login_name() if who is None else who)
    answer(done.document(), lambda: imported_page(done), as_json=as_json)


@app.command()
def export(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A .csv or .jsonl (default: standard output, as csv).")
    ] = None,
    workspace: WorkspaceOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Export the whole log, revocations too, in a form that can be imported."""
    from stewardship.transfer import export_text  # SQLAlchemy is slow to load

    if file is not None and file.suffix.lower() not in (CSV, *JSON_LINES):
        message = f"{file} is neither csv nor jsonl: let its name end in {CSV} or {JSON_LINES[0]}"
        raise UsageError(message)
    if file is not None and not file.absolute().parent.is_dir():
        message = f"no folder {file.parent}: make it, or write {file.name} elsewhere"
        raise UsageError(message)
    with _opened(workspace) as (_, store, _):
        entries = store.entries()
    if file is None and not as_json:
        typer.echo(export_text(entries, as_csv=True), nl=False)
        return
    if file is not None:
        text = export_text(entries, as_csv=file.suffix.lower() == CSV)
        with surroundings(f"writing {file}"):
            write_text(file.absolute(), text)
    from stewardship.decide import entry_document

    document = {"file": str(file) if file else None, "entries": [entry_document(entry) for entry in entries]}
    answer(document, lambda: f"Wrote {counted(len(entries), 'entry', 'entries')} to {file}.", as_json=as_json)


@contextmanager
def _opened(workspace: Path | None) -> Iterator[tuple[Workspace, Store, Release | None]]:
    """Open the stewards' store, and the current release where there is one."""
    from stewardship.look_up import open_current
    from stewardship.store import open_store

    place = resolve_workspace(workspace)
    store = open_store(load_settings(place.settings_file), place.path)
    release = open_current(place)
    try:
        yield place, store, release
    finally:
        if release is not None:
            release.close()
