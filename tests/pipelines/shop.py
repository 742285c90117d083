"""A small made-up shop of two sources, its nights without Dagster around them, and calls of the command line."""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipelines.night import NightOptions, StepDone, open_night, say_nothing
from pipelines.stages import STAGES
from warehouse.connection import open_published
from warehouse.run import StageReport
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pipelines.night import Night
    from pipelines.summary import RunSummary

TONIGHT = NightOptions(as_of=datetime(2026, 2, 1, tzinfo=UTC))
SETTINGS = """\
version: 1
timezone: UTC
country: US
sources:
  billing:
    holds: account
    files: exports/billing*.csv
    format: csv
    key: account_id
    updated_at: {column: opened_on, format: "%Y-%m-%d"}
    trust: 80
    fields: {given_name: first_name, family_name: last_name, birth_date: {column: born, format: "%Y-%m-%d"},
             email: email, phone: phone, street: street, city: city, postal_code: zip}
    activity: {at: {column: opened_on, format: "%Y-%m-%d"}, reference: account_id}
  cases:
    holds: case
    files: exports/cases*.csv
    format: csv
    key: case_id
    updated_at: {column: opened_at, format: "%Y-%m-%dT%H:%M:%SZ"}
    trust: 50
    expect: {min_rows: 0}
    fields: {full_name: name, email: email, phone: phone}
    activity: {at: {column: opened_at, format: "%Y-%m-%dT%H:%M:%SZ"}, reference: case_id, subject: subject}
"""
ACCOUNT = ("account_id", "first_name", "last_name", "born", "email", "phone", "street", "city", "zip", "opened_on")
CASE = ("case_id", "name", "email", "phone", "subject", "opened_at")
GIVEN = ("Ada", "Bela", "Cleo", "Dario", "Elin", "Farid", "Greta", "Hugo", "Iris", "Jonas", "Katya", "Luis")
FAMILY = ("Quist", "Brandvold", "Castellan", "Drummond", "Eriksen", "Falkner", "Galloway", "Hartigan", "Ibsen")


def as_given(rows: list[Any]) -> list[Any]:
    """Leave the rows in the order they have."""
    return rows


def shuffled(seed: int) -> Callable[[list[Any]], list[Any]]:
    """Return what brings rows into another order, the same one for the same seed."""

    def order(rows: list[Any]) -> list[Any]:
        return random.Random(seed).sample(rows, len(rows))

    return order


@dataclass
class Shop:
    """A workspace of two sources; `accounts` and `cases` are rows by key, written before each night."""

    path: Path
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)
    cases: dict[str, dict[str, str]] = field(default_factory=dict)
    settings: str = SETTINGS

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.path)

    def account(self, key: str, **values: str) -> None:
        self.accounts[key] = {"account_id": key, "opened_on": "2026-01-05", **values}

    def case(self, key: str, **values: str) -> None:
        self.cases[key] = {"case_id": key, "opened_at": "2026-01-06T10:00:00Z", "subject": "Question", **values}

    def populate(self, people: int, seed: int) -> None:
        """Add people with an account each, and cases that name most of them in another way."""
        dice = random.Random(seed)
        for number in range(people):
            first, last = dice.choice(GIVEN), dice.choice(FAMILY)
            born = f"{dice.randint(1950, 2000)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
            email = f"{first}.{last}{number}@mail.example".lower()
            phone = f"206555{number:04d}"
            self.account(
                f"A{number:03d}",
                first_name=first,
                last_name=last,
                born=born,
                email=email,
                phone=phone,
                street=f"{100 + number} Alder St",
                city="Brightwater",
                zip="98001",
            )
            for case in range(dice.randint(0, 2)):
                name = dice.choice((f"{first} {last}", f"{last}, {first}", f"{first[0]} {last}"))
                contact = dice.choice(({"email": email}, {"phone": phone}, {"email": email.upper(), "phone": phone}))
                self.case(f"C{number:03d}-{case}", name=name, **contact)

    def write(self, order: Callable[[list[Any]], list[Any]] = as_given, *, parts: int = 1) -> None:
        """Write joinedup.yaml and the exports, each source's rows in this order, dealt out to so many files."""
        exports = self.path / "exports"
        exports.mkdir(parents=True, exist_ok=True)
        (self.path / "joinedup.yaml").write_text(self.settings, encoding="utf-8")
        for name, columns, held in (("billing", ACCOUNT, self.accounts), ("cases", CASE, self.cases)):
            rows = order(list(held.values()))
            for part in range(parts):
                suffix = f"-{part}" if part else ""
                _write_csv(exports / f"{name}{suffix}.csv", columns, rows[part::parts])

    def night(self, options: NightOptions = TONIGHT, *, checks: bool = True) -> RunSummary:
        """Write what is held now in its order, and run a night on it, without Dagster."""
        self.write()
        return do_night(self.workspace, options, checks=checks)

    def crosswalk(self) -> dict[str, str]:
        """Return `source:key -> golden_id` of the current release."""
        return dict(self.read("SELECT source || ':' || source_record_id, golden_id FROM crosswalk"))

    def read(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the current release."""
        con = open_published(self.workspace.current / "golden.duckdb")
        try:
            return con.execute(query).fetchall()
        finally:
            con.close()


def _write_csv(path: Path, columns: tuple[str, ...], rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def do_night(
    workspace: Workspace,
    options: NightOptions,
    *,
    checks: bool = True,
    opened: Callable[[Night], None] = lambda _night: None,
    watch: Callable[[str, StepDone | None], None] = say_nothing,
) -> RunSummary:
    """Do what the job `nightly` does, step by step in its order, without Dagster around it.

    Without `checks` it leaves out the expectations, which take most of a small night's time, and claims that they were
    done; the gate judges always.
    """
    with open_night(workspace, options, f"run-{uuid.uuid4()}", watch) as night:
        opened(night)
        for source in sorted(night.settings.sources):
            night.land(source)
        for entry in STAGES:
            night.do(entry)
            if entry.check and checks:
                night.check(entry.check)
                night.hold_if_failed()
            elif entry.check:
                night.steps.append(StepDone(f"check {entry.check}", 0, 0, 0, StageReport()))
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


@dataclass(frozen=True)
class Answer:
    """What a command left: its exit code and what it wrote."""

    exit_code: int
    out: str
    err: str


def command(*arguments: str | Path, **variables: str) -> subprocess.Popen[str]:
    """Start `joinedup` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | variables,
    )


def finished(process: subprocess.Popen[str]) -> Answer:
    """Wait for a started command, and return what it left."""
    out, err = process.communicate(timeout=300)
    return Answer(process.returncode, out, err)
