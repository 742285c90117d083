"""A made-up night: the tables that stages would have written, and their publication; also a script, to be killed."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.connection import open_database, transaction
from warehouse.release.hold import hold
from warehouse.release.publish import Publication, publish
from warehouse.settings import Settings
from warehouse.state import attach_releases, begin_run, finish_run, next_release_id
from warehouse.tables import RELEASE_TABLES
from warehouse.workspace import Workspace, lock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from warehouse.run import Run

SETTINGS = Settings.model_validate(
    {
        "version": 1,
        "sources": {"orders": {"holds": "order", "files": "*.csv", "format": "csv", "key": "id"}},
        "retention": {"releases": 3},
    }
)
PEOPLE: dict[str, list[str]] = {"cus_a": ["1", "2"], "cus_b": ["3"], "cus_c": ["4", "5", "6"]}
"""golden id -> the ids of its records in the source `orders`."""


def nothing_against_it(folder: Path) -> None:
    """Audit as strictly as a test needs: the files are there."""
    assert (folder / "manifest.json").exists()


def run_night(
    workspace: Workspace,
    people: Mapping[str, Sequence[str]],
    run_id: str,
    *,
    audit: Callable[[Path], None] = nothing_against_it,
    held_for: Sequence[str] = (),
    seed: int = 0,
) -> Publication | None:
    """Run a night whose outcome is `people`; `seed` tells the order of writing and the threads."""
    threads = 1 + seed % 2
    with lock(workspace), open_database(workspace.warehouse_file, threads=threads) as con:
        run = begin_run(con, workspace, run_id=run_id, threads=threads)
        attach_releases(con, run)
        with transaction(con):
            fill(con, run, people, seed=seed)
        if held_for:
            hold(con, SETTINGS, run, held_for)
            finish_run(con, run, "held")
            return None
        publication = publish(con, SETTINGS, run, audit)
        finish_run(con, run, publication.outcome, publication.release_id)
        return publication


def fill(con: DuckDBPyConnection, run: Run, people: Mapping[str, Sequence[str]], *, seed: int = 0) -> None:
    """Write landing, golden and care tables for the people, in the caller's transaction."""
    for spec in RELEASE_TABLES:
        con.execute(f"DELETE FROM {spec.full_name}")
    records = [(golden_id, record) for golden_id, own in people.items() for record in own]
    random.Random(seed).shuffle(records)
    _land(con, run, [record for _, record in records])
    release_id = next_release_id(run)
    for golden_id, record in records:
        con.execute(
            "INSERT INTO golden.crosswalk VALUES ('orders', ?, ?, 'probabilistic', ?, ?)",
            [record, golden_id, 1 / (int(record) + 2), release_id],
        )
        con.execute(
            'INSERT INTO care.activity (activity_id, golden_id, source, source_record_id, kind, "at", amount, currency)'
            " VALUES (?, ?, 'orders', ?, 'order', '2026-01-01', 12.5, 'EUR')",
            [f"act_{record}", golden_id, record],
        )
    for golden_id in random.Random(seed).sample(sorted(people), len(people)):
        _insert(con, "golden.customer", _customer(golden_id, people[golden_id], release_id))
        provenance = _provenance(golden_id, people[golden_id])
        _insert(con, "golden.provenance", provenance)
        _insert(con, "care.profile", _profile(golden_id, people[golden_id]))
    _insert_changes(con, run, people, release_id)
    pair = sorted(people)[:2]
    if len(pair) == 2:
        con.execute("INSERT INTO golden.possible_match VALUES (?, ?, 0.4, 'same street')", pair)


def _insert(con: DuckDBPyConnection, table: str, row: Mapping[str, Any]) -> None:
    names, marks = ", ".join(row), ", ".join("?" for _ in row)
    con.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


def _customer(golden_id: str, records: Sequence[str], release_id: str) -> dict[str, Any]:
    return {
        "golden_id": golden_id,
        "full_name": f"Ann {min(records)}",
        "emails": [f"{record}@post.example" for record in sorted(records)],
        "phones": [],
        "identifiers": {"loyalty": sorted(records)},
        "record_count": len(records),
        "source_count": 1,
        "cohesion": 1 / 3,
        "safe_for": "service",
        "changed_in": release_id,
    }


def _provenance(golden_id: str, records: Sequence[str]) -> dict[str, Any]:
    lost = [
        {"value": f"Ann {record}", "source": "orders", "source_record_id": record, "observed_at": None}
        for record in sorted(records)[1:]
    ]
    return {
        "golden_id": golden_id,
        "attribute": "full_name",
        "value": f"Ann {min(records)}",
        "source": "orders",
        "source_record_id": min(records),
        "rule": "trust",
        "alternatives": lost,
    }


def _profile(golden_id: str, records: Sequence[str]) -> dict[str, Any]:
    return {
        "golden_id": golden_id,
        "orders": len(records),
        "spend": {"EUR": 12.5 * len(records), "CHF": 1},
        "contacts": 0,
        "open_cases": 0,
        "experience": "new",
        "problems_12m": 0,
        "may_offer": True,
        "may_offer_reason": "nothing speaks against it",
    }


def _insert_changes(con: DuckDBPyConnection, run: Run, people: Mapping[str, Sequence[str]], release_id: str) -> None:
    """Keep what the feed says, and append an event for each customer that the highest release does not have so."""
    con.execute("INSERT INTO golden.change SELECT * FROM latest.change")
    known = dict(con.execute("SELECT golden_id, record_count FROM latest.customer").fetchall())
    events = [("created", golden_id) for golden_id in sorted(people) if known.get(golden_id) != len(people[golden_id])]
    events += [("retired", golden_id) for golden_id in sorted(known) if golden_id not in people]
    before = con.execute("SELECT coalesce(max(sequence), 0) FROM latest.change").fetchall()[0][0]
    for position, (event, golden_id) in enumerate(events, start=before + 1):
        con.execute(
            'INSERT INTO golden.change (sequence, release_id, "at", event, golden_id, cause)'
            " VALUES (?, ?, '2026-01-01', ?, ?, 'new data')",
            [position, release_id, event, golden_id],
        )
    if run.base:  # what is as it was in the base keeps the release that made it so
        con.execute(
            "UPDATE golden.customer SET changed_in = known.changed_in FROM base.customer AS known"
            " WHERE known.golden_id = customer.golden_id AND known.record_count = customer.record_count"
        )
        con.execute(
            "UPDATE golden.crosswalk SET attached_in = known.attached_in FROM base.crosswalk AS known"
            " WHERE known.source_record_id = crosswalk.source_record_id AND known.golden_id = crosswalk.golden_id"
        )


def _land(con: DuckDBPyConnection, run: Run, records: Sequence[str]) -> None:
    delivery = f"orders@{run.run_id}"
    con.execute(
        "INSERT INTO landing.delivery VALUES"
        " (?, ?, 'orders', 'incremental', 'read', 'm', 1, 1, 0, 0, 0, 0, 0, 0, NULL, NULL)",
        [delivery, run.run_id],
    )
    con.execute(
        "INSERT INTO landing.file (delivery_id, source, path, sha256, bytes, rows, columns)"
        " VALUES (?, 'orders', 'orders.csv', 'ab', 1, 1, ['id'])",
        [delivery],
    )
    known = {
        record
        for (record,) in con.execute(
            "SELECT source_record_id FROM landing.source_record JOIN landing.lineage USING (run_id)"
        ).fetchall()
    }
    for record in records:
        if record not in known:
            con.execute(
                "INSERT INTO landing.source_record (source, source_record_id, run_id, delivery_id, deleted,"
                " record_hash, mapping_hash, holds, trust, raw) VALUES ('orders', ?, ?, ?, false, 'h', 'm', 'order',"
                " 50, ?)",
                [record, run.run_id, delivery, json.dumps({"id": record})],
            )
    con.execute("DELETE FROM landing.night")
    con.execute("INSERT INTO landing.night VALUES (?, '2026-01-02 03:04:05')", [run.run_id])
    made = con.execute("SELECT count(*) FROM matching.model").fetchall()[0][0]
    if not made:
        con.execute("INSERT INTO matching.model VALUES ('m1', ?, '{}')", [run.run_id])
        con.execute("INSERT INTO matching.model_frequency VALUES ('m1', 'given', 'ann', 0.5)")


if __name__ == "__main__":
    run_night(Workspace(Path(sys.argv[1])), json.loads(sys.argv[2]), sys.argv[3])
