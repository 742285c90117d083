from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from customer360.build_profile import EXPERT_ORDERS, REGULAR_ORDERS
from customer360.settle_permissions import settle_permissions
from tests.customer360.conftest import RUN, SETTINGS

if TYPE_CHECKING:
    from tests.customer360.conftest import Care

AS_OF = datetime(2026, 6, 1)  # noqa: DTZ001 - naive UTC
YESTERDAY, LONG_AGO = AS_OF - timedelta(1), AS_OF - timedelta(400)


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


def test_a_visit_is_no_contact(care: Care) -> None:
    for place, channel in enumerate(("web", "Web Session", "app")):
        care.land("X", "interaction", f"visit-{place}", channel=channel, direction="inbound", at=AS_OF)
    care.land("X", "interaction", "spoken", channel="social", at=YESTERDAY)
    care.land("X", "message", "form", channel="web", at=LONG_AGO)
    found = care.profile("X")
    assert (found["contacts"], found["last_contact_at"], found["preferred_channel"]) == (2, YESTERDAY, "social")


def test_the_channel_used_most_then_last_then_the_first_by_name(care: Care) -> None:
    care.land("X", "interaction", "1", channel="phone").land("X", "interaction", "2", channel="chat")
    assert care.profile("X")["preferred_channel"] == "chat"
    care.land("X", "interaction", "3", channel="fax", at=YESTERDAY)
    assert care.profile("X")["preferred_channel"] == "fax"
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


def test_a_channel_that_was_told_goes_before_those_used(care: Care) -> None:
    care.land("X", "interaction", "1", channel="chat")
    care.land("X", "account", "2", updated_at=YESTERDAY, extras=[{"name": "preferred_channel", "value": "E-Mail"}])
    assert care.profile("X")["preferred_channel"] == "email"
    care.land("X", "campaign", "3", updated_at=AS_OF, extras=[{"name": "preferred_channel", "value": "Telefon"}])
    assert care.profile("X")["preferred_channel"] == "phone"
    care.land("X", "campaign", "4", updated_at=AS_OF, extras=[{"name": "preferred_channel", "value": "pigeon"}])
    assert care.profile("X")["preferred_channel"] == "phone"


def test_a_channel_that_is_refused_is_not_preferred(care: Care) -> None:
    care.land("X", "interaction", "1", channel="chat").land("X", "interaction", "2", channel="fax", at=LONG_AGO)
    told = [{"name": "preferred_channel", "value": "sms"}, {"name": "consent_any_sms", "value": "no"}]
    care.land("X", "account", "3", extras=[*told, {"name": "consent_service_chat", "value": "no"}])
    settle_permissions(care.con, SETTINGS, RUN)
    assert care.profile("X")["preferred_channel"] == "fax"


def test_a_conversation_in_which_somebody_complains_is_one_problem(care: Care) -> None:
    complaint: dict[str, Any] = {
        "channel": "email",
        "direction": "inbound",
        "body": "It arrived damaged.",
        "at": YESTERDAY,
    }
    care.land("X", "message", "1", **complaint).land("X", "message", "2", reply_to="1", **complaint)
    care.land("X", "message", "3", subject="Opening hours?", at=AS_OF)
    care.land("X", "message", "4", **{**complaint, "direction": "outbound", "at": AS_OF})
    found = care.profile("X")
    assert (found["problems_12m"], found["last_problem_at"]) == (1, YESTERDAY)
    care.land("X", "case", "5", reference="C-1", at=YESTERDAY)
    care.land("X", "message", "6", about="C-1", **complaint)
    assert care.profile("X")["problems_12m"] == 2
    care.land("X", "interaction", "7", **{**complaint, "at": LONG_AGO})
    assert care.profile("X")["problems_12m"] == 2


ORDER, RETURN = ("order", {"at": YESTERDAY}), ("order", {"at": YESTERDAY, "status": "Returned"})
COMPLAINT = ("case", {"at": YESTERDAY, "subject": "Broken", "status_class": "closed"})
PRAISE = ("message", {"at": YESTERDAY, "body": "Great service, I am very happy."})
QUESTION = ("case", {"at": YESTERDAY, "subject": "A copy of my invoice, please", "status_class": "closed"})
OLD = ("message", {"at": LONG_AGO, "body": "It was broken."})


SATISFACTION: list[tuple[list[tuple[str, dict[str, Any]]], str | None]] = [
    ([], None),
    ([ORDER, QUESTION], None),
    ([ORDER, ORDER, QUESTION, OLD], "good"),
    ([PRAISE], "good"),
    ([ORDER, ORDER, RETURN], "mixed"),
    ([COMPLAINT], "mixed"),
    ([COMPLAINT, PRAISE], "mixed"),
    ([COMPLAINT, COMPLAINT, PRAISE, PRAISE], "mixed"),
    ([COMPLAINT, COMPLAINT, PRAISE], "poor"),
    ([COMPLAINT, RETURN, ORDER, ORDER], "poor"),
    ([OLD], None),
]


def test_satisfaction_is_what_the_last_twelve_months_say(care: Care) -> None:
    for customer, (happened, _) in enumerate(SATISFACTION):
        care.add_customer(str(customer))
        for key, (holds, said) in enumerate(happened):
            care.land(str(customer), holds, f"{customer}-{key}", **said)
    care.run()
    found = dict(care.con.execute("SELECT golden_id, satisfaction FROM care.profile").fetchall())
    assert [found[str(customer)] for customer in range(len(SATISFACTION))] == [told for _, told in SATISFACTION]


WHERE: dict[str, Any] = {"subject": "Where is my order?", "body": "It has not arrived.", "at": AS_OF - timedelta(20)}
SENT: dict[str, Any] = {"reference": "SO-1", "at": AS_OF - timedelta(40), "status": "shipped"}
DUE, NOT_DUE = AS_OF - timedelta(25), AS_OF - timedelta(18)


@pytest.mark.parametrize(
    ("happened", "satisfaction"),
    [
        pytest.param([("message", WHERE)], None, id="once"),
        pytest.param([("message", WHERE), ("case", {**WHERE, "status_class": "closed"})], None, id="and its case"),
        pytest.param(
            [("message", WHERE), ("message", {**WHERE, "at": AS_OF - timedelta(16)})], "mixed", id="days later"
        ),
        pytest.param([("message", WHERE), ("message", {**WHERE, "at": AS_OF - timedelta(5)})], None, id="weeks later"),
        pytest.param([("message", WHERE), ("interaction", WHERE)], None, id="by two channels at once"),
        pytest.param(
            [
                ("message", WHERE | {"about": "SO-1"}),
                ("interaction", WHERE | {"about": "SO-1", "at": AS_OF}),
                ("order", SENT),
            ],
            "mixed",
            id="again",
        ),
        pytest.param(
            [
                ("message", WHERE | {"about": "SO-1"}),
                ("message", {"about": "SO-1", "subject": "Re: Where is my order?", "body": "It is here.", "at": AS_OF}),
                ("order", SENT),
            ],
            None,
            id="what a reply has in its subject is not asked again",
        ),
        pytest.param([("message", WHERE), ("order", {**SENT, "promised_at": DUE})], "mixed", id="late"),
        pytest.param([("message", WHERE), ("order", {**SENT, "promised_at": NOT_DUE})], None, id="before its time"),
        pytest.param(
            [("message", WHERE), ("order", {**SENT, "promised_at": DUE, "status": "delivered", "updated_at": DUE})],
            None,
            id="delivered in time",
        ),
        pytest.param(
            [("message", WHERE), ("order", {**SENT, "promised_at": DUE, "status": "delivered", "updated_at": AS_OF})],
            "mixed",
            id="delivered since it was asked",
        ),
        pytest.param(
            [
                ("message", WHERE | {"about": "SO-1"}),
                ("order", SENT),
                ("order", {**SENT, "reference": "SO-2", "promised_at": DUE}),
            ],
            "good",
            id="another order is late",
        ),
        pytest.param([("message", {**WHERE, "body": "I am disappointed."})], "mixed", id="a complaint besides"),
    ],
)
def test_where_an_order_is_may_be_asked(
    care: Care, happened: list[tuple[str, dict[str, Any]]], satisfaction: str | None
) -> None:
    for key, (holds, said) in enumerate(happened):
        care.land("X", holds, str(key), **said)
    assert care.profile("X")["satisfaction"] == satisfaction


def test_an_open_complaint_is_poor_and_spoils_offers_to_the_household(care: Care) -> None:
    care.land("X", "case", "1", at=YESTERDAY, status="open", subject="Broken")
    care.add_customer("Y").add_customer("Z").live_together("X", "Y").raise_signal("X", "open_complaint", "urgent")
    told = {name: care.profile(name) for name in "XYZ"}
    assert told["X"]["satisfaction"] == "poor"
    assert [told[name]["may_offer"] for name in "XYZ"] == [False, False, True]
    assert told["X"]["may_offer_reason"] == "a complaint is open"
    assert told["Y"]["may_offer_reason"] == "a complaint of the household is open"


def test_all_that_speaks_against_an_offer_is_named_the_gravest_first(care: Care) -> None:
    care.land("X", "case", "1", status="pending")
    care.land("X", "account", "2", extras=[{"name": "do_not_contact", "value": "yes"}])
    for signal, severity in (("order_late", "warning"), ("known_issue", "urgent"), ("going_quiet", "info")):
        care.raise_signal("X", signal, severity)
    settle_permissions(care.con, SETTINGS, RUN)
    assert care.profile("X")["may_offer_reason"] == (
        "a known issue touches an open order; an order is late; a case is open; "
        "said no to being contacted by any channel"
    )


def test_a_complaint_counts_whatever_its_severity(care: Care) -> None:
    care.add_customer("X").raise_signal("X", "open_complaint", "info").raise_signal("X", "first_order", "info")
    assert care.profile("X")["may_offer_reason"] == "a complaint is open"


def test_a_signal_of_weight_without_words_of_its_own_counts_too(care: Care) -> None:
    care.add_customer("X").raise_signal("X", "lost_parcel", "urgent")
    assert care.profile("X")["may_offer_reason"] == "there is something to see to: lost parcel"


def test_channels_that_are_refused_are_named_and_all_of_them_are_a_no(care: Care) -> None:
    refused = [{"name": f"consent_marketing_{channel}", "value": "no"} for channel in ("email", "sms")]
    care.land("X", "account", "1", extras=refused)
    settle_permissions(care.con, SETTINGS, RUN)
    found = care.profile("X")
    reason = "nothing speaks against it, but not by email or sms"
    assert (found["may_offer"], found["may_offer_reason"]) == (True, reason)
    rest = [{"name": f"consent_marketing_{channel}", "value": "no"} for channel in ("phone", "post", "chat")]
    care.land("X", "account", "2", extras=rest)
    settle_permissions(care.con, SETTINGS, RUN)
    found = care.profile("X")
    reason = "said no to marketing messages by every single channel"
    assert (found["may_offer"], found["may_offer_reason"]) == (False, reason)


def test_the_stage_reports_who_knows_us(care: Care) -> None:
    care.land("X", "order", "1").add_customer("Y")
    report = care.run()["build_profile"]
    assert (report.rows, report.figures) == ({"care.profile": 2}, {"new": 1, "none": 1})
