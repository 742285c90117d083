from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.conversations import connect

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tests.customer360.conftest import Care

MONDAY, TUESDAY = (datetime(2026, 5, day, 9) for day in (4, 5))  # noqa: DTZ001 - naive UTC


def test_every_record_of_a_customer_is_an_activity(care: Care) -> None:
    care.land("X", "order", "1", at=MONDAY, reference="SO-1", amount=Decimal("9.5"), currency="USD", channel="order")
    care.land("X", "message", "<m>", subject="Hello", direction="inbound", handled_by="ann", promised_at=TUESDAY)
    care.land("Y", "campaign", "c").land("X", "inventory", "i").land("X", "known_issue", "k")
    assert care.run()["record_activity"].rows == {"care.activity": 3, "care.item": 0}
    found = care.con.execute("SELECT * EXCLUDE (activity_id, conversation_id) FROM care.activity ORDER BY kind")
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    campaign, message, order = ({name: value for name, value in row.items() if value is not None} for row in rows)
    assert campaign == {"golden_id": "Y", "source": "campaigns", "source_record_id": "c", "kind": "campaign"}
    assert message == {
        "golden_id": "X",
        "source": "messages",
        "source_record_id": "<m>",
        "kind": "message",
        "direction": "inbound",
        "subject": "Hello",
        "promised_at": TUESDAY,
        "handled_by": "ann",
        "role": "contact",
    }
    assert order == {
        "golden_id": "X",
        "source": "orders",
        "source_record_id": "1",
        "kind": "order",
        "at": MONDAY,
        "reference": "SO-1",
        "channel": "order",
        "amount": Decimal("9.5"),
        "currency": "USD",
    }


def test_an_activity_id_is_made_of_its_record_alone(new_care: Callable[..., Care]) -> None:
    one = (
        new_care().land("X", "order", "1").land("X", "order", "1", source="o").land("X", "order", "s1", source="order")
    )
    two = new_care().land("Y", "order", "1", at=MONDAY)
    ids = []
    for care in (one, two):
        care.run()
        made = care.con.execute("SELECT source || ' ' || source_record_id, activity_id FROM care.activity").fetchall()
        ids.append(dict(made))
    assert ids[0]["orders 1"] == ids[1]["orders 1"] == "act_8DSZ756DXPDCCQ4Z"
    assert len(set(ids[0].values())) == 3
    assert all(re.fullmatch(r"act_[0-9A-HJKMNP-TV-Z]{16}", made) for made in ids[0].values())


def test_a_status_is_its_class_where_one_was_declared(care: Care) -> None:
    care.land("X", "order", "1", status="delivered").land(
        "X", "order", "2", status="pending", status_class="open"
    ).run()
    assert care.con.execute("SELECT status FROM care.activity ORDER BY source_record_id").fetchall() == [
        ("delivered",),
        ("open",),
    ]


def test_items(care: Care) -> None:
    line = {"line": 2, "sku": "A", "description": "Lamp", "quantity": Decimal(3), "amount": Decimal("7.25")}
    empty = {"line": 1, "sku": None, "description": None, "quantity": None, "amount": None}
    care.land("X", "order", "1", items=[line, empty]).land("X", "order", "2").run()
    assert care.con.execute("SELECT * EXCLUDE (activity_id) FROM care.item").fetchall() == [
        (1, None, None, None, None),
        (2, "A", "Lamp", Decimal(3), Decimal("7.25")),
    ]


def test_what_a_record_names_goes_before_what_it_quotes(care: Care) -> None:
    care.land("X", "order", "1", reference="SO-1").land("X", "order", "2", reference="SO-2")
    care.land("X", "case", "c", reference="C-1", about="so-1 ", quoted_references=["SO-2"])
    care.land("X", "message", "m", quoted_references=["SO-2"])
    care.land("X", "message", "n", about="SO-404", quoted_references=["SO-2"])
    assert care.about() == {"c": "1", "m": "2", "n": "2"}


def test_an_activity_is_never_about_itself(care: Care) -> None:
    assert care.land("X", "order", "1", reference="SO-1", about="SO-1", quoted_references=["SO-1"]).about() == {}


def test_a_reference_means_the_customers_own(care: Care) -> None:
    care.land("X", "order", "1", reference="7", source="west").land("Y", "order", "2", reference="7", source="east")
    care.land("X", "message", "m", quoted_references=["7"]).land("Z", "message", "n", quoted_references=["7"])
    assert care.about() == {"m": "1"}


def test_a_reference_means_an_order_before_its_invoice(care: Care) -> None:
    care.land("X", "order", "1", reference="7").land("X", "invoice", "2", reference="7")
    care.land("X", "message", "m", quoted_references=["7"])
    assert care.about() == {"m": "1", "2": "1"}


def test_an_invoice_is_about_its_order(care: Care) -> None:
    """It names the order, has its number, or says it; another's order of that number is not meant."""
    care.land("X", "order", "1", reference="SO-1701").land("Y", "order", "2", reference="SO-1702")
    care.land("X", "invoice", "named", reference="I-1", about="SO-1701").land(
        "X", "invoice", "same", reference="so-1701"
    )
    care.land("X", "invoice", "said", reference="I-2", subject="For order SO-1701")
    care.land("X", "invoice", "other", reference="SO-1702").land("X", "invoice", "like", reference="1701")
    assert care.about() == {"named": "1", "same": "1", "said": "1"}


def test_another_customers_order_may_be_meant(care: Care) -> None:
    care.land("X", "order", "1", reference="SO-1").land("Y", "message", "m", quoted_references=["SO-1", "SO-404"])
    assert care.about() == {"m": "1"}
    assert care.run()["record_activity"].figures == {"about_another": 1, "about_another_customers": 1}


def test_of_several_the_only_own_one_is_meant(care: Care) -> None:
    for customer, key in (("X", "1"), ("X", "2"), ("Y", "3")):
        care.land(customer, "order", key, reference=f"SO-{key}")
    care.land("Y", "message", "own", quoted_references=["SO-1", "SO-3"])
    care.land("X", "message", "two", quoted_references=["SO-1", "SO-2"])
    care.land("Z", "message", "strange", quoted_references=["SO-1", "SO-3"])
    assert care.about() == {"own": "3"}


def test_a_reply_is_about_what_it_answers(care: Care) -> None:
    care.land("X", "order", "1", reference="SO-1").land("X", "order", "2", reference="SO-2")
    care.land("X", "message", "a", quoted_references=["SO-1"]).land("X", "message", "b", reply_to="a")
    care.land("X", "message", "c", reply_to="b").land("X", "message", "d", reply_to="c", quoted_references=["SO-2"])
    care.land("X", "message", "e", reply_to="d").land("X", "message", "f", reply_to="gone")
    assert care.about() == {"a": "1", "b": "1", "c": "1", "d": "2", "e": "2"}


def test_replies_in_a_circle_do_no_harm(care: Care) -> None:
    care.land("X", "message", "a", reply_to="b").land("X", "message", "b", reply_to="a")
    care.land("X", "message", "c", reply_to="c")
    assert care.about() == {}
    assert care.conversations() == {frozenset("ab"), frozenset("c")}


def test_what_makes_a_conversation(care: Care) -> None:
    care.land("X", "case", "case", at=TUESDAY, reference="C-1")
    care.land("X", "message", "about", at=MONDAY, quoted_references=["C-1"])
    care.land("Y", "message", "reply", reply_to="about")
    care.land("X", "message", "left", reply_to="gone").land("X", "message", "right", reply_to="gone")
    care.land("X", "message", "root", conversation="root").land("X", "message", "branch", conversation="root")
    care.land("X", "interaction", "call", conversation="root").land("X", "message", "alone")
    care.land("X", "order", "1", reference="SO-1").land("X", "message", "m", quoted_references=["SO-1"])
    care.land("X", "message", "n", quoted_references=["SO-1"])
    together = {
        frozenset({"case", "about", "reply"}),
        frozenset({"left", "right"}),
        frozenset({"root", "branch"}),
        *(frozenset({key}) for key in ("call", "alone", "m", "n")),
    }
    assert care.conversations() == together
    named = care.con.execute(
        "SELECT DISTINCT first.source_record_id FROM care.activity AS first JOIN care.activity AS each"
        " ON each.conversation_id = first.activity_id WHERE each.source_record_id IN ('case', 'about', 'reply')"
    ).fetchall()
    assert named == [("about",)]
    assert care.con.execute("SELECT conversation_id FROM care.activity WHERE kind = 'order'").fetchall() == [(None,)]


def test_message_ids_of_two_mailboxes_meet_where_one_answers_the_other(care: Care) -> None:
    care.land("X", "message", "a", source="one").land("X", "message", "b", source="two", reply_to="a")
    assert care.conversations() == {frozenset("ab")}


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("uvwxyz"))), st.randoms(use_true_random=False))
def test_groups_are_connected_and_know_no_order(knots: list[tuple[str, str]], shuffler: random.Random) -> None:
    together = connect(knots)
    assert connect(shuffler.sample(knots, len(knots))) == together
    for one, token in knots:
        for other, same in knots:
            if token == same:
                assert together[one] == together[other]
    merged = {(one, token) for one, token in knots}
    while more := {(a, u) for a, t in merged for b, s in merged if s == t for c, u in merged if c == b} - merged:
        merged |= more
    for one in together:
        for other in together:
            is_connected = any((one, token) in merged and (other, token) in merged for token in "uvwxyz")
            assert (together[one] == together[other]) is (is_connected or one == other)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_records_in_any_order_give_the_same_rows(new_care: Callable[..., Care], threads: int) -> None:
    records: list[tuple[str, str, str, dict[str, Any]]] = [
        ("X", "order", "1", {"reference": "SO-1", "at": MONDAY}),
        ("Y", "order", "2", {"reference": "SO-2"}),
        ("X", "case", "c", {"reference": "C-1", "about": "SO-1"}),
        ("X", "message", "m", {"quoted_references": ["C-1", "SO-2"], "conversation": "m"}),
        ("Y", "message", "n", {"reply_to": "m", "conversation": "m"}),
        ("Y", "message", "o", {"reply_to": "n", "conversation": "m"}),
    ]
    one, two = new_care(threads=1), new_care(threads=threads)
    for customer, holds, key, said in records:
        one.land(customer, holds, key, **said)
    for customer, holds, key, said in reversed(records):
        two.land(customer, holds, key, **said)
    one.run(), two.run()
    for table in ("activity", "item", "profile"):
        assert one.con.execute(f"FROM care.{table}").fetchall() == two.con.execute(f"FROM care.{table}").fetchall()


def test_an_excerpt_is_the_beginning_in_one_line(care: Care) -> None:
    excerpts: dict[str | None, str | None] = {
        None: None,
        " \n\u00a0\t": None,
        "Hello\r\n\n  there,\u00a0you": "Hello there, you",
        "x" * 300: "x" * 300,
        "x" * 301: "x" * 299 + "…",
        "word " * 60: ("word " * 60).strip(),
        "word " * 61: ("word " * 60).strip() + "…",
        "ab " + "y" * 400: "ab…",
        "é" * 10_000: "é" * 299 + "…",
    }
    for number, body in enumerate(excerpts):
        care.land("X", "message", str(number), body=body)
    care.run()
    found = care.con.execute("SELECT excerpt FROM care.activity ORDER BY source_record_id").fetchall()
    assert [excerpt for (excerpt,) in found] == list(excerpts.values())
    assert max(len(excerpt or "") for (excerpt,) in found) == 300


@pytest.mark.parametrize(
    ("holds", "said", "role"),
    [
        (
            "interaction",
            {"direction": "outbound", "about": "SO-1", "extras": [{"name": "Carrier", "value": "North"}]},
            "delivery",
        ),
        ("interaction", {"direction": "outbound", "about": "SO-1", "status": "Out for delivery"}, "delivery"),
        ("interaction", {"direction": "outbound", "about": "SO-1", "status": "done", "channel": "phone"}, None),
        ("interaction", {"direction": "outbound", "about": "SO-9", "status": "delivered"}, None),
        (
            "interaction",
            {"direction": "outbound", "about": "SO-1", "extras": [{"name": "carrier", "value": " "}]},
            None,
        ),
        ("interaction", {"direction": "inbound", "about": "SO-1", "status": "delivered"}, "contact"),
        ("message", {"direction": "outbound", "about": "SO-1", "status": "delivered"}, None),
        ("interaction", {"channel": "website"}, "visit"),
        ("message", {"channel": "website"}, "contact"),
        ("interaction", {"channel": "social"}, "contact"),
        ("case", {}, "contact"),
        ("message", {"direction": "internal"}, None),
        ("invoice", {}, None),
    ],
)
def test_what_it_is_between_the_customer_and_us(care: Care, holds: str, said: dict[str, Any], role: str | None) -> None:
    care.land("X", "order", "o", reference="SO-1").land("X", holds, "k", source="one", **said)
    care.run()
    assert care.con.execute("SELECT role FROM care.activity WHERE source = 'one'").fetchall() == [(role,)]
    assert care.con.execute("SELECT role FROM care.activity WHERE kind = 'order'").fetchall() == [(None,)]
