"""Binds tonight's matching by what stewards have decided.

Reads matching.standardised and the stewards' log. Writes matching.decision. Keeps this: every decision of the log that
is neither revoked nor replaced is in it, with what became of its records since; what is written depends on the log at
one moment and on the set of records alone. How far the log went is reported as `decisions_head`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stewardship.evidence import states_query
from stewardship.store import open_store
from warehouse.run import Run, StageReport
from warehouse.tables.decision import DECISION

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.settings import Settings

READS = ("matching.standardised",)
WRITES = ("matching.decision",)


def bind_decisions(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write the decisions that hold anew, each with its state tonight; none where there is no store.

    Raises SurroundingsError where the store is out of reach.
    """
    standing = open_store(settings, run.workspace).read()
    query, parameters = states_query(standing.bound())
    con.execute("DELETE FROM matching.decision")
    con.execute(f"INSERT INTO matching.decision ({', '.join(DECISION.column_names)}) {query}", parameters)
    found = con.execute("SELECT state, count(*) FROM matching.decision GROUP BY state").fetchall()
    states = {"bound": 0, "reconfirm": 0, "dormant": 0} | dict(found)
    return StageReport(
        rows={"matching.decision": sum(states.values())}, figures={"decisions_head": standing.head, **states}
    )
