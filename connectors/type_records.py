"""Rows of text to source records: each row of raw_row becomes a row of typed_row, with its key, hash and typed values.

READS: the temporary table raw_row. WRITES: the temporary tables typed_line and typed_row.
Keeps: a row is typed as a whole or quarantined with the first thing that is wrong with it; with `rows: lines` that
holds for all lines of a key together. The key and the text of a quarantined row are kept where they could be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from connectors.column_names import ColumnNames
from connectors.expressions import ExpressionSql
from connectors.formats import find_format
from connectors.mapping import expressions_of, is_mail
from connectors.record_keys import hash_sql, key_sql, raw_sql
from connectors.typed_columns import TYPED_COLUMNS, TYPES, typed_columns
from warehouse.connection import quote_identifier, quote_literal
from warehouse.errors import SettingsError
from warehouse.settings.expressions import SqlExpression
from warehouse.settings.sources import KeyHash

if TYPE_CHECKING:
    from datetime import date

    from duckdb import DuckDBPyConnection

    from connectors.raw_rows import RawRows
    from warehouse.settings import SourceSettings

TYPING_VERSION = 2
"""Raised whenever the same row is typed, or the same mail read, differently, so that it is read and typed again."""

_ABOUT = ("_file", "_path", "_line", "_origin", "_whole", "_was")
_LINE = "CASE WHEN _whole IS NULL THEN raw ELSE CAST(to_json(raw) AS VARCHAR) END"
"""A line as delivered, as JSON: one that could not be read is a text."""
_POSITION = "CAST(_file AS HUGEINT) * 18446744073709551616 + _line"


def type_records(
    con: DuckDBPyConnection, raw: RawRows, source: SourceSettings, *, place: str, zone: str, today: date
) -> int:
    """Fill typed_row from raw_row; return how many records the rows are.

    `source` has its mapping complete, every column that it names is known to `raw`; `place` is where it stands in
    joinedup.yaml. Raises SettingsError for a mapping that cannot be computed.
    """
    _check_zone(con, zone)
    read_as = find_format(source.format)
    dated = read_as is not None and read_as.dated
    to_sql = ExpressionSql(con, ColumnNames(raw.columns), source.options.nulls, zone, today, dated)
    lines = source.rows == "lines"
    query = _query(raw, source, to_sql, place)
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE {'typed_line' if lines else 'typed_row'} AS {query}").fetchall()
    except duckdb.Error as error:
        if any(isinstance(expression, SqlExpression) for _, expression in expressions_of(source, place)):
            problem = f"a {{sql: …}} of this source fails on a row: {error}; use TRY_CAST, try_strptime or TRY(…)"
            raise SettingsError(problem, key=place) from error
        raise
    if not lines:
        return raw.read
    con.execute(f"CREATE OR REPLACE TEMP TABLE typed_row AS {_grouped(source)}").fetchall()
    return _count_records(con, source)


def _query(raw: RawRows, source: SourceSettings, to_sql: ExpressionSql, place: str) -> str:
    key = key_sql(source, to_sql.column)
    typed = typed_columns(source, to_sql, place)
    hashed = to_sql.column("content_hash") if is_mail(source) else hash_sql(raw.columns)
    reasons = [("_reason", "_detail"), (f"CASE WHEN ({key}) IS NULL THEN 'no_key' END", quote_literal(_no_key(source)))]
    reasons.append((to_sql.reason(), to_sql.detail()))
    detail = " ".join(f"WHEN {reason} IS NOT NULL THEN {found}" for reason, found in reasons)
    columns = {
        "source_record_id": key,
        "_reason": f"coalesce({', '.join(reason for reason, _ in reasons)})",
        "_detail": f"CASE {detail} END",
        "raw": f"coalesce(_raw, {raw_sql(raw.columns)})",
        "record_hash": f"coalesce(_hash, {hashed})",
        "_marked": _marked(source, to_sql),
        **typed,
    }
    selected = ", ".join([*_ABOUT, *(f"{sql} AS {quote_identifier(name)}" for name, sql in columns.items())])
    return f"SELECT {selected} FROM ({to_sql.layered('raw_row')})"


def _no_key(source: SourceSettings) -> str:
    columns = source.key.hash if isinstance(source.key, KeyHash) else source.key
    return f"{' or '.join(columns)} is empty; a record needs its key"


def _marked(source: SourceSettings, to_sql: ExpressionSql) -> str:
    """Return SQL that says whether a row says of itself that its record was deleted."""
    if source.deleted is None:
        return "false"
    words = ", ".join(map(quote_literal, source.deleted.equals))
    return f"coalesce({to_sql.column(source.deleted.column)} IN ({words}), false)"


def _unit(source: SourceSettings) -> str:
    """Return the columns by which lines are of one record.

    The files of a full load are one delivery in parts; those of an incremental one are deliveries of their own.
    """
    return "source_record_id" if source.load == "full" else "_file, source_record_id"


def _grouped(source: SourceSettings) -> str:
    """Return the query that makes one row of all lines of a key, in the order of the files and their lines.

    Of values that differ between the lines the first that is there counts; a record is deleted when all its lines are.
    """
    columns = {
        "_file": f"arg_min(_file, {_POSITION})",
        "_path": f"arg_min(_path, {_POSITION})",
        "_line": f"arg_min(_line, {_POSITION})",
        "_origin": f"arg_min(_origin, {_POSITION})",
        "_whole": f"arg_min(_whole, {_POSITION})",
        "_was": "max(_was)",
        "source_record_id": "max(source_record_id)",
        "_reason": f"arg_min(_reason, {_POSITION})",
        "_detail": f"arg_min(_detail, {_POSITION})",
        "raw": f"'[' || string_agg({_LINE}, ',' ORDER BY {_POSITION}) || ']'",
        "record_hash": "CASE WHEN max(_was) IS NULL"
        f" THEN sha256(string_agg(record_hash, ' ' ORDER BY {_POSITION})) ELSE max(record_hash) END",
        "_marked": "bool_and(_marked)",
        "updated_at": "max(updated_at)",
        **{name: _over_lines(name) for name in TYPED_COLUMNS},
    }
    selected = ", ".join(f"{sql} AS {quote_identifier(name)}" for name, sql in columns.items())
    group = f"GROUP BY {_unit(source)}"
    alone = f"SELECT {', '.join(map(quote_identifier, columns))} FROM typed_line WHERE source_record_id IS NULL"
    return f"SELECT {selected} FROM typed_line WHERE source_record_id IS NOT NULL {group} UNION ALL BY NAME {alone}"


def _over_lines(name: str) -> str:
    if name == "items":
        lines = f"flatten(list(items ORDER BY {_POSITION}))"
        parts = ", ".join(f"'{part}': item.{part}" for part in ("sku", "description", "quantity", "amount"))
        return f"CAST(list_transform({lines}, lambda item, i: {{'line': i, {parts}}}) AS {TYPES['items']})"
    if name == "quoted_references":
        return "list_sort(list_distinct(flatten(list(quoted_references))))"
    column = quote_identifier(name)
    if TYPES[name].endswith("[]"):
        return f"coalesce(arg_min(CASE WHEN len({column}) > 0 THEN {column} END, {_POSITION}), [])"
    return f"arg_min({column}, {_POSITION})"


def _count_records(con: DuckDBPyConnection, source: SourceSettings) -> int:
    row = con.execute(
        f"SELECT (SELECT count(*) FROM (SELECT DISTINCT {_unit(source)} FROM typed_line"
        " WHERE source_record_id IS NOT NULL)) + (SELECT count(*) FROM typed_line WHERE source_record_id IS NULL)"
    ).fetchone()
    return int(row[0]) if row else 0


def _check_zone(con: DuckDBPyConnection, zone: str) -> None:
    try:
        con.execute("SELECT timezone(?, TIMESTAMP '2000-01-01')", [zone]).fetchall()
    except duckdb.Error as error:
        problem = f"{zone!r} is no time zone; allowed: a name such as America/Los_Angeles, Europe/Berlin or UTC"
        raise SettingsError(problem, key="timezone") from error
