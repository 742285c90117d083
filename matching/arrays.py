"""Arrays in and out of DuckDB, with types that hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

Floats = NDArray[np.float64]
Levels = NDArray[np.int8]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


def columns(con: DuckDBPyConnection, query: str, parameters: Sequence[object] = ()) -> dict[str, NDArray[Any]]:
    """Return the result of `query`, which must hold no nulls, as one array per column."""
    return {name: np.asarray(values) for name, values in con.execute(query, list(parameters)).fetchnumpy().items()}


def numbers(values: NDArray[Any]) -> Numbers:
    """Return `values` as 64-bit integers."""
    return values.astype(np.int64)


def table(arrays: Mapping[str, NDArray[Any]]) -> pa.Table:
    """Return the arrays as an Arrow table."""
    return pa.table({name: pa.array(values) for name, values in arrays.items()})


def copy_table(source: DuckDBPyConnection, query: str, target: DuckDBPyConnection, name: str) -> int:
    """Make the table `name` in the database `target` from a query on `source`; return its number of rows."""
    rows = source.sql(query).to_arrow_table()
    target.register("incoming", rows)
    target.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM incoming")
    target.unregister("incoming")
    return int(rows.num_rows)
