"""Which order, case or invoice a text means, however it is written: by no pattern, in any case, with any stroke."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from customer360.quotations import MOST_OF_ONE_REFERENCE

if TYPE_CHECKING:
    from tests.customer360.conftest import Care

SAID = (
    "Where is SO-00017802?",
    "where is so-00017802",
    "my so 00017802 has not come",
    "SO00017802, again",
    "so_00017802!",
    "SO: 17802 is late",
    "SO17802 is late",
    "it is about (SO-17802).",
    "Order 17802 never came",
    "Order number is 00017802.",
    "order no. 17802",
    "my order #17802",
    "Bestellung Nr. 17802 fehlt",
    "Bestellnummer: 17802",
    "Wo bleibt meine Bestellung 17802?",
    "ma commande n° 17802",
    "mi pedido 17802",
    "pedido número 17802",
    "see https://shop.example/orders/SO-00017802/track",
)
NOT_SAID = (
    "Where is my order?",
    "call me at 17802",
    "17802 Alder St",
    "I ordered 2 of 178",
    "SO-0001780 is late",
    "SO-000178021 is late",
    "CASE-17802 is open",
    "my order of 4 May, phone 206 555 17802x",
    "order 178",
)


def test_an_order_is_known_however_it_is_written(care: Care) -> None:
    care.land("X", "order", "1", reference="SO-00017802").land("X", "order", "2", reference="SO-00017803")
    care.land("Y", "order", "3", reference="SO-00027802")
    for text in SAID:
        care.land("X", "message", text, subject=text).land("X", "case", text, body=text)
    for text in NOT_SAID:
        care.land("X", "message", text, subject="No number", body=text)
    assert care.about() == dict.fromkeys(SAID, "1")
    tied = care.con.execute("SELECT kind, count(about_activity_id) FROM care.activity GROUP BY kind").fetchall()
    assert sorted(tied) == [("case", len(SAID)), ("message", len(SAID)), ("order", 0)]


def test_a_reference_may_be_of_any_form(care: Care) -> None:
    references = ("2024/0815", "A.12.7734", "100-2345", "B2B-2024-77", "440017", "ÄB-7712")
    for reference in references:
        care.land("X", "order", reference, reference=reference)
        care.land("X", "case", f"about {reference}", subject=f"My order {reference}.")
    assert care.about() == {f"about {reference}": reference for reference in references}


def test_a_number_alone_is_nobody_elses(care: Care) -> None:
    """A prefix makes a number sure; without it "order 17802" may mean that of another shop."""
    care.land("Y", "order", "1", reference="SO-00017802").land("Y", "order", "2", reference="440017")
    care.land("X", "message", "bare", body="order 17802").land("X", "message", "whole", body="order so 17802")
    care.land("X", "message", "phone", body="ring 440017").land("X", "message", "cued", body="order 440017")
    assert care.about() == {"whole": "1", "cued": "2"}


def test_the_same_spelling_goes_before_a_like_one(care: Care) -> None:
    care.land("Y", "order", "1", reference="SO-12-3").land("X", "order", "2", reference="SO-1-23")
    care.land("X", "message", "m", quoted_references=["SO-12-3"])
    care.land("X", "message", "n", quoted_references=["so 123"])
    assert care.about() == {"m": "1", "n": "2"}


def test_what_is_named_may_lack_its_prefix(care: Care) -> None:
    care.land("X", "order", "1", reference="SO-00017802").land("Y", "order", "2", reference="SO-00027802")
    care.land("X", "interaction", "call", about="17802").land("X", "case", "c", about="27802")
    assert care.about() == {"call": "1"}


def test_an_order_goes_before_the_account_and_the_invoice_that_are_quoted_too(care: Care) -> None:
    care.land("X", "account", "a", reference="ACC-1234").land("X", "order", "1", reference="SO-17802")
    care.land("X", "invoice", "i", reference="INV-5521").land("X", "order", "2", reference="SO-17803")
    care.land("X", "message", "m", body="Account ACC-1234, order SO-17802, invoice INV-5521")
    care.land("X", "message", "n", body="Account ACC-1234, invoice INV-5521")
    care.land("X", "message", "two", body="SO-17802 or SO-17803, account ACC-1234")
    assert care.about() == {"m": "1", "n": "i"}


def test_a_strangers_number_is_evidence_and_no_conversation(care: Care) -> None:
    """A wrong number leads to the other's order, so that one sees it; it ties nobody's talk to the other's."""
    care.land("Y", "order", "1", reference="SO-17802").land("Y", "case", "theirs", reference="C-5501", about="SO-17802")
    care.land("X", "case", "mine", about="SO-17802").land("X", "message", "m", body="C-5501")
    assert care.about() == {"theirs": "1", "mine": "1", "m": "theirs"}
    assert care.conversations() == {frozenset({key}) for key in ("theirs", "mine", "m")}
    rows = care.con.execute("SELECT source_record_id, golden_id FROM care.activity WHERE kind = 'case'").fetchall()
    assert dict(rows) == {"theirs": "Y", "mine": "X"}


def test_a_filler_is_the_customers_own_or_nothing(care: Care) -> None:
    for number in range(MOST_OF_ONE_REFERENCE + 1):
        care.land(f"C{number}", "order", f"o{number}", reference="N/A")
    care.land("C7", "case", "own", about="n/a").land("Z", "case", "nobodys", about="N/A")
    assert care.about() == {"own": "o7"}


@pytest.mark.parametrize("mails", [2, 3, 17, 64])
def test_a_long_thread_is_about_what_it_began_with(care: Care, mails: int) -> None:
    care.land("X", "order", "1", reference="SO-17802").land("X", "message", "m0", body="SO-17802?")
    for number in range(1, mails):
        care.land("X", "message", f"m{number}", reply_to=f"m{number - 1}")
    assert care.about() == {f"m{number}": "1" for number in range(mails)}
