"""Writes the small open set anew in other formats, dialects and types, with the settings that read them."""

from __future__ import annotations

import csv
import gzip
import json
import re
import sqlite3
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BILLING_CSV = 'files: exports/billing.csv\n    format: csv\n    options: {delimiter: ",", encoding: utf-8}'
ORDERS_CSV = "files: exports/orders.csv\n    format: csv"
CASES_JSONL = "files: exports/cases.jsonl\n    format: jsonl"
MAIL_MBOX = "files: exports/mail.mbox\n    format: mbox"

TYPED = {
    BILLING_CSV: "files: exports/billing.xlsx\n    format: xlsx",
    ORDERS_CSV: "files: exports/orders-*.parquet\n    format: parquet",
    CASES_JSONL: "files: exports/cases.json\n    format: json\n    options: {records: data.cases}",
    MAIL_MBOX: "files: exports/Mail*\n    format: maildir",
}
"""Days and amounts as what they are, in workbooks and Parquet in parts; a document; a folder of mails."""

SPELT = {
    BILLING_CSV: "files: sqlite:///exports/shop.db\n    format: sql\n    options: {query: SELECT * FROM billing}",
    ORDERS_CSV: (
        "files: exports/orders.txt.gz\n    format: csv\n    options:\n"
        '      {delimiter: "\\t", encoding: utf-16, skip_rows: 2, skip_footer: 1, nulls: ["", "NULL"]}'
    ),
    "amount: amount": 'amount: {column: amount, decimal: ",", thousands: "."}',
    CASES_JSONL: "files: exports/cases-*.jsonl.gz\n    format: jsonl",
    MAIL_MBOX: "files: exports/mails/**/*.eml\n    format: eml",
}
"""A database, packed UTF-16 with a preamble, a footer and decimal commas; each mail in a file of its own."""


def settings_for(settings: str, replaced: Mapping[str, str]) -> str:
    """Return the open set's settings with the sources read in another way."""
    for before, after in replaced.items():
        assert before in settings
        settings = settings.replace(before, after)
    return settings


def write_typed(exports: Path, original: Path) -> None:
    """Write what `TYPED` reads."""
    book = openpyxl.Workbook()
    header, *rows = _rows(original / "billing.csv")
    sheet = book.worksheets[0]
    sheet.append(header)
    for row in rows:
        sheet.append([_cell(name, text) for name, text in zip(header, row, strict=True)])
    book.create_sheet("Notes").append(["made by", "finance"])
    book.save(exports / "billing.xlsx")
    header, *rows = _rows(original / "orders.csv")
    orders = pa.table({name: _column(name, texts) for name, texts in zip(header, zip(*rows, strict=True), strict=True)})
    half = orders.num_rows // 2
    pq.write_table(orders[:half], exports / "orders-1.parquet")
    pq.write_table(orders[half:].select(header[::-1]), exports / "orders-2.parquet", row_group_size=500)
    cases = [json.loads(line) for line in (original / "cases.jsonl").read_text().splitlines()]
    (exports / "cases.json").write_text(json.dumps({"data": {"cases": cases}, "count": len(cases)}, indent=1))
    folders = [exports / "Mail" / name for name in ("cur", "new", "tmp", ".Sent/cur", ".Sent/new")]
    for folder in folders:
        folder.mkdir(parents=True)
    for number, mail in enumerate(_mails(original)):
        folder = folders[(0, 1, 3)[number % 3]]
        flags = "" if folder.name == "new" else ":2,S"
        (folder / f"{1600000000 + number}.M{number}.host{flags}").write_bytes(mail)


def write_spelt(exports: Path, original: Path) -> None:
    """Write what `SPELT` reads."""
    header, *rows = _rows(original / "billing.csv")
    with closing(sqlite3.connect(exports / "shop.db")) as con, con:
        con.execute(f"CREATE TABLE billing ({', '.join(header)})")
        marks = ", ".join("?" * len(header))
        con.executemany(f"INSERT INTO billing VALUES ({marks})", [[text or None for text in row] for row in rows])
    header, *rows = _rows(original / "orders.csv")
    amount = header.index("amount")
    with gzip.open(exports / "orders.txt.gz", "wt", encoding="utf-16", newline="") as file:
        file.write("Orders\r\n\r\n")
        writer = csv.writer(file, delimiter="\t")
        writer.writerow(header)
        for row in rows:
            row[amount] = _with_comma(row[amount])
            writer.writerow([text or "NULL" for text in row])
        file.write(f"{len(rows)} rows\r\n")
    lines = (original / "cases.jsonl").read_bytes().splitlines(keepends=True)
    for part in (0, 1):
        (exports / f"cases-{part}.jsonl.gz").write_bytes(gzip.compress(b"".join(lines[part::2])))
    for number, mail in enumerate(_mails(original)):
        folder = exports / "mails" / str(number % 7)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.eml").write_bytes(mail.replace(b"\n", b"\r\n"))


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def _mails(original: Path) -> list[bytes]:
    """Return the mails of the mbox without what an mbox adds to them."""
    content = (original / "mail.mbox").read_bytes()
    mails = [mail.removesuffix(b"\n") for mail in re.split(rb"(?m)^From [^\n]*\n", content)[1:]]
    return [re.sub(rb"(?m)^>(>*From )", rb"\1", mail) for mail in mails]


def _cell(name: str, text: str) -> object:
    if name == "balance" and text:
        return float(text)
    if name == "zip" and text.isdigit() and not text.startswith("0"):
        return int(text)
    return _day(text, {"date_of_birth": "%m/%d/%Y", "opened_on": "%Y-%m-%d"}.get(name)) or None


def _day(text: str, pattern: str | None) -> object:
    """Return a day where the text is one: in a workbook, what is none stays a text."""
    try:
        return datetime.strptime(text, pattern) if pattern else text  # noqa: DTZ007 - a workbook knows no zone
    except ValueError:
        return text


def _column(name: str, texts: tuple[str, ...]) -> pa.Array[Any]:
    if name == "order_ts":
        return pa.array([datetime.fromisoformat(text) for text in texts], pa.timestamp("us"))
    if name == "amount":
        return pa.array([Decimal(text) if text else None for text in texts], pa.decimal128(12, 2))
    if name == "status":
        return pa.array([text or None for text in texts]).dictionary_encode()
    return pa.array([text or None for text in texts])


def _with_comma(amount: str) -> str:
    return f"{Decimal(amount):,}".translate(str.maketrans(",.", ".,")) if amount else ""
