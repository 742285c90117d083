"""Accounts in a store of their own, on either database, at a time that a test moves on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from stewardship.accounts import Accounts, Session, chain, passwords
from stewardship.accounts.tables import AUDIT_ENTRY
from tests.stewardship.conftest import DATABASES, START, Desk, new_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "three blind mice in a row"  # noqa: S105
HERE = "192.0.2.7"


@dataclass
class House:
    """Accounts, and the time that it is there."""

    desk: Desk
    at: datetime = START
    accounts: Accounts = field(init=False)

    def __post_init__(self) -> None:
        self.accounts = self.another()

    def another(self) -> Accounts:
        """Return the same accounts as another process has them."""
        return Accounts(self.desk.another(), lambda: self.at)

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)

    def add(self, name: str = "ann", role: str = "steward") -> None:
        self.accounts.add(name, role, "root", PASSWORD)

    def sign_in(self, name: str = "ann", password: str = PASSWORD, address: str = HERE) -> Session:
        return self.accounts.sign_in(name, password, address=address)

    def chain(self) -> list[str]:
        """Return what was done, as `actor action user`, from a chain that holds."""
        with self.desk.another().looking() as con:
            assert con is not None
            assert chain.verify(con) is None
            rows = con.execute(sa.select(AUDIT_ENTRY.c.actor, AUDIT_ENTRY.c.action).order_by(AUDIT_ENTRY.c.id))
            return [f"{row.actor} {row.action}" for row in rows]


@pytest.fixture(autouse=True)
def _cheap_hashes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a hash cost next to nothing, but where a test measures it."""
    if "at_full_cost" not in request.fixturenames:
        monkeypatch.setattr(passwords, "_MEMORY_KIB", 8)
        monkeypatch.setattr(passwords, "_ROUNDS", 1)
    passwords.hasher.cache_clear()
    passwords.nobodys.cache_clear()
    yield
    passwords.hasher.cache_clear()
    passwords.nobodys.cache_clear()


@pytest.fixture
def at_full_cost() -> None:
    """Let a hash cost what it costs outside of tests."""


@pytest.fixture(params=DATABASES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    """Return accounts that nobody has yet, on either database."""
    if request.param == "sqlite":
        return House(Desk("sqlite:///var/stewardship.sqlite", tmp_path))

    return House(Desk(new_database(request.getfixturevalue("server")), tmp_path))


@pytest.fixture
def sqlite_house(tmp_path: Path) -> House:
    return House(Desk("sqlite:///var/stewardship.sqlite", tmp_path))
