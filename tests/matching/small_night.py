"""A night's matching over made-up people with messy records, from the landing to the clusters."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from matching.cluster import cluster
from matching.collapse import collapse
from matching.find_shared import find_shared
from matching.prepare_model import prepare_model
from matching.score import score
from matching.standardise import standardise
from warehouse.connection import open_memory
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.tables import landing, matching

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = dict[str, Any]

GIVEN = ("Robert", "Margaret", "Dario", "Elin", "Farid", "Greta", "Hugo", "Iris", "Jonas", "Katya", "Luis", "Mabel")
FAMILY = tuple(
    first + last
    for first in ("Brand", "Cast", "Drum", "Erik", "Falk", "Gallo", "Hart", "Ibs", "Jess", "Quis", "Lind", "Moss")
    for last in ("vold", "ellan", "mond", "sen", "ner", "way", "igan", "ton")
)
STREETS = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Foxglove", "Garnet", "Hawthorn")
SHORT = {"Robert": "Bob", "Margaret": "Peggy"}
DEFAULTS: Row = {
    "run_id": "run-1",
    "delivery_id": "d",
    "record_hash": "h",
    "mapping_hash": "m",
    "holds": "account",
    "trust": 50,
}
RUN = Run("run-1", Path(), datetime(2026, 1, 1, tzinfo=UTC))
SETTINGS = Settings.model_validate(
    {"version": 1, "country": "US", "sources": {"billing": {"holds": "account", "files": "x", "format": "csv"}}}
)


def people(count: int, seed: int) -> tuple[list[Row], dict[tuple[str, str], str]]:
    """Return records of so many people, every third of them with a relative at home, and the truth about them."""
    dice = random.Random(seed)
    rows: list[Row] = []
    truth = {}
    home: Row = {}
    given = ""
    for person in range(count):
        if person % 3 != 1:
            home = {"family_name": dice.choice(FAMILY), "street": f"{100 + person} {dice.choice(STREETS)} St"}
        given = dice.choice([name for name in GIVEN if name != given])
        whole = home | {
            "given_name": given,
            "emails": [f"{given}.{home['family_name']}{person * 6857 % 8999}@mail.example".lower()],
            "phones": [f"206{2000000 + person * 6857 % 7999993:07d}"],
            "postal_code": f"98{person % 20:03d}",
        }
        for number in range(dice.randint(1, 4)):
            key = ("billing" if number == 0 else "orders", f"P{person:03d}-{number}")
            rows.append({"source": key[0], "source_record_id": key[1], **_worn(whole, dice, number)})
            truth[key] = f"person-{person}"
    return rows, truth


def _worn(whole: Row, dice: random.Random, number: int) -> Row:
    """Return what one of the person's records says: the first all of it, the others less and not quite."""
    if number == 0:
        return whole
    left_out = dice.choice(("emails", "phones", "street", "given_name"))
    row = {name: value for name, value in whole.items() if name != left_out}
    if dice.random() < 0.3 and "given_name" in row:
        row["given_name"] = SHORT.get(row["given_name"], row["given_name"][0])
    if dice.random() < 0.2:
        row["family_name"] = row["family_name"][:-1]
    return row


def matched(
    rows: list[Row], *, gone: list[Row] | None = None, quarantined: list[Row] | None = None
) -> DuckDBPyConnection:
    """Return a warehouse after the matching of these live records; `gone` are tombstones."""
    con = open_memory()
    for table in (*landing.TABLES, *matching.TABLES):
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {table.schema}")
        con.execute(table.create_sql())
    con.execute("INSERT INTO landing.night VALUES ('run-1', TIMESTAMP '2026-01-01')")
    _insert(con, "landing.live_record", [DEFAULTS | row for row in rows])
    _insert(con, "landing.source_record", [DEFAULTS | {"deleted": False} | row for row in rows])
    _insert(con, "landing.source_record", [DEFAULTS | {"deleted": True} | row for row in gone or []])
    _insert(con, "landing.quarantine", quarantined or [])
    for stage in (standardise, find_shared, collapse, prepare_model, score, cluster):
        stage(con, SETTINGS, RUN)
    return con


def _insert(con: DuckDBPyConnection, table: str, rows: list[Row]) -> None:
    if not rows:
        return
    names = sorted({name for row in rows for name in row})
    con.register("incoming", pa.table({name: pa.array([row.get(name) for row in rows]) for name in names}))
    con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
    con.unregister("incoming")
