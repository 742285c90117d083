"""The quarantine: what is set aside with its reason, which of it is open, and what a later delivery puts an end to.

A quarantined record is open until it is replayed (read again on demand), superseded (its key was delivered again in
order, its file or a full export was read again, its source was withdrawn), or dropped by a person.

READS: typed_row, typed_line, verdict; landing.delivery, landing.file and the lineage. WRITES: landing.quarantine,
landing.quarantine_end. Keeps: every record that was not accepted is one row, with all that is known of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.mapping import is_mail
from connectors.reread import can_reread
from warehouse.connection import has_rows

if TYPE_CHECKING:
    from connectors.delivery import Delivery

KEPT_LINE = "STRUCT(path VARCHAR, line BIGINT, kept_as VARCHAR, raw VARCHAR)[]"

EVER = "TIMESTAMP '-infinity'"
"""Before every time that a row may say."""
CAN_REPLAY = """CASE WHEN lines IS NULL THEN coalesce(kept_as, 'part') <> 'part'
    ELSE len(list_filter(lines, lambda each: each.kept_as = 'part')) = 0 END"""
"""SQL over landing.quarantine: whether enough of the record is kept to read it again without its file."""


def set_aside(delivery: Delivery, delivered_in: str) -> None:
    """Write to landing.quarantine each record of typed_row that has a reason, or that was judged so.

    `delivered_in` is SQL over typed_row for the delivery that the record came with.
    """
    con, lines = delivery.con, delivery.source.rows == "lines"
    con.execute(
        "CREATE OR REPLACE TEMP TABLE set_aside AS"
        f" SELECT *, {delivered_in} AS delivered_in, _reason AS reason, _detail AS detail FROM typed_row"
        " WHERE _reason IS NOT NULL UNION ALL BY NAME"
        f" SELECT *, {delivered_in} AS delivered_in, {_judged(delivery)} FROM typed_row"
        " SEMI JOIN (FROM verdict WHERE verdict = 'quarantined') USING (_file, _line) WHERE _reason IS NULL"
    ).fetchall()
    kept = _kept_as(delivery)
    # What a row says, whatever other columns its file has; of what was not read its text says it.
    content = "bad.raw" if lines else f"CASE WHEN {kept} = 'row' THEN bad.record_hash ELSE bad.raw END"
    con.execute(
        "INSERT INTO landing.quarantine (delivery_id, source, path, line, source_record_id, reason, detail, raw,"
        " row_id, kept_as, lines, updated_at, delivered_in)"
        " SELECT $delivery, $source, bad._path, bad._line, bad.source_record_id, bad.reason, bad.detail, bad.raw,"
        f" 'q' || left(sha256($source || chr(10) || {content}), 12), {kept}, {'parts.lines' if lines else 'NULL'},"
        " CASE WHEN bad._whole IS NULL THEN bad.updated_at END, bad.delivered_in FROM set_aside AS bad"
        + (f" LEFT JOIN ({_lines_of_records(delivery)}) AS parts USING (_file, _line)" if lines else ""),
        {"delivery": delivery.id, "source": delivery.name},
    ).fetchall()
    con.execute("DROP TABLE set_aside").fetchall()


def _judged(delivery: Delivery) -> str:
    """Return SQL for the reason and detail of a record that could be read and is not taken all the same."""
    if is_mail(delivery.source):
        reason = "same_id_other_content"
        detail = "another message has had this Message-ID before; allowed: one content for each"
    else:
        reason = "incomplete_record"
        detail = "its record was accepted without this line; allowed: all lines at once; have its file read again"
    return f"'{reason}' AS reason, '{detail}' AS detail"


def _kept_as(delivery: Delivery) -> str:
    """Return SQL for how a row of typed_row (or typed_line) is kept: see landing.quarantine."""
    text = "'text'" if can_reread(delivery.source) else "'part'"
    return f"CASE WHEN _whole IS NULL THEN 'row' WHEN _whole THEN {text} ELSE 'part' END"


def _lines_of_records(delivery: Delivery) -> str:
    """Return the query that gives each record of set_aside its lines; a line without a key is one by itself."""
    kept = _kept_as(delivery).replace("_whole", "line._whole")
    line = f"{{path: line._path, line: line._line, kept_as: {kept}, raw: line.raw}}"
    same_file = "" if delivery.source.load == "full" else " AND line._file = bad._file"
    keyed = (
        f"SELECT bad._file, bad._line, CAST(list({line} ORDER BY line._file, line._line) AS {KEPT_LINE}) AS lines"
        " FROM set_aside AS bad JOIN typed_line AS line"
        f" ON line.source_record_id = bad.source_record_id{same_file} GROUP BY ALL"
    )
    alone = (
        f"SELECT bad._file, bad._line, CAST([{line}] AS {KEPT_LINE}) AS lines FROM set_aside AS bad"
        " JOIN typed_line AS line ON line._file = bad._file AND line._line = bad._line"
        " WHERE bad.source_record_id IS NULL"
    )
    return f"{keyed} UNION ALL {alone}"


def open_rows(lineage: str = "landing.lineage") -> str:
    """Return the query that gives what is open of the quarantine.

    `lineage` is a table of run_id and position (0: newest) of the runs that count. The columns are those of
    landing.quarantine, with `set_aside_at`, the position of the run that set the record aside, `came_at`, that of the
    run that brought its file, and `run_id`, the former.
    """
    return f"""
        WITH counted AS (
            SELECT delivery.delivery_id, delivery.source, delivery.load, delivery.outcome, delivery.run_id,
                lineage.position
            FROM landing.delivery AS delivery JOIN {lineage} AS lineage ON lineage.run_id = delivery.run_id
        ), afresh AS (
            SELECT source, min(position) AS position FROM counted
            WHERE outcome = 'withdrawn' OR (outcome = 'read' AND load = 'full') GROUP BY source
        ), read_again AS (
            SELECT file.delivery_id, file.path, min(later.position) AS position
            FROM landing.file AS file
            JOIN landing.file AS again ON again.source = file.source AND again.sha256 = file.sha256
            JOIN counted AS later ON later.delivery_id = again.delivery_id
            WHERE again.left_because IS NULL AND EXISTS (SELECT 1 FROM landing.quarantine AS kept
                WHERE kept.delivered_in = file.delivery_id AND kept.path = file.path)
            GROUP BY ALL
        ), ended AS (
            SELECT ended.* FROM landing.quarantine_end AS ended
            JOIN {lineage} AS lineage ON lineage.run_id = ended.run_id
        )
        SELECT bad.*, counted.position AS set_aside_at, coalesce(came.position, counted.position) AS came_at,
            counted.run_id
        FROM landing.quarantine AS bad
        JOIN counted ON counted.delivery_id = bad.delivery_id
        LEFT JOIN counted AS came ON came.delivery_id = bad.delivered_in
        LEFT JOIN afresh ON afresh.source = bad.source
        LEFT JOIN read_again ON read_again.delivery_id = bad.delivered_in AND read_again.path = bad.path
        WHERE coalesce(coalesce(came.position, counted.position) <= afresh.position, true)
            AND coalesce(counted.position <= read_again.position, true)
            AND NOT EXISTS (SELECT 1 FROM ended WHERE ended.delivery_id = bad.delivery_id
                AND ended.delivered_in = bad.delivered_in AND ended.path = bad.path AND ended.line = bad.line)
            AND NOT EXISTS (SELECT 1 FROM landing.quarantine_drop AS gone
                WHERE gone.source = bad.source AND gone.row_id = bad.row_id)"""


def supersede(delivery: Delivery, came_at: str) -> None:
    """Put an end to what is open of earlier deliveries and has its key in order now.

    `came_at` is SQL over typed_row for the position of the run that brought the record, null where it was there before.
    A full load needs no word about it: it stands for all that the source has. What says of itself that it is newer than
    what was accepted stays open.
    """
    earlier = f"FROM ({open_rows()}) WHERE source = ? AND set_aside_at >= 1 AND source_record_id IS NOT NULL"
    if delivery.source.load == "full" or not has_rows(delivery.con, earlier, [delivery.name]):
        return
    delivery.con.execute(
        "INSERT INTO landing.quarantine_end (delivery_id, delivered_in, path, line, source, ended, run_id, ended_in)"
        " SELECT bad.delivery_id, bad.delivered_in, bad.path, bad.line, bad.source, 'superseded', $run, $delivery"
        f" FROM ({open_rows()}) AS bad JOIN (SELECT *, {came_at} AS came_at FROM typed_row) AS row"
        " ON row.source_record_id = bad.source_record_id AND row.came_at < bad.came_at"
        " JOIN verdict ON verdict._file = row._file AND verdict._line = row._line"
        " WHERE bad.source = $source AND bad.set_aside_at >= 1 AND row._reason IS NULL"
        " AND verdict.verdict IN ('new', 'changed', 'unchanged')"
        " AND coalesce(bad.updated_at <= row.updated_at, bad.updated_at IS NULL)",
        {"run": delivery.run.run_id, "delivery": delivery.id, "source": delivery.name},
    ).fetchall()


def supersede_within(delivery: Delivery) -> None:
    """Put an end to what tonight's own files have in order further on: with a greater updated_at, else on a later line.

    Whichever of the two is new, only the latter counts; where the time of a row cannot be read, its place decides.
    """
    keyed = "FROM typed_row WHERE _reason IS NOT NULL AND source_record_id IS NOT NULL"
    if is_mail(delivery.source) or not has_rows(delivery.con, keyed):
        return
    place = "{0}._origin = 'fresh', {0}._file, {0}._line"
    delivery.con.execute(
        "INSERT INTO landing.quarantine_end (delivery_id, delivered_in, path, line, source, ended, run_id, ended_in)"
        " SELECT $delivery, $delivery, bad._path, bad._line, $source, 'superseded', $run, $delivery"
        " FROM typed_row AS bad JOIN typed_row AS row ON row.source_record_id = bad.source_record_id"
        " JOIN verdict ON verdict._file = row._file AND verdict._line = row._line"
        " WHERE bad._reason IS NOT NULL AND row._reason IS NULL"
        " AND verdict.verdict IN ('new', 'changed', 'unchanged')"
        f" AND (coalesce(CASE WHEN bad._whole IS NULL THEN bad.updated_at END, row.updated_at, {EVER}),"
        f" {place.format('bad')}) < (coalesce(row.updated_at, {EVER}), {place.format('row')})",
        {"run": delivery.run.run_id, "delivery": delivery.id, "source": delivery.name},
    ).fetchall()


def date_back(delivery: Delivery) -> None:
    """Say of what was quarantined in files that the lineage had read before that it came with their first reading.

    What was superseded then is so still.
    """
    tonight = "FROM landing.quarantine WHERE delivery_id = ?"
    if delivery.source.load == "full" or not has_rows(delivery.con, tonight, [delivery.id]):
        return
    for table in ("landing.quarantine", "landing.quarantine_end"):
        delivery.con.execute(
            f"""
            UPDATE {table} SET delivered_in = first.delivery_id FROM (
                SELECT file.path, arg_max(earlier.delivery_id, lineage.position) AS delivery_id
                FROM landing.file AS file
                JOIN landing.file AS earlier ON earlier.source = file.source AND earlier.sha256 = file.sha256
                JOIN landing.delivery AS delivery ON delivery.delivery_id = earlier.delivery_id
                JOIN landing.lineage AS lineage ON lineage.run_id = delivery.run_id AND lineage.position >= 1
                WHERE file.delivery_id = $delivery AND earlier.left_because IS NULL
                    AND lineage.position < ALL (SELECT before.position FROM landing.delivery AS withdrawn
                        JOIN landing.lineage AS before ON before.run_id = withdrawn.run_id
                        WHERE withdrawn.source = file.source AND withdrawn.outcome = 'withdrawn')
                GROUP BY file.path) AS first
            WHERE {table}.delivery_id = $delivery AND {table}.path = first.path""",
            {"delivery": delivery.id},
        ).fetchall()
    delivery.con.execute(
        "INSERT INTO landing.quarantine_end (delivery_id, delivered_in, path, line, source, ended, run_id, ended_in)"
        " SELECT DISTINCT bad.delivery_id, bad.delivered_in, bad.path, bad.line, bad.source, 'superseded', $run,"
        " $delivery FROM landing.quarantine AS bad JOIN landing.quarantine_end AS before"
        " ON before.delivered_in = bad.delivered_in AND before.path = bad.path AND before.line = bad.line"
        " JOIN landing.lineage AS lineage ON lineage.run_id = before.run_id AND lineage.position >= 1"
        " WHERE bad.delivery_id = $delivery AND bad.delivered_in <> $delivery AND before.ended = 'superseded'",
        {"run": delivery.run.run_id, "delivery": delivery.id},
    ).fetchall()
