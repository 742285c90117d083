"""A warehouse in memory with records that already have a customer."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from customer360.build_profile import build_profile
from customer360.record_activity import record_activity
from warehouse.connection import open_memory, quote_identifier
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.tables import ALL_TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from warehouse.run import StageReport

AS_OF = datetime(2026, 6, 1)  # noqa: DTZ001 - naive UTC by design
SETTINGS = Settings.model_validate(
    {"version": 1, "sources": {"shop": {"holds": "order", "files": "x.csv", "format": "csv", "key": "id"}}}
)
RUN = Run("tonight", Path(), AS_OF)


class Care:
    """Records with customers, and what the two stages make of them."""

    def __init__(self, threads: int = 1) -> None:
        self.con = open_memory(threads=threads)
        for schema in sorted({spec.schema for spec in ALL_TABLES}):
            self.con.execute(f"CREATE SCHEMA {schema}")
        for spec in ALL_TABLES:
            self.con.execute(spec.create_sql())
        self.con.execute("INSERT INTO landing.night VALUES ('tonight', ?)", [AS_OF])

    def emptied(self) -> Care:
        """Take everything out again, which is quicker than a new one."""
        for spec in ALL_TABLES:
            self.con.execute(f"DELETE FROM {spec.full_name}")
        self.con.execute("INSERT INTO landing.night VALUES ('tonight', ?)", [AS_OF])
        return self

    def land(self, customer: str, holds: str, key: str, source: str = "", **said: Any) -> Care:  # noqa: ANN401
        """Add a record of a customer; `said` are columns of landing.live_record."""
        source = source or f"{holds}s"
        self._insert(
            "landing.live_record",
            {
                "source": source,
                "source_record_id": key,
                "run_id": "tonight",
                "delivery_id": "d",
                "record_hash": "h",
                "mapping_hash": "m",
                "holds": holds,
                "trust": 50,
                **said,
            },
        )
        row = {"source": source, "source_record_id": key, "golden_id": customer, "basis": "single", "attached_in": "r1"}
        self._insert("golden.crosswalk", row)
        if self.con.execute("SELECT 1 FROM golden.customer WHERE golden_id = ?", [customer]).fetchall() == []:
            self.add_customer(customer)
        return self

    def add_customer(self, customer: str) -> Care:
        """Add a customer without records."""
        counts = {"record_count": 1, "source_count": 1, "cohesion": 1.0, "safe_for": "billing", "changed_in": "r1"}
        lists: dict[str, Any] = {"emails": [], "phones": [], "identifiers": {}}
        self._insert("golden.customer", {"golden_id": customer, **counts, **lists})
        return self

    def raise_signal(self, customer: str, signal: str, severity: str = "warning") -> Care:
        """Add a signal of a customer."""
        row = {"golden_id": customer, "signal": signal, "severity": severity, "evidence": "so it is"}
        self._insert("care.signal", row)
        return self

    def live_together(self, *customers: str) -> Care:
        """Put customers into one household."""
        for customer in customers:
            row = {"household_id": f"hh_{customers[0]}", "golden_id": customer, "basis": "address"}
            self._insert("care.household", row)
        return self

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        names = ", ".join(quote_identifier(name) for name in row)
        holes = ", ".join("?" for _ in row)
        self.con.execute(f"INSERT INTO {table} ({names}) VALUES ({holes})", list(row.values()))

    def run(self) -> dict[str, StageReport]:
        """Run the two stages."""
        return {stage.__name__: stage(self.con, SETTINGS, RUN) for stage in (record_activity, build_profile)}

    def about(self) -> dict[str, str]:
        """Return record key -> key of the record that it is about, for all that are about something."""
        self.run()
        rows = self.con.execute(
            "SELECT one.source_record_id, other.source_record_id FROM care.activity AS one"
            " JOIN care.activity AS other ON other.activity_id = one.about_activity_id"
        ).fetchall()
        return dict(rows)

    def conversations(self) -> set[frozenset[str]]:
        """Return the conversations, each as the keys of its records."""
        self.run()
        rows = self.con.execute(
            "SELECT list(source_record_id) FROM care.activity"
            " WHERE conversation_id IS NOT NULL GROUP BY conversation_id"
        ).fetchall()
        return {frozenset(keys) for (keys,) in rows}

    def profile(self, customer: str) -> dict[str, Any]:
        """Return a customer's profile."""
        self.run()
        found = self.con.execute("FROM care.profile WHERE golden_id = ?", [customer])
        names = [column[0] for column in found.description]
        return dict(zip(names, found.fetchall()[0], strict=True))


@pytest.fixture(scope="session")
def new_care() -> Iterator[Callable[..., Care]]:
    """Return what makes a warehouse without records."""
    made: list[Care] = []

    def make(**more: Any) -> Care:  # noqa: ANN401 - handed on
        made.append(Care(**more))
        return made[-1]

    yield make
    for care in made:
        care.con.close()


@pytest.fixture(scope="session")
def used_care(new_care: Callable[[], Care]) -> Care:
    """Return the warehouse that tests use one after another."""
    return new_care()


@pytest.fixture
def care(used_care: Care) -> Care:
    """Return a warehouse without records."""
    return used_care.emptied()
