"""Binds tonight by what stewards have said that is neither same nor different: rulings.

Reads the stewards' log. Writes matching.ruling. Keeps this: every ruling of the log that is neither revoked nor
replaced is in it, whether its records are there tonight or not, for nothing is standardised yet; what is written
depends on the log at one moment alone. How far the log went is reported as `decisions_head`, and `bind_decisions` reads
no further: a release is bound by one log. How far the audit chain went is reported as `audit_head`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stewardship.accounts.review_chain import head_of
from stewardship.store import open_store
from warehouse.run import Run, StageReport
from warehouse.tables.decision import RULING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from stewardship.entry import Entry
    from stewardship.standing import Standing
    from warehouse.settings import Settings

READS = ()
WRITES = ("matching.ruling",)

RULINGS = ("pin", "placeholder", "household", "not_a_customer", "unsure")

_RULINGS_SQL = f"""
    INSERT INTO matching.ruling ({", ".join(RULING.column_names)})
    SELECT {", ".join(f"unnest(${column.name}::{column.type}[])" for column in RULING.columns)}"""


def bind_rulings(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write the rulings that hold anew; none where there is no store.

    Raises SurroundingsError where the store is out of reach.
    """
    store = open_store(settings, run.workspace)
    audit_head = head_of(store)  # of the log as it is read, or a little before
    standing = store.read()
    rulings = write_rulings(con, standing)
    counts = {ruling: sum(entry.kind == ruling for entry in rulings) for ruling in RULINGS}
    figures: dict[str, int | str] = {"decisions_head": standing.head, **counts}
    if audit_head is not None:
        figures["audit_head"] = audit_head
    return StageReport(rows={WRITES[0]: len(rulings)}, figures=figures)


def write_rulings(con: DuckDBPyConnection, standing: Standing) -> tuple[Entry, ...]:
    """Write the rulings that hold to matching.ruling, and nothing else, and return them."""
    rulings = tuple(entry for entry in standing.active() if entry.kind in RULINGS)
    rows = [_row(entry) for entry in rulings]
    con.execute(f"DELETE FROM {WRITES[0]}")
    con.execute(
        _RULINGS_SQL, {name: [row[place] for row in rows] for place, name in enumerate(RULING.column_names)}
    ).fetchall()
    return rulings


def _row(entry: Entry) -> tuple[object, ...]:
    """Return an entry by the columns of matching.ruling."""
    keys: list[str | None] = [part for record in entry.records for part in record]
    keys += [None] * (4 - len(keys))
    evidence_l, evidence_r, *_ = (*entry.evidence, None, None)
    return (
        entry.id,
        entry.kind,
        *keys,
        entry.attribute,
        entry.value,
        entry.until,
        entry.decided_by,
        entry.decided_at,
        entry.reason,
        evidence_l,
        evidence_r,
    )
