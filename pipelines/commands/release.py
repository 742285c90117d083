"""`joinedup release`: list, show, verify, export and roll back what was published, and approve what was held."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.commands.options import JsonOption, WorkspaceOption, answer, login_name
from pipelines.words import LINE, table
from quality.audit import audit_release
from warehouse.errors import UsageError
from warehouse.release.approve import approve as approve_held
from warehouse.release.export import FORMATS, PACKED, Wanted, export_release
from warehouse.release.listing import list_releases, show_release
from warehouse.release.rollback import rollback as roll_back
from warehouse.release.verify import verify_release
from warehouse.settings.load import load_settings
from warehouse.workspace import lock, resolve_workspace

if TYPE_CHECKING:
    from warehouse.release.export import Exported
    from warehouse.release.rollback import Rollback

app = typer.Typer(help="List, show, verify, export, roll back and approve releases.", no_args_is_help=True)

ReleaseArgument = Annotated[str | None, typer.Argument(metavar="[RELEASE]", help="As r12 (default: the current one).")]


@app.command("list")
def list_(workspace: WorkspaceOption = None, *, as_json: JsonOption = False) -> None:
    """List the releases, newest first; the current one is marked."""
    found = list_releases(resolve_workspace(workspace))
    answer({"releases": found}, lambda: _render_list(found), as_json=as_json)


@app.command()
def show(release: ReleaseArgument = None, workspace: WorkspaceOption = None, *, as_json: JsonOption = False) -> None:
    """Show what a release's manifest says."""
    manifest = show_release(resolve_workspace(workspace), release)
    answer(manifest, lambda: _render_manifest(manifest), as_json=as_json)


@app.command()
def verify(release: ReleaseArgument = None, workspace: WorkspaceOption = None, *, as_json: JsonOption = False) -> None:
    """Verify every byte of a release against its manifest."""
    manifest = verify_release(resolve_workspace(workspace), release)
    answer(
        {"release_id": manifest.release_id, "verified": True, "files": len(manifest.files)},
        lambda: f"{manifest.release_id} is as it was published: {len(manifest.files)} files, their rows and hashes.",
        as_json=as_json,
    )


@app.command()
def export(  # noqa: PLR0913 - one argument per option of the command
    release: ReleaseArgument = None,
    workspace: WorkspaceOption = None,
    *,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder to write; it must not be there yet.")],
    kind: Annotated[
        str, typer.Option("--format", metavar="|".join(FORMATS), help="What the other tool reads best.")
    ] = FORMATS[0],
    gzip: Annotated[bool, typer.Option("--gzip", help=f"Pack {' and '.join(PACKED)}.")] = False,
    tables: Annotated[
        list[str] | None, typer.Option("--table", metavar="NAME", help="Only this table; may be given several times.")
    ] = None,
    without_personal: Annotated[
        bool, typer.Option("--without-personal", help="Leave out the columns that hold personal data.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a release as Parquet, CSV, JSON lines or SQLite, with the data contract; whole, or not at all."""
    wanted = Wanted(kind, gzip, tuple(tables or ()), personal=not without_personal)
    done = export_release(resolve_workspace(workspace), release, to.absolute(), wanted)
    answer(
        {
            "release_id": done.release_id,
            "folder": str(done.folder),
            "format": kind,
            "rows": dict(done.rows),
            "lacking": list(done.lacking),
        },
        lambda: _render_export(done),
        as_json=as_json,
    )


@app.command()
def rollback(
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="The release to go back to, as r12.")],
    workspace: WorkspaceOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Make an earlier release the current one, at once; the next run starts from it."""
    place = resolve_workspace(workspace)
    with lock(place, f"joinedup release rollback {release}"):
        done = roll_back(place, release)
    answer(
        {
            "release_id": done.manifest.release_id,
            "current": True,
            "instead_of": done.left,
            "next_release_id": done.next_release_id,
            "not_compared": list(done.unread),
        },
        lambda: _render_rollback(done),
        as_json=as_json,
    )


@app.command()
def approve(
    workspace: WorkspaceOption = None,
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it is right; it is kept for good.")],
    name: Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who approves (default: the login).")] = None,
    as_json: JsonOption = False,
) -> None:
    """Publish the candidate that the gate holds, as it is and at once; who, when and why is kept."""
    place = resolve_workspace(workspace)
    who, why = (name or login_name()).strip(), reason.strip()
    if not who or not why:
        message = f"{'--reason' if who else '--as'} is empty: say {'why it is right' if who else 'who approves'}"
        raise UsageError(message)
    keep = load_settings(place.settings_file).retention.releases
    with lock(place, "joinedup release approve"):
        done = approve_held(place, name=who, reason=why, keep=keep, audit=audit_release)
    answer(
        {"release_id": done.release_id, "current": True, "approved_by": who, "reason": why, "rules": list(done.rules)},
        lambda: (
            f"{done.release_id} is the current release now, approved by {who} over {', '.join(done.rules)}.\n"
            f"  Kept in its manifest and in {place.approvals}; the next run builds on it."
        ),
        as_json=as_json,
    )


def _render_list(found: list[dict[str, Any]]) -> str:
    if not found:
        return "No release yet: `joinedup run` makes the first one."
    return "\n".join(table((_list_row(entry) for entry in found), indent=""))


def _render_rollback(done: Rollback) -> str:
    release, next_release = done.manifest.release_id, done.next_release_id
    lines = [
        f"{release} is the current release now{f', instead of {done.left}' if done.left else ''}.",
        f"  The next run starts from it and makes {next_release}; its events take back what is no longer so.",
        "  The same exports and the same joinedup.yaml lead to the same customers again: mend them before it.",
        "  Looked over: every file is there, can be opened, and has its rows.",
    ]
    if done.unread:
        size = sum(done.manifest.files[name].bytes for name in done.unread) / (1 << 20)
        lines.append(
            f"  Not compared byte for byte: {', '.join(done.unread)} ({size:,.0f} MiB);"
            f" `joinedup release verify {release}` does that."
        )
    return "\n".join(lines)


def _render_export(done: Exported) -> str:
    lines = [f"{done.release_id} is in {done.folder}: {sum(done.rows.values()):,} rows of {len(done.rows)} tables."]
    if done.lacking:
        lines.append(f"  An earlier joinedup made it, without {', '.join(done.lacking)}.")
    return "\n".join([*lines, "  README.md there says how to read them, data-contract.yaml what they mean."])


def _list_row(entry: dict[str, Any]) -> tuple[object, ...]:
    mark = "* " if entry["current"] else "  "
    if "damaged" in entry:
        return mark + entry["release_id"], "damaged", entry["damaged"], "", ""
    rows = entry["rows"]
    return (
        mark + entry["release_id"],
        f"as of {entry['as_of']}",
        f"{rows['customer']:,} customers",
        f"{rows['crosswalk']:,} records",
        f"on {entry['base_release_id']}" if entry["base_release_id"] else "the first",
    )


def _render_manifest(manifest: dict[str, Any]) -> str:
    told = ("release_id", "current", "base_release_id", "created_at", "as_of", "run_id", "model_version")
    hashes = ("content_hash", "release_hash")
    lines = table((name, manifest[name]) for name in (*told, *hashes))
    if approval := manifest["approval"]:
        lines += ["", f"  approved by {approval['by']} at {approval['at']} over {', '.join(approval['rules'])}:"]
        lines += textwrap.wrap(approval["reason"], LINE, initial_indent="    ", subsequent_indent="    ")
    lines += ["", "  rows"]
    lines += table((f"  {name}", f"{count:,}") for name, count in manifest["rows"].items())
    return "\n".join(lines)
