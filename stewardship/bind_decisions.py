"""Binds tonight's matching by what stewards have decided.

Reads matching.standardised, quality.stage and the stewards' log. Writes matching.decision. Keeps this: every pair of
records that a decision of the log says something of, and none since, is in it, with what became of the records; what is
written depends on the log as it was when tonight's rulings were bound, and on the set of records alone. How far the log
went is reported as `decisions_head`.
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

READS = ("matching.standardised", "quality.stage")
WRITES = ("matching.decision",)


def bind_decisions(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write the decisions that hold anew, each with its state tonight; none where there is no store.

    Raises SurroundingsError where the store is out of reach.
    """
    standing = open_store(settings, run.workspace).read(_head_of_rulings(con, run))
    query, parameters = states_query(standing.bound())
    con.execute("DELETE FROM matching.decision")
    con.execute(f"INSERT INTO matching.decision ({', '.join(DECISION.column_names)}) {query}", parameters)
    found = con.execute("SELECT state, count(*) FROM matching.decision GROUP BY state").fetchall()
    states = {"bound": 0, "reconfirm": 0, "dormant": 0} | dict(found)
    return StageReport(
        rows={"matching.decision": sum(states.values())}, figures={"decisions_head": standing.head, **states}
    )


def _head_of_rulings(con: DuckDBPyConnection, run: Run) -> int | None:
    """Return how far the log went when tonight's rulings were bound, None where they were not in this run."""
    found = con.execute(
        "SELECT (report->>'$.figures.decisions_head')::BIGINT FROM quality.stage WHERE run_id = ? AND stage = ?",
        [run.run_id, "bind_rulings"],
    ).fetchall()
    return int(found[0][0]) if found else None
