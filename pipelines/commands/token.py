"""`joinedup token`: what programs show to ask in their own name."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.commands.options import JsonOption, WorkspaceOption, answer, login_name
from pipelines.commands.users import opened

app = typer.Typer(help="Create, list and revoke the tokens by which programs ask.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for, as `crm`.")],
    role: Annotated[str, typer.Argument(metavar="ROLE", help="reader, agent, steward or admin.")],
    workspace: WorkspaceOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Create a token, and print it: it is shown this once, and kept as a hash alone."""
    secret = opened(workspace).create_token(name, role, login_name())
    answer(
        {"name": name, "role": role, "token": secret},
        lambda: (
            f"{secret}\nThis is the token {name}, as {role}. It is not shown again: keep it where secrets are kept."
        ),
        as_json=as_json,
    )


@app.command("list")
def list_(workspace: WorkspaceOption = None, *, as_json: JsonOption = False) -> None:
    """List the tokens, with when they were last used; the revoked ones too."""
    from pipelines.words_of_accounts import tokens_page

    found = [token.document() for token in opened(workspace).tokens()]
    answer({"tokens": found}, lambda: tokens_page(found), as_json=as_json)


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The token, as `token list` names it.")],
    workspace: WorkspaceOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Make a token worth nothing, at once."""
    token = opened(workspace).revoke_token(name, login_name())
    answer(
        {"name": token.name, "revoked": True},
        lambda: f"The token {token.name} is worth nothing any more.",
        as_json=as_json,
    )
