from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from customer360.build_profile import EXPERT_ORDERS, REGULAR_ORDERS

if TYPE_CHECKING:
    from tests.customer360.conftest import Care

AS_OF = datetime(2026, 6, 1)  # noqa: DTZ001 - naive UTC
YESTERDAY = AS_OF - timedelta(1)


def test_a_customer_without_activity_has_a_profile(care: Care) -> None:
    assert care.add_customer("X").profile("X") == {
        "golden_id": "X",
        "orders": 0,
        "spend": {},
        "last_order_at": None,
        "contacts": 0,
        "last_contact_at": None,
        "preferred_channel": None,
        "open_cases": 0,
        "experience": "none",
        "satisfaction": None,
        "problems_12m": 0,
        "last_problem_at": None,
        "may_offer": True,
        "may_offer_reason": "nothing speaks against it",
    }


def test_orders_count_without_cancelled_ones(care: Care) -> None:
    money: dict[str, Any] = {"amount": Decimal("10.10"), "currency": "usd", "status": "delivered"}
    care.land("X", "order", "1", at=YESTERDAY, **money).land("X", "order", "2", **money)
    care.land("X", "order", "3", amount=Decimal(5), currency="EUR", status_class="closed")
    care.land("X", "order", "4", amount=Decimal(1)).land("X", "order", "5", currency="EUR")
    care.land("X", "order", "6", at=AS_OF, amount=Decimal(99), currency="USD", status_class="cancelled")
    care.land("X", "invoice", "7", amount=Decimal(99), currency="USD").land("Y", "order", "8", **money)
    found = care.profile("X")
    assert (found["orders"], found["last_order_at"]) == (5, YESTERDAY)
    assert list(found["spend"].items()) == [("EUR", Decimal(5)), ("USD", Decimal("20.2")), ("XXX", Decimal(1))]


@pytest.mark.parametrize(
    ("orders", "experience"),
    [
        (0, "none"),
        (1, "new"),
        (REGULAR_ORDERS - 1, "new"),
        (REGULAR_ORDERS, "regular"),
        (EXPERT_ORDERS - 1, "regular"),
        (EXPERT_ORDERS, "expert"),
    ],
)
def test_experience_comes_with_orders(care: Care, orders: int, experience: str) -> None:
    care.add_customer("X")
    for key in range(orders):
        care.land("X", "order", str(key))
    assert care.profile("X")["experience"] == experience


def test_contacts_are_what_came_from_the_customer(care: Care) -> None:
    care.land("X", "message", "1", direction="inbound", channel="email", at=YESTERDAY)
    care.land("X", "message", "2", direction="outbound", channel="email", at=AS_OF)
    care.land("X", "case", "3", channel="case").land("X", "interaction", "4", channel="phone")
    care.land("X", "order", "5", channel="order").land("X", "interaction", "6", direction="internal", channel="phone")
    found = care.profile("X")
    assert (found["contacts"], found["last_contact_at"], found["preferred_channel"]) == (3, YESTERDAY, "email")


def test_the_channel_used_most_then_last_then_the_first_by_name(care: Care) -> None:
    care.land("X", "interaction", "1", channel="phone").land("X", "interaction", "2", channel="chat")
    assert care.profile("X")["preferred_channel"] == "chat"
    care.land("X", "interaction", "3", channel="web", at=YESTERDAY)
    assert care.profile("X")["preferred_channel"] == "web"
    care.land("X", "interaction", "4", channel="phone")
    assert care.profile("X")["preferred_channel"] == "phone"


def test_problems_are_counted_back_from_as_of(care: Care) -> None:
    for key, at in enumerate((YESTERDAY, AS_OF, datetime(2025, 6, 1), datetime(2025, 6, 2))):  # noqa: DTZ001
        care.land("X", "case", str(key), at=at, status_class="closed")
    found = care.profile("X")
    assert (found["problems_12m"], found["last_problem_at"], found["open_cases"]) == (3, AS_OF, 0)


def test_nobody_is_offered_anything_while_a_case_is_open(care: Care) -> None:
    care.land("X", "case", "1", status_class="open").land("X", "order", "2", status_class="open")
    found = care.profile("X")
    assert (found["open_cases"], found["may_offer"], found["may_offer_reason"]) == (1, False, "a case is open")
    found = care.land("X", "case", "3", status="open").profile("X")
    assert (found["may_offer"], found["may_offer_reason"]) == (False, "2 cases are open")


def test_the_stage_reports_who_knows_us(care: Care) -> None:
    care.land("X", "order", "1").add_customer("Y")
    report = care.run()["build_profile"]
    assert (report.rows, report.figures) == ({"care.profile": 2}, {"new": 1, "none": 1})
