"""A reader in a process of its own: it reads whole releases until it is told to stop, and tells what was wrong.

Each read opens the current release, takes every row of every table out of golden.duckdb and out of the Parquet files,
and holds the md5 of each against what was published under that release's id. `witness` writes the latter down.
"""

from __future__ import annotations

import json
import select
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.connection import PUBLISHED, open_memory, open_published, quote_identifier
from warehouse.durable import write_text
from warehouse.read import Release, open_release
from warehouse.release.hashes import in_catalog, in_parquet
from warehouse.tables import RELEASE_TABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

    from warehouse.table_spec import TableSpec

Rows = dict[str, list[str]]
"""Per table the md5 of each of its rows, sorted."""


def rows_of(con: DuckDBPyConnection, relation: Callable[[TableSpec], str]) -> Rows:
    """Read every column of every row."""
    found = {}
    for spec in RELEASE_TABLES:
        columns = ", ".join(quote_identifier(name) for name in spec.column_names)
        rows = con.execute(f"SELECT md5(row({columns})::VARCHAR) FROM {relation(spec)}").fetchall()
        found[spec.name] = sorted(md5 for (md5,) in rows)
    return found


def witness(folder: Path, notes: Path) -> None:
    """Write down what is about to be published from `folder`."""
    release_id = json.loads((folder / "manifest.json").read_text())["release_id"]
    with open_published(folder / "golden.duckdb") as con:
        write_text(notes / f"{release_id}.json", json.dumps(rows_of(con, in_catalog(PUBLISHED))))


def wrong_with(release: Release, notes: Path) -> list[str]:
    """Return what differs from what was published under the release's id: nothing, as a rule."""
    published = json.loads((notes / f"{release.release_id}.json").read_text())
    with open_memory() as con:
        read = {
            "golden.duckdb": rows_of(release.con, in_catalog(PUBLISHED)),
            "parquet": rows_of(con, in_parquet(release.directory / "parquet")),
        }
    return [
        f"{release.release_id} {file} {table}"
        for file, tables in read.items()
        for table, rows in tables.items()
        if rows != published[table]
    ]


def read_until_told(workspace: str, notes: Path, pause: float) -> dict[str, object]:
    """Read until a line comes in, each time after a pause in seconds.

    Returns how many reads there were, of how many releases, and what went wrong.
    """
    reads, seen, wrong, kinds = 0, [0], [], Counter[str]()
    while not select.select([sys.stdin], [], [], pause)[0]:
        reads += 1
        try:
            with open_release(workspace) as release:
                number = int(release.release_id[1:])
                if differing := wrong_with(release, notes):
                    kinds["mixed or torn"] += 1
                    wrong += differing
                if number < seen[-1]:
                    kinds["backwards"] += 1
                    wrong.append(f"r{number} after r{seen[-1]}")
                seen.append(number)
        except Exception as error:  # noqa: BLE001 - whatever a reader may meet is what is counted here
            kinds["failed"] += 1
            wrong.append(f"{type(error).__name__}: {error}")
    return {"reads": reads, "releases": len(set(seen)) - 1, "wrong": dict(kinds), "told": wrong[:5]}


if __name__ == "__main__":
    print("reading", flush=True)
    print(json.dumps(read_until_told(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))))
