"""Time the landing of delimited text beside DuckDB's bare reader: `python -m benchmarks.landing [--rows N]…`.

One generated export of ten columns (key, names, e-mail, telephone, street, city, birth date, moment, amount), plain and
with quotes, doubled quotes and line ends in every third street. *Bare* is `CREATE TABLE … AS FROM read_csv(…,
all_varchar = true)` into a file; *landed* is the whole landing of a source: hashed twice, every record typed, hashed,
judged against the base, accounted for and kept as delivered. Each run is a process of its own with two threads, the
least CPU seconds of a few runs count, and both take turns, so that the ratio travels.

Where the time of a million plain rows goes: writing the versions 40 % (56 columns into compressed row groups, a third
of it for the record as delivered and its hash), typing 27 % (a third of that for the hash, an eighth for the record as
JSON, the rest for dates and numbers), reading 14 %, judging 6 %, hashing the file twice 4 %. What was done about it:
blocks whose quotes are all in place are read by Arrow and not row by row; a text that two attributes read is parsed
once, and ISO times without a zone need one pattern and not three; the record as delivered is kept in the one
compression that pays, its hash in none; and no block outlives its insertion, which halved the memory of reading. What
bounds memory costs time: beyond about a million rows the working tables spill beside the database.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.land import land_source
from warehouse.connection import open_database, transaction
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.tables import landing

ROWS = 1_000_000
RUNS = 3
SOURCE: dict[str, Any] = {
    "holds": "account",
    "files": "accounts.csv",
    "format": "csv",
    "key": "id",
    "updated_at": "opened_on",
    "fields": {
        "given_name": "given_name",
        "family_name": "family_name",
        "email": "email",
        "phone": "phone",
        "street": "street",
        "city": "city",
        "birth_date": "born",
    },
    "activity": {"at": "opened_on", "reference": "id", "amount": "balance", "currency": {"value": "USD"}},
}


def main() -> None:
    """Measure the sizes that were asked for, and print a line of a Markdown table for each kind of text."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, action="append", help=f"rows of the export (default: {ROWS:,})")
    parser.add_argument("--runs", type=int, default=RUNS, help="how often each is run; the least counts")
    parser.add_argument("--only", choices=("bare", "landed"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only:
        print(json.dumps(_measured(asked.only, asked.folder)))
        return
    print("| rows | MB | text | bare: CPU s | landed: CPU s | times | landed: peak MB |")
    print("| ---: | ---: | --- | ---: | ---: | ---: | ---: |")
    for rows in asked.rows or (ROWS,):
        for kind in ("plain", "quoted"):
            with tempfile.TemporaryDirectory() as scratch:
                print(compare(Path(scratch), rows, kind, asked.runs), flush=True)


def compare(folder: Path, rows: int, kind: str, runs: int) -> str:
    """Measure one export both ways and return the line of the table."""
    path = folder / SOURCE["files"]
    write_export(path, rows, quoted=kind == "quoted")
    found: dict[str, list[dict[str, float]]] = {"bare": [], "landed": []}
    for _ in range(runs):
        for only, results in found.items():
            call = [sys.executable, "-m", "benchmarks.landing", "--only", only, "--folder", str(folder)]
            results.append(json.loads(subprocess.run(call, capture_output=True, check=True).stdout))
    bare, landed = (min(result["cpu"] for result in results) for results in found.values())
    peak = max(result["peak_mb"] for result in found["landed"])
    size = path.stat().st_size / 1e6
    return f"| {rows:,} | {size:.0f} | {kind} | {bare:.1f} | {landed:.1f} | {landed / bare:.1f} | {peak:.0f} |"


def write_export(path: Path, rows: int, *, quoted: bool) -> None:
    """Write the export."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write("id,given_name,family_name,email,phone,street,city,born,opened_on,balance\n")
        for number in range(rows):
            street = f"{chance.randint(1, 999)} Main St {number % 977}"
            if quoted and number % 3 == 0:
                street = f'"{street}, Apt {number % 50}"' if number % 9 else f'"{street}\n""rear"""'
            out.write(
                f"A{number:08d},Given{chance.randint(0, 5000)},Family{chance.randint(0, 90_000)},"
                f"user{number}.{chance.randint(0, 99)}@mail{number % 50}.example,"
                f"+1 555 {chance.randint(10**6, 10**7 - 1)},"
                f"{street},City{number % 3000},19{chance.randint(30, 99)}-{chance.randint(1, 12):02d}-"
                f"{chance.randint(1, 28):02d},20{chance.randint(10, 24)}-{chance.randint(1, 12):02d}-"
                f"{chance.randint(1, 28):02d} 10:{number % 60:02d}:00,{chance.randint(0, 100_000) / 100:.2f}\n"
            )


def _measured(only: str, folder: Path) -> dict[str, float]:
    """Do one of both in this process and return its CPU seconds and the peak of its memory."""
    database = folder / f"{only}.duckdb"
    database.unlink(missing_ok=True)
    con = open_database(database)
    if only == "landed":
        con.execute("CREATE SCHEMA landing")
        for spec in landing.TABLES:
            con.execute(spec.create_sql())
        con.execute("INSERT INTO landing.lineage VALUES ('n1', 0)")
    started = _cpu()
    if only == "landed":
        settings = Settings.model_validate({"version": 1, "sources": {"accounts": SOURCE}})
        with transaction(con):
            land_source(con, settings, Run("n1", folder, datetime(2025, 6, 1)), "accounts")  # noqa: DTZ001 - naive UTC
    else:
        path = str(folder / SOURCE["files"])
        con.execute("CREATE TABLE bare AS FROM read_csv(?, all_varchar = true)", [path]).fetchall()
    con.close()
    return {"cpu": _cpu() - started, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
