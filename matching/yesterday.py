"""What tonight's matching may build on: the base's, where the same program has made it and its workings are there.

Reads the base's manifest and the catalog `yesterday`. Keeps this: the tables that a stage changes in place hold the
base's rows, whoever wrote the warehouse last: a candidate that was held, a run that was killed, a release rolled back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.connection import has_rows, quote_identifier
from warehouse.program import RESOLUTION, resolution_version
from warehouse.release.manifest import read_manifest
from warehouse.state import knows_yesterday

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

    from matching.model import Model
    from warehouse.run import Run


def builds_on_base(con: DuckDBPyConnection, run: Run) -> bool:
    """Say whether what the base came to stands where nothing has changed since."""
    if run.base is None or run.full or not knows_yesterday(con):
        return False
    return read_manifest(run.base.directory).versions.get(RESOLUTION) == resolution_version()


def scores_as_base(con: DuckDBPyConnection, run: Run, model: Model) -> bool:
    """Say whether the base's pairs and customers stand where nothing has changed: it had this very model, too."""
    return builds_on_base(con, run) and run.base is not None and run.base.model_version == model.version


def holds_base(con: DuckDBPyConnection, run: Run, marker: str) -> bool:
    """Say whether the tables that `marker` speaks of hold the rows of the base."""
    return run.base is not None and con.execute(f"SELECT run_id FROM {marker}").fetchall() == [(run.base.lineage[0],)]


def take_up(con: DuckDBPyConnection, run: Run, marker: str, tables: Iterable[str]) -> None:
    """Let the tables hold the rows of the base; `marker` tells whose they hold."""
    if run.base is None or holds_base(con, run, marker):
        return
    for table in tables:
        con.execute(f"DELETE FROM {table}")
        if has_rows(con, f"SELECT 1 FROM yesterday.{table}"):
            target = ".".join(quote_identifier(part) for part in table.split("."))
            con.execute(f"INSERT INTO {target} BY NAME SELECT * FROM yesterday.{table}")
    mark(con, marker, run.base.lineage[0])


def mark(con: DuckDBPyConnection, marker: str, run_id: str) -> None:
    """Note whose rows the tables that `marker` speaks of hold from now on."""
    con.execute(f"DELETE FROM {marker}")
    con.execute(f"INSERT INTO {marker} VALUES (?)", [run_id])
