"""Stores of stewards' decisions: a file of SQLite, and a schema of a real PostgreSQL, new for each test."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from stewardship.database import find_place
from stewardship.entry import pair_of
from stewardship.store import Said, Store
from stewardship.web.releases import Releases
from tests import servers
from tests.stewardship.waiting_shop import waiting_shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stewardship.entry import Entry, Kind, Record
    from stewardship.standing import Standing
    from stewardship.web.releases import Pinned
    from tests.servers import PostgreSQL

START = datetime(2026, 1, 3, 9)  # noqa: DTZ001 - naive UTC by design
DATABASES = ("sqlite", "postgresql")
_NUMBERS = itertools.count(1)


def record(name: str) -> Record:
    """Return the record that a name stands for: `A` is source:A."""
    return "source", name


@dataclass
class Desk:
    """A store, and somebody who decides there about records of one letter, every time a minute later."""

    url: str
    workspace: Path
    store: Store = field(init=False)
    said: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.store = self.another()

    def another(self) -> Store:
        """Return the same store as another process has it open."""
        return Store(find_place(self.url, self.workspace))

    def says(self, why: str = "as they told us", by: str = "ann") -> Said:
        return Said(by, START + timedelta(minutes=next(self.said)), why)

    def decide(self, kind: Kind, left: str, right: str, *, by: str = "ann") -> Entry:
        with self.store.writing() as log:
            entry, added = log.decide(kind, pair_of(record(left), record(right)), self.says(by=by), (None, None))
        assert added
        return entry

    def revoke(self, decision_id: int) -> Entry:
        with self.store.writing() as log:
            entry, added = log.revoke(decision_id, self.says("mistaken"))
        assert added
        return entry

    def active(self) -> list[str]:
        return told(self.another().read())


def told(standing: Standing) -> list[str]:
    """Return the decisions that hold as `A=B` or `A≠B`, in the order in which they were taken."""
    signs = {"same": "=", "different": "≠"}
    return [f"{entry.pair[0][1]}{signs[entry.kind]}{entry.pair[1][1]}" for entry in standing.active()]


@pytest.fixture(scope="session")
def pinned(tmp_path_factory: pytest.TempPathFactory) -> Pinned:
    """Return a release in which some cases wait."""
    found = Releases(waiting_shop(tmp_path_factory.mktemp("waiting") / "shop").workspace).current()
    assert found is not None
    return found


@pytest.fixture(scope="session")
def server() -> Iterator[PostgreSQL]:
    with servers.postgresql() as found:
        yield found


def new_database(server: PostgreSQL) -> str:
    """Make a schema that nobody else uses, which costs less than a database, and return the URL that leads to it."""
    name = f"stewards_{next(_NUMBERS)}"
    server.run(f"CREATE SCHEMA {name}")
    return f"{server.admin_url}&options=-csearch_path%3D{name}"


@pytest.fixture(params=DATABASES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    """Return a desk at a store that nobody has written yet, on either database."""
    if request.param == "sqlite":
        return Desk("sqlite:///var/stewardship.sqlite", tmp_path)
    return Desk(new_database(request.getfixturevalue("server")), tmp_path)


@pytest.fixture
def sqlite_desk(tmp_path: Path) -> Desk:
    return Desk("sqlite:///var/stewardship.sqlite", tmp_path)
