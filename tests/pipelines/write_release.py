"""Tries to write into a release in every way that a reader has, as a user who is not root; prints what came of each."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Callable

NOBODY = 65534
REFUSED = (duckdb.Error, OSError)


def by_duckdb(folder: Path, connect: str, *statements: str) -> None:
    con = duckdb.connect(connect.replace("FOLDER", str(folder)))
    try:
        for statement in statements:
            con.execute(statement.replace("FOLDER", str(folder))).fetchall()
    finally:
        con.close()


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


WAYS: dict[str, Callable[[Path], object]] = {
    "opened": lambda folder: by_duckdb(folder, "FOLDER/golden.duckdb", "DELETE FROM customer"),
    "attached": lambda folder: by_duckdb(
        folder, ":memory:", "ATTACH 'FOLDER/golden.duckdb' AS r", "DELETE FROM r.customer"
    ),
    "attached read-only": lambda folder: by_duckdb(
        folder, ":memory:", "ATTACH 'FOLDER/golden.duckdb' AS r (READ_ONLY)", "DELETE FROM r.customer"
    ),
    "altered": lambda folder: by_duckdb(
        folder, ":memory:", "ATTACH 'FOLDER/golden.duckdb' AS r", "CREATE TABLE r.more (n INTEGER)"
    ),
    "Parquet copied over": lambda folder: by_duckdb(
        folder, ":memory:", "COPY (SELECT 1 AS n) TO 'FOLDER/parquet/customer.parquet' (FORMAT parquet)"
    ),
    "Parquet appended to": lambda folder: append(folder / "parquet" / "customer.parquet"),
    "workings": lambda folder: by_duckdb(folder, "FOLDER/workings.duckdb", "DELETE FROM matching.cluster"),
    "manifest": lambda folder: append(folder / "manifest.json"),
    "a new file": lambda folder: (folder / "more").touch(),
    "a file removed": lambda folder: (folder / "parquet" / "household.parquet").unlink(),
    "a file renamed": lambda folder: (folder / "parquet" / "item.parquet").rename(folder / "parquet" / "items.parquet"),
}


def what_came_of(folder: Path) -> dict[str, str]:
    found = {}
    for name, way in WAYS.items():
        try:
            way(folder)
        except REFUSED as error:
            found[name] = f"refused: {type(error).__name__}"
        else:
            found[name] = "written"
    return found


if __name__ == "__main__":
    if os.geteuid() == 0:  # root may write anything
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    print(json.dumps({"version": duckdb.__version__, "ways": what_came_of(Path(sys.argv[1]))}))
