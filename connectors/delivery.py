"""The landing of one source in one run: who it is, and where its rows go."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.mapping import complete
from connectors.type_records import TYPING_VERSION
from warehouse.settings.digest import mapping_hash

if TYPE_CHECKING:
    from datetime import date, datetime

    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings, SourceSettings


@dataclass(frozen=True, slots=True)
class Delivery:
    """What every step of a source's landing needs to know.

    `source` has its mapping complete. `mapping` is the hash of all that decides how a row becomes a record: the
    mapping, the time zone, and the version of our own typing. `place` is where the source stands in joinedup.yaml.
    """

    con: DuckDBPyConnection
    run: Run
    name: str
    source: SourceSettings
    mapping: str
    zone: str
    at_least: int = 20
    """So many records have to speak against a delivery (`gate.and_at_least`) before it is refused."""
    may_go: float = 0.2
    """The share of its records that may be gone in one night (`gate.max_deleted_records`)."""

    @property
    def id(self) -> str:
        """The delivery's id."""
        return delivery_id(self.name, self.run.run_id)

    @property
    def place(self) -> str:
        """Where the source stands in joinedup.yaml."""
        return f"sources.{self.name}"

    @property
    def today(self) -> date:
        """The day after which nobody was born."""
        return self.stands_at.date()

    @property
    def stands_at(self) -> datetime:
        """The time that the age of a delivery is counted to: where the night was told to stand, else its start."""
        return self.run.given_as_of or self.run.started_at


@dataclass(slots=True)
class Accounts:
    """How many records were read, and what became of each; `deleted` counts keys of the base that are gone.

    `newest_arrival` and `told` are landing.delivery's newest_arrival and notes.
    """

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicate: int = 0
    superseded: int = 0
    quarantined: int = 0
    deleted: int = 0
    notes: dict[str, str] = field(default_factory=dict)
    newest_arrival: datetime | None = None
    told: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """The counts by the names of their columns in landing.delivery."""
        names = ("read", "new", "changed", "unchanged", "duplicate", "superseded", "quarantined", "deleted")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Concluded:
    """How a source's delivery ended: `load`, `outcome` and `mapping` as in landing.delivery, and its accounts."""

    source: str
    load: str
    outcome: str
    mapping: str
    accounts: Accounts


def delivery_of(con: DuckDBPyConnection, settings: Settings, run: Run, name: str) -> Delivery:
    """Return the landing of the source called `name`."""
    source = settings.sources[name]
    decided = mapping_hash(source, settings.timezone, settings.country)
    mapping = hashlib.sha256(f"{TYPING_VERSION} {decided}".encode()).hexdigest()
    gate = settings.gate
    return Delivery(
        con, run, name, complete(source), mapping, settings.timezone, gate.and_at_least, gate.max_deleted_records
    )


def delivery_id(source: str, run_id: str) -> str:
    """Return the id of a source's delivery in a run."""
    return f"{source}@{run_id}"


def record_delivery(con: DuckDBPyConnection, run: Run, concluded: Concluded) -> None:
    """Write the delivery's row in landing.delivery."""
    con.execute(
        "INSERT INTO landing.delivery (delivery_id, run_id, source, load, outcome, mapping_hash, read, new, changed,"
        " unchanged, duplicate, superseded, quarantined, deleted, newest_arrival, notes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            delivery_id(concluded.source, run.run_id),
            run.run_id,
            concluded.source,
            concluded.load,
            concluded.outcome,
            concluded.mapping,
            *concluded.accounts.counts.values(),
            concluded.accounts.newest_arrival,
            concluded.accounts.told,
        ],
    ).fetchall()
