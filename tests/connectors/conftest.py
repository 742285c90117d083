"""A workspace without a pipeline: nights are landed by the stages themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connectors.check_columns import make_missing
from connectors.formats.batch import Batch, line_numbers, text_table
from connectors.land import land_source
from connectors.mapping import mapped_columns
from connectors.quarantine import open_rows
from connectors.raw_rows import RawRows
from connectors.replay import replay_source
from connectors.selection import Selection
from connectors.settle import settle
from connectors.type_records import type_records
from connectors.withdraw import withdraw_sources
from warehouse.connection import open_memory, transaction
from warehouse.run import Run
from warehouse.settings import Settings, SourceSettings
from warehouse.settings.sources import ActivitySettings
from warehouse.tables import landing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from warehouse.run import StageReport

FIRST_NIGHT = datetime(2025, 6, 1, 3, 0)  # noqa: DTZ001 - the warehouse keeps naive UTC


@dataclass
class Nights:
    """Lands night after night; a night that is not published is no part of the lineage."""

    con: DuckDBPyConnection
    workspace: Path
    timezone: str = "UTC"
    lineage: list[str] = field(default_factory=list)
    count: int = 0

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def settings(self, sources: dict[str, Any]) -> Settings:
        return Settings.model_validate({"version": 1, "timezone": self.timezone, "sources": sources})

    def begin(self, *, given_as_of: datetime | None = None) -> Run:
        self.count += 1
        run_id = f"n{self.count}"
        self.con.execute("DELETE FROM landing.lineage")
        for position, known in enumerate([run_id, *self.lineage]):
            self.con.execute("INSERT INTO landing.lineage VALUES (?, ?)", [known, position])
        started_at = FIRST_NIGHT + timedelta(days=self.count)
        return Run(run_id, self.workspace, started_at, given_as_of=given_as_of)

    def land(
        self, sources: dict[str, Any], *, publish: bool = True, given_as_of: datetime | None = None
    ) -> dict[str, dict[str, Any]]:
        """Land a whole night and return the figures of each source, and of the settling."""
        settings, run = self.settings(sources), self.begin(given_as_of=given_as_of)
        reports: dict[str, StageReport] = {}
        for name in sorted(settings.sources):
            with transaction(self.con):
                reports[name] = land_source(self.con, settings, run, name)
        with transaction(self.con):
            reports["(withdrawn)"] = withdraw_sources(self.con, settings, run)
        with transaction(self.con):
            reports["(settled)"] = settle(self.con, settings, run)
        if publish:
            self.lineage.insert(0, run.run_id)
        return {name: dict(report.figures) for name, report in reports.items()}

    def replay(
        self, sources: dict[str, Any], selection: Selection | None = None, *, publish: bool = True
    ) -> dict[str, dict[str, Any]]:
        """Read again what is open of the quarantine, in a night that reads no file; return the figures."""
        settings, run = self.settings(sources), self.begin()
        reports: dict[str, StageReport] = {}
        for name in sorted(settings.sources):
            with transaction(self.con):
                reports[name] = replay_source(self.con, settings, run, name, selection or Selection())
        with transaction(self.con):
            reports["(settled)"] = settle(self.con, settings, run)
        if publish:
            self.lineage.insert(0, run.run_id)
        return {name: dict(report.figures) for name, report in reports.items()}

    def open(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of what is open of the quarantine, by file and line."""
        selected = ", ".join(columns or ("path", "line", "source_record_id", "reason"))
        return self.rows(f"SELECT {selected} FROM ({open_rows()}) ORDER BY path, line, delivered_in")

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self.con.execute(query, list(values)).fetchall()

    def live(self, *columns: str, source: str | None = None) -> list[tuple[Any, ...]]:
        """Return columns of the live records, by source and key."""
        selected = ", ".join(f'"{column}"' for column in columns or ("source_record_id",))
        where = "" if source is None else f"WHERE source = '{source}'"
        return self.rows(f"SELECT {selected} FROM landing.live_record {where} ORDER BY source, source_record_id")

    def quarantine(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of what the newest night quarantined, by file and line."""
        selected = ", ".join(columns or ("line", "source_record_id", "reason"))
        return self.rows(
            f"SELECT {selected} FROM landing.quarantine WHERE delivery_id LIKE '%@n' || ? ORDER BY path, line",
            self.count,
        )


@pytest.fixture
def con() -> Iterator[DuckDBPyConnection]:
    con = open_memory(threads=1)
    con.execute("CREATE SCHEMA landing")
    for spec in landing.TABLES:
        con.execute(spec.create_sql())
    yield con
    con.close()


@pytest.fixture
def nights(con: DuckDBPyConnection, tmp_path: Path) -> Nights:
    return Nights(con, tmp_path)


@dataclass
class Typing:
    """Types rows of text under a mapping, without files."""

    con: DuckDBPyConnection
    zone: str = "UTC"

    def rows(self, mapping: dict[str, Any], *texts: Mapping[str, str | None]) -> list[dict[str, Any]]:
        """Return the typed rows in their order, those that would be quarantined too."""
        source = SourceSettings.model_validate({"holds": "order", "files": "x", "format": "csv", "key": "id"} | mapping)
        names = list(dict.fromkeys(["id", *(name for row in texts for name in row)]))
        columns = [[{"id": str(place), **row}.get(name) for place, row in enumerate(texts)] for name in names]
        raw = RawRows(self.con)
        raw.add(Batch(text_table(names, columns), line_numbers(range(len(texts)))), file=0, path="x", origin="fresh")
        make_missing(raw, mapped_columns(self.con, source, "sources.s"))
        type_records(self.con, raw, source, place="sources.s", zone=self.zone, today=FIRST_NIGHT.date())
        found = self.con.execute("SELECT * FROM typed_row ORDER BY _file, _line")
        described = [column[0] for column in found.description or ()]
        return [dict(zip(described, row, strict=True)) for row in found.fetchall()]

    def one(self, mapping: dict[str, Any], **text: str | None) -> dict[str, Any]:
        """Return the one row that a row of text becomes."""
        (row,) = self.rows(mapping, text)
        return row

    def value(self, attribute: str, expression: object, **text: str | None) -> object:
        """Return what an expression for one attribute gives, or the reason why it is quarantined."""
        group = "activity" if attribute in ActivitySettings.model_fields else "fields"
        row = self.one({group: {attribute: expression}}, **text)
        return (
            row["_reason"]
            or row[{"email": "emails", "phone": "phones", "address": "addresses"}.get(attribute, attribute)]
        )


@pytest.fixture
def typing(con: DuckDBPyConnection) -> Typing:
    return Typing(con)
