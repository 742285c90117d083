"""What people ask of the quarantine between nights: how much is open, the rows themselves, and to drop some for good.

READS: the open rows of landing.quarantine, landing.delivery, quality.run, landing.quarantine_drop. WRITES:
landing.quarantine_drop. Keeps: a row that was dropped stays where it is and is no longer open, in whatever delivery it
comes again; no record is touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.quarantine import CAN_REPLAY, open_rows

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from connectors.selection import Selection

_COUNTED = "counted_run"
"""The temporary table of the runs that count, as `count_runs` fills it."""


def count_runs(con: DuckDBPyConnection, published: tuple[str, ...], attempt: str | None) -> None:
    """Say which runs count: those that the current release rests on, newest first, and the last one if it is another.

    The last attempt has the position 0, whether there was one or not.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_COUNTED} (run_id VARCHAR, position INTEGER)").fetchall()
    runs = [(attempt, 0)] if attempt else []
    for run_id, position in [*runs, *((run_id, place) for place, run_id in enumerate(published, 1))]:
        con.execute(f"INSERT INTO {_COUNTED} VALUES (?, ?)", [run_id, position]).fetchall()


def leave_out_attempt(con: DuckDBPyConnection) -> None:
    """Let only those runs count that the current release rests on."""
    con.execute(f"DELETE FROM {_COUNTED} WHERE position = 0").fetchall()


def open_groups(con: DuckDBPyConnection, selection: Selection) -> list[dict[str, Any]]:
    """Return what is open by source, reason and the delivery that set it aside, the most first.

    `oldest` and `newest` are the starts of the runs that brought the files; `published` is false for what the last
    attempt set aside, if that is no part of the release; `can_replay` counts what is kept whole.
    """
    return _ask(
        con,
        "SELECT source, reason, delivery_id, count(*) AS rows, count(*) FILTER (can_replay) AS can_replay,"
        " min(came) AS oldest, max(came) AS newest, arg_min(path || ':' || line, (path, line)) AS first,"
        " bool_and(set_aside_at > 0) AS published FROM rows_open GROUP BY ALL"
        " ORDER BY rows DESC, source, reason, min(set_aside_at), delivery_id",
        selection,
    )


def count_open(con: DuckDBPyConnection, selection: Selection) -> int:
    """Return how many rows are open."""
    return int(_ask(con, "SELECT count(*) AS rows FROM rows_open", selection)[0]["rows"])


def was_ever(con: DuckDBPyConnection, selection: Selection) -> bool:
    """Say whether what the selection names has ever been in quarantine, so that it is no slip of the pen."""
    chosen, values = selection.sql()
    return bool(con.execute(f"SELECT count(*) FROM landing.quarantine WHERE {chosen}", values).fetchall()[0][0])


def show_open(con: DuckDBPyConnection, selection: Selection, limit: int, offset: int) -> list[dict[str, Any]]:
    """Return open rows with all that was kept of them, the newest delivery first, in the order of its files."""
    return _ask(
        con,
        "SELECT row_id AS id, source, delivery_id, delivered_in, came AS delivered_at, path, line, source_record_id,"
        " reason, detail, raw, can_replay, set_aside_at > 0 AS published FROM rows_open"
        f" ORDER BY set_aside_at, source, path, line LIMIT {int(limit)} OFFSET {int(offset)}",
        selection,
    )


def drop_open(
    con: DuckDBPyConnection, selection: Selection, *, at: datetime, by: str, why: str
) -> list[dict[str, Any]]:
    """Take the chosen rows out of the quarantine for good, and return what was written about each."""
    written = _ask(
        con,
        "SELECT source, row_id, path, line, reason FROM rows_open ORDER BY source, path, line, delivered_in",
        selection,
    )
    for row in written:
        con.execute(
            "INSERT INTO landing.quarantine_drop (source, row_id, path, line, reason, dropped_at, dropped_by, why)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [*row.values(), at, by, why],
        ).fetchall()
    return written


def dropped(con: DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return who has dropped how many rows, when and why, the last first."""
    found = con.execute(
        "SELECT dropped_at, dropped_by, why, source, reason, count(*) AS rows FROM landing.quarantine_drop"
        " GROUP BY ALL ORDER BY dropped_at DESC, source, reason"
    )
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _ask(con: DuckDBPyConnection, query: str, selection: Selection) -> list[dict[str, Any]]:
    """Ask the table rows_open: what is open and chosen, with `came`, when its file came, and `can_replay`."""
    chosen, values = selection.sql()
    found = con.execute(
        f"WITH rows_open AS (SELECT bad.*, {CAN_REPLAY} AS can_replay, run.started_at AS came"
        f" FROM (FROM ({open_rows(_COUNTED)}) WHERE {chosen}) AS bad"
        " LEFT JOIN landing.delivery AS delivery ON delivery.delivery_id = bad.delivered_in"
        f" LEFT JOIN quality.run AS run ON run.run_id = delivery.run_id) {query}",
        values,
    )
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
