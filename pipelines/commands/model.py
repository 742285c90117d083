"""`joinedup model`: the model of a release, to look at and to carry away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import pyarrow.parquet as pq
import typer

from pipelines.commands.options import JsonOption, WorkspaceOption, answer
from warehouse.durable import surroundings, write_text
from warehouse.errors import UsageError
from warehouse.read import open_release
from warehouse.workspace import resolve_workspace

app = typer.Typer(help="Look at the model of a release, and carry it to Splink.", no_args_is_help=True)

ReleaseArgument = Annotated[str | None, typer.Argument(metavar="[RELEASE]", help="As r12 (default: the current one).")]


@app.command()
def show(release: ReleaseArgument = None, workspace: WorkspaceOption = None, *, as_json: JsonOption = False) -> None:
    """Show the model that made a release: shares and weights of each level, priors, thresholds, version."""
    from matching.evidence import model_in_use  # Splink takes a second to load
    from matching.model_document import model_document
    from pipelines.words_of_model import model_page

    with open_release(resolve_workspace(workspace), release) as pinned, pinned.workings() as workings:
        document = {"release_id": pinned.release_id, **model_document(model_in_use(workings))}
    answer(document, lambda: model_page(document), as_json=as_json)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.json", help="Where to write Splink's settings.")],
    release: ReleaseArgument = None,
    workspace: WorkspaceOption = None,
    *,
    records: Annotated[
        Path | None,
        typer.Option(
            "--records", metavar="FILE.parquet", help="Write the release's distinct records too, which they speak of."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the model that made a release as settings that Splink 5 loads."""
    from matching.evidence import model_in_use  # Splink takes a second to load
    from matching.export_model import distinct_records, splink_document

    for path in filter(None, (file, records)):
        if not path.absolute().parent.is_dir():
            message = f"no folder {path.parent}: make it, or write {path.name} elsewhere"
            raise UsageError(message)
    with open_release(resolve_workspace(workspace), release) as pinned, pinned.workings() as workings:
        model = model_in_use(workings)
        with surroundings(f"writing {file}"):
            write_text(file.absolute(), json.dumps(splink_document(model), indent=2, ensure_ascii=False) + "\n")
        if records:
            table = distinct_records(workings, model)
            with surroundings(f"writing {records}"):
                pq.write_table(table, records)
    written = {"settings": str(file), "records": str(records) if records else None}
    told = f"{file}" + (f", and its distinct records to {records}" if records else "")
    answer(
        {"release_id": pinned.release_id, "model_version": model.version, **written},
        lambda: f"Wrote {model.version} of {pinned.release_id} to {told}.",
        as_json=as_json,
    )
