"""The jobs, when they run, and what happens when one fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from pipelines.assets import NIGHT

if TYPE_CHECKING:
    from warehouse.settings import Settings

NIGHTLY = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    description="From the exports to a published release, or a held candidate.",
    executor_def=dg.in_process_executor,
)
PLAN = dg.define_asset_job(
    "plan",
    selection=dg.AssetSelection.all(),
    description="What a night would change, customer by customer: a plan under var/plans, and nothing published.",
    config={"resources": {NIGHT: {"config": {"plan": True}}}},
    executor_def=dg.in_process_executor,
)
DECISIONS = dg.define_asset_job(
    "decisions",
    selection=dg.AssetSelection.all(),
    description="Bind what stewards have decided since the release and publish it; no export is read.",
    config={"resources": {NIGHT: {"config": {"read_exports": False}}}},
    executor_def=dg.in_process_executor,
)
INGEST = dg.define_asset_job(
    "ingest",
    selection=dg.AssetSelection.groups("landing"),
    description="Land and check every source; publish nothing.",
    executor_def=dg.in_process_executor,
)
NIGHT_CRON = "0 2 * * *"
"""Two in the morning, in the workspace's time zone."""


def nightly_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Return the daily schedule of the nightly job, in the workspace's time zone."""
    return dg.ScheduleDefinition(
        name="every_night",
        job=NIGHTLY,
        cron_schedule=NIGHT_CRON,
        execution_timezone=settings.timezone,
        description="Every night at two.",
    )


@dg.run_failure_sensor(name="on_failure", description="Says in the log which run failed and why.")
def on_failure(context: dg.RunFailureSensorContext) -> None:
    """Say which run failed; the reason stands on the run's page under var/reports/."""
    context.log.error(
        "run %s of %s failed: %s",
        context.dagster_run.run_id,
        context.dagster_run.job_name,
        context.failure_event.message,
    )
