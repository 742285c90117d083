"""Stages as Dagster assets: keys are table names, dependencies are what the stages read, checks block what comes after.

No logic here: an asset opens nothing and decides nothing, it asks the night to do a stage.
"""

# No `from __future__ import annotations` here: Dagster looks at the annotations of what it decorates.
from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines.night import Night
from pipelines.stages import LANDED_TABLES, LANDING, SPECS, STAGES, StageEntry
from quality.check import CheckResult, checked_tables
from warehouse.run import StageReport
from warehouse.settings import Settings
from warehouse.table_spec import TableSpec

NIGHT = "night"
"""The resource that every asset works through: the open night."""

RELEASE = dg.AssetKey(["release", "current"])
NOT_OF_TONIGHT = ("base", "latest", "yesterday")
"""The catalogs of what earlier nights published; nothing of tonight has to be done before they are read."""


def landing_key(source: str) -> dg.AssetKey:
    """Return the asset key of a source's part of what landing writes."""
    return dg.AssetKey(["source", source])


def table_key(table: str) -> dg.AssetKey:
    """Return the asset key of `schema.table`."""
    return dg.AssetKey(table.split("."))


def landing_asset(source: str, settings: Settings) -> dg.AssetsDefinition:
    """Return the asset that lands one source."""
    holds = settings.sources[source].holds

    @dg.asset(
        key=landing_key(source),
        name=None,
        group_name="landing",
        required_resource_keys={NIGHT},
        kinds={"duckdb"},
        description=f"One row per version of a source record of {source} ({holds}).",
        op_tags={"joinedup/stage": LANDING},
    )
    def land(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        report = _night(context).land(source)
        return dg.MaterializeResult(metadata=_metadata(context, report, None))

    return land


def stage_asset(entry: StageEntry, sources: tuple[str, ...]) -> dg.AssetsDefinition:
    """Return the assets of one stage: one per table that it writes.

    A stage waits for what it reads, and for the last checks before it: nothing is built on a group that failed.
    """
    deps = [key for table in entry.reads for key in _dependency_keys(table, entry, sources)]
    checked = [stage for stage in STAGES[: STAGES.index(entry)] if stage.check]
    if checked and not _rests_on(entry, checked[-1]):
        deps += [table_key(table) for table in sorted(set(_checked_through(checked[-1]).values()))]
    specs = [_table_asset(SPECS[table], deps) for table in entry.writes]

    @dg.multi_asset(name=entry.name, specs=specs, required_resource_keys={NIGHT}, description=entry.does)
    def do_stage(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        report = _night(context).do(entry)
        for table in entry.writes:
            yield dg.MaterializeResult(asset_key=table_key(table), metadata=_metadata(context, report, table))

    return do_stage


def check_asset(entry: StageEntry) -> dg.AssetChecksDefinition:
    """Return the blocking checks after a stage, one per table of its group; they wait for all of these tables."""
    group, checked = str(entry.check), _checked_through(entry)
    written = {table for stage in STAGES for table in stage.writes if table in checked} | {*entry.writes}
    specs = [
        dg.AssetCheckSpec(
            name=_check_name(table),
            asset=table_key(asset),
            blocking=True,
            description=f"The expectations on {table}.",
            additional_deps=[table_key(other) for other in sorted(written) if other != asset],
        )
        for table, asset in checked.items()
    ]

    @dg.multi_asset_check(name=f"check_{group}", specs=specs, required_resource_keys={NIGHT})
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        night: Night = getattr(context.resources, NIGHT)
        results = night.check(group)
        night.hold_if_failed()
        by_table: dict[str, list[CheckResult]] = {table: [] for table in checked}
        for result in results:
            # a user's suite may be about a table of another group: it is told with the group's first one
            by_table[result.table if result.table in checked else next(iter(checked))].append(result)
        for table, found in by_table.items():
            yield _check_result(_check_name(table), checked[table], found)

    return check


def publishing_assets() -> tuple[dg.AssetChecksDefinition, dg.AssetsDefinition]:
    """Return the gate and the release that stands behind it."""
    last = STAGES[-1].writes[0]
    gated = table_key(last)

    @dg.multi_asset_check(
        name="gate",
        specs=[
            dg.AssetCheckSpec(
                name="gate",
                asset=gated,
                blocking=True,
                description="What this night would do to identities, against what one night may do.",
                additional_deps=[table_key(table) for table in _released_tables() if table_key(table) != gated],
            )
        ],
        required_resource_keys={NIGHT},
    )
    def gate(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        night: Night = getattr(context.resources, NIGHT)
        results = night.judge()
        night.hold_if_failed()
        yield _check_result("gate", last, list(results))

    @dg.asset(
        key=RELEASE,
        group_name="release",
        required_resource_keys={NIGHT},
        deps=[table_key(table) for table in _released_tables()],
        description="One published state of all golden tables: immutable, complete, and pointed to by `current`.",
    )
    def publish(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        night = _night(context)
        report = night.publish()
        return dg.MaterializeResult(metadata=dict(report.figures) | {"outcome": night.outcome})

    return gate, publish


def _check_name(table: str) -> str:
    return f"{table.replace('.', '_')}_expectations"


def _released_tables() -> list[str]:
    return [table for entry in STAGES for table in entry.writes if table.startswith(("golden.", "care.", "review."))]


def _night(context: dg.AssetExecutionContext) -> Night:
    night: Night = getattr(context.resources, NIGHT)
    return night


def _checked_through(entry: StageEntry) -> dict[str, str]:
    """Return, for each table that is checked after the stage, the table whose asset carries the check.

    A table that the stage itself does not write, such as landing.delivery, is checked as part of its first table.
    """
    return {table: table if table in entry.writes else entry.writes[0] for table in checked_tables(str(entry.check))}


def _rests_on(entry: StageEntry, checked: StageEntry) -> bool:
    """Say whether the stage reads what carries the checks of the other, or what was built on it."""
    if set(entry.reads) & set(_checked_through(checked).values()):
        return True
    before = STAGES[: STAGES.index(entry)]
    return any(_rests_on(stage, checked) for stage in before if set(stage.writes) & set(entry.reads))


def _dependency_keys(table: str, entry: StageEntry, sources: tuple[str, ...]) -> list[dg.AssetKey]:
    """Return what must be there before the stage reads the table: the stage that wrote it last, else the landings."""
    if table.split(".", maxsplit=1)[0] in NOT_OF_TONIGHT or table == "landing.lineage":
        return []
    before = [stage for stage in STAGES[: STAGES.index(entry)] if table in stage.writes]
    if before:
        return [table_key(table)]
    return [landing_key(source) for source in sources] if table in LANDED_TABLES else []


def _table_asset(spec: TableSpec, deps: list[dg.AssetKey]) -> dg.AssetSpec:
    columns = [
        dg.TableColumn(name=column.name, type=column.type, description=column.meaning) for column in spec.columns
    ]
    return dg.AssetSpec(
        key=table_key(spec.full_name),
        deps=list(dict.fromkeys(deps)),
        description=f"One row per {spec.grain}.",
        group_name=spec.schema,
        kinds={"duckdb"},
        metadata={"dagster/column_schema": dg.TableSchema(columns=columns)},
    )


def _metadata(context: dg.AssetExecutionContext, report: StageReport, table: str | None) -> dict[str, Any]:
    done = _night(context).steps[-1]
    rows = sum(report.rows.values()) if table is None else report.rows.get(table, 0)
    timing = {"seconds": round(done.seconds, 3), "cpu_seconds": round(done.cpu_seconds, 3)}
    return {"dagster/row_count": rows} | timing | dict(report.figures)


def _check_result(name: str, table: str, results: list[CheckResult]) -> dg.AssetCheckResult:
    failed = [result for result in results if not result.passed]
    critical = [result for result in failed if result.severity == "critical"]
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=table_key(table),
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN,
        metadata={"checked": len(results), "failed": len(failed)} | {result.name: result.detail for result in failed},
    )
