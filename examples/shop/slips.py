"""How people and clerks write things down: nicknames, typing slips, telephone formats, placeholders, gaps.

Each `…_card` turns what is true of a person into what one system holds about them. In the hands of `SteadyHand`
nothing slips and nothing is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from examples.shop import words
from examples.shop.people import Facts, letters

if TYPE_CHECKING:
    from examples.shop.dice import Dice

PLACEHOLDER_EMAIL = "noemail@noemail.example"
PLACEHOLDER_PHONE = "000-000-0000"


@dataclass(frozen=True)
class Card:
    """What one system wrote down about a person; "" where it wrote nothing."""

    name: str
    company: str
    house_no: str
    street: str
    unit: str
    town: str
    postal_code: str
    email: str
    mobile: str
    landline: str


def order_card(dice: Dice, facts: Facts) -> Card:
    """Write the head of an order, as the customer typed it into the web shop: `First M Last`, one telephone."""
    name = " ".join(part for part in (_given(dice, facts, 0.07), _middle(dice, facts, 0.7), facts.family) if part)
    if facts.suffix and not dice.chance(0.6):
        name = f"{name} {facts.suffix}"
    phone = facts.mobile or facts.landline
    if facts.mobile and facts.landline and dice.chance(0.3):
        phone = facts.landline
    return Card(
        name=_case(dice, _typo(dice, name, 0.02)),
        company=facts.company if not dice.chance(0.4) else "",
        house_no=facts.address.house_no,
        street=_street(dice, facts.address.street),
        unit=_unit(dice, facts.address.unit),
        town=_typo(dice, facts.address.town, 0.01),
        postal_code=facts.address.postal_code if not dice.chance(0.03) else "",
        email=_email(dice, facts.email, missing=0.08),
        mobile=_phone(dice, phone, missing=0.35),
        landline="",
    )


def account_card(dice: Dice, facts: Facts) -> Card:
    """Write a billing account, as a clerk keeps it: `LAST, FIRST M` in capitals, both telephones."""
    given = _typo(dice, _given(dice, facts, 0.02), 0.01)
    family = _typo(dice, facts.family, 0.01)
    name = f"{family}, {given}"
    middle = _middle(dice, facts, 0.15)
    name = " ".join(part for part in (name, middle, facts.suffix if not dice.chance(0.15) else "") if part)
    return Card(
        name=name.upper(),
        company=facts.company,
        house_no=facts.address.house_no,
        street=_typo(dice, facts.address.street, 0.02),
        unit=facts.address.unit,
        town=facts.address.town,
        postal_code=facts.address.postal_code,
        email=_email(dice, facts.email, missing=0.2),
        mobile=_phone(dice, facts.mobile, missing=0.25),
        landline=_phone(dice, facts.landline, missing=0.1),
    )


def case_card(dice: Dice, facts: Facts) -> Card:
    """Write the contact of a case, as an agent heard it: sometimes a nickname, seldom everything."""
    name = f"{_given(dice, facts, 0.12)} {facts.family}"
    if dice.chance(0.03):
        name = f"{facts.family}, {facts.given}"
    reachable = dice.weighted((("both", 30), ("email", 35), ("phone", 35)))
    no_address = dice.chance(0.55)
    return Card(
        name=_typo(dice, name, 0.04),
        company=facts.company if not dice.chance(0.8) else "",
        house_no="" if no_address else facts.address.house_no,
        street="" if no_address else _street(dice, facts.address.street),
        unit="" if no_address else facts.address.unit,
        town="" if no_address else facts.address.town,
        postal_code="" if no_address else facts.address.postal_code,
        email="" if reachable == "phone" else _email(dice, facts.email, missing=0.02),
        mobile="" if reachable == "email" and facts.email else _phone(dice, facts.mobile or facts.landline, missing=0),
        landline="",
    )


def signature_phone(dice: Dice, facts: Facts) -> str:
    """Write the telephone number people put below their mails."""
    return _phone(dice, facts.mobile or facts.landline, missing=0.1)


def phone_in_words(dice: Dice, number: str) -> str:
    """Write ten digits in one of the ways people write them."""
    area, exchange, line = number[:3], number[3:6], number[6:]
    return dice.pick(
        (
            f"({area}) {exchange}-{line}",
            f"{area}-{exchange}-{line}",
            f"{area}.{exchange}.{line}",
            f"+1 {area} {exchange} {line}",
            number,
        )
    )


def _given(dice: Dice, facts: Facts, nickname: float) -> str:
    known_as = words.NICKNAMES.get(facts.given, ())
    if known_as and dice.chance(nickname * 2):
        return dice.pick(known_as)
    return facts.given[0] if dice.chance(nickname / 3) else facts.given


def _middle(dice: Dice, facts: Facts, missing: float) -> str:
    return "" if dice.chance(missing) else facts.middle


def _email(dice: Dice, email: str, missing: float) -> str:
    if not email or dice.chance(missing):
        return PLACEHOLDER_EMAIL if dice.chance(0.08) else ""
    if dice.chance(0.01):
        mailbox, _, host = email.partition("@")
        return f"{mailbox}@{_slip(dice, host.removesuffix('.example'))}.example"
    if dice.chance(0.05):
        return email.title() if dice.chance(0.5) else email.upper()
    return email


def _phone(dice: Dice, number: str, missing: float) -> str:
    if not number or dice.chance(missing):
        return PLACEHOLDER_PHONE if dice.chance(0.03) else ""
    if dice.chance(0.01):
        number = number[:-1] + str(dice.below(10))
    return phone_in_words(dice, number)


def _street(dice: Dice, street: str) -> str:
    if dice.chance(0.4):
        for long, short in words.STREET_TYPES:
            street = street.removesuffix(long) + short if street.endswith(long) else street
    return _case(dice, _typo(dice, street, 0.03))


def _unit(dice: Dice, unit: str) -> str:
    if not unit or dice.chance(0.15):
        return ""
    return unit.replace("Apt ", dice.pick(("Apt ", "#", "apt. ", "Unit ")))


def _case(dice: Dice, text: str) -> str:
    if dice.chance(0.06):
        return text.lower()
    return text.upper() if dice.chance(0.02) else text


def _typo(dice: Dice, text: str, share: float) -> str:
    return _slip(dice, text) if dice.chance(share) else text


def _slip(dice: Dice, text: str) -> str:
    """Swap, drop or double one letter that is neither the first nor beside a blank."""
    places = [at for at in range(1, len(text) - 1) if letters(text[at]) and letters(text[at + 1])]
    if not places:
        return text
    at = dice.pick(places)
    return dice.pick(
        (
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
        )
    )
