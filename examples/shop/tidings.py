"""What customers tell of themselves in a mail: a new address, another mailbox, a new telephone number."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from examples.shop import words
from examples.shop.clock import exported_at
from examples.shop.correspondence import CLOSINGS, GREETINGS, customers_letter, signature
from examples.shop.letters import message_id
from examples.shop.slips import phone_in_words

if TYPE_CHECKING:
    from examples.shop.books import Books
    from examples.shop.dice import Dice
    from examples.shop.letters import Letter
    from examples.shop.people import Address, Directory, Facts, Person

_WHO_TELLS = 0.2
_NEW_NUMBER = 0.012
_DAYS_OF_NUMBERS = 60


def tell_news(dice: Dice, books: Books, directory: Directory, people: list[Person]) -> None:
    """Let some of those who moved or changed their mailbox write so; and some tell a number that we do not have."""
    last = exported_at(1)
    for person in people:
        for (_, before), (since, after) in zip(person.chapters, person.chapters[1:], strict=False):
            moment = since + timedelta(days=dice.between(0, 9), minutes=dice.between(60, 600))
            if dice.chance(_WHO_TELLS) and after.email and moment < last:
                said = _what_is_new(before, after)
                if said:
                    books.letters.append(_letter(dice, books, person, moment, after, said))
        if dice.chance(_NEW_NUMBER):
            moment = last - timedelta(minutes=dice.between(60, _DAYS_OF_NUMBERS * 24 * 60))
            number = directory.phone(dice)
            facts = person.at(moment)
            if facts.email:
                told = f"My new number is {phone_in_words(dice, number)}."
                said = ("My new telephone number", f"{told} Please use it for the carrier.")
                books.letters.append(_letter(dice, books, person, moment, facts, said))


def new_address(address: Address) -> str:
    """Write an address as people write it into a sentence."""
    unit = f" {address.unit}" if address.unit else ""
    return f"{address.house_no} {address.street}{unit}, {address.town}, {words.REGION} {address.postal_code}"


def _what_is_new(before: Facts, after: Facts) -> tuple[str, str] | None:
    if before.address != after.address:
        return "I have moved", f"I have moved to {new_address(after.address)}. Please change it with you."
    if before.email != after.email:
        return "My mail address", f"My new email address is {after.email}. The old one will be closed soon."
    return None


def _letter(dice: Dice, books: Books, person: Person, moment: datetime, facts: Facts, said: tuple[str, str]) -> Letter:
    """Write the mail; whoever has no signature of their own closes with the given name."""
    subject, text = said
    ending = signature(dice, facts) if dice.chance(0.3) else f"{dice.pick(CLOSINGS)}\n{facts.given}\n"
    body = f"{dice.pick(GREETINGS)}\n\n{text}\n\n{ending}"
    letter = customers_letter(dice, books, person, moment)
    return replace(letter, subject=subject, body=body, message_id=message_id(facts.email, moment, body))
