"""Reads every table of a release with one tool, and prints what it read in a form that no tool colours.

`python read_release.py TOOL FOLDER`; TOOL is duckdb, attached, parquet_by_duckdb, polars, pyarrow or pandas. What comes
out is a JSON object: the tool's version, and per table how many rows there are and the sha256 over their values.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Rows = Iterable[Iterable[Any]]


def plain(value: Any) -> Any:  # noqa: ANN401 - any value that a tool makes of one of DuckDB's
    """Return a value as JSON has it; a map is its sorted pairs, whatever a tool takes it for."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Decimal):
        return str(value.normalize())
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict | list | tuple):
        return parts(value)
    return value


def parts(value: dict[str, Any] | list[Any] | tuple[Any, ...]) -> list[Any]:
    found: list[Any] = list(value.items()) if isinstance(value, dict) else list(value)
    if found and all(isinstance(part, dict) and set(part) == {"key", "value"} for part in found):
        found = [(part["key"], part["value"]) for part in found]
    if found and all(isinstance(part, tuple) and len(part) == 2 for part in found):
        return sorted([str(key), plain(part)] for key, part in found)
    return [plain(part) for part in found]


def told(rows: Rows) -> list[Any]:
    texts = sorted(json.dumps([plain(value) for value in row]) for row in rows)
    return [len(texts), hashlib.sha256("\n".join(texts).encode()).hexdigest()]


def by_duckdb(connect: str, table: str) -> Callable[[Path], dict[str, list[Any]]]:
    """Return what reads the tables with DuckDB; `connect` and `table` are its words, FOLDER and NAME being put in."""

    def read(folder: Path) -> dict[str, list[Any]]:
        duckdb = importlib.import_module("duckdb")
        if connect == "open":
            con = duckdb.connect(str(folder / "golden.duckdb"), read_only=True)
        else:
            con = duckdb.connect()
            con.execute(connect.replace("FOLDER", str(folder)))
        found = {}
        for name in names(folder):
            rows = con.execute(f"FROM {table}".replace("FOLDER", str(folder)).replace("NAME", name))
            found[name] = told(rows.fetchall())
        con.close()
        return found

    return read


def names(folder: Path) -> list[str]:
    return sorted(path.stem for path in (folder / "parquet").glob("*.parquet"))


def by_polars(folder: Path) -> dict[str, list[Any]]:
    polars = importlib.import_module("polars")
    return {name: told(polars.read_parquet(folder / "parquet" / f"{name}.parquet").rows()) for name in names(folder)}


def by_pyarrow(folder: Path) -> dict[str, list[Any]]:
    parquet = importlib.import_module("pyarrow.parquet")
    tables = {name: parquet.read_table(folder / "parquet" / f"{name}.parquet") for name in names(folder)}
    return {name: told(row.values() for row in table.to_pylist()) for name, table in tables.items()}


def by_pandas(folder: Path) -> dict[str, list[Any]]:
    """Read with pandas, its columns kept in Arrow's types: its own have no null for whole numbers."""
    pandas = importlib.import_module("pandas")
    found = {}
    for name in names(folder):
        frame = pandas.read_parquet(folder / "parquet" / f"{name}.parquet", dtype_backend="pyarrow")
        columns = [frame[column].array.__arrow_array__().to_pylist() for column in frame.columns]
        found[name] = told(zip(*columns, strict=True))
    return found


TOOLS: dict[str, Callable[[Path], dict[str, list[Any]]]] = {
    "duckdb": by_duckdb("open", "NAME"),
    "attached": by_duckdb("ATTACH 'FOLDER/golden.duckdb' AS r (READ_ONLY)", "r.NAME"),
    "parquet_by_duckdb": by_duckdb("SELECT 1", "read_parquet('FOLDER/parquet/NAME.parquet')"),
    "polars": by_polars,
    "pyarrow": by_pyarrow,
    "pandas": by_pandas,
}


if __name__ == "__main__":
    tool = sys.argv[1]
    package = importlib.import_module("duckdb" if "duckdb" in tool or tool == "attached" else tool)
    print(json.dumps({"version": package.__version__, "tables": TOOLS[tool](Path(sys.argv[2]))}))
