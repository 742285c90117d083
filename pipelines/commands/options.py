"""Options and arguments that several verbs share, and how they answer."""

from __future__ import annotations

import getpass
import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from warehouse.errors import UsageError
from warehouse.visible import visible, visible_json

if TYPE_CHECKING:
    from collections.abc import Callable

WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", "-w", metavar="DIR", help="The workspace (default: $JOINEDUP_HOME, else here)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output and nothing else.")]
FullOption = Annotated[bool, typer.Option("--full", help="Compare everything again.")]
RetrainOption = Annotated[bool, typer.Option("--retrain", help="Make a new model, and not take the last release's.")]
StandsAtOption = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="T", help="Where the night stands, as 2026-01-31T02:00Z (default: the newest time read)."
    ),
]
ThreadsOption = Annotated[int, typer.Option("--threads", min=1, help="DuckDB's threads.")]
ALL_THREADS = os.cpu_count() or 2


def answer(document: object, render: Callable[[], str], *, as_json: bool) -> None:
    """Print the document as JSON, or what `render` makes of it for a person; control characters as escapes."""
    if as_json:
        typer.echo(visible_json(json.dumps(document, ensure_ascii=False, indent=2, default=_as_text)))
    else:
        typer.echo(visible(render()))


def parse_moment(text: str, option: str = "--as-of") -> datetime:
    """Return an aware datetime for ISO text, taken as UTC where it names no zone.

    Raises UsageError for other text.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{option} {text!r} is no time: write it as 2026-01-31 or 2026-01-31T02:00:00Z"
        raise UsageError(message) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_record(text: str) -> tuple[str, str]:
    """Return (source, source_record_id) for `SOURCE:SOURCE_RECORD_ID`.

    Raises UsageError when there is no colon or an empty part.
    """
    source, _, record = text.partition(":")
    if not source or not record:
        message = f"{text!r} is no record: write SOURCE:SOURCE_RECORD_ID, as in orders:SO-1"
        raise UsageError(message)
    return source, record


def login_name() -> str:
    """Return who is logged in on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # somebody whom the machine has no name for, as in a container
        return f"uid {os.getuid()}"


def _as_text(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return str(value)
