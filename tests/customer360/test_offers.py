from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from customer360.build_profile import build_profile
from customer360.judge_offers import judge_offers
from customer360.record_activity import record_activity
from customer360.settle_permissions import settle_permissions
from tests.customer360.conftest import AS_OF, RUN, SETTINGS
from warehouse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.customer360.conftest import Care

JANUARY, MARCH, MAY = (datetime(2026, month, 3) for month in (1, 3, 5))  # noqa: DTZ001 - naive UTC
LONG_AGO = AS_OF - timedelta(400)
Answer = tuple[bool, str]


def buy(care: Care, customer: str, sku: str, at: datetime | None = MARCH, **more: Any) -> Care:  # noqa: ANN401
    """Let a customer buy something; `quantity` and `amount` are those of the line, the others of the order."""
    line = {"line": 1, "sku": sku, "description": None}
    line |= {"quantity": more.pop("quantity", None), "amount": more.pop("amount", None)}
    kind = more.pop("kind", "order")
    return care.land(
        customer, kind, f"{customer}-{sku}-{at}-{len(more)}-{line['quantity']}", at=at, items=[line], **more
    )


def judge(care: Care, *offers: dict[str, Any]) -> dict[str, dict[str, Answer]]:
    """Return customer -> offer -> eligible, and why."""
    settings = Settings.model_validate({**SETTINGS.model_dump(by_alias=True), "offers": offers})
    for stage in (record_activity, settle_permissions, build_profile, judge_offers):
        stage(care.con, settings, RUN)
    answers: dict[str, dict[str, Answer]] = {}
    for golden_id, offer, *answer in care.con.execute("FROM care.offer").fetchall():
        answers.setdefault(golden_id, {})[offer] = (answer[0], answer[1])
    return answers


def answers_to(care: Care, **rule: Any) -> dict[str, Answer]:  # noqa: ANN401
    """Return each customer's answer to an offer with this rule."""
    judged = judge(care, {"name": "it", "say": "It", "for": rule})
    return {customer: answers["it"] for customer, answers in judged.items()}


def test_without_offers_there_is_nothing(care: Care) -> None:
    buy(care, "X", "KETTLE-2")
    assert judge(care) == {}


def test_an_offer_without_a_rule_fits_everybody(care: Care) -> None:
    assert answers_to(care.add_customer("X")) == {"X": (True, "fits everybody")}
    assert care.con.execute("SELECT say FROM care.offer").fetchall() == [("It",)]


def test_what_was_bought_and_not_since(care: Care) -> None:
    for customer in "ABC":
        buy(care, customer, "kettle-2", JANUARY)
    buy(care, "A", "FILTER-1", JANUARY - timedelta(1))
    buy(care, "B", "FILTER-1", MARCH)
    buy(care, "C", "FILTER-1", JANUARY)
    care.add_customer("D")
    assert answers_to(care, bought="KETTLE-*", not_bought_since=["FILTER-*", "CARTRIDGE"]) == {
        "A": (True, "bought KETTLE-2 on 2026-01-03, no FILTER-* or CARTRIDGE since"),
        "B": (False, "since then bought FILTER-1 on 2026-03-03"),
        "C": (False, "since then bought FILTER-1 on 2026-01-03"),
        "D": (False, "bought no KETTLE-*"),
    }


def test_when_it_was_bought(care: Care) -> None:
    for customer, days in (("A", 20), ("B", 30), ("C", 365), ("D", 366)):
        buy(care, customer, "KETTLE-2", AS_OF - timedelta(days))
    buy(care, "E", "KETTLE-2", None)
    buy(care, "F", "KETTLE-2", AS_OF + timedelta(1))
    buy(buy(care, "G", "KETTLE-1", AS_OF - timedelta(20)), "G", "KETTLE-2", AS_OF - timedelta(40))
    assert answers_to(care, bought="KETTLE-?", bought_within="365d", bought_before="30d") == {
        "A": (False, "bought KETTLE-2 on 2026-05-12, less than 30 days ago"),
        "B": (True, "bought KETTLE-2 on 2026-05-02"),
        "C": (True, "bought KETTLE-2 on 2025-06-01"),
        "D": (False, "bought KETTLE-2 on 2025-05-31, more than 365 days ago"),
        "E": (False, "bought KETTLE-2, more than 365 days ago"),
        "F": (False, "bought no KETTLE-?"),
        "G": (True, "bought KETTLE-2 on 2026-04-22"),
    }


def test_what_was_not_kept_is_not_owned(care: Care) -> None:
    buy(care, "A", "KETTLE-2", JANUARY, status="Returned", status_class="closed")
    buy(care, "B", "KETTLE-2", JANUARY, status="cancelled")
    buy(buy(care, "C", "KETTLE-2", JANUARY, quantity=2), "C", "KETTLE-2", MARCH, quantity=-1)
    buy(buy(care, "D", "KETTLE-2", JANUARY, quantity=1), "D", "KETTLE-2", MARCH, amount=-20)
    buy(buy(care, "E", "KETTLE-2", JANUARY, status="refunded"), "E", "KETTLE-2", MAY)
    assert answers_to(care, bought="KETTLE-2") == {
        "A": (False, "sent back what was bought: KETTLE-2 on 2026-01-03"),
        "B": (False, "bought no KETTLE-2"),
        "C": (True, "bought KETTLE-2 on 2026-01-03"),
        "D": (False, "sent back what was bought: KETTLE-2 on 2026-01-03"),
        "E": (True, "bought KETTLE-2 on 2026-05-03"),
    }
    told = answers_to(care, not_bought="KETTLE-*")
    assert [customer for customer, (eligible, _) in told.items() if eligible] == ["A", "B", "D"]
    assert told["A"] == (True, "has no KETTLE-*")
    told = answers_to(care, not_returned="KETTLE-*")
    assert [customer for customer, (eligible, _) in told.items() if eligible] == ["B", "C"]
    assert told["E"] == (False, "sent back what was bought: KETTLE-2 on 2026-01-03")
    assert told["C"] == (True, "never sent back KETTLE-*")


def test_what_fits_what_is_owned(care: Care) -> None:
    buy(buy(care, "A", "PRINTER-7A"), "A", "PRINTER-9", MAY)
    buy(care, "B", "PRINTER-7B", MAY)
    buy(care, "C", "INK-7")
    fits = [{"owns": ["PRINTER-7*", "PRINTER-8"], "then": ["INK-7", "INK-7XL"]}, {"owns": "PRINTER-*", "then": "INK-9"}]
    assert answers_to(care, fits=fits, bought_before="60d") == {
        "A": (True, "owns PRINTER-7A, which INK-7 or INK-7XL fits"),
        "B": (False, "bought PRINTER-7B on 2026-05-03, less than 60 days ago"),
        "C": (False, "owns no PRINTER-7* or PRINTER-8 or PRINTER-*"),
    }
    both = answers_to(care, bought="INK-*", fits=fits, experience="regular")
    assert both["C"] == (False, "owns no PRINTER-7* or PRINTER-8 or PRINTER-*")
    assert answers_to(care, experience="new")["B"] == (True, "experience: new")
    assert answers_to(care, experience=["none", "expert"])["B"] == (False, "experience: new")


def test_an_invoice_counts_where_there_is_no_order(care: Care) -> None:
    buy(care, "A", "KETTLE-2", JANUARY, reference="SO-1")
    buy(care, "A", "KETTLE-2", MARCH, kind="invoice", about="SO-1")
    buy(care, "B", "KETTLE-2", MARCH, kind="invoice")
    told = answers_to(care, bought="KETTLE-2")
    assert told["A"] == (True, "bought KETTLE-2 on 2026-01-03")
    assert told["B"] == (True, "bought KETTLE-2 on 2026-03-03")


def test_what_may_not_be_said_is_named_last(care: Care) -> None:
    for customer in "ABCD":
        buy(care, customer, "KETTLE-2", JANUARY)
    care.land("A", "campaign", "1", extras=[{"name": "consent_marketing_email", "value": "no"}])
    care.land("B", "campaign", "2", extras=[{"name": "consent_marketing_any", "value": "yes"}])
    care.land("C", "case", "3", status="open")
    rule = {"bought": "KETTLE-2"}
    told = judge(
        care,
        {"name": "mailing", "say": "Hello", "by": "email", "for": rule},
        {"name": "asked", "say": "Hello", "by": "email", "needs_consent": True, "for": rule},
        {"name": "any", "say": "Hello", "for": {"bought": "KETTLE-3"}},
    )
    bought = "bought KETTLE-2 on 2026-01-03"
    assert told["A"]["mailing"] == (False, f"{bought}; but said no to marketing messages by email")
    assert told["B"]["mailing"] == told["B"]["asked"] == (True, bought)
    assert told["C"]["mailing"] == (False, f"{bought}; but a case is open")
    assert told["D"]["mailing"] == (True, bought)
    assert told["D"]["asked"] == (False, f"{bought}; but has not agreed to marketing messages by email")
    assert told["A"]["any"] == (False, "bought no KETTLE-3")


def test_the_stage_reports_how_many_get_an_offer(new_care: Callable[..., Care]) -> None:
    care = buy(new_care(threads=2), "X", "KETTLE-2").add_customer("Y")
    offers = [{"name": name, "say": "Hello", "for": {"bought": sku}} for name, sku in (("b", "K*"), ("a", "*-?"))]
    judge(care, *offers)
    settings = Settings.model_validate({**SETTINGS.model_dump(by_alias=True), "offers": offers})
    report = judge_offers(care.con, settings, RUN)
    assert (report.rows, report.figures) == ({"care.offer": 4}, {"a": 1, "b": 1})


def test_neither_the_order_of_records_nor_threads_matter(new_care: Callable[..., Care]) -> None:
    told = []
    for turned, threads in ((False, 1), (True, 2)):
        care = new_care(threads=threads)
        happened: list[Callable[[], object]] = [
            partial(buy, care, "A", "KETTLE-1", JANUARY),
            partial(buy, care, "A", "KETTLE-2", JANUARY),
            partial(buy, care, "A", "KETTLE-2", MARCH, status="returned"),
            partial(buy, care, "B", "KETTLE-2", None),
            partial(care.land, "B", "campaign", "1", at=MARCH, extras=refusal("no")),
            partial(care.land, "B", "campaign", "2", at=MARCH, extras=refusal("out")),
            partial(care.land, "A", "message", "3", at=MARCH, channel="email", body="Great service!"),
            partial(care.land, "A", "message", "4", at=MARCH, channel="chat", body="It is broken."),
        ]
        for happen in reversed(happened) if turned else happened:
            happen()
        judge(
            care,
            {"name": "a", "say": "It", "for": {"fits": [{"owns": "K*", "then": "X"}, {"owns": "*", "then": "Y"}]}},
            {"name": "b", "say": "It", "by": "email", "for": {"bought": "*", "bought_within": "1d"}},
        )
        tables = ("permission", "profile", "offer")
        told.append([care.con.execute(f"FROM care.{table} ORDER BY ALL").fetchall() for table in tables])
    assert told[0] == told[1]
    assert all(told[0])


def refusal(word: str) -> list[dict[str, str]]:
    return [{"name": "consent_marketing_any", "value": word}]


def test_days_are_those_of_the_workspace(care: Care) -> None:
    """What an export dates 4 March in Berlin happened, in UTC, on the evening of the third."""
    buy(care, "X", "K", datetime(2026, 3, 3, 23))  # noqa: DTZ001 - naive UTC
    record_activity(care.con, SETTINGS, RUN)
    build_profile(care.con, SETTINGS, RUN)
    offer = {"name": "it", "say": "It", "for": {"bought": "K"}}
    settings = Settings.model_validate(
        {**SETTINGS.model_dump(by_alias=True), "timezone": "Europe/Berlin", "offers": [offer]}
    )
    judge_offers(care.con, settings, RUN)
    assert care.con.execute("SELECT reason FROM care.offer").fetchall() == [("bought K on 2026-03-04",)]


def test_only_stars_and_question_marks_stand_for_others(care: Care) -> None:
    buy(buy(care, "A", "K[1]", MARCH), "B", "k1", MARCH)
    offers = [
        {"name": name, "say": "It", "for": {"bought": sku}}
        for name, sku in (("exact", "k[1]"), ("star", "K*]"), ("none", "K[2-9]"), ("back", "K\\[1]"))
    ]
    told = judge(care, *offers)
    assert {name for name, (eligible, _) in told["A"].items() if eligible} == {"exact", "star"}
    assert not any(eligible for eligible, _ in told["B"].values())
    settings = Settings.model_validate({**SETTINGS.model_dump(by_alias=True), "offers": offers})
    assert judge_offers(care.con, settings, RUN).figures["articles_nobody_bought"] == 2


@pytest.mark.parametrize("time", ["36h", "90m", "1d"])
def test_a_length_of_time_is_told_as_it_was_written(care: Care, time: str) -> None:
    told = answers_to(buy(care, "X", "K", LONG_AGO), bought="K", bought_within=time)["X"]
    words = {"36h": "36 hours", "90m": "90 minutes", "1d": "1 day"}
    assert told == (False, f"bought K on 2025-04-27, more than {words[time]} ago")
