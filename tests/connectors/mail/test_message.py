from __future__ import annotations

import email
import email.policy
import hashlib
import time
import zipfile
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.addresses import Mailbox
from connectors.mail.dates import parse_date
from connectors.mail.message import Message, hash_content, parse_message, read_message_ids

if TYPE_CHECKING:
    from pathlib import Path

MAIL = b"""Message-ID: <1@x.example>
Date: Fri, 27 Aug 2021 14:07:47 -0800
From: "Doe, Ann" <ann@x.example>
Reply-To: ann.doe@home.example
To: Shop <shop@shop.example>, b@x.example
Cc: c@x.example
Cc: d@x.example
Subject: =?utf-8?Q?Caf=C3=A9?=
In-Reply-To: <0@shop.example>
References: <a@shop.example> <0@shop.example>
Auto-Submitted: no
List-Id: A list <a.list.example>

>From the start it was broken.
"""


def test_every_part_of_a_message() -> None:
    assert parse_message(MAIL, from_mbox=True) == Message(
        message_id="<1@x.example>",
        content_hash=hashlib.sha256(MAIL).hexdigest(),
        sent_at=datetime(2021, 8, 27, 22, 7, 47, tzinfo=UTC),
        date_text="Fri, 27 Aug 2021 14:07:47 -0800",
        sender=Mailbox("Doe, Ann", "ann@x.example"),
        reply_to=(Mailbox("", "ann.doe@home.example"),),
        to=(Mailbox("Shop", "shop@shop.example"), Mailbox("", "b@x.example")),
        cc=(Mailbox("", "c@x.example"), Mailbox("", "d@x.example")),
        subject="Café",
        in_reply_to="<0@shop.example>",
        references=("<a@shop.example>", "<0@shop.example>"),
        machine_fields=(("auto-submitted", "no"), ("list-id", "A list <a.list.example>")),
        text="From the start it was broken.\n",
    )


def test_only_an_mbox_quotes_from_lines() -> None:
    assert parse_message(MAIL).text == ">From the start it was broken.\n"
    assert parse_message(MAIL).content_hash == parse_message(MAIL, from_mbox=True).content_hash


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("<1@x>", "<1@x>"),
        ("1@x", "<1@x>"),
        (" <1@x> (added by relay)", "<1@x>"),
        ("\n <1@x>", "<1@x>"),
        ("<1@x", "<1@x>"),
        ("no at sign", "<no at sign>"),
    ],
)
def test_a_message_id_is_the_key_with_its_brackets(field: str, key: str) -> None:
    assert parse_message(f"Message-ID: {field}\nSubject: a\n\nb\n".encode()).message_id == key


@pytest.mark.parametrize("field", ["", "Message-ID:\n", "Message-ID: <>\n", "Message-ID: < >\n"])
def test_without_a_message_id_the_content_is_the_key(field: str) -> None:
    raw = f"{field}Subject: a\n\nb\n".encode()
    key = "sha256:" + hashlib.sha256(raw).hexdigest()
    assert parse_message(raw).message_id == key
    assert parse_message(raw.replace(b"\n", b"\r\n")).message_id == key


def test_the_content_hash_sees_content_and_no_line_ends() -> None:
    assert hash_content(b"a\r\nb") == hash_content(b"a\nb\n") == hashlib.sha256(b"a\nb\n").hexdigest()
    assert hash_content(b"a\nc\n") != hash_content(b"a\nb\n")


def test_what_is_cut_off_has_its_key_and_its_problem_only() -> None:
    cut = parse_message(MAIL[:60], problem="too large")
    assert cut == Message("<1@x.example>", hash_content(MAIL[:60]), problem="too large")
    assert parse_message(b"Subject: a", problem="too large").message_id is None


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"just some text\n", b"\x00\xff\xfe"])
def test_what_is_no_mail_says_so(raw: bytes) -> None:
    assert parse_message(raw).problem == "no header field found: not a mail"


def test_what_the_parser_cannot_stand_is_a_problem_and_no_error() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(2000))
    message = parse_message(b"Message-ID: <deep@x>\n" + deep)
    assert message.problem is not None
    assert message.problem.startswith("cannot be read as a mail: its parts lie more than")
    assert message.message_id == "<deep@x>"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Fri, 27 Aug 2021 14:07:47 +0200 (CEST)", datetime(2021, 8, 27, 12, 7, 47, tzinfo=UTC)),
        ("27 Aug 21 14:07 GMT", datetime(2021, 8, 27, 14, 7, tzinfo=UTC)),
        ("Fri, 27 Aug 2021 14:07:47 EST", datetime(2021, 8, 27, 19, 7, 47, tzinfo=UTC)),
        ("Fri, 27 Aug 2021 14:07:47 -0000", datetime(2021, 8, 27, 14, 7, 47, tzinfo=UTC)),
        ("2021-08-27T14:07:47Z", datetime(2021, 8, 27, 14, 7, 47, tzinfo=UTC)),
        ("Fri, 27 Aug 2021 14:07:47", datetime(2021, 8, 27, 14, 7, 47)),  # noqa: DTZ001 the zone is the reader's to say
        ("Fri, 32 Aug 2021 14:07:47 +0200", None),
        ("Fri, 27 Aug 2021 14:07:47 +9999", None),
        ("0001-01-01T00:00:00+02:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_dates(text: str | None, moment: datetime | None) -> None:
    assert parse_date(text) == moment


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.timezones()))  # noqa: DTZ001 bounds are naive
def test_written_dates_are_read_back(moment: datetime) -> None:
    whole = moment.replace(microsecond=0, second=moment.second)
    read = parse_date(format_datetime(whole))
    assert read is not None
    assert abs((read - whole).total_seconds()) < 60  # old zones have offsets with seconds, which a mail cannot write


@given(st.text())
def test_any_text_is_no_date_or_one(text: str) -> None:
    parse_date(text)


@pytest.mark.parametrize(
    ("field", "ids"),
    [
        ("<a@x> <b@x>\n\t<c@x>", ("<a@x>", "<b@x>", "<c@x>")),
        ("<a@x><b@x>", ("<a@x>", "<b@x>")),
        ("a@x, b@x", ("<a@x>", "<b@x>")),
        ("Your message of Friday <a@x>", ("<a@x>",)),
        ("<folded\n id@x>", ("<foldedid@x>",)),
        ("nothing here", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_message_ids(field: str | None, ids: tuple[str, ...]) -> None:
    assert read_message_ids(field) == ids


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_give_a_message_that_can_be_stored(raw: bytes, from_mbox: bool) -> None:
    message = parse_message(raw, from_mbox=from_mbox)
    repr(message).encode()
    assert message.message_id


PIECES = st.sampled_from(
    b"""
From: =?utf-8?B?/w==?= <a@b>|To: \xff,;|Subject: =?utf-7?Q?+2AA-?=|Date: 99|x: | |--b|--b--|+2AA-\xff|begin 666 a
Content-Type: multipart/mixed; boundary=b|Content-Type: text/html; charset*=''%
Content-Type: multipart/report;;|Content-Type: message/rfc822|Content-Type: text/plain; charset=utf-7
Content-Transfer-Encoding: base64|Content-Transfer-Encoding: x-uuencode
Content-Disposition: attachment; filename*0*=x'|Message-ID: <\xff>|References: <a
""".replace(b"\n", b"|").split(b"|")
).map(lambda line: line + b"\n")


@given(st.lists(PIECES).map(b"".join))
def test_broken_mails_give_a_message_that_can_be_stored(raw: bytes) -> None:
    repr(parse_message(raw, from_mbox=True)).encode()


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=200))
def test_text_comes_back_as_the_standard_library_wrote_it(text: str) -> None:
    mail = EmailMessage()
    mail["Subject"] = "a"
    mail.set_content(text)
    written = text if text.endswith("\n") or not text else text + "\n"
    assert parse_message(bytes(mail)).text.removesuffix("\n") == written.removesuffix("\n").removeprefix("\ufeff")


@pytest.mark.parametrize("unit", [b"a: <\n", b"Subject: =?a?q?", b"a\n", b"References: a ", b"\t\n", b'To: "a" <\n'])
def test_hostile_mails_take_no_time(unit: bytes) -> None:
    began = time.process_time()
    parse_message(b"From: a@b\n" + unit * 30_000)
    assert time.process_time() - began < 4


def hard_mails(shared_data: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(shared_data / "mail_corpus.zip") as corpus:
        return {name: corpus.read(name) for name in corpus.namelist()}


def test_of_hard_mails_each_is_read_or_says_why_not(shared_data: Path) -> None:
    messages = {name: parse_message(raw) for name, raw in hard_mails(shared_data).items()}
    not_mails = {name for name, message in messages.items() if message.problem}
    assert {messages[name].problem for name in not_mails} == {"no header field found: not a mail"}
    pieces_of_mails = ("_body", "_sender", "_signature", "_reply_text", "msg_19.txt")
    assert all(name.endswith(pieces_of_mails) for name in not_mails)
    assert len(messages) - len(not_mails) > 170
    assert all(message.message_id for message in messages.values())


def test_hard_mails_without_defects_are_read_as_the_standard_library_reads_them(shared_data: Path) -> None:
    compared = 0
    for name, raw in hard_mails(shared_data).items():
        message, oracle = parse_message(raw), email.message_from_bytes(raw, policy=email.policy.default)
        if message.problem or oracle.defects:
            continue
        if oracle["subject"] is not None and not oracle["subject"].defects and "\ufffd" not in oracle["subject"]:
            compared += 1
            assert message.subject == (" ".join(str(oracle["subject"]).split()) or None), name
        if oracle["date"] is not None and not oracle["date"].defects:
            compared += 1
            assert message.sent_at == oracle["date"].datetime, name
        for field, mailboxes in (("to", message.to), ("cc", message.cc)):
            if len(oracle.get_all(field, [])) == 1 and not oracle[field].defects and raw.isascii():
                compared += 1
                assert [box.address for box in mailboxes] == [box.addr_spec for box in oracle[field].addresses], name
    assert compared > 300


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ("From: Ann via List <list@x.example>\nX-Original-From: Ann Doe <ann@y.example>", ("Ann Doe", "ann@y.example")),
        ("From: 'Ann Doe' via Help <help@x.example>\nReply-To: ann@y.example", ("Ann Doe", "ann@y.example")),
        ("From: Ann via List <list@x.example>\nReply-To: list@x.example", ("Ann", "list@x.example")),
        ("From: Olivia <o@x.example>\nReply-To: p@x.example", ("Olivia", "o@x.example")),
        ("From: Ann Doe\nSender: ann@y.example", ("", "ann@y.example")),
        ("From: Ann Doe", ("Ann Doe", "")),
        ("From:\nFrom: ann@y.example\nFrom: bob@y.example", ("", "ann@y.example")),
        ("From: =?utf-8?Q?Ann=\nSender: a@y.example", ("", "a@y.example")),
        ("From: undisclosed-sender:;\nSender: a@y.example", ("", "a@y.example")),
        ("From: Jürgen <jürgen@münchen.example>", ("Jürgen", "jürgen@münchen.example")),
    ],
)
def test_who_wrote(header: str, sender: tuple[str, str]) -> None:
    assert parse_message(f"{header}\nTo: us@x.example\n\nHello\n".encode()).sender == sender


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("Date: Fri, 27 Aug 2021 14:07:47 -0800", datetime(2021, 8, 27, 22, 7, 47, tzinfo=UTC)),
        ("X: y", datetime(2021, 8, 28, 1, 2, 3, tzinfo=UTC)),
        ("Date: yesterday", datetime(2021, 8, 28, 1, 2, 3, tzinfo=UTC)),
        ("Date: Fri, 32 Aug 2021 14:07:47 +0000", datetime(2021, 8, 28, 1, 2, 3, tzinfo=UTC)),
        ("Date: Fri, 31 Dec 9999 23:59:59 -2359", datetime(2021, 8, 28, 1, 2, 3, tzinfo=UTC)),
    ],
)
def test_the_last_server_knows_when_where_the_sender_does_not(date: str, moment: datetime) -> None:
    received = "Received: by b; Sat, 28 Aug 2021 01:02:03 +0000\nReceived: by a; Sat, 28 Aug 2021 01:00:00 +0000"
    assert parse_message(f"{received}\n{date}\n\nHello\n".encode()).sent_at == moment


def test_a_header_is_in_the_character_set_of_its_body() -> None:
    raw = "Subject: Żółw\nContent-Type: text/plain; charset=iso-8859-2\n\nŻółw\n".encode("iso-8859-2")
    message = parse_message(raw)
    assert (message.subject, message.text) == ("Żółw", "Żółw\n")


def test_a_line_that_an_mbox_marks_changes_no_hash() -> None:
    texts = [b"Subject: a\n\n" + mark + b"From here on\n" for mark in (b"", b">", b">>")]
    assert len({parse_message(text).content_hash for text in texts}) == 1
    assert parse_message(texts[0]).content_hash != parse_message(b"Subject: a\n\n> From here on\n").content_hash
