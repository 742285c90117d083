from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.columns import MAIL_COLUMNS, Value, mail_columns
from connectors.mail.message import parse_message
from connectors.mail.own_addresses import own_addresses
from connectors.mail.split_mbox import split_mbox

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

OWN = own_addresses(["support@shop.example"])

QUESTION = b"""\
Message-ID: <1@x.example>
Date: Fri, 27 Aug 2021 14:07:47 -0800
From: "Doe, Ann" <ann@x.example>
To: Shop <support@shop.example>
Subject: Order 7

Where is it?

--
Ann Doe
Tel: 206-555-0100
1 Elm St
Kent WA 98030
ann.doe@home.example
"""

ANSWER = b"""\
Message-ID: <2@shop.example>
In-Reply-To: <1@x.example>
References: <0@x.example> <1@x.example>
Date: Sat, 28 Aug 2021 09:00:00
From: Shop <support@shop.example>
To: "Doe, Ann" <ann@x.example>
Subject: Re: Order 7

On its way.

Regards,
Eve Sales
Tel: 800-555-0199
9 Market St
Kent WA 98030

On Fri, Aug 27, 2021 at 2:07 PM Ann Doe <ann@x.example> wrote:
> Where is it?
>
> --
> Ann Doe
> Tel: 206-555-0100
> support@shop.example
"""


def row(raw: bytes) -> dict[str, Value]:
    return mail_columns(parse_message(raw), OWN)


def test_a_customers_mail() -> None:
    assert row(QUESTION) == {
        "key": "<1@x.example>",
        "content_hash": parse_message(QUESTION).content_hash,
        "problem": None,
        "excluded_reason": None,
        "direction": "inbound",
        "date": "2021-08-27T22:07:47Z",
        "date_text": "Fri, 27 Aug 2021 14:07:47 -0800",
        "from_name": "Doe, Ann",
        "from_address": "ann@x.example",
        "reply_addresses": None,
        "to": ["Shop <support@shop.example>"],
        "cc": None,
        "party_name": "Doe, Ann",
        "party_address": "ann@x.example",
        "subject": "Order 7",
        "body": "Where is it?",
        "quoted": None,
        "signature": "--\nAnn Doe\nTel: 206-555-0100\n1 Elm St\nKent WA 98030\nann.doe@home.example",
        "quoted_signature": None,
        "signature_name": "Ann Doe",
        "signature_organisation": None,
        "signature_phones": ["206-555-0100"],
        "signature_addresses": ["1 Elm St, Kent WA 98030"],
        "signature_emails": ["ann.doe@home.example"],
        "in_reply_to": None,
        "references": None,
        "conversation": "<1@x.example>",
    }


def test_our_answer_is_the_customers_and_so_is_the_signature_it_quotes() -> None:
    answer = row(ANSWER)
    assert answer["direction"] == "outbound"
    assert (answer["party_name"], answer["party_address"]) == ("Doe, Ann", "ann@x.example")
    assert answer["date"] == "2021-08-28T09:00:00"  # no zone: the caller's to say
    assert answer["body"] == "On its way."
    assert answer["signature"] == "Regards,\nEve Sales\nTel: 800-555-0199\n9 Market St\nKent WA 98030"
    assert answer["quoted_signature"] == "--\nAnn Doe\nTel: 206-555-0100\nsupport@shop.example"
    assert answer["signature_name"] == "Ann Doe"
    assert answer["signature_phones"] == ["206-555-0100"]
    assert answer["signature_addresses"] is None
    assert answer["signature_emails"] is None
    assert (answer["in_reply_to"], answer["conversation"]) == ("<1@x.example>", "<0@x.example>")
    assert answer["references"] == ["<0@x.example>", "<1@x.example>"]


def test_what_we_quote_of_ourselves_is_no_customers_signature() -> None:
    of_ours = row(ANSWER.replace(b"Ann Doe <ann@x.example> wrote", b"Shop <support@shop.example> wrote"))
    assert of_ours["quoted_signature"] is None
    assert of_ours["signature_name"] is None


def test_the_conversation_is_that_of_the_first_message() -> None:
    assert row(b"Message-ID: <3@x>\nIn-Reply-To: <1@x>\n\na\n")["conversation"] == "<1@x>"


def test_what_cannot_be_read_has_key_and_problem_only() -> None:
    broken = mail_columns(parse_message(QUESTION[:40], problem="too large"), OWN)
    assert tuple(broken) == MAIL_COLUMNS
    assert {name for name, value in broken.items() if value is not None} == {"key", "content_hash", "problem"}
    assert broken["key"] == "<1@x.example>"


TEXT_LINES = st.lists(
    st.sampled_from(
        [*ANSWER.decode().split("\n\n", 1)[1].split("\n"), *QUESTION.decode().split("\n\n", 1)[1].split("\n")]
    )
)


@given(TEXT_LINES, st.sampled_from([QUESTION, ANSWER]))
def test_every_line_of_a_text_is_in_body_signature_or_quoted(lines: list[str], mail: bytes) -> None:
    columns = row(mail.split(b"\n\n", 1)[0] + b"\n\n" + "\n".join(lines).encode())
    kept = [line for name in ("body", "signature", "quoted") for line in str(columns[name] or "").split("\n")]
    assert Counter(filter(None, kept)) == Counter(filter(None, lines))


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_give_a_row(noise: bytes, after_header: bool) -> None:
    columns = row(ANSWER.split(b"\n\n", 1)[0] + b"\n\n" + noise if after_header else noise)
    assert tuple(columns) == MAIL_COLUMNS
    assert all(value is None or value for value in columns.values())
    for value in columns.values():
        for text in [value] if isinstance(value, str) else value or []:
            text.encode()


def read_all(stream: BinaryIO) -> list[dict[str, Value]]:
    mails = split_mbox(stream, 10_000_000)
    return [mail_columns(parse_message(mail.raw, from_mbox=True, problem=mail.problem), OWN) for mail in mails]


def test_a_mailbox_becomes_rows() -> None:
    from_line = b"From ann@x.example Fri Aug 27 14:07:47 2021\n"
    rows = read_all(io.BytesIO(from_line + QUESTION + b"\n" + from_line + ANSWER))
    assert rows == [row(QUESTION), row(ANSWER)]


@pytest.mark.parametrize("name", ["customers_small/mail.mbox", "customers_hard/mail.mbox"])
def test_of_many_mails_all_that_is_nobodys_is_found_and_no_customers(shared_data: Path, name: str) -> None:
    file = shared_data / name
    truth = pq.read_table(file.parent / "truth.parquet").to_pylist()
    kinds = {record["source_record_id"]: record["kind"] for record in truth if record["source"] == "email"}
    with file.open("rb") as stream:
        rows = read_all(stream)
    assert len(rows) == len(kinds)
    assert {str(columns["key"]) for columns in rows} == set(kinds)
    excluded = {key for key in kinds if kinds[key] not in {"customer", "staff_reply"}}
    assert {columns["key"] for columns in rows if columns["excluded_reason"]} == excluded
    directions = Counter((kinds[str(columns["key"])], columns["direction"]) for columns in rows)
    assert directions["customer", "outbound"] == directions["staff_reply", "inbound"] == 0
    assert all(columns["party_address"] for columns in rows if not columns["excluded_reason"])
