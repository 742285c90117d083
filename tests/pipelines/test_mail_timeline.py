"""What an order's mails come to: a confirmation, an answering machine, a question, a forwarded mail, a new number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.pipelines.shop import SETTINGS, Shop

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = """\
  orders:
    holds: order
    files: exports/orders.csv
    format: csv
    key: order_no
    fields: {full_name: name, email: email}
    activity: {at: {column: placed, format: "%Y-%m-%d"}, reference: order_no, amount: total, currency: {value: USD},
               status: state}
  mail:
    holds: message
    files: exports/mail.mbox
    format: mbox
    load: incremental
    own_addresses: [support@shop.example]
"""
ADA = "Ada Quist <ada.quist@mail.example>"
SHOP = "Shop <orders@shop.example>"
SUPPORT = "Kim <support@shop.example>"
TO_US = (ADA, SUPPORT)


def mail(key: str, route: tuple[str, str], day: int, subject: str, text: str, more: str = "") -> str:
    """Return a mail as an mbox holds it, from one to another; `more` are further lines of its header."""
    sender, to = route
    return (
        f"From x Mon Jan  5 10:00:00 2026\nMessage-ID: <{key}@m.example>\nFrom: {sender}\nTo: {to}\n"
        f"Date: {day} Jan 2026 10:00:00 +0000\n{more}Subject: {subject}\n\n{text}\n\n"
    )


AUTO = "Auto-Submitted: auto-"
QUESTION = "In-Reply-To: <question@m.example>\n"
MOVED = """\
I moved to 12 Alder St, Kent, WA 98030. My new number is 206-555-0142.

On Mon, 10 Jan 2026 at 10:00, Kim wrote:
> My old number is 206-555-0199."""
FORWARDED = """\
---------- Forwarded message ---------
From: Bo Ek <bo.ek@post.example>
Subject: Lamp

It broke."""
MAILS = (
    mail("confirmation", (SHOP, ADA), 5, "Your order SO-4711", "Thank you for it.", AUTO + "generated\n"),
    mail("shipped", ("no-reply@shop.example", ADA), 6, "Order SO-4711 is on its way", "Expect it on Friday."),
    mail("question", TO_US, 9, "Where is it?", "My order 4711 has not come.\n\nAda"),
    mail("answer", (SUPPORT, ADA), 10, "Re: Where is it?", "We look into it.", QUESTION),
    mail("away", TO_US, 10, "Re: Where is it?", "SO-4711: away", AUTO + "replied\n"),
    mail("moved", TO_US, 11, "Re: Where is it?", MOVED, QUESTION),
    mail("forwarded", TO_US, 12, "Fwd: Lamp", FORWARDED),
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop after a night with one customer, an order and its mails."""
    shop = Shop(tmp_path_factory.mktemp("mails"), settings=SETTINGS + SOURCES)
    shop.account("A1", first_name="Ada", last_name="Quist", email="ada.quist@mail.example", phone="2065550199")
    shop.write()
    exports: Path = shop.path / "exports"
    (exports / "orders.csv").write_text(
        "order_no,name,email,placed,total,state\nSO-4711,Ada Quist,ada.quist@mail.example,2026-01-05,19.50,shipped\n"
    )
    (exports / "mail.mbox").write_text("".join(MAILS))
    assert shop.night(checks=False).published
    return shop


def test_an_orders_mails_are_about_it_and_no_further_orders(shop: Shop) -> None:
    rows = shop.read(
        "SELECT replace(one.source_record_id, '@m.example', ''), one.kind, one.direction FROM activity AS one"
        " JOIN activity AS target ON target.activity_id = one.about_activity_id WHERE target.reference = 'SO-4711'"
    )
    assert sorted(rows) == [
        ("<answer>", "message", "outbound"),
        ("<confirmation>", "message", "outbound"),
        ("<moved>", "message", "inbound"),
        ("<question>", "message", "inbound"),
        ("<shipped>", "message", "outbound"),
    ]
    assert shop.read("SELECT orders, contacts, last_contact_at::DATE::VARCHAR FROM profile") == [(1, 3, "2026-01-12")]
    assert shop.read("SELECT reason FROM excluded_record") == [("out_of_office",)]


def test_only_what_was_talked_about_is_a_conversation(shop: Shop) -> None:
    together = shop.read(
        "SELECT list(source_record_id[2:4] ORDER BY source_record_id) FROM activity WHERE kind = 'message'"
        " GROUP BY conversation_id"
    )
    assert sorted(keys for (keys,) in together) == [["ans", "mov", "que"], ["con"], ["for"], ["shi"]]


def test_the_timeline_shows_how_a_mail_begins_and_no_more(shop: Shop) -> None:
    excerpts = dict(shop.read("SELECT source_record_id[2:4], excerpt FROM activity WHERE kind = 'message'"))
    assert excerpts["que"] == "My order 4711 has not come."
    assert excerpts["mov"] == "I moved to 12 Alder St, Kent, WA 98030. My new number is 206-555-0142."


def test_what_she_told_of_herself_is_noted(shop: Shop) -> None:
    rows = shop.read('SELECT attribute, "value", told, is_known, "at"::DATE::VARCHAR FROM contact_fact ORDER BY ALL')
    assert rows == [
        ("address", "12 Alder St, Kent, WA 98030", "new", False, "2026-01-11"),
        ("email", "bo.ek@post.example", "forwarded", False, "2026-01-12"),
        ("name", "Bo Ek", "forwarded", False, "2026-01-12"),
        ("phone", "206-555-0142", "new", False, "2026-01-11"),
    ]
    assert shop.read("SELECT phone FROM customer") == [("+12065550199",)]
