"""The shop's people: households, who lives in them, and how their lives change before the first night.

A `Person` is the truth behind the records. What is true of a person for a while is a `Facts`; moving house, marrying
and changing the mail address begin a new one, and each record is written from the facts of its day.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from unicodedata import combining, normalize

from examples.shop import words
from examples.shop.clock import OPENING_DAY, on

if TYPE_CHECKING:
    from collections.abc import Callable

    from examples.shop.dice import Dice


@dataclass(frozen=True)
class Address:
    """A postal address in the invented region."""

    house_no: str
    street: str
    unit: str
    town: str
    postal_code: str


@dataclass(frozen=True)
class Facts:
    """What is true of a person for a while; "" where there is none. Telephone numbers are ten digits."""

    given: str
    middle: str
    family: str
    suffix: str
    birth_date: date
    address: Address
    email: str
    mobile: str
    landline: str
    company: str


@dataclass(frozen=True)
class Person:
    """One person: an id that no export knows, and the facts from each moment on, oldest first."""

    person_id: str
    chapters: tuple[tuple[datetime, Facts], ...]

    def at(self, moment: datetime) -> Facts:
        """Give the facts of a moment; the first ones hold for ever before."""
        current = self.chapters[0][1]
        for since, facts in self.chapters:
            if since <= moment:
                current = facts
        return current

    def change(self, since: datetime, facts: Facts) -> Person:
        """Give the same person with new facts from a moment on."""
        return replace(self, chapters=(*self.chapters, (since, facts)))


@dataclass
class Directory:
    """Hands out mail addresses and telephone numbers, none of them twice."""

    taken: set[str] = field(default_factory=set)

    def phone(self, dice: Dice) -> str:
        """Draw a number with the exchange 555; 01xx is kept for the people of the story, 1212 is directory inquiry."""
        return self._unused(lambda: f"{dice.pick(words.AREA_CODES)}555{dice.between(200, 9999):04d}", "5551212")

    def email(self, dice: Dice, given: str, family: str, birth_year: int) -> str:
        """Draw a mail address in one of the forms people choose."""
        first, last = letters(given), letters(family)
        forms = (
            (f"{first}.{last}", 30),
            (f"{first}{last}", 18),
            (f"{first[0]}{last}", 14),
            (f"{first}_{last}{birth_year % 100:02d}", 14),
            (f"{first}{dice.between(10, 999)}", 8),
            (f"{dice.pick(words.HANDLES)}{dice.between(10, 999)}", 16),
        )
        host = dice.pick(words.MAIL_HOSTS)
        wanted = dice.weighted(forms)
        while f"{wanted}@{host}" in self.taken:
            wanted = f"{wanted}{dice.between(2, 99)}"
        return self._keep(f"{wanted}@{host}")

    def family_email(self, dice: Dice, family: str) -> str:
        """Draw a mail address that a whole household reads."""
        form = dice.pick(("the{}s", "{}family", "family.{}")).format(letters(family))
        return self._unused(lambda: f"{form}{dice.between(1, 999)}@{dice.pick(words.MAIL_HOSTS)}")

    def _unused(self, draw: Callable[[], str], unwanted: str = "\n") -> str:
        """Draw until something new comes that does not end in `unwanted`."""
        value = draw()
        while value in self.taken or value.endswith(unwanted):
            value = draw()
        return self._keep(value)

    def _keep(self, value: str) -> str:
        self.taken.add(value)
        return value


def letters(name: str) -> str:
    """Reduce a name to the lower-case ASCII letters that fit into a mail address."""
    plain = "".join(mark for mark in normalize("NFKD", name) if not combining(mark))
    return "".join(letter for letter in plain.lower() if "a" <= letter <= "z")


def draw_address(dice: Dice) -> Address:
    """Draw an address anywhere in the region; one in five has a unit."""
    town, postal_code = dice.skewed(words.TOWNS)
    street = f"{dice.pick(words.STREET_NAMES)} {dice.skewed(words.STREET_TYPES)[0]}"
    if dice.chance(0.12):
        street = f"{dice.pick(('North', 'South', 'East', 'West'))} {street}"
    unit = f"Apt {dice.between(1, 48)}" if dice.chance(0.2) else ""
    return Address(str(dice.between(1, 4999)), street, unit, town, postal_code)


HOUSEHOLDS = (
    ("single", 46),
    ("couple", 24),
    ("two names", 7),
    ("parents and child", 15),
    ("same name", 2),
    ("twins", 1),
    ("flat share", 5),
)
YOUNGEST = date(2006, 1, 1)


def draw_people(dice: Dice, directory: Directory, count: int, prefix: str) -> list[Person]:
    """Draw `count` people, household by household, with their lives so far; ids are `prefix` and a number."""
    people: list[Person] = []
    while len(people) < count:
        household = [
            Person(f"{prefix}{len(people) + place:05d}", ((on(2025, 1, 1), facts),))
            for place, facts in enumerate(_draw_household(dice, directory))
        ]
        people.extend(_live(dice, directory, household))
    return people[:count]


def _draw_household(dice: Dice, directory: Directory) -> list[Facts]:
    """Draw the people of one household with what they share: the address, perhaps a telephone, perhaps a mailbox."""
    kind = dice.weighted(HOUSEHOLDS)
    family = dice.skewed(words.FAMILY_NAMES)
    home = (draw_address(dice), directory.phone(dice) if dice.chance(0.45) else "")
    oldest = date(1938, 1, 1) + timedelta(days=dice.below(60 * 365))
    given = iter(dict.fromkeys(dice.skewed(words.GIVEN_NAMES) for _ in range(20)))

    def member(surname: str, born: date) -> Facts:
        return _draw_member(dice, directory, (next(given), surname), born, home)

    members = [member(family, oldest)]
    if kind == "same name":
        members = _name_after(dice, directory, members[0])
    if kind == "twins":
        members.append(member(family, oldest))
    if kind in {"couple", "parents and child"}:
        members.append(member(family, _years_later(dice, oldest, -6, 6)))
    if kind in {"two names", "flat share"}:
        members.append(member(dice.skewed(words.FAMILY_NAMES), _years_later(dice, oldest, -6, 6)))
    if kind == "parents and child":
        members.append(member(family, min(_years_later(dice, oldest, 21, 27), YOUNGEST)))
    if kind in {"couple", "parents and child"} and dice.chance(0.15):
        shared = directory.family_email(dice, family)
        members = [replace(facts, email=shared) if dice.chance(0.7) else facts for facts in members]
    return members


def _draw_member(
    dice: Dice, directory: Directory, name: tuple[str, str], born: date, home: tuple[Address, str]
) -> Facts:
    given, family = name
    address, landline = home
    company = f"{address.town} {dice.pick(words.TRADES)}" if dice.chance(0.06) else ""
    return Facts(
        given=given,
        middle=dice.pick("ABCDEFGHJKLMNPRSTW") if dice.chance(0.8) else "",
        family=family,
        suffix="",
        birth_date=born,
        address=address,
        email=directory.email(dice, given, family, born.year) if dice.chance(0.95) else "",
        mobile=directory.phone(dice) if dice.chance(0.8) or not landline else "",
        landline=landline,
        company=company,
    )


def _years_later(dice: Dice, day: date, low: int, high: int) -> date:
    return day + timedelta(days=365 * dice.between(low, high) + dice.below(365))


def _name_after(dice: Dice, directory: Directory, parent: Facts) -> list[Facts]:
    """Give a parent and a grown child of one name, at one address, each with a mailbox and a telephone of their own."""
    parent = replace(parent, birth_date=date(1944, 1, 1) + timedelta(days=dice.below(15 * 365)), suffix="Sr")
    born = _years_later(dice, parent.birth_date, 22, 32)
    child = replace(
        parent,
        suffix="Jr",
        birth_date=born,
        email=directory.email(dice, parent.given, parent.family, born.year),
        mobile=directory.phone(dice),
        company="",
    )
    return [parent, child]


def _live(dice: Dice, directory: Directory, household: list[Person]) -> list[Person]:
    """Let a household live through the months before the first night: some move, some marry, some change provider."""
    if dice.chance(0.07):
        moved_on = _some_day(dice)
        address = draw_address(dice)
        household = [
            person.change(moved_on, replace(person.at(moved_on), address=address, landline="")) for person in household
        ]
    if len(household) == 1 and dice.chance(0.04):
        wedding = _some_day(dice)
        married = replace(household[0].at(wedding), family=dice.skewed(words.FAMILY_NAMES))
        household = [household[0].change(wedding, married)]
    return [_change_provider(dice, directory, person) for person in household]


def _change_provider(dice: Dice, directory: Directory, person: Person) -> Person:
    since = max(moment for moment, _ in person.chapters) + timedelta(days=dice.between(20, 120))
    facts = person.at(since)
    if not facts.email or not dice.chance(0.05):
        return person
    email = directory.email(dice, facts.given, facts.family, facts.birth_date.year)
    return person.change(since, replace(facts, email=email))


def _some_day(dice: Dice) -> datetime:
    day = OPENING_DAY + timedelta(days=dice.between(30, 400))
    return on(day.year, day.month, day.day)
