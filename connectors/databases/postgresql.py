"""PostgreSQL through ADBC: its own text of every value, streamed as Arrow out of one read-only snapshot.

Keeps: the server writes the texts, so no value of any type loses anything on the way; times that have a zone are in
UTC and end in Z; nothing can be changed by a query.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from connectors.databases.question import CONNECT_SECONDS, Answer, Database, check_names
from connectors.databases.watermark import Watermark, greatest, not_a_watermark
from connectors.formats.batch import Batch, UnreadableFile, line_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectors.databases.question import Question
    from connectors.databases.watermark import Kind

_SESSION = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO'",
    "SET LOCAL IntervalStyle = 'iso_8601'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL standard_conforming_strings = on",
    "SET LOCAL client_encoding = 'UTF8'",
)
_AS_IT_IS = ("text", "varchar", "bpchar", "name", "bool", "int2", "int4", "int8", "numeric", "json", "jsonb")
"""Types whose own text is ours too; all others give theirs by way of JSON: ISO times, arrays and rows as JSON."""
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("int2", "int4", "int8"), "integer"),
    "numeric": "decimal",
    **dict.fromkeys(("float4", "float8"), "real"),
    "date": "date",
    "timestamp": "time",
    "timestamptz": "instant",
    **dict.fromkeys(("text", "varchar", "bpchar", "name"), "text"),
}
_WAITING = {"connect_timeout": CONNECT_SECONDS, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""Parameters of libpq: how long to wait for a server, and how to notice one that is gone."""
_BATCH_BYTES = 4 << 20
_PREFIX = re.compile(r"^([A-Z_]+: )?(\[libpq\] )?((Failed to|Could not|Execution error) [^:]*: )*((ERROR|FATAL):\s*)?")


def ask(url: str, workspace: Path, question: Question) -> Iterator[Answer]:
    """Yield the rows of the question's answer; raises UnreadableFile."""
    del workspace  # a server knows no paths of ours
    import adbc_driver_postgresql.dbapi as adbc  # noqa: PLC0415 - only where there is such a source

    try:
        with closing(adbc.connect(_libpq(url))) as con, closing(con.cursor()) as cursor:
            for statement in _SESSION:
                cursor.execute(statement)
            cursor.execute(f"SELECT * FROM ({question.query}\n) AS q LIMIT 0")
            kinds = _types(cursor.fetch_arrow_table().schema, question)
            fields = [pa.field(name, pa.string(), metadata={"type": _declared(kind)}) for name, kind in kinds.items()]
            yield Answer(Batch(pa.schema(fields).empty_table(), line_numbers([])))
            if question.since and question.watermark and question.since.kind != _KINDS[kinds[question.watermark]]:
                question = replace(question, since=None)  # another type has another order: all is read again
            columns = ", ".join(_text_sql(name, kind) for name, kind in kinds.items())
            mark = _literal(question.since.text) if question.since else ""
            cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)})
            cursor.execute(question.narrowed(mark, _quoted, columns))
            yield from _answers(cursor.fetch_record_batch(), question, kinds)
    except (adbc.Error, pa.ArrowException, OSError) as error:  # the two last where it breaks off amid the rows
        raise UnreadableFile(f"PostgreSQL says: {_said(error)}") from error


def _answers(reader: pa.RecordBatchReader, question: Question, kinds: dict[str, str]) -> Iterator[Answer]:
    first = 1
    for batch in reader:
        table = pa.Table.from_batches([batch])
        numbers = line_numbers(range(first, first + batch.num_rows))
        yield Answer(Batch(table, numbers), _newest(table, question.watermark, kinds))
        first += batch.num_rows


def _newest(table: pa.Table, watermark: str | None, kinds: dict[str, str]) -> Watermark | None:
    return None if watermark is None else greatest(_KINDS[kinds[watermark]], table.column(watermark).to_pylist())


def _types(schema: pa.Schema, question: Question) -> dict[str, str]:
    """Return PostgreSQL's name of each column's type."""
    check_names(schema.names, question)
    kinds = {field.name: (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode() for field in schema}
    if question.watermark is not None and kinds[question.watermark] not in _KINDS:
        raise not_a_watermark(kinds[question.watermark])
    return kinds


def _declared(kind: str) -> str:
    """Return a type as the schema of a delivery names it: one name for all that is text."""
    return "text" if _KINDS.get(kind) == "text" else kind


def _text_sql(name: str, kind: str) -> str:
    column = _quoted(name)
    text = f"to_json({column}) #>> '{{}}'"
    if kind in _AS_IT_IS:
        text = f"{column}::text"
    elif kind == "timestamptz":
        text = f"replace({text}, '+00:00', 'Z')"
    elif kind == "bytea":
        text = f"encode({column}, 'hex')"
    return f"{text} AS {column}"


def _libpq(url: str) -> str:
    """Return the URL as libpq takes it: without a driver's name, and with an end to waiting for the server."""
    rest = url.partition("://")[2]
    for name, value in _WAITING.items():
        if f"{name}=" not in rest:
            rest += f"{'&' if '?' in rest else '?'}{name}={value}"
    return f"postgresql://{rest}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    """Return a literal without a type: it takes that of the column it is compared with.

    A bound value would have its own, and with it the driver could not stream the answer.
    """
    return "'" + text.replace("'", "''") + "'"


def _said(error: Any) -> str:  # noqa: ANN401 - the driver is imported only where it is used
    """Return what the server said, without the query, which is the user's own."""
    said = re.sub(r"\nLINE \d+:[^\n]*\n[^\n]*", "", str(error).partition("\n\nQuery was:")[0])
    return _PREFIX.sub("", said).strip()


DATABASE = Database(("postgresql", "postgres"), ask)
