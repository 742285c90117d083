"""`joinedup init`, `check`, `schema`: a workspace's configuration, before the first night."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from pipelines.commands.options import JsonOption, WorkspaceOption, answer
from pipelines.words_of_mapping import mapping_page, show_mapping
from pipelines.words_of_proposal import proposal_page
from warehouse.errors import Refused, SettingsError, UsageError
from warehouse.settings.deciding import MatchingSettings
from warehouse.settings.load import load_settings, locate
from warehouse.settings.schema import settings_schema
from warehouse.settings.template import TEMPLATE
from warehouse.workspace import Workspace, resolve_workspace

if TYPE_CHECKING:
    from collections.abc import Sequence


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make the workspace in.")],
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]…", help="Further files after --from.")] = None,
    *,
    first: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="FILE…", help="Look at these files and propose what they mean; they stay put."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a workspace with a commented joinedup.yaml, with --from one that reads these files."""
    named = [*(first or ()), *(files or ())]
    _check_names(directory, named, given=first is not None)
    place = Workspace(directory.absolute())
    if place.settings_file.exists():
        message = f"{place.settings_file} exists already: choose another folder, or edit it; nothing was changed"
        raise Refused(message)
    if named:
        _propose(place, directory, named, as_json=as_json)
        return
    (place.path / "exports").mkdir(parents=True, exist_ok=True)
    place.settings_file.write_text(TEMPLATE, encoding="utf-8")
    document = {"workspace": str(place.path), "settings": str(place.settings_file)}
    answer(
        document,
        lambda: (
            f"Wrote {place.settings_file}. Put exports into {place.path / 'exports'}, say in joinedup.yaml what "
            f"their columns mean, then: joinedup check -w {directory}"
        ),
        as_json=as_json,
    )


def _check_names(directory: Path, named: Sequence[Path], *, given: bool) -> None:
    """Raise UsageError where the folder or the files are not what their places say."""
    if named and not given:
        message = f"{named[0]} comes after DIR: to have files looked at, write --from {named[0]}"
        raise UsageError(message)
    if directory.is_file():
        message = (
            f"{directory} is a file: name the workspace's folder first, as in: joinedup init shop --from {directory}"
        )
        raise UsageError(message)
    for path in named:
        if not path.exists():
            message = f"{path} is not there: name files that are, as in: joinedup init {directory} --from exports/*.csv"
            raise UsageError(message)


def _propose(place: Workspace, directory: Path, named: Sequence[Path], *, as_json: bool) -> None:
    from connectors.propose.look import propose  # looking at files is this command's alone
    from connectors.propose.verify import verify

    proposal = propose([path.absolute() for path in named], place.path)
    text = verify(proposal, place.path)
    (place.path / "exports").mkdir(parents=True, exist_ok=True)
    place.settings_file.write_text(text, encoding="utf-8")
    document = {"workspace": str(place.path), "settings": str(place.settings_file), **proposal.document()}
    answer(
        document,
        lambda: proposal_page(document, str(place.settings_file), f"joinedup check -w {directory}"),
        as_json=as_json,
    )


def schema(
    *,
    contract: Annotated[
        bool, typer.Option("--contract", help="The data contract of a release instead, in the form of ODCS.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print the JSON Schema of joinedup.yaml, for editors; or what readers of a release may build on."""
    if contract:
        from warehouse.data_contract import contract_page, data_contract  # the command line need not load YAML's writer

        answer(data_contract(), lambda: contract_page().rstrip("\n"), as_json=as_json)
        return
    document = settings_schema()
    answer(document, lambda: json.dumps(document, indent=2), as_json=as_json)


def check(workspace: WorkspaceOption = None, *, as_json: JsonOption = False) -> None:
    """Read joinedup.yaml and the first 100 rows of each source through it; change nothing."""
    from connectors.preview import preview  # a help page need not wait for the connectors to load

    place = resolve_workspace(workspace)
    settings = load_settings(place.settings_file)
    try:
        if settings.matching != MatchingSettings():
            from matching.check_matching import check_matching  # Splink takes a second to load

            check_matching(settings, place.path)
        previews = [preview(settings, place.path, source) for source in sorted(settings.sources)]
    except SettingsError as error:
        raise locate(error, place.settings_file) from error
    sources = [found.document() for found in previews]
    console = Console()
    if console.is_terminal and not as_json:
        show_mapping(sources, str(place.settings_file), console)
        return
    answer(
        {"settings": str(place.settings_file), "sources": sources},
        lambda: mapping_page(sources, str(place.settings_file)),
        as_json=as_json,
    )
