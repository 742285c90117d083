"""Tonight's delivery beside those before it: whether it is older, overlaps itself, or fits the mapping less.

READS: typed_row, stored, landing.source_record, landing.quarantine, landing.file, landing.delivery, landing.lineage.
WRITES: nothing. Keeps: what is told names columns, shares and times, and no value of a record.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.column_names import shown
from warehouse.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from connectors.delivery import Accounts, Delivery
    from connectors.read_files import FileRead

_MANY_FAIL = 0.2
_MANY_OVERLAP = 0.5
_VALUE_REASONS = "('bad_timestamp', 'bad_date', 'bad_number', 'bad_value')"

_SIGNS_OF_AGE = """
    WITH delivered AS (
        SELECT source_record_id, max(updated_at) AS updated_at FROM typed_row
        WHERE source_record_id IS NOT NULL GROUP BY source_record_id
    ), known AS (
        SELECT source_record_id, updated_at FROM stored
        WHERE NOT deleted AND mapping_hash = $mapping AND updated_at IS NOT NULL
    ), newest AS (
        SELECT (SELECT max(updated_at) FROM delivered) AS tonight, (SELECT max(updated_at) FROM known) AS before
    )
    SELECT newest.tonight, newest.before,
        (SELECT count(*) FROM delivered JOIN known USING (source_record_id)
            WHERE delivered.updated_at < known.updated_at) AS set_back,
        (SELECT count(*) FROM delivered JOIN known USING (source_record_id)
            WHERE delivered.updated_at > known.updated_at) AS newer,
        (SELECT count(*) FROM known ANTI JOIN delivered USING (source_record_id)
            WHERE known.updated_at > newest.tonight) AS gone,
        (SELECT count(*) FROM stored WHERE NOT deleted) AS had
    FROM newest WHERE newest.tonight < newest.before"""
"""Of an older export all rows that differ are older than what is stored, and what is gone is newer than all of it."""


def check_age(delivery: Delivery, accounts: Accounts) -> None:
    """Refuse a full delivery that by its rows is older than what was accepted; tell of one that may be.

    Raises SourceError where at least `gate.and_at_least` records speak for it and none against.
    """
    if delivery.source.load != "full":
        return
    row = delivery.con.execute(_SIGNS_OF_AGE, {"mapping": delivery.mapping}).fetchone()
    if row is None:
        return
    tonight, before, set_back, newer, gone, had = row
    if newer or not set_back + gone:
        return
    if not set_back and gone > delivery.may_go * had:  # as of a truncated export, which is for the gate to hold
        return
    signs = (
        f"its newest row is of {tonight:%Y-%m-%d %H:%M}, and rows up to {before:%Y-%m-%d %H:%M} were accepted before: "
        f"{set_back:,} rows are older than what is stored, {gone:,} newer ones are not in it, and none is newer"
    )
    if set_back + gone >= delivery.at_least:
        problem = (
            f"this is an older export: {signs}; deliver the newest one, or where the source itself was set back raise "
            f"gate.and_at_least in joinedup.yaml above {set_back + gone} for one night"
        )
        raise SourceError(delivery.name, problem)
    accounts.told.append(f"this may be an older export: {signs}; it was taken as it is")


def check_end(delivery: Delivery, accounts: Accounts, reads: Sequence[FileRead]) -> None:
    """Refuse a full delivery that ends in the middle of a record and lacks what was accepted; tell of any other end.

    Raises SourceError. Where nothing is lacking, the record at the end is as good as any other that cannot be read: it
    is in quarantine, and the file is read again when it has changed.
    """
    ends = [f"{shown(read.file.path)}: {read.cut_off}" for read in reads if read.cut_off]
    if not ends:
        return
    (lacking,) = delivery.con.execute(
        "SELECT count(*) FROM stored ANTI JOIN typed_row USING (source_record_id) WHERE NOT stored.deleted"
    ).fetchall()[0]
    if lacking and delivery.source.load == "full":
        problem = f"{ends[0]}; {lacking:,} of its records are not in it: get the whole file and run again"
        raise SourceError(delivery.name, problem)
    accounts.told += [f"{end}; its last record is in quarantine, the others were taken" for end in ends]


def tell_overlap(delivery: Delivery, accounts: Accounts, files: int) -> None:
    """Tell of files that hold the same keys, though `take: all` says that they are parts of one delivery."""
    if delivery.source.load != "full" or delivery.source.rows == "lines" or files < 2:  # noqa: PLR2004 - one has no other
        return
    (keys, several) = delivery.con.execute(
        "SELECT count(*), count(*) FILTER (files > 1) FROM (SELECT count(DISTINCT _file) AS files FROM typed_row"
        " WHERE source_record_id IS NOT NULL GROUP BY source_record_id)"
    ).fetchall()[0]
    if several and several >= _MANY_OVERLAP * keys:
        accounts.told.append(
            f"{several:,} of {keys:,} keys stand in more than one of its {files} files: where each is a whole export "
            "and not a part of one, set `take: latest`, or what is gone from the newest is never deleted"
        )


def tell_misfits(delivery: Delivery, accounts: Accounts) -> None:
    """Tell of columns of which many values are not what the mapping says, and what it was before."""
    if accounts.read < delivery.at_least:
        return
    found = [*_set_aside(delivery, accounts.read), *_spared(delivery)]
    for what, misfits, values, before in found:
        if misfits >= _MANY_FAIL * values:
            accounts.told.append(
                f"{what}: {misfits / values:.0%} of {values:,} values are not what the mapping says "
                f"({'before: ' + format(before, '.0%') if before is not None else 'nothing was stored before'})"
            )


def _set_aside(delivery: Delivery, read: int) -> list[tuple[str, int, int, float | None]]:
    """Return (column, misfits, values, share before) of values that put their record into quarantine."""
    rows = delivery.con.execute(
        "SELECT split_part(_detail, ': found ', 1) AS what, count(*) FROM typed_row"
        f" WHERE _reason IN {_VALUE_REASONS} GROUP BY what ORDER BY what"
    ).fetchall()
    if not any(count >= _MANY_FAIL * read for _, count in rows):
        return []
    before = dict(
        delivery.con.execute(
            "WITH last AS (SELECT delivery.* FROM landing.delivery AS delivery JOIN landing.lineage AS lineage"
            " ON lineage.run_id = delivery.run_id AND lineage.position >= 1"
            " WHERE delivery.source = ? AND delivery.read > 0 AND delivery.outcome = 'read'"
            " ORDER BY lineage.position LIMIT 1)"
            " SELECT split_part(bad.detail, ': found ', 1) AS what, count(*) / max(last.read)"
            " FROM landing.quarantine AS bad JOIN last USING (delivery_id) GROUP BY what",
            [delivery.name],
        ).fetchall()
    )
    known = delivery.con.execute("SELECT count(*) FROM stored").fetchall()[0][0] > 0
    return [(shown(what), count, read, before.get(what, 0.0) if known else None) for what, count in rows]


def _spared(delivery: Delivery) -> list[tuple[str, int, int, float | None]]:
    """Return the same of birth dates, which cost the value alone and not the record."""
    count = "count(*) FILTER (len(unreadable) > 0), count(*) FILTER (birth_date IS NOT NULL OR len(unreadable) > 0)"
    (misfits, values) = delivery.con.execute(f"SELECT {count} FROM typed_row WHERE _reason IS NULL").fetchall()[0]
    if values < delivery.at_least or misfits < _MANY_FAIL * values:
        return []
    (were, known) = delivery.con.execute(
        f"SELECT {count} FROM landing.source_record AS record JOIN stored USING (source_record_id, run_id)"
        " WHERE record.source = ? AND NOT record.deleted",
        [delivery.name],
    ).fetchall()[0]
    return [("birth_date", misfits, values, were / known if known else None)]


def newest_arrival(delivery: Delivery, reads: list[FileRead]) -> datetime | None:
    """Return when the newest file read tonight was last written, else the newest of those last accepted."""
    tonight = [read.file.arrived_at for read in reads if read.left_because is None and read.file.arrived_at]
    if tonight:
        return max(tonight)
    row = delivery.con.execute(
        "SELECT max(file.arrived_at) FROM landing.file AS file JOIN landing.delivery AS delivery USING (delivery_id)"
        " JOIN landing.lineage AS lineage ON lineage.run_id = delivery.run_id AND lineage.position >= 1"
        " WHERE file.source = ? AND file.left_because IS NULL",
        [delivery.name],
    ).fetchone()
    return row[0] if row else None


def tell_lateness(delivery: Delivery, accounts: Accounts) -> None:
    """Tell where the newest delivery is older than `expect.every` says that one comes."""
    every, arrived = delivery.source.expect.every, accounts.newest_arrival
    if every is None or arrived is None or delivery.stands_at - arrived <= every:
        return
    accounts.told.append(
        f"late: the newest delivery arrived {arrived:%Y-%m-%d %H:%M} UTC, {_in_words(delivery.stands_at - arrived)} "
        f"before this night, and one is expected every {_in_words(every)}"
    )


def _in_words(span: timedelta) -> str:
    if span < timedelta(days=2):
        return f"{span / timedelta(hours=1):,.1f}".removesuffix(".0") + " hours"
    return f"{span / timedelta(days=1):,.1f}".removesuffix(".0") + " days"
