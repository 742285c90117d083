"""Nights without landing and matching: a test says which records there are and which belong together."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from golden.identify import identify
from golden.record_changes import record_changes
from golden.survive import survive
from warehouse.connection import open_memory
from warehouse.run import Base, Run
from warehouse.settings import Settings
from warehouse.tables import ALL_TABLES, RELEASE_TABLES, WORKINGS_TABLES
from warehouse.tables.golden import TABLES as GOLDEN_TABLES
from warehouse.tables.landing import SOURCE_RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from warehouse.run import StageReport

START = datetime(2026, 1, 1, 12)  # noqa: DTZ001 - naive UTC by design


@dataclass(frozen=True)
class Record:
    """A source record of a test: its key, and whatever else of landing and matching matters there."""

    key: str
    source: str = "s"
    trust: int = 50
    at: datetime | None = None
    updated_at: datetime | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
    delivered: Mapping[str, Any] = field(default_factory=dict)
    extras: Mapping[str, str] = field(default_factory=dict)


def settings_with(**more: object) -> Settings:
    source = {"holds": "account", "files": "x.csv", "format": "csv", "key": "id"}
    return Settings.model_validate({"version": 1, "sources": {"s": source}, **more})


class History:
    """Releases in memory: `night` makes a candidate, `publish` keeps it, `roll_back` changes the base."""

    def __init__(self, workspace: Path, *, threads: int = 1, settings: Settings | None = None) -> None:
        self.con: DuckDBPyConnection = open_memory(threads=threads)
        self.workspace = workspace
        self.model = "m1"
        self.settings = settings or settings_with()
        self.base: str | None = None
        self.releases: list[str] = []
        self.nights = 0
        self.versions: dict[tuple[str, str], tuple[str, Mapping[str, Any]]] = {}
        self.kept: dict[str | None, tuple[dict[tuple[str, str], tuple[str, Mapping[str, Any]]], tuple[str, ...]]] = {
            None: ({}, ())
        }
        self.reports: dict[str, StageReport] = {}
        for schema in sorted({spec.schema for spec in ALL_TABLES}):
            self.con.execute(f"CREATE SCHEMA {schema}")
        for spec in ALL_TABLES:
            self.con.execute(spec.create_sql())
        for catalog in ("base", "latest"):
            self.con.execute(f"ATTACH ':memory:' AS {catalog}")
            self._copy_into(catalog, None)
        self.con.execute("ATTACH ':memory:' AS yesterday")
        for spec in WORKINGS_TABLES:
            self.con.execute(f"CREATE SCHEMA IF NOT EXISTS yesterday.{spec.schema}")
            self.con.execute(spec.create_sql(catalog="yesterday"))

    @property
    def run(self) -> Run:
        """Tonight's run, as begun on the base."""
        lineage = self.kept[self.base][1]
        base = Base(self.base, self.workspace, lineage, START, None) if self.base else None
        latest = self.releases[-1] if self.releases else None
        return Run(f"run {self.nights}", self.workspace, START, base, latest)

    def night(self, clusters: Iterable[Sequence[str | Record]], **more: Any) -> History:  # noqa: ANN401 - table rows
        """Run the three stages on these clusters; `changed` names records whose version is tonight's."""
        self.land(clusters, **more)
        self.reports = {
            stage.__name__: stage(self.con, self.settings, self.run) for stage in (identify, survive, record_changes)
        }
        return self

    def land(  # noqa: PLR0913 - all that a test may say of a night, by name
        self,
        clusters: Iterable[Sequence[str | Record]],
        *,
        changed: Sequence[str] = (),
        excluded: Mapping[str, str] | None = None,
        possible: Sequence[tuple[str, str, float]] = (),
        shared: Sequence[tuple[str, str]] = (),
        cohesion: float = 1.0,
        decisions: Sequence[tuple[int, str, str, str]] = (),
        rulings: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Fill what the stages of golden read, as landing and matching would."""
        self.nights += 1
        for table in (
            "landing.live_record",
            "landing.lineage",
            "landing.night",
            "matching.standardised",
            "matching.member",
            "matching.distinct_record",
            "matching.cluster",
            "matching.cluster_tie",
            "matching.excluded_record",
            "matching.possible_match",
            "matching.shared_value",
            "matching.decision",
            "matching.ruling",
        ):
            self.con.execute(f"DELETE FROM {table}")
        self.con.execute("INSERT INTO landing.night VALUES (?, ?)", [f"n{self.nights}", START + timedelta(self.nights)])
        landed: list[tuple[Record, bool]] = []
        for members in clusters:
            records = [Record(member) if isinstance(member, str) else member for member in members]
            cluster_id = min(f"{record.source}:{record.key}" for record in records)
            size = len(records)
            held = ("single", None) if size == 1 else ("probabilistic", 7.5)
            keys = [(record.source, record.key, cluster_id, *held) for record in records]
            self._insert("matching.cluster", keys)
            self._insert("matching.cluster_tie", [(cluster_id, size, size, cohesion)])
            landed += [(record, record.key in changed) for record in records]
        self._insert(
            "matching.decision",
            [
                (number, 0, decision, "s", left, "s", right, "ann", START, None, None, None, "bound")
                for number, decision, left, right in decisions
            ],
        )
        for number, ruling in enumerate(rulings, 1):
            said = {"decision_id": number, "decided_by": "ann", "decided_at": START, **ruling}
            marks = ", ".join("?" for _ in said)
            self.con.execute(f"INSERT INTO matching.ruling ({', '.join(said)}) VALUES ({marks})", list(said.values()))
        nobodys = excluded or {}
        self._insert("matching.excluded_record", [("s", key, reason) for key, reason in nobodys.items()])
        self._insert("matching.possible_match", [(*pair, "close") for pair in possible])
        self._insert("matching.shared_value", [(*value, 9, 9, "disagreement") for value in shared])
        self._land(landed + [(Record(key), key in changed) for key in nobodys])

    def _land(self, landed: list[tuple[Record, bool]]) -> None:
        before, lineage = self.kept[self.base]
        tonight = self.run.run_id
        runs = (tonight, *lineage)
        self._insert("landing.lineage", [(run_id, place) for place, run_id in enumerate(runs)])
        self.con.execute("DELETE FROM landing.source_record WHERE run_id NOT IN (SELECT unnest(?))", [self._published])
        self.versions = {}
        for record, is_changed in landed:
            key = (record.source, record.key)
            stands = before.get(key)
            is_new = is_changed or stands is None or stands[1] != record.delivered
            self.versions[key] = (tonight, record.delivered) if is_new or stands is None else stands
        gone = sorted(set(before) - set(self.versions))
        columns = [spec.name for spec in SOURCE_RECORD.columns if not spec.nullable]
        said = sorted({name for _, delivered in self.versions.values() for name in delivered})
        self._insert(
            f"landing.source_record ({', '.join((*columns, *said))})",
            [
                (*key, tonight, "d", is_gone, "h", "m", "account", 50, *(delivered.get(name) for name in said))
                for key, delivered, is_gone in (
                    *((key, {}, True) for key in gone),
                    *((key, said, False) for key, (run_id, said) in self.versions.items() if run_id == tonight),
                )
            ],
        )
        self.con.execute(
            'CREATE TEMP TABLE landed AS SELECT source, source_record_id, run_id, trust, "at", updated_at,'
            " extras FROM landing.live_record"
        )
        self._insert(
            "landed",
            [
                (
                    record.source,
                    record.key,
                    self.versions[record.source, record.key][0],
                    record.trust,
                    record.at,
                    record.updated_at,
                    [{"name": name, "value": value} for name, value in record.extras.items()] or None,
                )
                for record, _ in landed
            ],
        )
        self.con.execute(
            "INSERT INTO landing.live_record BY NAME"
            ' SELECT landed.*, version.* EXCLUDE (source, source_record_id, run_id, trust, "at", updated_at, extras,'
            " deleted, raw) FROM landed JOIN landing.source_record AS version USING (source, source_record_id, run_id)"
        )
        self.con.execute("DROP TABLE landed")
        self._insert("matching.member", [(record.source, record.key, f"d{record.key}") for record, _ in landed])
        self._insert(
            "matching.distinct_record (distinct_record_id, tuple_id, stands_alone, records)",
            [(f"d{record.key}", f"t{record.key}", not record.delivered.get("emails"), 1) for record, _ in landed],
        )
        said = sorted({name for record, _ in landed for name in record.said} - {"name_from_email"})
        self._insert(
            f"matching.standardised ({', '.join(['source, source_record_id, name_from_email', *said])})",
            [
                (
                    record.source,
                    record.key,
                    record.said.get("name_from_email", False),
                    *(record.said.get(name) for name in said),
                )
                for record, _ in landed
            ],
        )

    @property
    def _published(self) -> list[str]:
        return sorted({run_id for _, lineage in self.kept.values() for run_id in lineage})

    def _insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            holes = ", ".join("(" + ", ".join("?" for _ in row) + ")" for row in rows)
            self.con.execute(f"INSERT INTO {table} VALUES {holes}", [value for row in rows for value in row])

    def publish(self) -> History:
        """Make the candidate the newest release and the base."""
        release_id = f"r{len(self.releases) + 1}"
        (self.workspace / "var" / "releases" / release_id).mkdir(parents=True)
        self.con.execute(f"CREATE SCHEMA {release_id}")
        for spec in GOLDEN_TABLES:
            self.con.execute(f"CREATE TABLE {release_id}.{spec.name} AS FROM {spec.full_name}")
        for table in ("decision", "ruling"):
            self.con.execute(f"CREATE TABLE {release_id}.{table} AS FROM matching.{table}")
        self.releases.append(release_id)
        self.kept[release_id] = (dict(self.versions), (f"run {self.nights}", *self.kept[self.base][1]))
        self._copy_into("latest", release_id)
        return self.roll_back(release_id)

    def roll_back(self, release_id: str) -> History:
        """Make an earlier release the base."""
        self.base = release_id
        self._copy_into("base", release_id)
        for table in ("decision", "ruling"):
            self.con.execute(f"DELETE FROM yesterday.matching.{table}")
            if self.rows(f"SELECT 1 FROM {release_id}.{table}"):
                self.con.execute(f"INSERT INTO yesterday.matching.{table} FROM {release_id}.{table}")
        return self

    def _copy_into(self, catalog: str, release_id: str | None) -> None:
        for spec in RELEASE_TABLES:
            origin = f"{release_id}.{spec.name}" if release_id and spec in GOLDEN_TABLES else spec.full_name
            empty = "" if release_id and spec in GOLDEN_TABLES else "WITH NO DATA"
            self.con.execute(f"CREATE OR REPLACE TABLE {catalog}.main.{spec.name} AS FROM {origin} {empty}")

    def ids(self) -> dict[str, str]:
        """Return record key -> golden id of tonight's candidate."""
        rows = self.con.execute("SELECT source_record_id, golden_id FROM golden.crosswalk").fetchall()
        return dict(rows)

    def events(self, release_id: str | None = None) -> list[tuple[str, str, str | None]]:
        """Return (event, golden_id, other_golden_id) of tonight, or of a release, without those about records."""
        wanted = release_id or f"r{len(self.releases) + 1}"
        return self.con.execute(
            "SELECT event, golden_id, other_golden_id FROM golden.change"
            " WHERE release_id = ? AND event NOT IN ('attached', 'detached', 'updated') ORDER BY sequence",
            [wanted],
        ).fetchall()

    def redirects(self) -> dict[str, str | None]:
        """Return retired id -> current id of tonight's candidate."""
        return dict(self.con.execute("SELECT golden_id, current_golden_id FROM golden.redirect").fetchall())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.con.execute(query).fetchall()


@pytest.fixture(scope="session")
def new_history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., History]]:
    """Return what makes a history with no release yet; its workspace is removed at the end."""
    made: list[Path] = []

    def make(**more: Any) -> History:  # noqa: ANN401 - handed on
        made.append(tmp_path_factory.mktemp("history"))
        return History(made[-1], **more)

    yield make
    for workspace in made:
        shutil.rmtree(workspace)


@pytest.fixture
def history(new_history: Callable[[], History]) -> History:
    """Return a history with no release yet."""
    return new_history()


@pytest.fixture(scope="session")
def record() -> type[Record]:
    """Return what a test makes its records with."""
    return Record


@pytest.fixture(scope="session")
def with_settings() -> Callable[..., Settings]:
    """Return what makes settings of one source and further keys."""
    return settings_with
