"""Who else has what a card shows, and what a customer's page adds to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from stewardship.answer import prepare
from stewardship.card.card import card
from stewardship.card.customer import customer_card, take_out
from stewardship.card.members import SHOWN
from tests.stewardship.card.conftest import case_of
from tests.stewardship.card.foretold import SAID
from warehouse.errors import Refused, UsageError

if TYPE_CHECKING:
    from stewardship.card.case import Case
    from stewardship.web.releases import Pinned
    from tests.pipelines.shop import Shop


def test_others_with_the_same_value_are_counted(stocked: Shop, pinned: Pinned, cases: list[Case]) -> None:
    """Every customer with the value is told or counted, unless it is on the card."""
    seen = 0
    for left in sorted(set(stocked.crosswalk().values())):
        told = card(pinned, case_of(stocked, left, left))
        for shared in (shared for shared in told.shared if shared.attribute == "email"):
            has_it = f"list_contains(emails, '{shared.value}') AND golden_id <> '{left}'"
            others = stocked.read(f"SELECT golden_id FROM customer WHERE {has_it}")
            assert shared.customers == len(others)
            assert {other.golden_id for other in shared.largest} <= {golden_id for (golden_id,) in others}
        for shared in told.shared:
            assert left not in {other.golden_id for other in shared.largest}
            assert len(shared.largest) == min(3, shared.customers)
            seen += 1
    assert seen


def test_a_customers_page(stocked: Shop, pinned: Pinned) -> None:
    many = stocked.crosswalk()["billing:M00"]
    told = customer_card(pinned, many)
    assert told is not None
    assert {f"{source}:{key}" for source, key in told.records} == {
        record for record, golden_id in stocked.crosswalk().items() if golden_id == many
    }
    assert len(told.member.columns) <= SHOWN
    assert told.history
    assert {event.event for event in told.history} <= {"created", "attached"}
    json.dumps(told.document())

    out = take_out(told, told.records[:2])
    (statement,) = out.statements
    assert sorted(statement.records) == sorted(told.records)
    assert {record for record, side in zip(statement.records, statement.sides, strict=True) if side} == set(
        told.records[:2]
    )
    assert prepare(None, out.statements, SAID)


def test_what_cannot_be_taken_out(stocked: Shop, pinned: Pinned) -> None:
    told = customer_card(pinned, stocked.crosswalk()["billing:M00"])
    assert told is not None
    with pytest.raises(UsageError, match="no record of"):
        take_out(told, [("billing", "N1")])
    with pytest.raises(UsageError, match="leave some"):
        take_out(told, told.records)
    with pytest.raises(Refused, match="knows no customer"):
        customer_card(pinned, "cus_0000000000000000")
