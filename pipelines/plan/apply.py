"""What has moved since a plan was made: cheaply before the night is done again, and in detail after it gave another.

READS: the current release's manifest, joinedup.yaml, the stewards' log, the files that the plan names, what the last
attempt has landed.
WRITES nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipelines.night_options import NightOptions
from pipelines.plan.asking import rows_of
from pipelines.plan.document import DELIVERED, NO_CANDIDATE
from stewardship.store import open_store
from warehouse import state
from warehouse.durable import surroundings
from warehouse.release.manifest import file_sha256, read_manifest
from warehouse.release.pointer import release_ids
from warehouse.settings.digest import settings_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.plan.document import Plan
    from warehouse.settings import Settings
    from warehouse.workspace import Workspace

    Files = dict[tuple[str, str], dict[str, Any]]

_TOLD = 5
"""Files that are told to have moved; the others are counted."""


def options_of(plan: Plan, threads: int) -> NightOptions:
    """Return what a night must be asked for to do what the plan says, or nothing."""
    asked = plan["options"]
    return NightOptions(
        as_of=_moment(asked["as_of"]),
        full=asked["full"],
        retrain=asked["retrain"],
        threads=threads,
        read_exports=asked["read_exports"],
        must_give=plan["release_hash"] or NO_CANDIDATE,
        settled_as_of=_moment(plan["as_of"]),
    )


def moved_before(workspace: Workspace, settings: Settings, plan: Plan) -> list[str]:
    """Return what can be seen at once to have moved since the plan was made: base, configuration, decisions, files."""
    return [
        *_moved_base(workspace, plan),
        *_moved_settings(settings, plan),
        *_moved_decisions(workspace, settings, plan),
        *_moved_files(workspace, plan),
    ]


def moved_within(workspace: Workspace, plan: Plan) -> list[str]:
    """Return what was delivered otherwise to the attempt that has just given something else than the plan."""
    with state.between_nights(workspace, "joinedup apply") as (con, _, attempt):
        if attempt is None:
            return []
        now = rows_of(con, DELIVERED, {"run": attempt})
        stood = con.execute("SELECT as_of FROM landing.night WHERE run_id = ?", [attempt]).fetchall()
    planned: Files = {(source["source"], file["path"]): file for source in plan["sources"] for file in source["files"]}
    told = list(_differences(planned, {(row["source"], row["path"]): row for row in now}))
    if stood and plan["as_of"] and _moment(plan["as_of"]) != stood[0][0].replace(tzinfo=UTC):
        told.append(f"the night stands at {stood[0][0]} UTC, not at {plan['as_of']}")
    return _counted(told)


def _moved_base(workspace: Workspace, plan: Plan) -> Iterator[str]:
    base = state.find_base(workspace)
    was, now = plan["base"], base.release_id if base else None
    planned = was["release_id"] if was else None
    published = release_ids(workspace)
    if planned != now:
        yield f"it starts from {planned or 'nothing'}, and the current release is now {now or 'none'}"
    elif base and read_manifest(base.directory).release_hash != was["release_hash"]:
        yield f"{now} is another release than the {planned} that it starts from"
    elif (published[-1] if published else None) != plan["latest_release_id"]:
        yield f"{published[-1]} was published and rolled back since"


def _moved_settings(settings: Settings, plan: Plan) -> Iterator[str]:
    if settings_hash(settings) != plan["settings_hash"]:
        yield "joinedup.yaml says something else"


def _moved_decisions(workspace: Workspace, settings: Settings, plan: Plan) -> Iterator[str]:
    head, planned = open_store(settings, workspace.path).head(), plan["decisions_head"]
    if planned is not None and head != planned:
        yield f"stewards have decided since: the log's last entry is {head}, and was {planned}"


def _moved_files(workspace: Workspace, plan: Plan) -> list[str]:
    """Return which of the plan's files in the workspace are gone or have other content."""
    told = []
    for source in plan["sources"]:
        for file in source["files"]:
            path = workspace.path / file["path"]
            if file["sha256"] is None or "://" in file["path"]:
                continue
            with surroundings(f"reading {path}"):
                if not path.is_file():
                    told.append(f"source {source['source']}: {file['path']} is gone")
                elif path.stat().st_size != file["bytes"] or file_sha256(path) != file["sha256"]:
                    told.append(f"source {source['source']}: {file['path']} has other content")
    return _counted(told)


def _differences(planned: Files, now: Files) -> Iterator[str]:
    for source, path in sorted(planned.keys() | now.keys()):
        was, found = planned.get((source, path)), now.get((source, path))
        if was is None:
            yield f"source {source}: {path} was not there"
        elif found is None:
            yield f"source {source}: {path} is gone"
        elif (was["sha256"], was["rows"]) != (found["sha256"], found["rows"]):
            yield f"source {source}: {path} has other content, {found['rows']:,} rows now and {was['rows']:,} then"


def _counted(told: list[str]) -> list[str]:
    more = len(told) - _TOLD
    return [*told[:_TOLD], f"and {more:,} more files"] if more > 0 else told


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC) if text else None
