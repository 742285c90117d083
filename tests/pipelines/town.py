"""A small town and what it exports: people who share names, homes and phones, in two full sources and one that grows.

`billing` and `cases` deliver everything each night; `orders` delivers new and changed rows, each delivery in a file
that stays where it is. What happens between two nights is a *move* (`moves.py`): it changes what will be exported.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    Row = dict[str, str]
    Record = tuple[str, str]
    Saying = tuple[Literal["same", "different", "revoke"], tuple[Record, Record] | int]
    """A decision about two records, or the taking back of one of those that hold, by a number."""

SETTINGS = """\
version: 1
timezone: UTC
country: US
sources:
  billing:
    holds: account
    files: exports/billing*.csv
    format: csv
    key: account_id
    updated_at: {column: changed_on, format: "%Y-%m-%d"}
    trust: 80
    fields: {given_name: first_name, family_name: last_name, birth_date: {column: born, format: "%Y-%m-%d"},
             email: email, phone: phone, street: street, postal_code: zip}
    activity: {at: {column: changed_on, format: "%Y-%m-%d"}, reference: account_id}
  cases:
    holds: case
    files: exports/cases*.csv
    format: csv
    key: case_id
    updated_at: {column: opened_at, format: "%Y-%m-%dT%H:%M:%SZ"}
    trust: 50
    expect: {min_rows: 0}
    fields: {full_name: name, email: email, phone: phone}
    activity: {at: {column: opened_at, format: "%Y-%m-%dT%H:%M:%SZ"}, reference: case_id, about: about}
    references: ['SO-\\d{4}']
  orders:
    holds: order
    files: exports/orders*.csv
    format: csv
    load: incremental
    key: order_id
    updated_at: {column: written_at, format: "%Y-%m-%dT%H:%M:%SZ"}
    deleted: {column: status, equals: [deleted]}
    trust: 60
    expect: {min_rows: 0}
    fields: {full_name: name, email: email, phone: phone, street: street, postal_code: zip}
    activity: {at: {column: written_at, format: "%Y-%m-%dT%H:%M:%SZ"}, reference: order_id, amount: amount,
               currency: {value: USD}}
"""
LENIENT = "gate: {max_merged_customers: 100%, max_split_customers: 100%, max_deleted_records: 100%}\n"
STRICT = "gate: {max_deleted_records: 0%, and_at_least: 1}\n"
COLUMNS = {
    "billing": ("account_id", "first_name", "last_name", "born", "email", "phone", "street", "zip", "changed_on"),
    "cases": ("case_id", "name", "email", "phone", "about", "opened_at"),
    "orders": ("order_id", "name", "email", "phone", "street", "zip", "amount", "status", "written_at"),
}
KEY = {"billing": "account_id", "cases": "case_id", "orders": "order_id"}
GIVEN = ("Robert", "Margaret", "Dario", "Elin", "Farid", "Greta", "Bob", "Peggy")
FAMILY = ("Brandvold", "Castellan", "Drummond", "Eriksen", "Smith")
STREETS = ("Alder St", "Birch Ave", "Cedar Ln")
FIRST_DAY = date(2026, 1, 5)


@dataclass
class Person:
    """Somebody who buys, pays and asks; `number` keeps apart who shares all of a name."""

    number: int
    given: str
    family: str
    born: date
    email: str
    phone: str
    street: str
    postal_code: str


@dataclass
class Town:
    """What will be exported tonight: rows by key of the full sources, and of `orders` one list of rows per delivery.

    `customers` are those of the current release, and `said` is what stewards say of them before the night.
    """

    people: list[Person] = field(default_factory=list)
    full: dict[str, dict[str, Row]] = field(default_factory=lambda: {"billing": {}, "cases": {}})
    gone: dict[str, dict[str, Row]] = field(default_factory=lambda: {"billing": {}, "cases": {}})
    deliveries: list[list[Row]] = field(default_factory=list)
    tonight: list[Row] = field(default_factory=list)
    twice: list[tuple[str, Row]] = field(default_factory=list)
    broken: set[Record] = field(default_factory=set)
    customers: list[list[Record]] = field(default_factory=list)
    said: list[Saying] = field(default_factory=list)
    night: int = 0
    minted: int = 0

    def next_key(self, letter: str) -> str:
        """Return a key that was never used."""
        self.minted += 1
        return f"{letter}{self.minted:03d}"

    def sleep(self) -> None:
        """End the night: rows that could not be read or stood twice were so for this night only."""
        self.broken.clear()
        self.twice.clear()

    @property
    def today(self) -> str:
        return (FIRST_DAY + timedelta(self.night)).isoformat()

    def moment(self, dice: random.Random, *, nights_ago: int = 0) -> str:
        """Return a time of the day, in the manner of the exports; no two are equal but by rare chance."""
        at = datetime.combine(FIRST_DAY, datetime.min.time()) + timedelta(self.night - nights_ago)
        return f"{at + timedelta(seconds=dice.randrange(86_400)):%Y-%m-%dT%H:%M:%SZ}"

    def newest_orders(self) -> dict[str, Row]:
        """Return the row that stands for each order: the latest written, of equals the last delivered."""
        newest: dict[str, Row] = {}
        for row in (row for delivery in (*self.deliveries, self.tonight) for row in delivery):
            held = newest.get(row["order_id"])
            if not held or row["written_at"] >= held["written_at"]:
                newest[row["order_id"]] = row
        return newest

    def live(self, published: set[Record]) -> set[Record]:
        """Return the records that must be somebody's or nobody's after tonight, when `published` were so before.

        A row that cannot be read says neither that its record is new nor that it is gone; one that is not there does.
        One that stands twice is read where it can be.
        """
        full = {(source, key) for source, rows in self.full.items() for key in rows}
        readable = {(source, row[COLUMNS[source][0]]) for source, row in self.twice}
        orders = {("orders", key) for key, row in self.newest_orders().items() if row["status"] != "deleted"}
        return (full - (self.broken - published - readable)) | orders

    def write(self, exports: Path, order: Callable[[list[Row]], list[Row]], parts: int = 1) -> None:
        """Write what is exported tonight: the full sources in so many parts, the orders of tonight as a file more."""
        exports.mkdir(parents=True, exist_ok=True)
        for source, rows in self.full.items():
            for old in exports.glob(f"{source}*.csv"):
                old.unlink()
            extra = [row for name, row in self.twice if name == source and row[COLUMNS[source][0]] in rows]
            written = order([*self._as_exported(source, rows), *extra])
            for part in range(parts):
                _write_csv(exports / f"{source}-{part}.csv", COLUMNS[source], written[part::parts])
        if self.tonight or not self.deliveries:
            self.deliveries.append(self.tonight)
            self.tonight = []
            name = f"orders-{len(self.deliveries):03d}.csv"
            _write_csv(exports / name, COLUMNS["orders"], order(self.deliveries[-1]))

    def _as_exported(self, source: str, rows: dict[str, Row]) -> list[Row]:
        time = COLUMNS[source][-1]
        return [row | {time: "soon"} if (source, key) in self.broken else row for key, row in rows.items()]


def _write_csv(path: Path, columns: tuple[str, ...], rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def settle_people(town: Town, dice: random.Random, homes: int) -> None:
    """Let people move in, in homes of one to three who share a family name, a street and sometimes the phone."""
    for home in range(homes):
        family, place = dice.choice(FAMILY), f"{dice.randrange(100, 130)} {dice.choice(STREETS)}"
        phone = f"206555{dice.randrange(40):04d}"
        for _ in range(dice.choice((1, 1, 2, 3))):
            number, given = len(town.people), dice.choice(GIVEN)
            town.people.append(
                Person(
                    number,
                    given,
                    family,
                    date(dice.randrange(1950, 1990), dice.randrange(1, 13), dice.randrange(1, 29)),
                    dice.choice((f"{given}.{family}{number}", f"{family}{home}")).lower() + "@mail.example",
                    dice.choice((phone, f"206777{number:04d}")),
                    place,
                    f"980{dice.randrange(4):02d}",
                )
            )


def account_row(town: Town, person: Person, key: str, dice: random.Random) -> Row:
    """Return an account of this person, now and then without a contact point."""
    row = {
        "account_id": key,
        "first_name": person.given,
        "last_name": person.family,
        "born": person.born.isoformat(),
        "email": person.email,
        "phone": person.phone,
        "street": person.street,
        "zip": person.postal_code,
        "changed_on": town.today,
    }
    left_out = dice.choice(("born", "email", "phone", "street", None, None))
    return row | ({left_out: ""} if left_out else {})


def case_row(town: Town, person: Person, key: str, dice: random.Random) -> Row:
    """Return a case of this person, who tells the name in one of several ways and some way to be reached."""
    name = dice.choice((f"{person.given} {person.family}", f"{person.family}, {person.given}", person.given))
    contact = dice.choice(({"email": person.email}, {"phone": person.phone}, {"email": person.email.upper()}))
    return {"case_id": key, "name": name, "opened_at": town.moment(dice), **contact}


def order_row(town: Town, person: Person, key: str, dice: random.Random) -> Row:
    """Return an order of this person as of now."""
    row = {
        "order_id": key,
        "name": dice.choice((f"{person.given} {person.family}", f"{person.given[0]} {person.family}")),
        "email": person.email,
        "phone": person.phone,
        "street": person.street,
        "zip": person.postal_code,
        "amount": f"{dice.randrange(1, 90)}.50",
        "status": "open",
        "written_at": town.moment(dice),
    }
    return row | {dice.choice(("email", "phone", "street", "zip")): ""}


def found_town(dice: random.Random, homes: int) -> Town:
    """Return a town before its first night: everybody has an account or has ordered, most have asked something."""
    town = Town()
    settle_people(town, dice, homes)
    for person in town.people:
        if dice.random() < 0.8:
            key = town.next_key("A")
            town.full["billing"][key] = account_row(town, person, key, dice)
        for _ in range(dice.randrange(3)):
            key = town.next_key("C")
            town.full["cases"][key] = case_row(town, person, key, dice)
        for _ in range(dice.randrange(2)):
            town.tonight.append(order_row(town, person, f"SO-{town.next_key('1')}", dice))
    return town
