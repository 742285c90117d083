"""What becomes of each delivered record (new, changed, unchanged, duplicate, superseded, quarantined); what is gone.

READS: typed_row, landing.source_record, landing.lineage, landing.quarantine and what says whether it is open.
WRITES: landing.source_record, landing.quarantine, landing.quarantine_end.
Keeps (contract: what a night means, 2 to 4): every record of typed_row gets exactly one verdict; of one key at most one
version is written; a quarantined record with a readable key counts as delivered, so it is never a deletion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.look_back import check_age, check_end
from connectors.mapping import is_mail
from connectors.quarantine import set_aside, supersede, supersede_within
from connectors.typed_columns import TYPED_COLUMNS
from warehouse.connection import has_rows, quote_identifier, quote_literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.delivery import Accounts, Delivery
    from connectors.read_files import FileRead

VERDICTS = ("new", "changed", "unchanged", "duplicate", "superseded", "quarantined")


def accept(delivery: Delivery, accounts: Accounts, reads: Sequence[FileRead]) -> None:
    """Judge every record of typed_row against the others and the base, write what is new, count the verdicts.

    Raises SourceError, and writes nothing, for an export that is older than what was accepted, or was cut off.
    """
    find_stored(delivery)
    check_end(delivery, accounts, reads)
    check_age(delivery, accounts)
    _judge(delivery)
    conclude(delivery, accounts, quote_literal(delivery.id))
    supersede_within(delivery)
    supersede(delivery, "CASE WHEN _origin = 'fresh' THEN 0 END")
    if delivery.source.load == "full":
        accounts.deleted += bury(
            delivery,
            "SELECT source_record_id FROM stored WHERE NOT deleted AND source_record_id NOT IN"
            " (SELECT source_record_id FROM typed_row WHERE source_record_id IS NOT NULL)",
        )


def conclude(delivery: Delivery, accounts: Accounts, delivered_in: str) -> None:
    """Write what the verdicts call for, set aside what is bad, and count both.

    `delivered_in` is SQL over typed_row for the delivery that a quarantined record came with.
    """
    set_aside(delivery, delivered_in)
    accounts.deleted += _write(delivery)
    for verdict, count in _counts(delivery).items():
        setattr(accounts, verdict, count)


def find_stored(delivery: Delivery) -> None:
    """Fill the temporary table stored: the newest version in the base of each of the source's records."""
    delivery.con.execute(
        "CREATE OR REPLACE TEMP TABLE stored AS"
        " SELECT record.source_record_id, record.run_id, record.path, record.line, record.deleted, record.record_hash,"
        " record.mapping_hash, record.updated_at"
        " FROM landing.source_record AS record"
        " JOIN landing.lineage AS lineage ON lineage.run_id = record.run_id AND lineage.position >= 1"
        " WHERE record.source = ? QUALIFY row_number()"
        " OVER (PARTITION BY record.source_record_id ORDER BY lineage.position) = 1",
        [delivery.name],
    ).fetchall()


def bury(delivery: Delivery, keys: str) -> int:
    """Write a tombstone for each key of the base that the query `keys` gives; return how many."""
    gone = f"SELECT source_record_id, record_hash FROM stored WHERE source_record_id IN ({keys})"
    if not has_rows(delivery.con, gone):
        return 0
    (buried,) = delivery.con.execute(
        "INSERT INTO landing.source_record (source, source_record_id, run_id, delivery_id, deleted, record_hash,"
        " mapping_hash, holds, trust)"
        f" SELECT ?, source_record_id, ?, ?, true, record_hash, ?, ?, ? FROM ({gone})",
        [
            delivery.name,
            delivery.run.run_id,
            delivery.id,
            delivery.mapping,
            delivery.source.holds,
            delivery.source.trust,
        ],
    ).fetchall()[0]
    return int(buried)


def write_versions(delivery: Delivery, chosen: str) -> None:
    """Write the rows of typed_row that the join `chosen` keeps as versions of this run."""
    names = list(map(quote_identifier, TYPED_COLUMNS))
    typed = ", ".join(f"typed_row.{name}" for name in names)
    delivery.con.execute(
        "INSERT INTO landing.source_record (source, source_record_id, run_id, delivery_id, path, line, deleted,"
        f" record_hash, mapping_hash, raw, updated_at, holds, trust, {', '.join(names)})"
        " SELECT ?, typed_row.source_record_id, ?, ?, typed_row._path, typed_row._line, typed_row._marked,"
        f" typed_row.record_hash, ?, typed_row.raw, typed_row.updated_at, ?, ?, {typed}"
        f" FROM typed_row {chosen}",
        [
            delivery.name,
            delivery.run.run_id,
            delivery.id,
            delivery.mapping,
            delivery.source.holds,
            delivery.source.trust,
        ],
    ).fetchall()


def _judge(delivery: Delivery) -> None:
    """Fill the temporary table verdict: one row per record that could be typed.

    A row of a file that the lineage has read before is as good as new where it is the very row that the stored version
    came from (so a corrected mapping reaches it); elsewhere what is stored is newer.
    """
    if is_mail(delivery.source):
        order, loser = "_origin = 'fresh', _file, _line", "quarantined"
    else:
        order, loser = "updated_at DESC NULLS LAST, is_fresh DESC, _file DESC, _line DESC", "superseded"
    incremental = delivery.source.load == "incremental"
    delivery.con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE verdict AS
        WITH delivered AS (
            SELECT source_record_id, _file, _line, _origin, _marked AS marked,
                typed_row.record_hash AS record_hash, typed_row.updated_at AS updated_at,
                stored.source_record_id IS NOT NULL AS is_stored, stored.deleted AS was_deleted,
                stored.record_hash IS NOT DISTINCT FROM typed_row.record_hash AS same,
                {incremental} AND stored.updated_at IS NOT NULL
                    AND coalesce(typed_row.updated_at < stored.updated_at, true) AS is_older,
                stored.mapping_hash <> $mapping AS other_mapping,
                coalesce(_origin = 'fresh' OR (stored.path = _path AND stored.line = _line), false) AS is_fresh
            FROM typed_row LEFT JOIN stored USING (source_record_id)
            WHERE _reason IS NULL
        ),
        copies AS (
            SELECT *, row_number() OVER (PARTITION BY source_record_id, record_hash ORDER BY {order}) AS copy
            FROM delivered
        ),
        ranked AS (
            SELECT *, row_number() OVER (PARTITION BY source_record_id, copy ORDER BY {order}) AS place FROM copies
        )
        SELECT source_record_id, _file, _line, marked, was_deleted, other_mapping, {cases(delivery, loser)} AS verdict
        FROM ranked""",
        {"mapping": delivery.mapping},
    ).fetchall()


def cases(delivery: Delivery, loser: str) -> str:
    """Return SQL for a record's verdict; `loser` is that of one of several that another one wins over."""
    changed_mail = "WHEN NOT was_deleted THEN 'quarantined'" if is_mail(delivery.source) else ""
    return f"""CASE
        WHEN copy > 1 THEN 'duplicate'
        WHEN place > 1 THEN '{loser}'
        WHEN NOT is_stored THEN 'new'
        WHEN same AND (marked OR NOT was_deleted) THEN 'unchanged'
        {changed_mail}
        WHEN is_older OR NOT is_fresh THEN 'superseded'
        WHEN was_deleted AND NOT marked THEN 'new'
        ELSE 'changed' END"""


def _write(delivery: Delivery) -> int:
    """Write the versions that the verdicts call for; return how many records of the base these delete."""
    accepted = "FROM verdict WHERE verdict IN ('new', 'changed') OR (verdict = 'unchanged' AND other_mapping)"
    if has_rows(delivery.con, accepted):
        write_versions(delivery, f"SEMI JOIN ({accepted}) USING (_file, _line) WHERE typed_row._reason IS NULL")
    row = delivery.con.execute(
        "SELECT count(*) FROM verdict WHERE verdict IN ('changed', 'unchanged') AND marked AND NOT was_deleted"
    ).fetchone()
    return int(row[0]) if row else 0


def _counts(delivery: Delivery) -> dict[str, int]:
    counts = dict.fromkeys(VERDICTS, 0)
    rows = delivery.con.execute(
        "SELECT verdict, count(*) FROM (SELECT verdict FROM verdict"
        " UNION ALL SELECT 'quarantined' FROM typed_row WHERE _reason IS NOT NULL) GROUP BY ALL"
    ).fetchall()
    return counts | dict(rows)
