"""Releases made by hand, in a moment: a row or more in every table, each personal value one that is found again.

    workspace = made_workspace(path)
    make_release(workspace, "r1", people=6)

Ids: `cus_1` … are customers; `cus_retired` is `cus_1` now, `cus_chain` leads there by another; `cus_gone` was erased.
Personal values that a reader may not see hold `CANARY`, or are phones and birth dates. A release may lack tables, as
old ones do.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import duckdb

from warehouse.release.manifest import GOLDEN, FileEntry, Manifest, write_manifest
from warehouse.release.pointer import point_at
from warehouse.tables import RELEASE_TABLES
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from warehouse.table_spec import TableSpec

CANARY = "quimby"
AS_OF = datetime(2026, 2, 1, 9)  # noqa: DTZ001 - naive UTC, as in a release
SETTINGS = """\
version: 1
country: US
sources:
  orders: {holds: order, files: exports/*.csv, format: csv, key: id, fields: {email: email}}
"""
Row = dict[str, Any]


def made_workspace(path: Path) -> Workspace:
    """Return a workspace without a release."""
    (path / "var" / "releases").mkdir(parents=True)
    (path / "joinedup.yaml").write_text(SETTINGS, encoding="utf-8")
    return Workspace(path)


def make_release(workspace: Workspace, release_id: str, *, people: int = 6, without: Collection[str] = ()) -> None:
    """Make a release of so many customers, and point `current` at it; `without` names tables that it lacks."""
    folder = workspace.releases / release_id
    folder.mkdir()
    counts: dict[str, int] = {}
    con = duckdb.connect(str(folder / GOLDEN))
    for spec in RELEASE_TABLES:
        if spec.name in without:
            continue
        con.execute(spec.create_sql(schema="main"))
        rows = [row for number in range(1, people + 1) for row in _ROWS[spec.name](number, release_id)]
        if spec.name == "change":
            rows = [row | {"sequence": place} for place, row in enumerate(rows, 1)]
        counts[spec.name] = len(rows)
        _insert(con, spec, rows)
    con.close()
    entry = FileEntry("0" * 64, (folder / GOLDEN).stat().st_size, sum(counts.values()))
    manifest = Manifest(
        release_id=release_id,
        base_release_id=None,
        created_at=AS_OF + timedelta(hours=1),
        as_of=AS_OF + timedelta(days=int(release_id[1:])),
        run_id="run",
        lineage=("run",),
        content_hash=f"content of {release_id}",
        release_hash=f"release {release_id}",
        rows=counts,
        files={GOLDEN: entry},
        versions={"python": "3"},
    )
    write_manifest(folder, manifest)
    point_at(workspace, release_id)


def _insert(con: duckdb.DuckDBPyConnection, spec: TableSpec, rows: list[Row]) -> None:
    """Write rows: what they do not say gets a value of the column's type, personal ones the canary."""
    if not rows:
        return
    values = [row[name] if name in row else _default(spec, name, row) for row in rows for name in spec.column_names]
    marks = ", ".join(f"CAST(? AS {column.type})" for column in spec.columns)
    con.execute(f"INSERT INTO {spec.name} VALUES {', '.join([f'({marks})'] * len(rows))}", values)


def _default(spec: TableSpec, name: str, row: Row) -> object:
    column = next(column for column in spec.columns if column.name == name)
    number = row["number"]
    if column.values:
        return column.values[number % len(column.values)]
    if name in ("email", "phone", "birth_date"):
        return {"email": email(number), "phone": phone(number), "birth_date": date(1950 + number, 5, 17)}[name]
    if name in ("emails", "phones"):
        return [email(number), f"other.{email(number)}"] if name == "emails" else [phone(number)]
    kinds: dict[str, object] = {
        "BIGINT": number,
        "INTEGER": number,
        "DOUBLE": 0.5,
        "BOOLEAN": number % 2 == 0,
        "TIMESTAMP": AS_OF - timedelta(days=number),
        "DECIMAL(18,4)": 12.5 * number,
        "MAP(VARCHAR, VARCHAR[])": {"key": ["loyalty"], "value": [[f"{CANARY}-loyalty-{number}"]]},
        "MAP(VARCHAR, DECIMAL(18,4))": {"key": ["USD"], "value": [12.5]},
        "VARCHAR": f"{CANARY} {spec.name} {name} {number}" if column.personal else f"{name} {number}",
    }
    return kinds[column.type]


def email(number: int) -> str:
    """Return a customer's e-mail."""
    return f"{CANARY}.{number}@mail.example"


def phone(number: int) -> str:
    """Return a customer's phone number."""
    return f"+1206555{number:04d}"


def golden_id(number: int) -> str:
    """Return a customer's id."""
    return f"cus_{number}"


def _of(number: int, **values: object) -> Row:
    return {"number": number, "golden_id": golden_id(number), **values}


def _customers(number: int, release_id: str) -> Iterator[Row]:
    # who they are says which release they are of, so that an answer that mixes two is seen
    yield _of(number, full_name=f"Person {number} of {release_id}", changed_in=release_id)


def _crosswalk(number: int, _release_id: str) -> Iterator[Row]:
    yield _of(number, source="orders", source_record_id=f"SO-{number}")
    yield _of(number, source="mail", source_record_id=f"<{number}@mail>")


def _provenance(number: int, _release_id: str) -> Iterator[Row]:
    lost = [{"value": f"{CANARY} lost", "source": "mail", "source_record_id": f"<{number}@mail>", "observed_at": AS_OF}]
    for attribute, value in (
        ("email", email(number)),
        ("phone", phone(number)),
        ("birth_date", f"{1950 + number}-05-17"),
        ("full_name", f"Person {number}"),
        ("street", f"{number} {CANARY} Street"),
        ("identifier.loyalty", f"{CANARY}-loyalty-{number}"),
        ("extra.note", f"{CANARY} note"),
    ):
        yield _of(number, attribute=attribute, value=value, alternatives=lost)


def _activity(number: int, _release_id: str) -> Iterator[Row]:
    for place, kind in enumerate(("order", "case", "message", "invoice", "interaction")):
        when = None if place == 4 else AS_OF - timedelta(days=number + place)
        about = f"act_{number}_0" if kind in ("case", "message") else None
        names = {
            "activity_id": f"act_{number}_{place}",
            "about_activity_id": about,
            "reference": f"REF-{number}-{place}",
        }
        yield _of(number, kind=kind, at=when, source="orders", source_record_id=f"SO-{number}", **names)


def _items(number: int, _release_id: str) -> Iterator[Row]:
    yield {"number": number, "activity_id": f"act_{number}_0", "line": 1}
    yield {"number": number, "activity_id": f"act_{number}_0", "line": 2}


def _facts(number: int, _release_id: str) -> Iterator[Row]:
    for attribute, value in (
        ("email", email(90 + number)),
        ("phone", phone(90 + number)),
        ("address", f"{CANARY} Road"),
    ):
        yield _of(number, activity_id=f"act_{number}_2", attribute=attribute, value=value)


def _signals(number: int, _release_id: str) -> Iterator[Row]:
    yield _of(number, signal="open_complaint", severity="urgent", activity_id=f"act_{number}_1")
    yield _of(number, signal="first_order", severity="info", activity_id=f"act_{number}_0")


def _signal_changes(number: int, release_id: str) -> Iterator[Row]:
    yield _of(number, sequence=number, release_id=release_id, event="raised", signal="open_complaint")


def _issues(number: int, _release_id: str) -> Iterator[Row]:
    if number == 1:
        yield {"number": number, "issue_id": "late/carrier", "title": "The carrier is late"}


def _effects(number: int, _release_id: str) -> Iterator[Row]:
    issue = "late/carrier" if number % 2 else "stock:LAMP"
    yield _of(number, issue_id=issue, activity_id=f"act_{number}_0", line=1)


def _household(number: int, _release_id: str) -> Iterator[Row]:
    yield _of(number, household_id=f"hh_{(number - 1) // 2}")


def _near(number: int, _release_id: str) -> Iterator[Row]:
    if number % 2:
        yield {"number": number, "golden_id_l": golden_id(number), "golden_id_r": golden_id(number + 1)}


def _changes(number: int, release_id: str) -> Iterator[Row]:
    after = {"golden_id": golden_id(number), "email": email(number), "street": f"{CANARY} Street", "record_count": 2}
    yield _of(number, release_id=release_id, event="created", other_golden_id=None, after=json.dumps(after))
    link = {"golden_id": golden_id(number), "source": "orders", "source_record_id": f"SO-{number}"}
    yield _of(number, release_id=release_id, event="attached", other_golden_id=None, after=json.dumps(link))
    if number == 1:
        yield _of(1, release_id=release_id, event="merged", after=None) | {
            "golden_id": "cus_retired",
            "other_golden_id": "cus_1",
        }


def _redirects(number: int, _release_id: str) -> Iterator[Row]:
    if number == 1:
        yield {"number": 1, "golden_id": "cus_retired", "current_golden_id": "cus_1"}
        yield {"number": 1, "golden_id": "cus_chain", "current_golden_id": "cus_retired"}
        yield {"number": 1, "golden_id": "cus_gone", "current_golden_id": None}


def _one(number: int, _release_id: str) -> Iterator[Row]:
    yield _of(number)


def _excluded(number: int, _release_id: str) -> Iterator[Row]:
    yield {"number": number, "source": "mail", "source_record_id": f"<nobody{number}@mail>"}


def _permissions(number: int, _release_id: str) -> Iterator[Row]:
    yield _of(number, channel="email", purpose="marketing")


_ROWS = {
    "customer": _customers,
    "crosswalk": _crosswalk,
    "excluded_record": _excluded,
    "provenance": _provenance,
    "activity": _activity,
    "item": _items,
    "contact_fact": _facts,
    "profile": _one,
    "permission": _permissions,
    "offer": _one,
    "signal": _signals,
    "signal_change": _signal_changes,
    "known_issue": _issues,
    "issue_effect": _effects,
    "household": _household,
    "possible_match": _near,
    "change": _changes,
    "redirect": _redirects,
}
