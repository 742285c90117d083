"""Writes the exports that docs/sources reads: `python -m examples.sources.write` puts them beside this file.

Everybody in them is made up. The same seed gives the same files byte for byte, and says whose each record is.
"""

from __future__ import annotations

import csv
import io
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

SEED = 20_260_301
HERE = Path(__file__).parent / "exports"
GIVEN = (
    "Nora",
    "Tobias",
    "Edith",
    "Marcus",
    "Selma",
    "Gordon",
    "Philippa",
    "Anselm",
    "Judith",
    "Leopold",
    "Miriam",
    "Casper",
)
FAMILY = ("Hallworth", "Brindle", "Okonjo", "Varga", "Lindqvist", "Pemberton", "Achterberg", "Sorrell")
PEOPLE = 24
FIRST_DAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

Exports = dict[str, str]
Whose = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Person:
    """One made-up customer, as the account tells it."""

    account: str
    given: str
    family: str
    email: str
    phone: str
    street: str
    zip: str
    member: str
    handle: str


class Books:
    """What every writer needs: the people, dice, and a note of whose each record is."""

    def __init__(self) -> None:
        self.dice = random.Random(SEED)
        self.people = [self._person(number) for number in range(PEOPLE)]
        self.whose: Whose = {}

    def _person(self, number: int) -> Person:
        given, family = GIVEN[number % len(GIVEN)], FAMILY[number // 3 % len(FAMILY)]
        name = f"{given}.{family}".lower()
        return Person(
            account=f"C{1_001 + number}",
            given=given,
            family=family,
            email=f"{name}@{self.dice.choice(('post', 'inbox', 'mailbox'))}.example",
            phone=f"206555{1_000 + 37 * number}",
            street=f"{11 + 13 * number} {self.dice.choice(('Alder', 'Cannery', 'Harbor', 'Quarry'))} St",
            zip=f"981{number + 10}",
            member=f"LG-{770_000 + 7 * number}",
            handle=f"@{given.lower()}_{family.lower()[:4]}{number}",
        )

    def note(self, source: str, record: str, person: Person) -> None:
        """Remember whose a record is."""
        self.whose.setdefault(source, {})[record] = person.account

    def moment(self, day: int) -> datetime:
        """Return a moment on the day so many days after the first."""
        return FIRST_DAY + timedelta(days=day, minutes=self.dice.randint(0, 480))


def accounts(books: Books) -> str:
    """Return the shop's accounts, which the other exports hang on."""
    header = ["customer_no", "first_name", "last_name", "email", "phone", "street", "city", "state", "zip", "opened_on"]
    rows = []
    for number, person in enumerate(books.people):
        books.note("accounts", person.account, person)
        opened = f"2025-{number % 12 + 1:02d}-11"
        rows.append(
            [person.account, person.given, person.family, person.email, person.phone, person.street, "Seattle", "WA",
             person.zip, opened]
        )  # fmt: skip
    return _csv(header, rows)


def orders(books: Books) -> str:
    """Return an order for every second account."""
    rows = []
    for number, person in enumerate(books.people[::2]):
        order = f"LG-{50_210 + number}"
        books.note("orders", order, person)
        sku = ("TEA-01", "MUG-07", "LAMP-3")[number % 3]
        placed = books.moment(number)
        rows.append([order, person.account, f"{placed:%Y-%m-%d %H:%M}", sku, f"{19 + number}.50", "shipped"])
    return _csv(["order_no", "customer_no", "ordered_at", "sku", "total", "state"], rows)


def inventory(_: Books) -> str:
    """Return what is on the shelves: nobody's, but what orders name."""
    rows = [
        ["TEA-01", "A", "Black tea, 250 g", "212", "T-2511", "2026-02-01"],
        ["MUG-07", "A", "Mug, blue glaze", "0", "M-0912", "2026-02-01"],
        ["MUG-07", "B", "Mug, blue glaze", "64", "M-0913", "2026-02-01"],
        ["LAMP-3", "B", "Desk lamp", "17", "L-0301", "2026-02-01"],
    ]
    return _csv(["sku", "shelf", "article", "on_hand", "lot", "counted_on"], rows)


def known_issues(_: Books) -> str:
    """Return problems of ours, with what they concern."""
    rows = [
        ["KI-12", "Glaze chips off", "MUG-07", "M-0912", "", "", "2026-01-10", "", "https://larkspur.example/ki/12"],
        ["KI-13", "Parcels delayed", "", "", "Northpost", "WA", "2026-01-20", "2026-01-27", ""],
    ]
    return _csv(["issue", "what", "sku", "lot", "carrier", "region", "from", "until", "page"], rows)


def shipments(books: Books) -> str:
    """Return the parcels of some orders: who carries them, and what of which batch is in them."""
    owner = {f"LG-{50_210 + number}": person for number, person in enumerate(books.people[::2])}
    rows = [
        ["P-7001", "LG-50210", "2026-01-06", "Northpost", "TEA-01", "T-2511", "WA", "in transit", "2026-01-12"],
        ["P-7002", "LG-50211", "2026-01-07", "Northpost", "MUG-07", "M-0912", "WA", "in transit", "2026-01-13"],
        ["P-7003", "LG-50212", "2026-01-08", "Northpost", "LAMP-3", "L-0301", "WA", "delivered", "2026-01-14"],
        ["P-7004", "LG-50214", "2026-01-10", "Blue Van", "MUG-07", "M-0913", "WA", "in transit", "2026-03-02"],
        ["P-7005", "LG-50217", "2026-01-13", "Blue Van", "MUG-07", "M-0912", "WA", "delivered", "2026-01-19"],
    ]
    for row in rows:
        books.note("shipments", row[0], owner[row[1]])
    return _csv(["parcel", "order_no", "sent", "carrier", "sku", "lot", "to_state", "state", "due"], rows)


def phone_log(books: Books) -> str:
    """Return the telephone system's log: numbers as they were dialled, seconds since 1970, hardly a name."""
    lines = ["call;began;number;name;way;agent;about;callback_by"]
    for number, person in enumerate(books.people[:12]):
        call = f"PH{88_100 + number}"
        books.note("phone_log", call, person)
        began = books.moment(20 + number)
        dialled = f"+1 {person.phone[:3]} {person.phone[3:6]} {person.phone[6:]}"
        order = f"LG-{50_210 + number // 2}" if number % 2 == 0 else ""
        due = f"{began + timedelta(days=2):%m/%d/%Y}" if number % 4 == 0 else ""
        way = "outbound" if number % 5 == 4 else "inbound"  # noqa: PLR2004 - every fifth call is one of ours
        lines.append(
            f"{call};{int(began.timestamp())};{dialled};{person.family.upper()}, {person.given.upper()};{way};"
            f"{books.dice.choice(('kim', 'ravi'))};{order};{due}"
        )
    return "\n".join([*lines, ""])


def chats(books: Books) -> str:
    """Return the chat's export: a JSON object a line, the visitor within."""
    lines = []
    for number, person in enumerate(books.people[4:14]):
        chat = f"ch-{number + 301}"
        books.note("chats", chat, person)
        waits_for = "a lamp" if number % 2 else f"LG-{50_212 + number // 2}"
        contacts = [{"kind": "email", "value": person.email.upper()}, {"kind": "phone", "value": person.phone}]
        document = {
            "chat": chat,
            "started": f"{books.moment(30 + number):%Y-%m-%dT%H:%M:%SZ}",
            "visitor": {"name": f"{person.given} {person.family}", "contacts": contacts},
            "agent": {"login": "kim"},
            "topic": "Where is my parcel?",
            "transcript": f"Hello! I am waiting for {waits_for}. - Let me look. - Thank you!",
            "state": "resolved" if number % 3 else "waiting",
        }
        lines.append(json.dumps(document))
    return "\n".join([*lines, ""])


def web_sessions(books: Books) -> str:
    """Return the web shop's log of sessions: tabs, milliseconds, and the account where somebody was signed in."""
    lines = ["session\tbegan_ms\tuid\tmail\tlast_page"]
    for number, person in enumerate(books.people[8:20]):
        session = f"s{9_300 + 11 * number:x}"
        books.note("web_sessions", session, person)
        began = int(books.moment(35 + number).timestamp() * 1_000)
        page = books.dice.choice(("/returns", "/cart", "/help/delivery"))
        mail = person.email if number % 2 else ""
        lines.append(f"{session}\t{began}\t{person.account}\t{mail}\t{page}")
    return "\n".join([*lines, ""])


def loyalty(books: Books) -> str:
    """Return the loyalty programme's members, with their handles; some have only these."""
    rows = []
    for number, person in enumerate(books.people[6:18]):
        books.note("loyalty", person.member, person)
        instagram = person.handle if number % 2 else ""
        rows.append(
            [person.member, f"{person.family.upper()}, {person.given.upper()}", person.email, person.handle, instagram,
             f"{11 + number}.0{number % 9 + 1}.2025", f"{1_200 + 45 * number}"]
        )  # fmt: skip
    return _csv(["card", "name", "mail", "x_handle", "instagram", "joined", "points"], rows)


def campaign(books: Books) -> str:
    """Return whom a newsletter went to, a row per campaign and address."""
    rows = []
    for number, person in enumerate(books.people[10:22]):
        name = "spring-26" if number % 3 else "winter-25"
        books.note("campaign", f"{name}|{person.email}", person)
        sent = books.moment(45)
        state = ("subscribed", "unsubscribed", "subscribed", "")[number % 4]
        called = f"{person.given} {person.family}"
        rows.append([name, person.email, called, f"{sent:%d.%m.%Y %H:%M}", "Tea time again", state])
    return _csv(["campaign", "address", "name", "sent", "headline", "state"], rows)


WRITERS = {
    "accounts.csv": accounts,
    "orders.csv": orders,
    "inventory.csv": inventory,
    "known_issues.csv": known_issues,
    "shipments.csv": shipments,
    "phone_log.csv": phone_log,
    "chats.jsonl": chats,
    "web_sessions.tsv": web_sessions,
    "loyalty.csv": loyalty,
    "campaign.csv": campaign,
}


def exports() -> tuple[Exports, Whose]:
    """Return every export by its file's name, and whose account each record of each source belongs to."""
    books = Books()
    return {name: write(books) for name, write in WRITERS.items()}, books.whose


def _csv(header: list[str], rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for file_name, content in exports()[0].items():
        (HERE / file_name).write_text(content, encoding="utf-8")
