"""A customer as of a release that is gone: rebuilt from the log of changes, which outlives every release.

Reads the table `change` of a release under its bare name. Writes nothing. Keeps this: what comes out are the rows of
`customer` and `crosswalk` as they were published then, no more and no less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from golden.history import ENDINGS
from golden.replay import Event, replay
from warehouse.tables.golden import CROSSWALK, CUSTOMER

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from warehouse.table_spec import TableSpec

Row = dict[str, Any]


class Moment(NamedTuple):
    """A release of the past: its id, and the last event that the log had by then."""

    release_id: str
    sequence: int


def moment_of_release(con: DuckDBPyConnection, release_id: str) -> Moment:
    """Return where the log stood when the release, as in `r12`, was published; later ones have greater numbers."""
    found = con.execute(
        "SELECT coalesce(max(sequence), 0) FROM change WHERE substr(release_id, 2)::BIGINT <= ?", [int(release_id[1:])]
    ).fetchall()
    return Moment(release_id, int(found[0][0]))


def moment_of_time(con: DuckDBPyConnection, until: datetime) -> Moment | None:
    """Return the last release that changed something and is as of `until` (naive UTC) or earlier, if there is one."""
    found = con.execute(
        'SELECT release_id FROM change WHERE "at" <= ? ORDER BY sequence DESC LIMIT 1', [until]
    ).fetchall()
    return moment_of_release(con, found[0][0]) if found else None


def customer_then(con: DuckDBPyConnection, golden_id: str, moment: Moment) -> tuple[Row, list[Row]] | None:
    """Return the rows of `customer` and `crosswalk` that the id had then, None where it was no living customer."""
    events = con.execute(
        "SELECT event, golden_id, source, source_record_id, after FROM change"
        " WHERE golden_id = ? AND sequence <= ? ORDER BY sequence",
        [golden_id, moment.sequence],
    ).fetchall()
    state = replay(Event(*event) for event in events)
    if golden_id not in state.customer:
        return None
    records = [_row(con, CROSSWALK, state.crosswalk[key]) for key in sorted(state.crosswalk)]
    return _row(con, CUSTOMER, state.customer[golden_id]), records


def holder_then(con: DuckDBPyConnection, source: str, source_record_id: str, moment: Moment) -> str | None:
    """Return the golden id that the record belonged to then, None where it was nobody's."""
    found = con.execute(
        "SELECT event, golden_id FROM change WHERE source = ? AND source_record_id = ? AND sequence <= ?"
        " AND event IN ('attached', 'detached') ORDER BY sequence DESC LIMIT 1",
        [source, source_record_id, moment.sequence],
    ).fetchall()
    return found[0][1] if found and found[0][0] == "attached" else None


def lived_on_as(con: DuckDBPyConnection, golden_id: str, moment: Moment) -> str | None:
    """Return who lived then of those that the id merged into, one after the other; None where there is nobody."""
    now: str | None = golden_id
    while now is not None:
        found = con.execute(
            "SELECT event, other_golden_id FROM change"
            " WHERE golden_id = ? AND sequence <= ? AND event IN (SELECT unnest(?))"
            " ORDER BY sequence DESC LIMIT 1",
            [now, moment.sequence, ["created", "unmerged", "revived", *ENDINGS]],
        ).fetchall()
        if not found:
            return None
        event, other = found[0]
        if event not in ENDINGS:
            return now
        now = other
    return None


def first_release_of(con: DuckDBPyConnection, golden_id: str) -> str | None:
    """Return the release that first had the golden id, None where none had."""
    found = con.execute(
        "SELECT release_id FROM change WHERE golden_id = ? AND event = 'created'", [golden_id]
    ).fetchall()
    return found[0][0] if found else None


def _row(con: DuckDBPyConnection, spec: TableSpec, after: str) -> Row:
    """Return the JSON row with the types of its table."""
    shape = ", ".join(f'"{column.name}":"{column.type}"' for column in spec.columns)
    found: Row = con.execute(f"SELECT from_json(?, '{{{shape}}}')", [after]).fetchall()[0][0]
    return found
