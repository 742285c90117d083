"""Nights of the matching, one on another: each may build on the last one that was published, or start anew."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.matching.standardised_night import RUN, STAGES, add_standardised, run_stages
from warehouse.connection import open_memory, transaction
from warehouse.program import RESOLUTION, resolution_version
from warehouse.release.manifest import Manifest, write_manifest
from warehouse.run import Base
from warehouse.tables import ALL_TABLES, WORKINGS_TABLES
from warehouse.tables.matching import ACCUMULATED as MODELS
from warehouse.tables.matching import MODEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from tests.matching.standardised_night import Row
    from warehouse.run import StageReport

RESULTS = (
    *("distinct_record", "member", "pair", "resolution", "merge", "near_entity", "poisoned"),
    *("cluster", "cluster_tie", "possible_match", "block_key"),
)
"""What a night that builds on another must have as one that starts anew has."""

DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - the warehouse keeps naive times


def new_warehouse() -> DuckDBPyConnection:
    con = open_memory()
    for spec in ALL_TABLES:
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {spec.schema}")
        con.execute(spec.create_sql())
    return con


@dataclass
class Nights:
    """A warehouse, what was published of it under `path`, and the release that the next night starts from."""

    path: Path
    con: DuckDBPyConnection = field(default_factory=new_warehouse)
    base: Base | None = None
    of_matching: Mapping[str, object] = field(default_factory=dict)
    count: int = 0

    def night(
        self, rows: Iterable[Row], *, full: bool = False, publish: bool = True, stages: Sequence[str] = STAGES
    ) -> dict[str, StageReport]:
        """Run the matching of these records on top of the base; leave the base as it is unless it is published."""
        self.count += 1
        run = replace(RUN, run_id=f"run-{self.count}", base=self.base, full=full)
        self._attach()
        with transaction(self.con):
            self.con.execute("DELETE FROM matching.standardised")
            add_standardised(self.con, rows)
            reports = run_stages(self.con, stages, run=run, of_matching=self.of_matching)
        if publish:
            self._publish(run.run_id)
        return reports

    def decide(self, *decisions: tuple[str, str, str]) -> None:
        """Let these decisions bind, in the place of earlier ones: same or different, and the keys of two records."""
        self.con.execute("DELETE FROM matching.decision")
        for number, (decision, left, right) in enumerate(decisions):
            self.con.execute(
                "INSERT INTO matching.decision VALUES (?, 0, ?, 's', ?, 's', ?, 'ann', ?, NULL, NULL, NULL, 'bound')",
                [number, decision, left, right, DAY],
            )

    def results(self) -> dict[str, list[tuple[Any, ...]]]:
        return {name: self.con.execute(f"SELECT * FROM matching.{name} ORDER BY ALL").fetchall() for name in RESULTS}

    def anew(self, rows: Iterable[Row], *, full: bool = True) -> dict[str, list[tuple[Any, ...]]]:
        """Return what a night on the same base gives in a warehouse of its own: a full one, or one building on it."""
        other = Nights(self.path, base=self.base, of_matching=self.of_matching, count=self.count)
        for table in (*(f"matching.{spec.name}" for spec in MODELS), "matching.decision"):
            found = self.con.sql(f"SELECT * FROM {table}").to_arrow_table()
            other.con.register("incoming_table", found)
            other.con.execute(f"INSERT INTO {table} SELECT * FROM incoming_table")
            other.con.unregister("incoming_table")
        other.night(rows, full=full, publish=False)
        found_results = other.results()
        other.con.close()
        return found_results

    def _attach(self) -> None:
        self.con.execute("DETACH DATABASE IF EXISTS yesterday")
        if self.base is not None and (self.base.directory / "workings.duckdb").exists():
            self.con.execute(f"ATTACH '{self.base.directory / 'workings.duckdb'}' AS yesterday (READ_ONLY)")

    def _publish(self, run_id: str) -> None:
        folder = self.path / f"r{self.count}"
        folder.mkdir()
        self.con.execute(f"ATTACH '{folder / 'workings.duckdb'}' AS workings")
        for spec in WORKINGS_TABLES:
            self.con.execute(f"CREATE SCHEMA IF NOT EXISTS workings.{spec.schema}")
            self.con.execute(spec.create_sql(catalog="workings"))
            self.con.execute(f"INSERT INTO workings.{spec.full_name} SELECT * FROM {spec.full_name}")
        self.con.execute("DETACH workings")
        lineage = (run_id, *(self.base.lineage if self.base else ()))
        made = self.con.execute(f"SELECT max(model_version) FROM {MODEL.full_name} WHERE run_id = ?", [run_id])
        model = made.fetchall()[0][0] or (self.base.model_version if self.base else None)
        write_manifest(
            folder,
            Manifest(
                *(folder.name, None, DAY, DAY, run_id, lineage, "c", "r", {}, {}),
                versions={RESOLUTION: resolution_version()},
            ),
        )
        self.base = Base(folder.name, folder, lineage, DAY.replace(tzinfo=UTC), model)
