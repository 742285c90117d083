"""`joinedup users`: who may sign in to the pages, with which role; and the chain of what was done."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.options import JsonOption, WorkspaceOption, answer, login_name
from warehouse.errors import UsageError
from warehouse.settings.load import load_settings
from warehouse.workspace import Workspace, resolve_workspace

if TYPE_CHECKING:
    from stewardship.accounts import Accounts
    from stewardship.store import Store

app = typer.Typer(
    help="Add users, give them roles and links to sign in, and audit what was done.", no_args_is_help=True
)

LINK_MINUTES = 15
SERVED_AT = "http://127.0.0.1:8080"
"""Where `joinedup serve` listens unless told otherwise."""

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The user, in upper or lower case.")]
RoleArgument = Annotated[str, typer.Argument(metavar="ROLE", help="reader, agent, steward or admin.")]


@app.command("list")
def list_(workspace: WorkspaceOption = None, *, as_json: JsonOption = False) -> None:
    """List the users, with their roles and when they last signed in."""
    from pipelines.words_of_accounts import users_page

    found = [user.document() for user in opened(workspace).users()]
    answer({"users": found}, lambda: users_page(found), as_json=as_json)


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Letters a to z, digits, and . _ @ -")],
    role: RoleArgument,
    workspace: WorkspaceOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Add a user, who has no password yet: give them a link with `users link`, or a password with `users password`."""
    user = opened(workspace).add(name, role, login_name())
    answer(
        user.document(),
        lambda: f"{user.name} is a user now, as {user.role}. Let them in: `joinedup users link {user.name}`.",
        as_json=as_json,
    )


@app.command()
def role(
    name: NameArgument, role: RoleArgument, workspace: WorkspaceOption = None, *, as_json: JsonOption = False
) -> None:
    """Give a user another role; it counts at once, also where they are signed in."""
    before = opened(workspace).set_role(name, role, login_name())
    answer(
        {"name": before.name, "role": role, "was": before.role},
        lambda: f"{before.name} is {role} now, and was {before.role}.",
        as_json=as_json,
    )


@app.command()
def password(name: NameArgument, workspace: WorkspaceOption = None, *, as_json: JsonOption = False) -> None:
    """Set a user's password, typed at a prompt or read from standard input; it ends all their sessions."""
    accounts = opened(workspace)
    name = accounts.user(name).name  # before a password is asked for
    accounts.set_password(name, _read_password(), login_name())
    answer(
        {"name": name, "password": "set"},
        lambda: f"The password of {name} is set; wherever they were signed in, they are not any more.",
        as_json=as_json,
    )


@app.command()
def disable(name: NameArgument, workspace: WorkspaceOption = None, *, as_json: JsonOption = False) -> None:
    """Let a user in no more, at once; what they have decided stays as it is."""
    name = opened(workspace).disable(name, login_name()).name
    answer(
        {"name": name, "disabled": True},
        lambda: f"{name} cannot sign in any more, and is signed out everywhere.",
        as_json=as_json,
    )


@app.command()
def enable(name: NameArgument, workspace: WorkspaceOption = None, *, as_json: JsonOption = False) -> None:
    """Let a user in again."""
    name = opened(workspace).enable(name, login_name()).name
    answer({"name": name, "disabled": False}, lambda: f"{name} can sign in again.", as_json=as_json)


@app.command()
def link(
    name: NameArgument,
    workspace: WorkspaceOption = None,
    *,
    minutes: Annotated[int, typer.Option("--minutes", metavar="N", help="For how long it is good.")] = LINK_MINUTES,
    url: Annotated[str, typer.Option("--url", metavar="URL", help="Where `joinedup serve` is found.")] = SERVED_AT,
    as_json: JsonOption = False,
) -> None:
    """Print a link that lets a user in, once, without a password; an earlier one is worth nothing any more."""
    address = f"{url.rstrip('/')}/sign-in/{opened(workspace).link(name, minutes, login_name())}"
    answer(
        {"name": name, "link": address, "minutes": minutes},
        lambda: f"{address}\nIt lets {name} in once, within {minutes} minutes. Who has it is {name}: send it safely.",
        as_json=as_json,
    )


@app.command()
def audit(
    workspace: WorkspaceOption = None,
    *,
    last: Annotated[int, typer.Option("--last", metavar="N", min=0, help="List the last so many rows, too.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Verify that nobody has changed the chain of what was done, nor the decisions, nor cut either off."""
    from pipelines.words_of_accounts import audit_page
    from stewardship.accounts.review_chain import latest, review

    place, store = _store(workspace)
    found = review(store, _heads(place)).document() | {"last": latest(store, last)}
    answer(found, lambda: audit_page(found), as_json=as_json)


def _heads(place: Workspace) -> list[tuple[str, str | None]]:
    """Return the releases that are kept, each with the head of the chain that it was made at."""
    from warehouse.release.manifest import read_manifest
    from warehouse.release.pointer import release_ids

    return [(name, read_manifest(place.releases / name).audit_head) for name in release_ids(place)]


def opened(workspace: Path | None) -> Accounts:
    """Return the accounts of the workspace."""
    from stewardship.accounts import Accounts  # SQLAlchemy is slow to load

    return Accounts(_store(workspace)[1])


def _store(workspace: Path | None) -> tuple[Workspace, Store]:
    from stewardship.store import open_store  # SQLAlchemy is slow to load

    place = resolve_workspace(workspace)
    return place, open_store(load_settings(place.settings_file), place.path)


def _read_password() -> str:
    """Return a password from the prompt, or the first line of standard input where that is no terminal."""
    if sys.stdin.isatty():
        typed = getpass.getpass("Password (12 characters or more): ")
        if typed != getpass.getpass("Once more: "):
            message = "the two are not the same: type the password again"
            raise UsageError(message)
        return typed
    try:
        line = sys.stdin.buffer.readline().decode()
    except UnicodeDecodeError as error:
        message = "the password on standard input is not UTF-8"
        raise UsageError(message) from error
    if not line.strip("\r\n"):
        message = "no password on standard input: pipe it in, or run this at a terminal to type it"
        raise UsageError(message)
    return line.rstrip("\r\n")
