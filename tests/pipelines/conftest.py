"""Whole nights in small workspaces, driven as the job drives them, with and without Dagster around them."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli import main
from pipelines.night import NightOptions, open_night
from pipelines.stages import STAGES
from pipelines.summary import RunSummary
from warehouse.connection import open_database
from warehouse.workspace import Workspace

ACCOUNTS = """\
version: 1
timezone: UTC
country: US
sources:
  billing:
    holds: account
    files: exports/billing.csv
    format: csv
    key: account_id
    updated_at: {column: opened_on, format: "%Y-%m-%d"}
    trust: 80
    fields: {given_name: first_name, family_name: last_name, birth_date: {column: born, format: "%Y-%m-%d"},
             email: email, phone: phone, street: street, city: city, postal_code: zip}
    activity: {at: {column: opened_on, format: "%Y-%m-%d"}, reference: account_id}
  cases:
    holds: case
    files: exports/cases.csv
    format: csv
    key: case_id
    updated_at: {column: opened_at, format: "%Y-%m-%dT%H:%M:%SZ"}
    trust: 50
    expect: {min_rows: 0}
    fields: {full_name: name, email: email, phone: phone}
    activity: {at: {column: opened_at, format: "%Y-%m-%dT%H:%M:%SZ"}, reference: case_id, subject: subject}
"""
ACCOUNT_COLUMNS = (
    "account_id",
    "first_name",
    "last_name",
    "born",
    "email",
    "phone",
    "street",
    "city",
    "zip",
    "opened_on",
)
CASE_COLUMNS = ("case_id", "name", "email", "phone", "subject", "opened_at")


@dataclass
class Shop:
    """A workspace of two small sources; `accounts` and `cases` are rows by key, written before each night."""

    path: Path
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)
    cases: dict[str, dict[str, str]] = field(default_factory=dict)
    settings: str = ACCOUNTS

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.path)

    def account(self, key: str, **values: str) -> None:
        self.accounts[key] = {"account_id": key, "opened_on": "2026-01-05", **values}

    def case(self, key: str, **values: str) -> None:
        self.cases[key] = {"case_id": key, "opened_at": "2026-01-06T10:00:00Z", "subject": "Question", **values}

    def write(self, order: Callable[[list[Any]], list[Any]] = list) -> None:
        (self.path / "exports").mkdir(parents=True, exist_ok=True)
        (self.path / "joinedup.yaml").write_text(self.settings, encoding="utf-8")
        _write_csv(self.path / "exports/billing.csv", ACCOUNT_COLUMNS, order(list(self.accounts.values())))
        _write_csv(self.path / "exports/cases.csv", CASE_COLUMNS, order(list(self.cases.values())))

    def night(self, **options: Any) -> RunSummary:
        """Run a night on what is written now, without Dagster."""
        self.write(options.pop("order", list))
        return do_night(self.workspace, NightOptions(**{"as_of": datetime(2026, 2, 1, tzinfo=UTC), **options}))

    def crosswalk(self) -> dict[str, str]:
        """Return `source:key -> golden_id` of the current release."""
        rows = self.read("SELECT source || ':' || source_record_id, golden_id FROM crosswalk")
        return dict(rows)

    def read(self, query: str) -> list[tuple[Any, ...]]:
        con = open_database(self.workspace.current / "golden.duckdb", read_only=True)
        try:
            return con.execute(query).fetchall()
        finally:
            con.close()


def _write_csv(path: Path, columns: tuple[str, ...], rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def do_night(workspace: Workspace, options: NightOptions) -> RunSummary:
    """Do what the job `nightly` does, step by step in its order, without Dagster's storage around it."""
    with open_night(workspace, options, f"run-{uuid.uuid4()}") as night:
        for source in sorted(night.settings.sources):
            night.land(source)
        for entry in STAGES:
            night.do(entry)
            if entry.check:
                night.check(entry.check)
                night.hold_if_failed()
            if night.failed_checks:
                break
        else:
            night.judge()
            night.hold_if_failed()
            if not night.failed_checks:
                night.publish()
        night.close()
    assert night.summary is not None
    return night.summary


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop")


@dataclass
class Answer:
    """What a command left: its exit code and what it wrote."""

    exit_code: int
    out: str
    err: str


@pytest.fixture
def joinedup(capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Call the command line in this process and return what it left."""

    def call(*arguments: str | Path) -> Answer:
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        written = capfd.readouterr()
        code = left.value.code
        return Answer(code if isinstance(code, int) else 0, written.out, written.err)

    return call
