"""A conversation goes on over channels, where the records say so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from customer360 import conversations
from customer360.conversations import MOST_OF_ONE_THREAD, SILENCE_DAYS

if TYPE_CHECKING:
    import pytest

    from tests.customer360.conftest import Care

START = datetime(2026, 5, 4, 9)  # noqa: DTZ001 - naive UTC
DAYS = timedelta(days=1)


def test_one_matter_is_one_conversation_over_all_channels(care: Care) -> None:
    care.land("X", "order", "1", reference="SO-17802", at=START - 9 * DAYS)
    care.land("X", "message", "mail", at=START, body="Where is SO-17802?", direction="inbound")
    care.land("X", "message", "answer", at=START + DAYS, reply_to="mail", direction="outbound")
    care.land("X", "case", "case", at=START + 2 * DAYS, reference="C-5501", about="SO-17802")
    care.land("X", "interaction", "chat", at=START + 3 * DAYS, body="I have a case, c 5501", channel="chat")
    care.land("X", "interaction", "call", at=START + 40 * DAYS, about="C-5501", channel="phone")
    care.land("X", "message", "other", at=START + DAYS, body="Do you sell lamps?")
    assert care.conversations() == {frozenset({"mail", "answer", "case", "chat", "call"}), frozenset({"other"})}
    assert care.about() == dict.fromkeys(("mail", "answer", "case"), "1") | {"chat": "case", "call": "case"}


def test_a_long_silence_ends_a_conversation(care: Care) -> None:
    care.land("X", "order", "1", reference="SO-17802")
    days = (0, SILENCE_DAYS, 2 * SILENCE_DAYS, 3 * SILENCE_DAYS + 1, 3 * SILENCE_DAYS + 2)
    for number, day in enumerate(days):
        care.land("X", "interaction", f"c{number}", at=START + day * DAYS, about="SO-17802")
    assert care.conversations() == {frozenset({"c0", "c1", "c2"}), frozenset({"c3", "c4"})}


def test_a_filler_is_no_conversation(care: Care, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversations, "_KNOT", conversations._KNOT.replace(str(MOST_OF_ONE_THREAD), "3"))  # noqa: SLF001
    for number in range(4):
        care.land("X", "interaction", f"c{number}", conversation="n/a")
    for number in range(3):
        care.land("X", "interaction", f"d{number}", conversation="d")
    apart = {frozenset({f"c{number}"}) for number in range(4)}
    assert care.conversations() == {frozenset({"d0", "d1", "d2"}), *apart}


def test_two_people_who_ask_about_one_order_are_two_conversations(care: Care) -> None:
    care.land("X", "order", "1", reference="SO-17802")
    care.land("X", "interaction", "hers", at=START, about="SO-17802")
    care.land("Y", "interaction", "his", at=START, about="SO-17802")
    assert care.conversations() == {frozenset({"hers"}), frozenset({"his"})}


def test_a_notice_that_went_out_is_no_talk(care: Care) -> None:
    """A confirmation or a parcel's notice is about the order; a call back by one of us is talk."""
    care.land("X", "order", "1", reference="SO-17802", at=START)
    care.land("X", "message", "confirmation", at=START, body="Thank you for SO-17802.", direction="outbound")
    care.land("X", "interaction", "parcel", at=START + DAYS, about="SO-17802", direction="outbound")
    care.land("X", "interaction", "visit", at=START + DAYS, subject="/orders/SO-17802", channel="web")
    care.land("X", "message", "question", at=START + 2 * DAYS, body="SO-17802?", direction="inbound")
    care.land("X", "interaction", "back", at=START + 3 * DAYS, about="SO-17802", direction="outbound", handled_by="kim")
    assert care.about() == dict.fromkeys(("confirmation", "parcel", "visit", "question", "back"), "1")
    assert care.conversations() == {
        frozenset({"confirmation"}),
        frozenset({"parcel"}),
        frozenset({"visit"}),
        frozenset({"question", "back"}),
    }
    assert care.profile("X")["orders"] == 1


def test_what_a_source_calls_one_conversation_goes_on_about_its_matter(care: Care) -> None:
    care.land("X", "order", "1", reference="SO-17802").land("X", "order", "2", reference="SO-17803")
    for number, text in enumerate(("Hello", "It is SO-17802", "Still there?", "And SO-17803", "Thanks")):
        care.land("X", "interaction", f"l{number}", at=START + number * DAYS, body=text, conversation="chat-1")
    care.land("X", "interaction", "apart", at=START + 2 * DAYS, conversation="chat-2")
    care.land("Y", "interaction", "hers", at=START + 2 * DAYS, conversation="chat-1")
    assert care.about() == {"l1": "1", "l2": "1", "l3": "2", "l4": "2"}
