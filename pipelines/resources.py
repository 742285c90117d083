"""The night as a Dagster resource: opened once per run, shared by all its steps, closed whatever happens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import TYPE_CHECKING

import dagster as dg

from connectors.selection import Selection
from pipelines.commands.options import parse_moment
from pipelines.night import Night, NightOptions, open_night
from pipelines.reconcile import end_dead_runs
from warehouse.errors import JoinedupError, UsageError

if TYPE_CHECKING:
    from pipelines.night import StepDone
    from warehouse.workspace import Workspace

CONFIG = {
    "as_of": dg.Field(dg.Noneable(str), is_required=False, description="The time of all that is relative to now."),
    "full": dg.Field(bool, default_value=False, description="Compare everything again."),
    "retrain": dg.Field(bool, default_value=False, description="Make a new model."),
    "threads": dg.Field(int, default_value=2, description="DuckDB's threads."),
    "replay": dg.Field(
        dg.Noneable(str),
        is_required=False,
        description="What to read again of the quarantine, as a Selection in JSON; no export is read then.",
    ),
    "read_exports": dg.Field(bool, default_value=True, description="Read the exports; else what is stored stands."),
    "plan": dg.Field(bool, default_value=False, description="Publish nothing, leave a plan of what would change."),
    "must_give": dg.Field(
        dg.Noneable(str), is_required=False, description="The release_hash without which nothing is published."
    ),
    "settled_as_of": dg.Field(
        dg.Noneable(str), is_required=False, description="Where a night without as_of stands: as the plan's did."
    ),
}


def night_resource(
    workspace: Workspace,
    watch: Callable[[str, StepDone | None], None],
    opened: Callable[[Night], None],
) -> dg.ResourceDefinition:
    """Return the resource that opens a night in `workspace`; its run id is Dagster's, `opened` is told of it."""

    @dg.resource(config_schema=CONFIG, description="The open night: lock, warehouse and settings.")
    def open_for_run(context: dg.InitResourceContext) -> Iterator[Night]:
        if context.run is None:
            message = "a night is opened for a run of a job, and there is none"
            raise JoinedupError(message)
        given = context.resource_config
        options = NightOptions(
            as_of=parse_moment(given["as_of"]) if given.get("as_of") else None,
            full=given["full"],
            retrain=given["retrain"],
            threads=given["threads"],
            replay=_selection(given["replay"]) if given.get("replay") else None,
            read_exports=given["read_exports"],
            plan=given["plan"],
            must_give=given.get("must_give"),
            settled_as_of=parse_moment(given["settled_as_of"]) if given.get("settled_as_of") else None,
        )
        with open_night(workspace, options, context.run.run_id, watch) as night:
            if context.instance is not None:
                end_dead_runs(context.instance, workspace, context.run.run_id)
            opened(night)
            yield night
            night.close()

    return open_for_run


def _selection(text: str) -> Selection:
    """Return the selection that a run's configuration names; raises UsageError for what is none."""
    try:
        given = json.loads(text)
        return Selection(**given | {"row_ids": tuple(given.get("row_ids", ()))})
    except (TypeError, ValueError, AttributeError) as error:
        allowed = ", ".join(field.name for field in fields(Selection))
        message = f"replay: {text!r} is no selection: write a JSON object with any of {allowed}"
        raise UsageError(message) from error
