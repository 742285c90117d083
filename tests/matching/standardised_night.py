"""A night's matching from standardised records on: a test says what each record is known by."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from matching.changed_records import FINGERPRINT_SQL
from matching.common_names import add_roots, load_common_names, mark_common_names
from matching.features import load_features
from matching.train import freeze_frequencies
from warehouse.connection import open_memory
from warehouse.run import Run, StageReport
from warehouse.settings import Settings
from warehouse.tables import matching

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from duckdb import DuckDBPyConnection

Row = dict[str, Any]

STAGES = ("find_shared", "collapse", "prepare_model", "score", "cluster")
RUN = Run("run-1", Path(), datetime(2026, 1, 1, tzinfo=UTC))
TABLES = (
    "matching.shared_value",
    "matching.distinct_record",
    "matching.member",
    "matching.model",
    "matching.model_frequency",
    "matching.pair",
    "matching.cluster",
    "matching.cluster_tie",
    "matching.possible_match",
)


def settings(**of_matching: object) -> Settings:
    return Settings.model_validate(
        {
            "version": 1,
            "sources": {"s": {"holds": "account", "files": "x", "format": "csv"}},
            "matching": of_matching,
        }
    )


def person(key: str, given: str | None = None, family: str | None = None, **known: str | list[str] | None) -> Row:
    """Return a standardised record; `email`, `phone` (ten digits) and `place` ("12 elm") are spelled out."""
    row: Row = {"source": "s", "source_record_id": key, "given": given, "family": family} | known
    if given and len(given) > 1:
        row.setdefault("nicknames", [given])
    if email := row.get("email"):
        row.setdefault("emails", [email])
    if phone := row.get("phone"):
        row.setdefault("phones", [phone])
        row["phone"] = phone[-7:]
    if place := row.pop("place", None):
        row["street_number"], _, row["street"] = place.partition(" ")
    return row


def warehouse(rows: Iterable[Row], *, threads: int = 2) -> DuckDBPyConnection:
    """Return a warehouse whose matching.standardised holds these records, in this order."""
    con = open_memory(threads=threads)
    con.execute("CREATE SCHEMA matching")
    for table in matching.TABLES:
        con.execute(table.create_sql())
    add_standardised(con, rows)
    return con


def add_standardised(con: DuckDBPyConnection, rows: Iterable[Row]) -> None:
    told = [{"name_from_email": False} | row for row in rows]
    if told:
        names = sorted({name for row in told for name in row})
        con.register("incoming", pa.table({name: pa.array([row.get(name) for row in told]) for name in names}))
        con.execute("INSERT INTO matching.standardised BY NAME SELECT * FROM incoming")
        con.execute(f"UPDATE matching.standardised SET fingerprint = {FINGERPRINT_SQL}")
        con.unregister("incoming")


def decide(con: DuckDBPyConnection, *decided: str) -> None:
    """Let Ann bind the records of source s anew, the earliest decision first: "1=2" are one customer, "1!2" two."""
    con.execute("DELETE FROM matching.decision")
    for number, said in enumerate(decided, 1):
        decision = "same" if "=" in said else "different"
        left, right = sorted(said.replace("!", "=").split("="))
        row = [number, decision, left, right, datetime(2026, 1, number, 9, 30), f"reason {number}"]  # noqa: DTZ001 - stored as UTC
        con.execute(
            "INSERT INTO matching.decision VALUES ($1, 0, $2, 's', $3, 's', $4, 'ann', $5, $6, NULL, NULL, 'bound')",
            row,
        )


def run_stages(
    con: DuckDBPyConnection,
    names: Sequence[str] = STAGES,
    *,
    run: Run = RUN,
    threads: int = 2,
    of_matching: Mapping[str, object] | None = None,
) -> dict[str, StageReport]:
    """Run stages of the matching by their names; return their reports."""
    chosen = settings(**of_matching or {})
    return {
        name: getattr(import_module(f"matching.{name}"), name)(con, chosen, replace(run, threads=threads))
        for name in names
    }


def matched(rows: Iterable[Row], *, threads: int = 2, **of_matching: object) -> DuckDBPyConnection:
    """Return a warehouse after all stages of the matching."""
    con = warehouse(rows, threads=threads)
    run_stages(con, threads=threads, of_matching=of_matching)
    return con


def spelled(con: DuckDBPyConnection) -> tuple[DuckDBPyConnection, int]:
    """Return a scratch database with the features of the distinct records, and how many tuples there are."""
    scratch = open_memory()
    tuples = load_features(con, scratch)
    records, _ = freeze_frequencies(scratch)
    load_common_names(scratch, records)
    mark_common_names(scratch, "feature")
    add_roots(scratch)
    return scratch, tuples


def clusters(con: DuckDBPyConnection) -> set[frozenset[str]]:
    """Return the clusters as sets of source record ids."""
    found = con.execute("SELECT list(source_record_id) FROM matching.cluster GROUP BY cluster_id").fetchall()
    return {frozenset(keys) for (keys,) in found}


def together(con: DuckDBPyConnection, *keys: str) -> bool:
    """Tell whether these records are in one cluster."""
    return any(set(keys) <= cluster for cluster in clusters(con))


def everything(con: DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """Return the content of every table of the matching, rows sorted."""
    return {table: con.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall() for table in TABLES}


GIVEN = ("ada", "bruno", "clara", "dario", "elin", "farid", "greta", "hugo", "iris", "jonas", "katya", "luis", "mabel")
FAMILY = (
    "amsel",
    "brandvold",
    "castellan",
    "drummond",
    "eriksen",
    "falkner",
    "galloway",
    "hartigan",
    "ibsen",
    "jansen",
)
STREETS = ("alder", "birch", "cedar", "dogwood", "elm", "foxglove", "garnet", "hawthorn", "iris", "juniper")


def town(households: int, seed: int = 1) -> tuple[list[Row], dict[str, str]]:
    """Return records of so many households of one to three people who share name and place, and who each record is."""
    dice = random.Random(seed)
    rows, truth = [], {}
    for home in range(households):
        family, place = dice.choice(FAMILY), f"{100 + home} {dice.choice(STREETS)}"
        landline = f"20655{dice.randrange(10**5):05d}"
        for given in dice.sample(GIVEN, dice.randint(1, 3)):
            name = f"{home}-{given}"
            whole = {
                "middle": dice.choice("abcdefg"),
                "email": f"{given}.{family}{dice.randrange(100)}@mail.example",
                "phone": landline if dice.random() < 0.3 else f"42555{dice.randrange(10**5):05d}",
                "place": place,
                "postal_code": f"981{home % 40:02d}",
            }
            for number in range(dice.randint(1, 4)):
                kept = {attribute: value for attribute, value in whole.items() if dice.random() < 0.7}
                told = given[0] if dice.random() < 0.1 else given
                rows.append(person(f"{name}-{number}", told, family, **kept))
                truth[f"{name}-{number}"] = name
    return rows, truth
