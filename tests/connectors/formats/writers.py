"""Writes the same records in every format: as text cell by cell, and typed where a format has types of its own."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.connectors.formats.workbooks import text_cell, text_rows, workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal
    from pathlib import Path

    Texts = Sequence[dict[str, str | None]]


@dataclass(frozen=True)
class Typed:
    """A record with a key and a number of digits, an amount, a day and a moment."""

    id: str
    card: str
    amount: Decimal
    born: date
    at: datetime


NAMES = ("id", "card", "amount", "born", "at")


def texts_of(record: Typed) -> dict[str, str | None]:
    """Return a typed record as a program without types writes it."""
    return {
        "id": record.id,
        "card": record.card,
        "amount": format(record.amount, "f"),
        "born": record.born.isoformat(),
        "at": record.at.isoformat(),
    }


def _csv(path: Path, records: Texts) -> None:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(records[0]), quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    path.write_bytes(out.getvalue().encode())


def _jsonl(path: Path, records: Texts) -> None:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))


def _json(path: Path, records: Texts) -> None:
    path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")


def _parquet(path: Path, records: Texts) -> None:
    columns = {name: pa.array([record[name] for record in records], pa.string()) for name in records[0]}
    pq.write_table(pa.table(columns), path)


def _xlsx(path: Path, records: Texts) -> None:
    path.write_bytes(workbook({"records": text_rows(list(records[0]), records)}))


def _sql(path: Path, records: Texts) -> None:
    _fill(path, "TEXT", [tuple(record.values()) for record in records], tuple(records[0]))


def _typed_json(records: Sequence[Typed]) -> list[str]:
    return [
        json.dumps({**texts_of(record), "amount": 0}).replace('"amount": 0', f'"amount": {record.amount:f}')
        for record in records
    ]


def _typed_parquet(path: Path, records: Sequence[Typed]) -> None:
    kinds = (pa.string(), pa.string(), pa.decimal128(18, 2), pa.date32(), pa.timestamp("us"))
    columns = {
        name: pa.array([getattr(record, name) for record in records], kind)
        for name, kind in zip(NAMES, kinds, strict=True)
    }
    pq.write_table(pa.table(columns), path)


def _typed_xlsx(path: Path, records: Sequence[Typed]) -> None:
    header = "".join(map(text_cell, NAMES))
    rows = "".join(
        f"<row>{text_cell(record.id)}{text_cell(record.card)}<c><v>{float(record.amount):.17g}</v></c>"
        f'<c s="1"><v>{_serial(record.born)}</v></c><c s="2"><v>{_serial(record.at)}</v></c></row>'
        for record in records
    )
    path.write_bytes(workbook({"s": f"<row>{header}</row>{rows}"}, styles=["dd/mm/yyyy", "d.m.yy h:mm"]))


def _serial(day: date) -> float:
    seconds = 0
    if isinstance(day, datetime):
        seconds = day.hour * 3600 + day.minute * 60 + day.second
    return day.toordinal() - date(1899, 12, 30).toordinal() + seconds / 86_400


def _typed_sql(path: Path, records: Sequence[Typed]) -> None:
    rows = [
        (record.id, record.card, float(record.amount), record.born.isoformat(), record.at.isoformat(" "))
        for record in records
    ]
    _fill(path, "", rows, NAMES)


def _fill(path: Path, kind: str, rows: Sequence[tuple[object, ...]], names: Sequence[str]) -> None:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as con, con:
        con.execute(f"CREATE TABLE record ({', '.join(f'{name} {kind}' for name in names)})")
        con.executemany(f"INSERT INTO record VALUES ({', '.join('?' * len(names))})", rows)


def _as_texts(write: Callable[[Path, Texts], None]) -> Callable[[Path, Sequence[Typed]], None]:
    return lambda path, records: write(path, [texts_of(record) for record in records])


@dataclass(frozen=True)
class Writer:
    """How a format's files are written; `source` is what joinedup.yaml says besides `files` and `format`."""

    write: Callable[[Path, Texts], None]
    write_typed: Callable[[Path, Sequence[Typed]], None]
    files: str
    source: dict[str, Any]
    has_null: bool = True

    def mapping(self, file_format: str) -> dict[str, Any]:
        return {"files": self.files, "format": file_format, **self.source}


WRITERS: dict[str, Writer] = {
    "csv": Writer(_csv, _as_texts(_csv), "in.csv", {}, has_null=False),
    "jsonl": Writer(_jsonl, lambda path, records: _lines(path, _typed_json(records)), "in.jsonl", {}),
    "json": Writer(
        _json, lambda path, records: _lines(path, ["[", ",\n".join(_typed_json(records)), "]"]), "in.json", {}
    ),
    "parquet": Writer(_parquet, _typed_parquet, "in.parquet", {}),
    "xlsx": Writer(_xlsx, _typed_xlsx, "in.xlsx", {}),
    "sql": Writer(_sql, _typed_sql, "sqlite:///in.db", {"options": {"query": "SELECT * FROM record"}}),
}
EXCEPTED = {
    "mbox": "a mail's columns are made of its headers and body: tests/connectors/mail has its awkward ones",
    "maildir": "the same",
    "eml": "the same",
}


def _lines(path: Path, lines: Sequence[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines))
