# ruff: noqa: DTZ001 - the warehouse keeps naive UTC
from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.connectors.conftest import Nights

MAIL: dict[str, Any] = {
    "holds": "message",
    "files": "mail*.mbox",
    "format": "mbox",
    "load": "incremental",
    "own_addresses": ["support@shop.example"],
    "references": [r"SO-\d+"],
}


def mail(
    number: int = 1,
    *,
    sender: str = "Jo Doe <jo@x.example>",
    to: str = "Shop <support@shop.example>",
    text: str = "Where is SO-17?",
    more: str = "",
) -> str:
    return (
        f"From x@x.example Mon May 03 03:03:15 2021\nMessage-ID: <{number}@x>\n{more}"
        f"Date: Mon, 03 May 2021 03:03:15 -0800\nFrom: {sender}\nTo: {to}\nSubject: Order SO-18\n\n{text}\n\n"
    )


def test_mail_needs_no_mapping(nights: Nights) -> None:
    signed = "Where is it?\n\nRegards,\nJoanna Doe\n10 Elm St\nSeattle WA 98122\n555-123-4567"
    nights.write("mail.mbox", mail(text=signed, more="In-Reply-To: <0@x>\n"))
    nights.land({"mail": MAIL})
    columns = ("source_record_id", "full_name", "emails", "subject", "channel", "direction", "at", "updated_at")
    assert nights.live(*columns) == [
        (
            "<1@x>",
            "Jo Doe",
            ["jo@x.example"],
            "Order SO-18",
            "email",
            "inbound",
            datetime(2021, 5, 3, 11, 3, 15),
            datetime(2021, 5, 3, 11, 3, 15),
        )
    ]
    ((body, name, phones, addresses),) = nights.live(
        "body", "signature_name", "signature_phones", "signature_addresses"
    )
    assert body == "Where is it?"
    assert name == "Joanna Doe"
    assert phones == ["555-123-4567"]
    assert len(addresses) == 1
    assert nights.live("reply_to", "conversation", "quoted_references") == [("<0@x>", "<0@x>", ["SO-18"])]


def test_our_answer_belongs_to_whom_it_went_to(nights: Nights) -> None:
    nights.write("mail.mbox", mail(sender="Ann <ann@shop.example>", to="Jo Doe <jo@x.example>", text="See SO-17."))
    nights.land({"mail": MAIL})
    assert nights.live("full_name", "emails", "direction", "quoted_references") == [
        ("Jo Doe", ["jo@x.example"], "outbound", ["SO-17", "SO-18"])
    ]


def test_what_is_nobodys_says_why(nights: Nights) -> None:
    nights.write("mail.mbox", mail(sender="Ann <ann@shop.example>", to="Bob <bob@shop.example>"))
    nights.land({"mail": MAIL})
    assert nights.live("excluded_reason") == [("internal",)]


def test_a_mapping_of_the_user_comes_first(nights: Nights) -> None:
    nights.write("mail.mbox", mail())
    nights.land({"mail": {**MAIL, "activity": {"subject": {"value": "mail"}}, "fields": {"extra.to": {"path": "to"}}}})
    assert nights.live("subject", "full_name") == [("mail", "Jo Doe")]
    assert nights.live("extras") == [([{"name": "to", "value": "Shop <support@shop.example>"}],)]


def test_the_same_message_again(nights: Nights) -> None:
    nights.write("mail1.mbox", mail() + mail() + mail(2) + mail(text="Something else.") + mail(2, text="Else."))
    figures = nights.land({"mail": MAIL})["mail"]
    assert (figures["read"], figures["new"], figures["duplicate"], figures["quarantined"]) == (5, 2, 1, 2)
    assert nights.quarantine("source_record_id", "reason") == [
        ("<1@x>", "same_id_other_content"),
        ("<2@x>", "same_id_other_content"),
    ]
    nights.write("mail2.mbox", mail() + mail(2, text="And else.") + mail(3))
    figures = nights.land({"mail": MAIL})["mail"]
    assert (figures["read"], figures["unchanged"], figures["quarantined"], figures["new"]) == (3, 1, 1, 1)
    assert nights.live("source_record_id", "body") == [
        ("<1@x>", "Where is SO-17?"),
        ("<2@x>", "Where is SO-17?"),
        ("<3@x>", "Where is SO-17?"),
    ]


def test_two_nights_give_what_one_gives(nights: Nights) -> None:
    nights.write("mail1.mbox", mail(1, text="first") + mail(2))
    nights.land({"mail": MAIL})
    nights.write("mail2.mbox", mail(1, text="second") + mail(3))
    nights.land({"mail": MAIL})
    in_two = nights.live("source_record_id", "body", "record_hash")
    nights.lineage.clear()
    nights.land({"mail": MAIL})
    assert nights.live("source_record_id", "body", "record_hash") == in_two


def test_an_empty_mailbox(nights: Nights) -> None:
    nights.write("mail.mbox", "")
    figures = nights.land({"mail": MAIL})["mail"]
    assert (figures["outcome"], figures["read"]) == ("nothing_new", 0)


def test_a_new_mapping_types_stored_mail_again(nights: Nights) -> None:
    path = nights.write("mail.mbox", mail())
    nights.land({"mail": MAIL})
    again = {**MAIL, "references": [r"(\d+)\?"]}
    figures = nights.land({"mail": again})["mail"]
    assert (figures["read"], figures["unchanged"]) == (1, 1)
    assert nights.live("quoted_references") == [(["17"],)]
    path.unlink()
    nights.land({"mail": MAIL})
    assert nights.live("quoted_references", "emails") == [(["SO-17", "SO-18"], ["jo@x.example"])]
