"""The command `joinedup`: its verbs, its exit codes, and one line for every mistake."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING

import typer
from typer._click import exceptions as click  # typer carries a click of its own, which raises classes of its own

from pipelines.commands import COMMANDS, GROUPS
from warehouse.connection import was_interrupted
from warehouse.errors import JoinedupError, SettingsError
from warehouse.visible import visible, visible_json

if TYPE_CHECKING:
    from collections.abc import Sequence

DEBUG_VARIABLE = "JOINEDUP_DEBUG"
"""Set to anything, it makes errors show where in the program they arose."""

INTERRUPTED = 130
"""What shells expect of a command that Ctrl-C has ended."""

LOOKED_FOR_GARBAGE_AT = (50_000, 20, 50)
"""After how many new objects, and how many such times, Python looks for cycles. With its own 700 it does so hundreds of
times while Dagster and Great Expectations are imported, which takes a quarter of that time and finds next to nothing.
"""

app = typer.Typer(
    name="joinedup",
    help="Golden customers from order, billing, mail and case exports, exactly, every night.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for name, command in COMMANDS:
    app.command(name)(command)
for name, group in GROUPS:
    app.add_typer(group, name=name)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with the contract's exit code; given arguments, within somebody's process."""
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    if arguments is None:
        gc.set_threshold(*LOOKED_FOR_GARBAGE_AT)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `joinedup … | head` ends without a word
    sys.exit(_run(list(sys.argv[1:] if arguments is None else arguments)))


def _run(arguments: list[str]) -> int:
    as_json = "--json" in arguments
    try:
        code = app(args=arguments, standalone_mode=False)
    except click.NoArgsIsHelpError:  # typer has printed the help by itself
        return 2
    except click.ClickException as error:
        return _fail("UsageError", error.format_message(), 2, as_json=as_json)
    except (typer.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback for anybody who did not ask for it
        if not was_interrupted(error):
            return _tell(error, as_json=as_json)
        code = INTERRUPTED
    if code == INTERRUPTED:  # which is also what typer makes of Ctrl-C
        return _fail("Interrupted", "interrupted; the last release stays, run again when ready", code, as_json=as_json)
    return code if isinstance(code, int) else 0


def _tell(error: Exception, *, as_json: bool) -> int:
    """Say what went wrong in a line, and return the exit code that it has."""
    if os.environ.get(DEBUG_VARIABLE):
        traceback.print_exception(error)
    if isinstance(error, JoinedupError):
        further = [other.message for other in error.others] if isinstance(error, SettingsError) else []
        return _fail(type(error).__name__, error.message, error.exit_code, further, as_json=as_json)
    told = f"a defect of ours: {type(error).__name__}: {' '.join(str(error).split())}"
    hint = f"; please report it with the output of {DEBUG_VARIABLE}=1"
    return _fail(type(error).__name__, told + hint, 1, as_json=as_json)


def _fail(kind: str, message: str, exit_code: int, further: Sequence[str] = (), *, as_json: bool) -> int:
    if as_json:
        error = {"type": kind, "message": message, "exit_code": exit_code, "further": list(further)}
        typer.echo(visible_json(json.dumps({"error": error}, ensure_ascii=False)))
    else:
        for line in (message, *further):
            typer.echo(visible(f"joinedup: {line}"), err=True)
    return exit_code
