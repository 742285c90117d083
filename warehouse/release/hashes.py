"""The two hashes of a release: `content_hash`, what it says, and `release_hash`, that and every id in it.

Invariant: a hash depends on the rows alone: not on their order, the threads, the machine or where they are kept.
A row becomes text in the manner of JSON, so that no two rows share one text: doubles with 6 decimals, times in
microseconds, maps by key. Rows are parted by the first byte of the sha256 of their content; a part's digest is the
sha256 over the sorted hashes of its rows, a table's that over its parts', a release's that over its tables'.

`content_hash` leaves out the tables `change`, `redirect` and `signal_change` and the columns `attached_in` and
`changed_in`, which tell history, and puts in place of each golden id the least `source:source_record_id` of that
customer, and in place of each household id the least of its members'.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from duckdb.sqltypes import DuckDBPyType

from warehouse.connection import has_rows, quote_identifier, quote_literal
from warehouse.errors import JoinedupError
from warehouse.tables import RELEASE_TABLES, care, golden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from warehouse.table_spec import TableSpec

HISTORY_TABLES = (golden.CHANGE, golden.REDIRECT, care.SIGNAL_CHANGE)
HISTORY_COLUMNS = ("attached_in", "changed_in")
GOLDEN_ID = "golden_id"

HOUSEHOLD_ID = "household_id"
"""Depends on who is the oldest of the household, which is history."""

ID_COLUMNS = ("golden_id", "golden_id_l", "golden_id_r")


@dataclass(frozen=True, slots=True)
class ReleaseHashes:
    """Both hashes in hex, and the rows of each table by its name."""

    content_hash: str
    release_hash: str
    rows: Mapping[str, int]


def in_warehouse(spec: TableSpec) -> str:
    """Find a release table's rows in the warehouse, where tonight's candidate is."""
    return f"{quote_identifier(spec.schema)}.{quote_identifier(spec.name)}"


def in_catalog(catalog: str) -> Callable[[TableSpec], str]:
    """Find release tables in an attached golden.duckdb."""
    return lambda spec: f"{quote_identifier(catalog)}.main.{quote_identifier(spec.name)}"


def in_parquet(folder: Path) -> Callable[[TableSpec], str]:
    """Find release tables in a set of Parquet files."""
    return lambda spec: f"read_parquet({quote_literal(str(folder / f'{spec.name}.parquet'))})"


def hash_release(con: DuckDBPyConnection, relation: Callable[[TableSpec], str] = in_warehouse) -> ReleaseHashes:
    """Hash the release whose tables `relation` finds on the connection; a million customers take seconds."""
    release, content, rows = hashlib.sha256(), hashlib.sha256(), {}
    for spec in sorted(RELEASE_TABLES, key=lambda spec: spec.name):
        rows[spec.name], digests = _digest(con, spec, relation)
        for whole, digest in zip((release, content), digests, strict=False):
            whole.update(f"{spec.name} {rows[spec.name]} {digest}\n".encode())
    return ReleaseHashes(content.hexdigest(), release.hexdigest(), rows)


def _digest(
    con: DuckDBPyConnection, spec: TableSpec, relation: Callable[[TableSpec], str]
) -> tuple[int, tuple[str, ...]]:
    """Return the table's number of rows, the digest of its content and ids, and but for history that of its content."""
    of_rows = {"release_digest": "sha256(content_row || ids)"}
    if spec not in HISTORY_TABLES:
        of_rows["content_digest"] = "content_row"
    if not has_rows(con, f"SELECT 1 FROM {relation(spec)}"):
        return 0, (hashlib.sha256().hexdigest(),) * len(of_rows)
    content, ids = _row_texts(con, spec)
    of_parts = (f"sha256(array_to_string(list_sort(list({row})), '')) AS {name}" for name, row in of_rows.items())
    digests = (f"sha256(coalesce(string_agg({name}, '' ORDER BY part), ''))" for name in of_rows)
    found = con.execute(
        f"WITH hashed AS (SELECT sha256({content}) AS content_row, {ids} AS ids"
        f" FROM {_with_stand_ins(spec, relation)}),"
        f" parted AS (SELECT content_row[1:2] AS part, count(*) AS rows, {', '.join(of_parts)}"
        " FROM hashed GROUP BY part)"
        f" SELECT coalesce(sum(rows), 0)::BIGINT, {', '.join(digests)} FROM parted"
    ).fetchall()
    count, *found_digests = found[0]
    return count, tuple(found_digests)


def _row_texts(con: DuckDBPyConnection, spec: TableSpec) -> tuple[str, str]:
    """Return the SQL of a row's content and of its ids and history, each as text."""
    texts = {
        column.name: _text(f"t.{quote_identifier(column.name)}", con.sqltype(column.type)) for column in spec.columns
    }
    if spec in HISTORY_TABLES:
        return _joined(texts.values()), "''"
    varchar = con.sqltype("VARCHAR")
    apart = {*ID_COLUMNS, *HISTORY_COLUMNS, HOUSEHOLD_ID}
    content = [text for name, text in texts.items() if name not in apart]
    if "golden_id" in texts:
        content.append(_text("coalesce(s.stand_in, t.golden_id)", varchar))
    if HOUSEHOLD_ID in texts:
        least = f"min(coalesce(s.stand_in, t.golden_id)) OVER (PARTITION BY t.{HOUSEHOLD_ID})"
        content.append(_text(least, varchar))
    if "golden_id_l" in texts:
        left, right = "coalesce(l.stand_in, t.golden_id_l)", "coalesce(r.stand_in, t.golden_id_r)"
        # which of the two is l depends on the ids: their stand-ins are put in order again
        content += [_text(f"least({left}, {right})", varchar), _text(f"greatest({left}, {right})", varchar)]
    return _joined(content), _joined(text for name, text in texts.items() if name in apart)


def _with_stand_ins(spec: TableSpec, relation: Callable[[TableSpec], str]) -> str:
    """Return the table as `t`, joined with the stand-in of each golden id that it names."""
    stand_in = (
        "(SELECT golden_id, min(source || ':' || source_record_id) AS stand_in"
        f" FROM {relation(golden.CROSSWALK)} GROUP BY golden_id)"
    )
    joined = f"{relation(spec)} AS t"
    if spec in HISTORY_TABLES:
        return joined
    for column, alias in zip(ID_COLUMNS, ("s", "l", "r"), strict=True):
        if column in spec.column_names:
            joined += f" LEFT JOIN {stand_in} AS {alias} ON {alias}.golden_id = t.{column}"
    return joined


def _joined(texts: Iterable[str]) -> str:
    listed = list(texts)
    return f"concat_ws(',', {', '.join(listed)})" if listed else "''"


def _text(value: str, kind: DuckDBPyType, depth: int = 0) -> str:
    """Return the SQL that writes the value in the manner of JSON, the same on every machine."""
    if kind.id == "struct":
        return f"CASE WHEN {value} IS NULL THEN 'null' ELSE {_struct_text(value, kind, depth)} END"
    if kind.id == "list":
        entry = f"x{depth}"
        text = _list_text(value, entry, _text(entry, _part(kind, "child"), depth + 1))
    elif kind.id == "map":
        # a map knows no order: its entries are put in the order of their keys, which are unique
        entry = f"x{depth}"
        text = _list_text(f"list_sort(map_entries({value}))", entry, _struct_text(entry, kind, depth + 1))
    elif kind.id in {"double", "float"}:
        text = f"replace(format('{{:.6f}}', {value}::DOUBLE), '-0.000000', '0.000000')"
    elif kind.id == "timestamp":
        text = f"epoch_us({value})::VARCHAR"
    elif kind.id == "varchar":
        text = f"""'"' || replace(replace({value}, '\\', '\\\\'), '"', '\\"') || '"'"""
    else:
        text = f"{value}::VARCHAR"
    return f"coalesce({text}, 'null')"


def _list_text(value: str, entry: str, text: str) -> str:
    """Write `text` for each entry; a null list stays null, while an empty one is `[]`."""
    return f"'[' || array_to_string(list_transform({value}, lambda {entry}: {text}), ',') || ']'"


def _struct_text(value: str, kind: DuckDBPyType, depth: int) -> str:
    """Write the parts in their order; a map's entry is a struct of its key and value."""
    parts = [_text(f"{value}.{quote_identifier(name)}", _part(kind, name), depth) for name, _ in kind.children]
    return f"concat('{{', {_joined(parts)}, '}}')"


def _part(kind: DuckDBPyType, name: str) -> DuckDBPyType:
    part = dict(kind.children)[name]
    if isinstance(part, DuckDBPyType):
        return part
    message = f"{kind} cannot be hashed: {name} is no type"
    raise JoinedupError(message)
