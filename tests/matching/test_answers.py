"""Answers of the staff go to the one who wrote, also where a whole family shares the mailbox."""

from __future__ import annotations

from typing import Any

from tests.matching.small_night import matched, people

MAILBOX = ["wrases@x.example"]
HOME = {"family_name": "Wrase", "emails": MAILBOX, "street": "77 Elm St", "postal_code": "98042"}


def account(key: str, given: str, phone: str) -> dict[str, Any]:
    return {"source": "billing", "source_record_id": key, "given_name": given, "phones": [phone], **HOME}


def mail(key: str, direction: str, **known: object) -> dict[str, Any]:
    row = {"source": "mails", "source_record_id": key, "holds": "message", "emails": MAILBOX, "direction": direction}
    return row | known


def test_an_answer_to_a_familys_mailbox_is_of_the_one_who_asked() -> None:
    rows, _ = people(120, seed=5)
    rows += [
        account("greta", "Greta", "2065558001"),
        account("hugo", "Hugo", "2065558002"),
        mail("<1@x>", "inbound", signature_name="Greta Wrase", signature_phones=["2065558001"]),
        mail("<2@x>", "outbound", reply_to="<1@x>"),
        mail("<3@x>", "inbound", full_name="Hugo Wrase"),
        mail("<4@x>", "outbound", reply_to="<3@x>"),
    ]
    con = matched(rows)
    found = con.execute("SELECT source_record_id, cluster_id FROM matching.cluster WHERE source = 'mails'").fetchall()
    assert dict(found) == {
        "<1@x>": "billing:greta",
        "<2@x>": "billing:greta",
        "<3@x>": "billing:hugo",
        "<4@x>": "billing:hugo",
    }
