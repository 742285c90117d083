"""Made-up exports in awkward dialects, each with what joinedup.yaml ought to say of it."""

from __future__ import annotations

import gzip
import json
import random
import sqlite3
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook

if TYPE_CHECKING:
    from pathlib import Path

GIVEN = (
    "Anna",
    "Robert",
    "Clara",
    "Peter",
    "Emma",
    "Frank",
    "Greta",
    "Thomas",
    "Ida",
    "James",
    "Karin",
    "Lucas",
    "Mary",
)
FAMILY = (
    "Falkner",
    "Brandvold",
    "Castellan",
    "Drummond",
    "Eriksen",
    "Galloway",
    "Hartigan",
    "Ibsen",
    "Jansen",
    "Kowal",
)
ROWS = 60

Expected = dict[str, Any]


class Exports:
    """Writes exports into a folder; `expected` says for each source what a reader would have written by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.dice = random.Random(20261122)
        self.expected: dict[str, Expected] = {}
        self.files: list[Path] = []

    def text(self, name: str, lines: list[str], encoding: str = "utf-8", end: str = "\n") -> None:
        content = end.join([*lines, ""]).encode(encoding)
        path = self.folder / name
        path.write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
        self.files.append(path)

    def person(self, number: int) -> tuple[str, str, str]:
        given, family = self.dice.choice(GIVEN), self.dice.choice(FAMILY)
        return given, family, f"{given}.{family}{number}@mail.example".lower()

    def day(self, first: int, last: int) -> tuple[int, int, int]:
        return self.dice.randint(first, last), self.dice.randint(1, 12), self.dice.randint(1, 28)


def write_german(exports: Exports) -> None:
    lines = ["Kundenstamm, Stand 01.03.2024", "", "Kundennr;Anrede;Name;Vorname;Geburtsdatum;Straße;Hausnr;PLZ;Ort;"]
    lines[2] += "Telefon;E-Mail-Adresse;Kundenkarte;Saldo;Angelegt am"
    for number in range(ROWS):
        given, family, email = exports.person(number)
        born, since = exports.day(1940, 2004), exports.day(2015, 2023)
        lines.append(
            f"{10_000 + number};Frau;{family};{given};{born[2]:02d}.{born[1]:02d}.{born[0]};Lange Straße;"
            f"{exports.dice.randint(1, 99)}a;{exports.dice.randint(10_000, 99_999)};Köln;0{170 + number % 9} "
            f"{exports.dice.randint(1_000_000, 9_999_999)};{email};TK-{exports.dice.randint(100_000, 999_999)};"
            f"{exports.dice.randint(1, 9)}.{exports.dice.randint(100, 999)},{exports.dice.randint(10, 99)};"
            f"{since[2]:02d}.{since[1]:02d}.{since[0]} 10:15"
        )
    exports.text("kunden.csv", [*lines, f"Summe: {ROWS} Datensätze"], "cp1252", "\r\n")
    exports.expected["kunden"] = {
        "holds": "account",
        "options.encoding": "cp1252",
        "options.delimiter": ";",
        "options.skip_rows": 2,
        "options.skip_footer": 1,
        "key": "Kundennr",
        "fields.family_name": "Name",
        "fields.given_name": "Vorname",
        "fields.birth_date": {"column": "Geburtsdatum", "format": "%d.%m.%Y"},
        "fields.street": {"join": ["Straße", "Hausnr"]},
        "fields.postal_code": "PLZ",
        "fields.city": "Ort",
        "fields.phone": "Telefon",
        "fields.email": "E-Mail-Adresse",
        "fields.identifier.loyalty": "Kundenkarte",
        "activity.at": {"column": "Angelegt am", "format": "%d.%m.%Y %H:%M"},
        "activity.reference": "Kundennr",
        "activity.amount": {"column": "Saldo", "decimal": ",", "thousands": "."},
    }


def write_french(exports: Exports) -> None:
    lines = ["N° facture\tDate facture\tNom\tPrénom\tCourriel\tTél. portable\tAdresse\tMontant TTC\tEtat"]
    for number in range(ROWS):
        given, family, email = exports.person(number)
        year, month, day = exports.day(2021, 2024)
        euros, cents = exports.dice.randint(1, 9), exports.dice.randint(10, 99)
        lines.append(
            f"F{2_000 + number}\t{day:02d}/{month:02d}/{year}\t{family.upper()}\t{given}\t{email}\t"
            f"06 {exports.dice.randint(10, 99)} 34 56 {exports.dice.randint(10, 99)}\t"
            f"{exports.dice.randint(1, 99)} rue des Lilas, 69003 Lyon\t"
            f"{euros} {exports.dice.randint(100, 999)},{cents}\t{exports.dice.choice(('payée', 'impayée', 'annulée'))}"
        )
    exports.text("factures.tsv", lines, "utf-8-sig")
    exports.expected["factures"] = {
        "holds": "invoice",
        "options.delimiter": "\t",
        "key": "N° facture",
        "fields.family_name": "Nom",
        "fields.given_name": "Prénom",
        "fields.email": "Courriel",
        "fields.phone": "Tél. portable",
        "fields.address": "Adresse",
        "activity.at": {"column": "Date facture", "format": "%d/%m/%Y"},
        "activity.reference": "N° facture",
        "activity.amount": {"column": "Montant TTC", "decimal": ",", "thousands": " "},
        "activity.status": "Etat",
    }


def write_spanish(exports: Exports) -> None:
    lines = [
        (
            "Nº Pedido|Fecha pedido|Cliente|Correo electrónico|Teléfono|Dirección|Código postal|Provincia|"
            "Importe|Moneda|Estado"
        )
    ]
    for number in range(ROWS):
        given, family, email = exports.person(number)
        year, month, day = exports.day(2022, 2024)
        lines.append(
            f"PED-{number:05d}|{day:02d}-{month:02d}-{year}|{family.upper()}, {given.upper()}|{email}|"
            f"+34 6{exports.dice.randint(10_000_000, 99_999_999)}|Calle Mayor {exports.dice.randint(1, 99)}|"
            f"{exports.dice.randint(28_001, 28_055)}|Madrid|{exports.dice.randint(10, 900)},{number % 90 + 10}|EUR|"
            f"{exports.dice.choice(('entregado', 'pendiente', 'cancelado'))}"
        )
    exports.text("pedidos.csv", lines, "latin-1")
    exports.expected["pedidos"] = {
        "holds": "order",
        "options.encoding": ("latin-1", "cp1252"),
        "options.delimiter": "|",
        "key": "Nº Pedido",
        "fields.full_name": {"column": "Cliente", "name_order": "family_first"},
        "fields.email": "Correo electrónico",
        "fields.phone": "Teléfono",
        "fields.street": "Dirección",
        "fields.postal_code": "Código postal",
        "fields.region": "Provincia",
        "activity.at": {"column": "Fecha pedido", "format": "%d-%m-%Y"},
        "activity.reference": "Nº Pedido",
        "activity.amount": {"column": "Importe", "decimal": ","},
        "activity.currency": "Moneda",
        "activity.status": "Estado",
    }


def write_american(exports: Exports) -> None:
    lines = ["TICKET_NO,OPENED_TS,CALLER,PHONE_NO,EMAIL_ADDR,ADDRESS,ISSUE,DETAILS,TICKET_STATUS,LAST_UPDATED"]
    for number in range(ROWS):
        given, family, email = exports.person(number)
        opened = 1_600_000_000 + exports.dice.randint(0, 90_000_000)
        lines.append(
            f'{400_100 + number},{opened},"{family.upper()}, {given.upper()} {exports.dice.choice("JKLM")}",'
            f"{exports.dice.choice(('(206) 555-01', '206.555.01', '+1 206 555 01'))}{number + 10},"
            f"{email if number % 7 else chr(92) + 'N'},"
            f'"{exports.dice.randint(1, 999)} Alder St, Seattle, WA 98{number + 100}",'
            f'Parcel late,"It said ""tomorrow"", order ORD-{7_000 + number} never came to us at all, please call me",'
            f"{exports.dice.choice(('open', 'solved', 'closed'))},{opened + 3_600}"
        )
    exports.text("helpdesk.csv", lines)
    exports.expected["helpdesk"] = {
        "holds": "case",
        "options.nulls": ["", "\\N"],
        "key": "TICKET_NO",
        "updated_at": {"column": "LAST_UPDATED", "epoch": "s"},
        "fields.full_name": {"column": "CALLER", "name_order": "family_first"},
        "fields.phone": "PHONE_NO",
        "fields.email": "EMAIL_ADDR",
        "fields.address": "ADDRESS",
        "activity.at": {"column": "OPENED_TS", "epoch": "s"},
        "activity.reference": "TICKET_NO",
        "activity.subject": "ISSUE",
        "activity.body": "DETAILS",
        "activity.status": "TICKET_STATUS",
        "references": [r"ORD-\d+"],
    }


def write_lines(exports: Exports) -> None:
    """Two files of one shape, packed, whose rows are the lines of orders."""
    for year in (2024, 2025):
        lines = ["order_no,ordered_at,cust_no,buyer_email,article_no,article_name,qty,line_total,currency"]
        for number in range(ROWS):
            _, _, email = exports.person(number)
            order = f"ORD-{(year - 2024) * 500 + 7_000 + number}"
            about = f"{order},{year}-{number % 12 + 1:02d}-11 09:{number % 60:02d},{10_000 + number},{email}"
            lines += [f"{about},MG-{line},Mug {line},{line + 1},{line + 1}4.50,USD" for line in range(number % 3 + 1)]
        exports.text(f"orders-{year}.csv.gz", lines)
    exports.expected["orders"] = {
        "holds": "order",
        "key": "order_no",
        "rows": "lines",
        "fields.email": "buyer_email",
        "links": [{"source": "kunden", "record": "cust_no"}],
        "activity.at": {"column": "ordered_at", "format": "%Y-%m-%d %H:%M"},
        "activity.reference": "order_no",
        "activity.currency": "currency",
        "activity.items": {
            "sku": "article_no",
            "quantity": "qty",
            "description": "article_name",
            "amount": "line_total",
        },
    }


def write_without_header(exports: Exports) -> None:
    lines = []
    for number in range(ROWS):
        given, family, email = exports.person(number)
        born = exports.day(1935, 2004)
        lines.append(f"{number + 900};{given} {family};{email};+49 221 555{number:04d};{born[2]}.{born[1]}.{born[0]}")
    exports.text("people.txt", lines)
    exports.expected["people"] = {
        "holds": "account",
        "options.delimiter": ";",
        "options.header": False,
        "options.columns": [f"column_{place}" for place in range(1, 6)],
        "key": "column_1",
        "fields.full_name": "column_2",
        "fields.email": "column_3",
        "fields.phone": "column_4",
        "fields.birth_date": {"column": "column_5", "format": "%d.%m.%Y"},
        "?activity.reference": "column_1",
    }


def write_nested(exports: Exports) -> None:
    lines = []
    for number in range(ROWS):
        given, family, email = exports.person(number)
        contacts = [
            {"type": "email", "value": email},
            {"type": "phone", "value": f"+47 22 55 {number + 10} {number + 20}"},
        ]
        lines.append(
            json.dumps(
                {
                    "chatId": f"c{number}",
                    "startedAt": 1_690_000_000_000 + number * 86_400_000,
                    "visitor": {"fullName": f"{given} {family}", "contacts": contacts},
                    "agentName": "Sam",
                    "lastModified": f"2024-03-{number % 28 + 1:02d}T10:00:00.250Z",
                    "text": f"Where is my order ORD-{7_000 + number}? It should have been here two days ago, thank you",
                }
            )
        )
    exports.text("chats.jsonl", lines)
    exports.expected["chats"] = {
        "holds": "interaction",
        "key": "chatId",
        "updated_at": {"column": "lastModified", "format": "%Y-%m-%dT%H:%M:%S.%fZ"},
        "fields.full_name": {"path": "visitor.fullName"},
        "fields.email": {"path": "visitor.contacts", "where": {"type": "email"}, "take": "value"},
        "fields.phone": {"path": "visitor.contacts", "where": {"type": "phone"}, "take": "value"},
        "activity.at": {"column": "startedAt", "epoch": "ms"},
        "activity.body": "text",
        "activity.handled_by": "agentName",
        "references": [r"ORD-\d+"],
    }


def write_document(exports: Exports) -> None:
    members = []
    for number in range(ROWS):
        given, family, email = exports.person(number)
        members.append(
            {"memberId": f"M{number:06d}", "firstName": given, "lastName": family, "emailAddress": email,
             "dob": f"{exports.dice.randint(1, 12)}/{exports.dice.randint(13, 28)}/{exports.dice.randint(40, 99)}",
             "addresses": {
                "line1": f"{number + 1} Mill Road", "city": "Astoria", "stateCode": "OR", "zip": f"97{number + 100}"
             },
             "twitterHandle": f"@{given.lower()}{number}", "joined": f"2021-{number % 12 + 1:02d}-09"}
        )  # fmt: skip
    exports.text("members.json", [json.dumps({"meta": {"count": ROWS}, "data": {"items": members}}, indent=1)])
    exports.expected["members"] = {
        "holds": "account",
        "options.records": "data.items",
        "key": "memberId",
        "fields.given_name": "firstName",
        "fields.family_name": "lastName",
        "fields.email": "emailAddress",
        "fields.birth_date": {"column": "dob", "format": "%m/%d/%y"},
        "fields.street": {"path": "addresses.line1"},
        "fields.city": {"path": "addresses.city"},
        "fields.region": {"path": "addresses.stateCode"},
        "fields.postal_code": {"path": "addresses.zip"},
        "fields.identifier.twitter": "twitterHandle",
        "activity.at": {"column": "joined", "format": "%Y-%m-%d"},
        "activity.reference": "memberId",
    }


def write_utf16(exports: Exports) -> None:
    lines = ["Call ID\tCall start\tCaller number\tAgent\tDirection\tCustomer no\tNotes\tNotes"]
    lines += [
        f"{number + 5_000}\t2024-05-{number % 28 + 1:02d} 08:30:00\t"
        f"+49 170 {exports.dice.randint(1_000_000, 9_999_999)}\tKim\t"
        f"{exports.dice.choice(('inbound', 'outbound'))}\t{10_000 + number}\t\tasked about a bill"
        for number in range(ROWS)
    ]
    exports.text("calls.csv", lines, "utf-16")
    exports.expected["calls"] = {
        "holds": "interaction",
        "options.encoding": "utf-16",
        "options.delimiter": "\t",
        "options.columns": [
            "Call ID",
            "Call start",
            "Caller number",
            "Agent",
            "Direction",
            "Customer no",
            "Notes",
            "Notes_2",
        ],
        "key": "Call ID",
        "fields.phone": "Caller number",
        "links": [{"source": "kunden", "record": "Customer no"}],
        "activity.at": {"column": "Call start", "format": "%Y-%m-%d %H:%M:%S"},
        "activity.handled_by": "Agent",
        "activity.direction": "Direction",
        "?activity.body": "Notes_2",
        "?activity.conversation": "Call ID",
    }


def write_workbook(exports: Exports) -> None:
    """Write a workbook of two tables, one below a title, and a sheet of prose."""
    book = Workbook()
    about = book.active
    assert about is not None
    about.append(["Monthly report, for internal use"])
    returns = book.create_sheet("Returns")
    returns.append(["Returns of May"])
    returns.append([])
    returns.append(["Return No", "Returned on", "Customer name", "Mail", "Reason", "Refund amount", "Currency"])
    staff = book.create_sheet("Price list")
    staff.append(["SKU", "Product name", "Unit price", "Last change"])
    for number in range(ROWS):
        given, family, email = exports.person(number)
        day = datetime(2024, 5, number % 28 + 1, 11, 30)  # noqa: DTZ001 - a cell has no zone
        returns.append([f"R{number:05d}", day, f"{given} {family}", email, "Broken", 12.5 + number, "EUR"])
        staff.append([f"AB-{number}", f"Mug {number}", 4.25 + number, day])
    path = exports.folder / "report.xlsx"
    book.save(path)
    exports.files.append(path)
    exports.expected["returns"] = {
        "holds": "case",
        "options.sheets": ["Returns"],
        "options.skip_rows": 2,
        "key": "Return No",
        "fields.full_name": "Customer name",
        "fields.email": "Mail",
        "activity.at": {"column": "Returned on", "format": "%Y-%m-%d %H:%M:%S"},
        "activity.reference": "Return No",
        "activity.subject": "Reason",
        "activity.amount": "Refund amount",
        "activity.currency": "Currency",
    }
    exports.expected["price_list"] = {
        "holds": "inventory",
        "options.sheets": ["Price list"],
        "key": "SKU",
        "updated_at": {"column": "Last change", "format": "%Y-%m-%d %H:%M:%S"},
        "?activity.at": {"column": "Last change", "format": "%Y-%m-%d %H:%M:%S"},
        "?activity.reference": "SKU",
    }


def write_database(exports: Exports) -> None:
    path = exports.folder / "crm.db"
    with closing(sqlite3.connect(path)) as con, con:
        con.execute(
            "CREATE TABLE contacts (contact_id INTEGER, forename TEXT, surname TEXT, mobile TEXT, modified TEXT)"
        )
        for number in range(ROWS):
            given, family, _ = exports.person(number)
            row = (number + 1, given, family, f"+47 912 34 {number + 100}", f"2024-02-{number % 28 + 1:02d}")
            con.execute("INSERT INTO contacts VALUES (?, ?, ?, ?, ?)", row)
    exports.files.append(path)
    exports.expected["contacts"] = {
        "holds": "account",
        "options.query": 'SELECT * FROM "contacts"',
        "key": "contact_id",
        "updated_at": {"column": "modified", "format": "%Y-%m-%d"},
        "fields.given_name": "forename",
        "fields.family_name": "surname",
        "fields.phone": "mobile",
        "?activity.at": {"column": "modified", "format": "%Y-%m-%d"},
        "activity.reference": "contact_id",
    }


def write_maildir(exports: Exports) -> None:
    folder = exports.folder / "inbox"
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number in range(ROWS):
        given, family, email = exports.person(number)
        text = (
            f"Message-ID: <{number}@mail.example>\nDate: Fri, 10 May 2024 10:{number:02d}:00 +0200\n"
            f"From: {given} {family} <{email}>\nTo: Shop <help@shop.example>\nSubject: ORD-{7_000 + number}\n\n"
            f"Where is it?\n"
        )
        (folder / ("cur" if number % 2 else "new") / f"{number:03d}.shop").write_text(text)
    exports.files.append(folder)
    exports.expected["inbox"] = {
        "holds": "message",
        "own_addresses": ["help@shop.example"],
        "references": [r"ORD-\d+"],
    }


WRITERS = (
    write_german,
    write_french,
    write_spanish,
    write_american,
    write_lines,
    write_without_header,
    write_nested,
    write_document,
    write_utf16,
    write_workbook,
    write_database,
    write_maildir,
)


def write_exports(folder: Path) -> Exports:
    """Write every export; the same ones each time."""
    exports = Exports(folder)
    for write in WRITERS:
        write(exports)
    return exports
