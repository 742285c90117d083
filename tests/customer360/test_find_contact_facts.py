"""What the stage notes of customers' texts: with their message, held against the golden record, forwarded mails too."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from customer360.find_contact_facts import find_contact_facts
from customer360.record_activity import record_activity
from warehouse.run import Run
from warehouse.settings import Settings

if TYPE_CHECKING:
    from tests.customer360.conftest import Care

MONDAY = datetime(2026, 5, 4, 9)  # noqa: DTZ001 - naive UTC
RUN = Run("tonight", Path(), MONDAY)
SETTINGS = Settings.model_validate(
    {
        "version": 1,
        "sources": {
            "mail": {"holds": "message", "files": "m", "format": "mbox", "own_addresses": ["support@shop.example"]}
        },
    }
)


class Facts:
    """Records of customers, and what the two stages find in them."""

    def __init__(self, care: Care) -> None:
        self.care, self.con = care, care.con

    def told(self) -> set[tuple[Any, ...]]:
        record_activity(self.con, SETTINGS, RUN)
        report = find_contact_facts(self.con, SETTINGS, RUN)
        rows = self.con.execute(
            'SELECT source_record_id, attribute, fact."value", told, is_known FROM care.contact_fact AS fact'
            " JOIN care.activity USING (activity_id, golden_id)"
        ).fetchall()
        assert report.rows == {"care.contact_fact": len(rows)}
        return set(rows)

    def keep_raw(self, key: str, quoted: str | None) -> None:
        """Keep a mail as delivered, with what it quotes."""
        self.con.execute(
            "INSERT INTO landing.source_record BY NAME SELECT *, $raw AS raw, false AS deleted FROM landing.live_record"
            " WHERE source_record_id = $key",
            {"raw": json.dumps({"quoted": quoted}), "key": key},
        )


@pytest.fixture
def facts(care: Care) -> Facts:
    return Facts(care)


def test_what_customers_tell_is_noted_with_its_message(facts: Facts) -> None:
    care = facts.care
    care.land("X", "message", "m", at=MONDAY, body="My new number is\n206-555-0142.", direction="inbound")
    care.land("X", "case", "c", subject="I changed my name to Ada Quist", emails=["x@mail.example"])
    care.land("X", "message", "s", body="Please use this e-mail from now on.", emails=["new@mail.example"])
    care.land("X", "message", "ours", body="My new number is 206-555-0143.", direction="outbound")
    care.land("X", "order", "o", body="My new number is 206-555-0144.").land("X", "message", "n", body="Hello")
    assert facts.told() == {
        ("m", "phone", "206-555-0142", "new", False),
        ("c", "name", "Ada Quist", "new", False),
        ("s", "email", "new@mail.example", "new", False),
    }
    rows = care.con.execute("SELECT \"at\", sentence FROM care.contact_fact WHERE attribute = 'phone'").fetchall()
    assert rows == [(MONDAY, "My new number is 206-555-0142.")]


def test_what_the_golden_record_has_is_known(facts: Facts) -> None:
    care = facts.care
    care.add_customer("X").con.execute(
        "UPDATE golden.customer SET full_name = 'Zoë M Quist', emails = ['Zoe@mail.example'],"
        " phones = ['+12065550142'], street = '12 North Alder Street'"
    )
    said = ("phone (206) 555-0142", "phone 206 555 0143", "email zoe@mail.example", "email zo@mail.example")
    for text in (*said, "address 12 Alder St, Kent, WA 98030", "name Zoe Quist", "name Zoe Falkner"):
        care.land("X", "case", text, body=f"My new {text}.")
    care.land("X", "case", "other street", body="My new address is 13 Alder St, Kent, WA 98030.")
    known = {key for key, *_, is_known in facts.told() if is_known}
    assert known == {said[0], said[2], "name Zoe Quist"}
    care.con.execute("UPDATE golden.customer SET street = '12 N Alder St'")
    known = {key for key, *_, is_known in facts.told() if is_known}
    assert known == {said[0], said[2], "name Zoe Quist", "address 12 Alder St, Kent, WA 98030"}


def test_who_wrote_a_forwarded_mail(facts: Facts) -> None:
    header = "---------- Forwarded message ---------\nFrom: {who}\nDate: Mon, 4 May 2026\nSubject: Lamp\n\nIt broke."
    writers = {
        "Fwd: Lamp": "Ada Quist <ada@mail.example>",
        "WG: Lampe": "Quist, Ada [mailto:ada@mail.example]",
        "Re: FW: Lamp": "bo@mail.example [mailto:ada@mail.example]",
        "Fwd: machine": "No Reply <no-reply@mail.example>",
        "Fwd: ours": "Shop <orders@shop.example>",
        "Re: Lamp": "Ada Quist <ada@mail.example>",
        "Forward": "Ada Quist <ada@mail.example>",
    }
    for subject, who in writers.items():
        facts.care.land("X", "message", subject, subject=subject, body="See below.", emails=["bo@mail.example"])
        facts.keep_raw(subject, header.format(who=who))
    facts.care.land("X", "message", "in the text", subject="Fwd: hi", body=header.format(who="Bo Ek <bo@mail.example>"))
    facts.keep_raw("in the text", None)
    assert facts.told() == {
        ("Fwd: Lamp", "email", "ada@mail.example", "forwarded", False),
        ("Fwd: Lamp", "name", "Ada Quist", "forwarded", False),
        ("WG: Lampe", "email", "ada@mail.example", "forwarded", False),
        ("WG: Lampe", "name", "Quist, Ada", "forwarded", False),
        ("Re: FW: Lamp", "email", "ada@mail.example", "forwarded", False),
        ("in the text", "email", "bo@mail.example", "forwarded", False),
        ("in the text", "name", "Bo Ek", "forwarded", False),
    }


def test_what_one_of_us_writes_in_a_chat_is_not_the_customers(facts: Facts) -> None:
    chat = (
        "Agent Kim: My new number is 206-555-0142.\nkim: our new email is kim@shop.example.\nMe: my new number is {}."
    )
    facts.care.land("X", "interaction", "chat", body=chat.format("206-555-0143"), handled_by="kim")
    assert facts.told() == {("chat", "phone", "206-555-0143", "new", False)}
