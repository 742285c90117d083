"""What a card can be answered with, and what each answer would write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stewardship.answer import Statement, prepare
from stewardship.card.card import Card
from stewardship.card.case import Asked
from stewardship.card.formation import Bridge, Formation
from stewardship.card.members import Column, Member
from stewardship.card.offers import chosen, nobody, offers, pin, placeholder
from stewardship.card.values import Cell, ValueRow
from tests.stewardship.card.foretold import SAID
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from stewardship.entry import Record

A, B, C, D = (("crm", key) for key in "abcd")
PHONE = Cell(("555-0101",), (), "leading", ("+12065550101",), ("2065550101",))
LOYALTY = Cell(("7",), (), "leading", (), ("7",))
ROWS = (ValueRow("phone", "Phone", (PHONE,)), ValueRow("identifier.loyalty", "Loyalty", (LOYALTY,)))


def made(
    *members: tuple[Record, ...], asked: tuple[tuple[Record, Record], ...], queue: str = "default", blind: bool = False
) -> Card:
    """Return a card of members with these records."""
    columns = [tuple(Column(*record, "account", None, "d", 0, asked=True) for record in records) for records in members]
    told = tuple(
        Member("ABCD"[place], f"cus_{place}", None, len(each), 0, ("crm",), each) for place, each in enumerate(columns)
    )
    bridge = Bridge(3.0, 0.9, (A,), (B,), None)
    formed = () if blind else (Formation("A", "cus_0", (), (), bridge),)
    pairs = tuple(Asked(*pair) for pair in asked)
    return Card("q1", queue, "r1", blind, pairs, told, 0, ROWS, (), formations=formed)


def statements(card: Card, key: str) -> set[Statement]:
    return set(chosen(card, key).statements)


def test_two_customers() -> None:
    card = made((A,), (B,), asked=((B, A),))
    assert [offer.key for offer in offers(card)] == ["S", "D", "U", "H", "B", "K"]
    assert statements(card, "S") == {Statement("same", (A, B))}
    assert statements(card, "D") == {Statement("different", (A, B))}
    assert statements(card, "U") == {Statement("unsure", (A, B))}
    assert statements(card, "H") == {Statement("household", (A, B))}
    assert statements(card, "B") == {Statement("split", (A, B), (0, 1))}
    assert statements(card, "K") == set()
    assert chosen(card, "S").sentence == "A and B are one customer."


def test_everybody_is_tied_even_who_was_not_asked_about() -> None:
    """Same over a card is a chain over all of its members; different is only what was asked."""
    card = made((A,), (B,), (C,), (D,), asked=((A, B), (C, D)))
    tied = {frozenset(statement.records) for statement in statements(card, "S")}
    reached, growing = {A}, True
    while growing:
        further = {end for pair in tied if pair & reached for end in pair}
        growing = not further <= reached
        reached |= further
    assert reached == {A, B, C, D}
    assert statements(card, "D") == {Statement("different", (A, B)), Statement("different", (C, D))}


def test_one_of_two() -> None:
    card = made((A,), (B,), (C,), asked=((A, B), (A, C)), queue="a_or_b")
    assert [offer.key for offer in offers(card)] == ["S", "D", "1", "2", "U", "H", "B", "K"]
    assert statements(card, "2") == {Statement("same", (A, C)), Statement("different", (A, B))}


def test_a_blind_card_offers_what_a_person_can_see() -> None:
    card = made((A,), (B,), asked=((A, B),), queue="audit", blind=True)
    assert [offer.key for offer in offers(card)] == ["S", "D", "U", "K"]


def test_cells_and_columns() -> None:
    card = made((A,), (B,), asked=((A, B),))
    assert pin(card, A, "phone", "+12065550101").statements == (
        Statement("pin", (A,), attribute="phone", value="+12065550101"),
    )
    assert placeholder(card, "phone", "2065550101").statements == (
        Statement("placeholder", attribute="phone", value="2065550101"),
    )
    assert placeholder(card, "identifier.loyalty", "7").statements == (
        Statement("placeholder", attribute="identifier", value="loyalty:7"),
    )
    assert nobody(card, B).statements == (Statement("not_a_customer", (B,)),)


def test_every_offer_can_be_written() -> None:
    card = made((A,), (B,), (C,), asked=((A, B), (A, C)), queue="a_or_b")
    told = [offer for offer in offers(card) if offer.statements]
    told += [pin(card, A, "phone", "+12065550101"), placeholder(card, "phone", "2065550101"), nobody(card, A)]
    for offer in told:
        assert prepare(None, offer.statements, SAID)


def test_what_is_not_on_the_card_is_refused() -> None:
    card = made((A,), (B,), asked=((A, B),))
    with pytest.raises(UsageError, match="no answer 'Q'"):
        chosen(card, "Q")
    with pytest.raises(UsageError, match="not on this card"):
        pin(card, D, "phone", "1")
    with pytest.raises(UsageError, match="cannot be pinned"):
        pin(card, A, "emails", "1")
    with pytest.raises(UsageError, match="says nothing of city"):
        placeholder(card, "city", "x")
