"""What one run is, and what a stage reports: the two values every stage takes and gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from warehouse.errors import JoinedupError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from warehouse.settings import Settings


@dataclass(frozen=True, slots=True)
class Base:
    """The published release that a run starts from.

    `lineage` holds the run ids of the base release and of all its ancestors, newest first. `deciding` are the settings
    that its customers were made by, None where it has not kept them, `versions` those of the programs that made it.
    """

    release_id: str
    directory: Path
    lineage: tuple[str, ...]
    as_of: datetime
    model_version: str | None
    deciding: Mapping[str, Any] | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt at a release.

    `started_at` is the wall clock in UTC. `as_of` is None until landing has settled it, unless the user gave one.
    `settled_as_of` is where the night stands that a plan foresaw: it takes the place of what landing would settle.
    `base` is None on the first night. `full` and `retrain` are the flags of `joinedup run`.
    `latest_release_id` is the highest release by sequence; after a rollback it is not the base.
    """

    run_id: str
    workspace: Path
    started_at: datetime
    base: Base | None = None
    latest_release_id: str | None = None
    given_as_of: datetime | None = None
    full: bool = False
    retrain: bool = False
    threads: int = 2
    settled_as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class StageReport:
    """What a stage did: rows written per table, and further figures worth a line on the run's page."""

    rows: Mapping[str, int] = field(default_factory=dict)
    figures: Mapping[str, int | float | str] = field(default_factory=dict)


def as_of(con: DuckDBPyConnection) -> datetime:
    """Return tonight's as_of (naive, UTC), which the stage `settle` has written to landing.night."""
    row = con.execute("SELECT as_of FROM landing.night").fetchone()
    if row is None:
        message = "landing.night is empty: the stage settle has not run"
        raise JoinedupError(message)
    settled: datetime = row[0]
    return settled


class Stage(Protocol):
    """The shape of every stage: tables in, tables out, a report back; the caller owns the transaction."""

    def __call__(self, con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
        """Do the stage's work on an open transaction of the warehouse."""
        ...
