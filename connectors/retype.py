"""What is stored, typed again under the mapping of tonight.

READS: landing.source_record (as delivered: `raw`), the temporary table stored. WRITES: landing.source_record.
Keeps: afterwards every live record of the source that can be typed under tonight's mapping is; one that cannot stays as
it was accepted. Content does not change, so this counts nothing but a key that the new mapping spells differently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.accept import bury, write_versions
from connectors.check_columns import make_missing
from connectors.mapping import mapped_columns
from connectors.raw_rows import RawRows
from connectors.type_records import type_records
from warehouse.connection import quote_literal

if TYPE_CHECKING:
    from connectors.delivery import Accounts, Delivery

_OUTDATED = """stored.deleted = false AND stored.mapping_hash <> $mapping AND stored.source_record_id NOT IN
    (SELECT source_record_id FROM landing.source_record WHERE source = $source AND run_id = $run)"""
# A record that was made of lines is an array of rows, any other one is a row.
_ROWS = f"""(SELECT record.path, record.line, record.record_hash, record.source_record_id,
        CASE WHEN json_type(record.raw) = 'ARRAY' THEN CAST(record.raw AS JSON[])
            ELSE [CAST(record.raw AS JSON)] END AS rows
    FROM landing.source_record AS record
    JOIN stored ON stored.source_record_id = record.source_record_id AND stored.run_id = record.run_id
    WHERE record.source = $source AND {_OUTDATED})"""


def retype_stored(delivery: Delivery, accounts: Accounts) -> None:
    """Type again what the base has and this run has not delivered, where it was typed under another mapping."""
    con = delivery.con
    values = {"mapping": delivery.mapping, "source": delivery.name, "run": delivery.run.run_id}
    row = con.execute(f"SELECT count(*) FROM stored WHERE {_OUTDATED}", values).fetchone()
    if row is None or row[0] == 0:
        return
    raw = RawRows(con)
    raw.know(_stored_columns(delivery, values))
    make_missing(raw, mapped_columns(con, delivery.source, delivery.place))
    _fill(delivery, raw, values)
    type_records(con, raw, delivery.source, place=delivery.place, zone=delivery.zone, today=delivery.today)
    _write(delivery, accounts)


def _stored_columns(delivery: Delivery, values: dict[str, str]) -> list[str]:
    """Return the names of the columns that the stored rows have."""
    rows = delivery.con.execute(
        f"SELECT DISTINCT unnest(json_keys(row)) AS name FROM (SELECT unnest(rows) AS row FROM {_ROWS}) ORDER BY name",
        values,
    ).fetchall()
    return [name for (name,) in rows]


def _fill(delivery: Delivery, raw: RawRows, values: dict[str, str]) -> None:
    """Put the stored rows into raw_row; a record that was made of lines gives one row per line."""
    columns = "".join(f", {column}" for column in raw.columns.values())
    texts = "".join(f", json_extract_string(row, {quote_literal(pointer_to(name))})" for name in raw.columns)
    delivery.con.execute(
        f"INSERT INTO raw_row (_file, _path, _line, _origin, _raw, _hash, _was{columns})"
        f" SELECT -1, path, line + place, 'stored', CAST(row AS VARCHAR), record_hash, source_record_id{texts}"
        f" FROM (SELECT *, unnest(rows) AS row, unnest(range(len(rows))) AS place FROM {_ROWS})",
        values,
    ).fetchall()


def pointer_to(name: str) -> str:
    """Return a column's name as a JSON pointer into a row as delivered."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _write(delivery: Delivery, accounts: Accounts) -> None:
    con = delivery.con
    con.execute(
        "CREATE OR REPLACE TEMP TABLE retyped AS SELECT _was FROM typed_row WHERE _reason IS NULL"
        " AND source_record_id NOT IN"
        " (SELECT source_record_id FROM landing.source_record WHERE source = ? AND run_id = ?)"
        " QUALIFY row_number() OVER (PARTITION BY source_record_id ORDER BY updated_at DESC NULLS LAST, _was) = 1",
        [delivery.name, delivery.run.run_id],
    ).fetchall()
    write_versions(delivery, "SEMI JOIN retyped USING (_was)")
    accounts.deleted += bury(
        delivery,
        "SELECT _was FROM typed_row WHERE _reason IS NULL AND _was <> source_record_id"
        " AND _was NOT IN (SELECT source_record_id FROM typed_row WHERE source_record_id IS NOT NULL)",
    )
    row = con.execute("SELECT count(*) FROM typed_row WHERE _reason IS NOT NULL").fetchone()
    if row is not None and row[0] > 0:
        accounts.notes["kept_as_typed_before"] = str(row[0])
