"""The bench that pairs are compared and weighed on: a database in memory that knows what the model has frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.common_names import load_common_names
from matching.model import load_frequencies
from warehouse.connection import open_memory

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from matching.model import Model


def open_bench(con: DuckDBPyConnection, model: Model, *, threads: int = 2) -> DuckDBPyConnection:
    """Open a database in memory with the model's frequencies and common names; whoever opened it closes it."""
    bench = open_memory(threads=threads)
    load_frequencies(con, bench, model)
    load_common_names(bench, model.records)
    return bench
