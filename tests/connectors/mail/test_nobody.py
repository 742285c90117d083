from __future__ import annotations

import time

import pytest

from connectors.mail.addresses import Mailbox
from connectors.mail.message import Message, parse_message
from connectors.mail.nobody import EXCLUDED_REASONS, whose
from connectors.mail.own_addresses import own_addresses
from warehouse.tables.landing import EXCLUSION_REASONS

OWN = own_addresses(["support@shop.example"])
TO_US = "To: support@shop.example\n"


def mail(header: str, text: str = "Where is my order?") -> Message:
    return parse_message(f"{header}\n\n{text}\n".encode())


def reason(header: str, text: str = "Where is my order?") -> str | None:
    return whose(mail(header, text), OWN, text).reason


def side(header: str) -> tuple[str, tuple[str, str] | None]:
    verdict = whose(mail(header), OWN, "")
    return verdict.direction, (verdict.party.name, verdict.party.address) if verdict.party else None


def test_every_reason_is_one_that_a_record_may_be_excluded_for() -> None:
    assert set(EXCLUDED_REASONS) <= set(EXCLUSION_REASONS)
    assert len(set(EXCLUDED_REASONS)) == len(EXCLUDED_REASONS)


@pytest.mark.parametrize(
    ("header", "direction", "party"),
    [
        ("From: Ann <ann@x.example>\n" + TO_US, "inbound", ("Ann", "ann@x.example")),
        ("From: Ann <ann@x.example>\nReply-To: b@y.example\n" + TO_US, "inbound", ("Ann", "ann@x.example")),
        ("From: ann@@x.example\n" + TO_US, "inbound", ("", "ann@@x.example")),
        # a sender without an address is for the caller to judge
        ("From: Ann\n" + TO_US, "inbound", None),
        (TO_US, "inbound", None),
        ("From: <>\n" + TO_US, "inbound", None),
        # our answers
        ("From: Shop <support@shop.example>\nTo: Ann <ann@x.example>", "outbound", ("Ann", "ann@x.example")),
        ("From: SUPPORT@Shop.Example\nTo: ann@x.example, bob@x.example", "outbound", ("", "ann@x.example")),
        ("From: support@shop.example\nTo: eve@shop.example\nCc: ann@x.example", "outbound", ("", "ann@x.example")),
        ("From: eve@shop.example\nTo: ann@x.example", "outbound", ("", "ann@x.example")),
        ("From: no-reply@shop.example\nTo: ann@x.example", "outbound", ("", "ann@x.example")),
        ("From: support@shop.example\nTo: ann@x.example\nReply-To: t1@desk.example", "outbound", ("", "ann@x.example")),
        ("From: support@shop.example\nTo: undisclosed-recipients:;", "outbound", None),
        ("From: support@shop.example\nTo: Ann", "outbound", None),
        # web forms and relays
        (f"From: support@shop.example\n{TO_US}Reply-To: Ann <ann@x.example>", "inbound", ("Ann", "ann@x.example")),
        (f"From: no-reply@forms.example\n{TO_US}Reply-To: ann@x.example", "inbound", ("", "ann@x.example")),
        (
            f"From: no-reply@forms.example\n{TO_US}Reply-To: help@forms.example",
            "inbound",
            ("", "no-reply@forms.example"),
        ),
        ("From: Ann <noreply@shop.example>\n" + TO_US, "inbound", ("Ann", "noreply@shop.example")),
        ("From: Ann <customer@shop.example>\n" + TO_US, "inbound", ("Ann", "customer@shop.example")),
        ("From: support@shop.example\nTo: Ann <customer@shop.example>", "outbound", ("Ann", "customer@shop.example")),
    ],
)
def test_direction_and_party(header: str, direction: str, party: tuple[str, str] | None) -> None:
    assert side(header) == (direction, party)
    assert reason(header) is None


FROM_ANN = "From: Ann <ann@x.example>\n" + TO_US


@pytest.mark.parametrize(
    ("found", "header", "text"),
    [
        ("newsletter", FROM_ANN + "List-Unsubscribe: <https://x.example/u>", ""),
        ("newsletter", FROM_ANN + "List-Id: News <news.x.example>", ""),
        ("newsletter", FROM_ANN + "Precedence: Bulk", ""),
        ("newsletter", "From: newsletter@x.example\n" + TO_US, "Our spring offers"),
        ("newsletter", "From: News <news@x.example>\n" + TO_US, "Our offers. Click here to unsubscribe."),
        ("newsletter", "From: support@shop.example\nTo: ann@x.example\nPrecedence: bulk", ""),
        ("bounce", "From: Mail Delivery System <MAILER-DAEMON@shop.example>\n" + TO_US, ""),
        ("bounce", "From: MAILER DAEMON <>\n" + TO_US, ""),
        ("bounce", "From: postmaster@x.example\nSubject: Undeliverable: hello\n" + TO_US, ""),
        ("bounce", "From: postmaster@x.example\nAuto-Submitted: auto-replied\nSubject: Oh\n" + TO_US, ""),
        ("bounce", FROM_ANN + "Return-Path: <>", ""),
        ("bounce", FROM_ANN + "X-Failed-Recipients: bob@x.example", ""),
        ("bounce", FROM_ANN + "Content-Type: multipart/report; report-type=delivery-status; boundary=b", "--b--"),
        ("bounce", FROM_ANN + "Subject: Undelivered Mail Returned to Sender", ""),
        ("bounce", FROM_ANN + "Subject: Delivery Status Notification (Failure)", ""),
        ("bounce", FROM_ANN + "Subject: failure notice", ""),
        ("no_reply", "From: noreply@x.example\nAuto-Submitted: auto-generated\n" + TO_US, ""),
        ("no_reply", "From: Do Not Reply <do-not-reply@x.example>\n" + TO_US, "Please do not reply to this e-mail."),
        ("no_reply", "From: notifications@x.example\n" + TO_US, "This is an automated message."),
        ("no_reply", "From: no_reply+7@x.example\nX-Auto-Response-Suppress: All\n" + TO_US, ""),
        ("no_reply", "From: noreply@shop.example\nAuto-Submitted: auto-generated\n" + TO_US, ""),
        ("out_of_office", FROM_ANN + "Auto-Submitted: auto-replied (vacation)", ""),
        ("out_of_office", FROM_ANN + "Auto-Submitted: auto-replied\nReturn-Path: <>\nPrecedence: bulk", ""),
        ("out_of_office", FROM_ANN + "X-Autoreply: yes", ""),
        ("out_of_office", FROM_ANN + "Precedence: auto_reply", ""),
        ("out_of_office", FROM_ANN + "Subject: Out of office", ""),
        ("out_of_office", FROM_ANN + "Subject: Automatic reply: your order", ""),
        ("out_of_office", FROM_ANN + "Subject: Abwesenheitsnotiz: Bestellung", ""),
        ("out_of_office", FROM_ANN + "Subject: =?utf-8?Q?R=C3=A9ponse_automatique_=3A_x?=", ""),
        ("internal", "From: eve@shop.example\n" + TO_US, ""),
        ("internal", "From: support@shop.example\nTo: eve@shop.example\nCc: bob@shop.example", ""),
        ("test", "From: Test User <test@x.example>\n" + TO_US, "Hello"),
        ("test", FROM_ANN + "Subject: test", "Test"),
        ("test", FROM_ANN + "Subject: Test mail 2", ""),
    ],
)
def test_what_is_nobodys_is_found(found: str, header: str, text: str) -> None:
    verdict = whose(mail(header, text), OWN, text)
    assert verdict.reason == found
    assert verdict.party is None
    assert (verdict.direction == "internal") == (found == "internal")


@pytest.mark.parametrize(
    ("header", "text"),
    [
        # customers who have, or were given, the address of a machine
        ("From: Ann <noreply@x.example>\n" + TO_US, "Where is my order?"),
        ("From: noreply@x.example\n" + TO_US, "Where is my order?\n-- \nAnn Doe"),
        ("From: test@test.example\n" + TO_US, "Where is my order?"),
        ("From: Ann Doe <test@test.example>\n" + TO_US, "Where is my order?"),
        ("From: Ann <unknown@shop.example>\n" + TO_US, "Where is my order?"),
        ("From: postmaster@doe.example\nSubject: My lamp\n" + TO_US, "It broke."),
        # customers who write about such things
        (FROM_ANN + "Subject: Undeliverable parcel", "It came back."),
        (FROM_ANN + "Subject: Re: failure notice", "What is this?"),
        (FROM_ANN + "Subject: Out of office chairs?", "When will you have them again?"),
        (FROM_ANN + "Subject: Please unsubscribe me", "Please unsubscribe me from your newsletter."),
        (FROM_ANN + "Subject: Test", "I would like to test the lamp."),
        (FROM_ANN + "Subject: Tester for lamps", ""),
        ("From: marketing@small.example\n" + TO_US, "We would like to order ten lamps."),
        # what only looks like a machine's
        (FROM_ANN + "Auto-Submitted: no", "Where is my order?"),
        (FROM_ANN + "Return-Path: <ann@x.example>", "Where is my order?"),
        ("From: support@shop.example\nTo: ann@x.example\nAuto-Submitted: auto-replied", "We have got your mail."),
        ("From: support@shop.example\nTo: ann@x.example\nList-Unsubscribe: <x>\nIn-Reply-To: <1@x>", "Gladly."),
        # our mailbox is a group address: all that reaches us carries its marks
        (FROM_ANN + "List-Id: <support.shop.example>\nPrecedence: list\nList-Unsubscribe: <x>", "Where is my order?"),
        (FROM_ANN + "List-Post: <mailto:support@shop.example>\nList-Unsubscribe: <x>", "Where is my order?"),
    ],
)
def test_a_customers_mail_is_never_set_aside(header: str, text: str) -> None:
    verdict = whose(mail(header, text), OWN, text)
    assert verdict.reason is None
    assert verdict.party is not None


def test_a_domain_is_ours_by_name_or_by_an_address_unless_anybody_can_have_one_there() -> None:
    ours = own_addresses(["Help@Gmail.com", "@brand.example", " desk@shop.example "])
    for address in (
        "help@gmail.com",
        "help+orders@gmail.com",
        "any@brand.example",
        "eve@SHOP.example",
        "desk@shop.example",
    ):
        assert ours.include(address)
    for address in ("ann@gmail.com", "any@sub.brand.example", "gmail.com", "", "@", "help@gmail.com.evil.example"):
        assert not ours.include(address)
    for domain in ("yahoo.co.uk", "gmx.net", "web.de", "orange.fr", "outlook.com"):
        assert not own_addresses([f"shop@{domain}"]).include(f"ann@{domain}")
    assert own_addresses(["@gmail.com"]).include("ann@gmail.com")


def test_an_address_that_is_named_is_ours_whatever_it_is_called() -> None:
    ours = own_addresses(["noreply@shop.example"])
    assert whose(mail("From: noreply@shop.example\nTo: eve@shop.example"), ours, "").reason == "internal"
    assert not ours.stand_in("noreply@shop.example")
    assert ours.stand_in("no-reply@shop.example")
    assert not ours.stand_in("no-reply@x.example")


def test_without_own_addresses_every_mail_is_its_senders() -> None:
    verdict = whose(mail("From: eve@shop.example\nTo: support@shop.example"), own_addresses([]), "")
    assert verdict == ("inbound", Mailbox("", "eve@shop.example"), None)


@pytest.mark.parametrize("unit", ["1", "test", "a ", "unsubscribe ", "automatic ", "test 1"])
def test_hostile_words_take_no_time(unit: str) -> None:
    began = time.process_time()
    header = f"From: Test {unit * 500}! <test{unit * 50}@x.example>\nSubject: test{unit * 500}!\n{TO_US}"
    whose(mail(header), OWN, unit * 100_000)
    assert time.process_time() - began < 2
