"""Everything that Dagster sees: the assets of this workspace's stages, the jobs, the schedule and the sensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from pipelines.assets import NIGHT, check_asset, landing_asset, publishing_assets, stage_asset
from pipelines.jobs import DECISIONS, INGEST, NIGHTLY, PLAN, nightly_schedule, on_failure
from pipelines.night import say_nothing
from pipelines.resources import night_resource
from pipelines.sensors import new_decisions_sensor, new_files_sensor
from pipelines.stages import STAGES
from warehouse.settings.load import load_settings
from warehouse.workspace import resolve_workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.night import Night, StepDone
    from warehouse.settings import Settings
    from warehouse.workspace import Workspace


def build_definitions(
    workspace: Workspace,
    settings: Settings,
    watch: Callable[[str, StepDone | None], None] = say_nothing,
    opened: Callable[[Night], None] = lambda _night: None,
) -> dg.Definitions:
    """Return the definitions for one workspace.

    `watch` sees every step of a night start and end, `opened` the night itself.
    """
    sources = tuple(sorted(settings.sources))
    gate, publish = publishing_assets()
    return dg.Definitions(
        assets=[
            *(landing_asset(source, settings) for source in sources),
            *(stage_asset(entry, sources) for entry in STAGES),
            publish,
        ],
        asset_checks=[*(check_asset(entry) for entry in STAGES if entry.check), gate],
        jobs=[NIGHTLY, INGEST, PLAN, DECISIONS],
        schedules=[nightly_schedule(settings)],
        sensors=[new_files_sensor(workspace, settings), new_decisions_sensor(workspace, settings), on_failure],
        resources={NIGHT: night_resource(workspace, watch, opened)},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions for the workspace that JOINEDUP_HOME, or the current folder, names."""
    workspace = resolve_workspace(None)
    return build_definitions(workspace, load_settings(workspace.settings_file))
