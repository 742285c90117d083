from __future__ import annotations

import mailbox
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from connectors.formats import eml
from connectors.mail.columns import MAIL_COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectors.formats.conftest import ReadBytes

MAIL = (
    b"Date: Mon, 03 May 2021 03:03:15 -0800\nFrom: Jo Doe <jo@x.example>\nTo: support@shop.example\n"
    b"Subject: Order SO-1\n\nPlease help.\n\nFrom now on I am away.\n"
)


def test_a_file_is_one_message(read_bytes: ReadBytes) -> None:
    found = read_bytes(MAIL, "eml", own_addresses=("support@shop.example",))
    assert (found.columns, found.lines, found.bad) == (list(MAIL_COLUMNS), [1], [])
    (row,) = found.rows
    assert (row["party_address"], row["body"]) == ("jo@x.example", "Please help.\n\nFrom now on I am away.")


@pytest.mark.parametrize("body", ["Hello\n", "Hello", "Hello\n\n\n", "a\n\nFrom here on\n>From there\n", "Grüße\n", ""])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_without_a_message_id_the_key_is_the_same_in_every_format(
    read_bytes: ReadBytes, tmp_path: Path, body: str, line_end: str
) -> None:
    message = EmailMessage()
    message["From"], message["Date"] = "jo@x.example", "Mon, 03 May 2021 03:03:15 -0800"
    message.set_content(body, cte="8bit")
    raw = message.as_bytes().replace(b"\n", line_end.encode())
    box = mailbox.mbox(tmp_path / "mail.mbox")
    box.add(raw)
    box.add(MAIL)
    box.close()
    folder = mailbox.Maildir(tmp_path / "folder")
    folder.add(raw)
    (filed,) = (tmp_path / "folder" / "new").iterdir()
    (alone,) = read_bytes(raw, "eml").rows
    (in_folder,) = read_bytes(filed.read_bytes(), "maildir").rows
    in_mbox = read_bytes((tmp_path / "mail.mbox").read_bytes(), "mbox").rows
    assert (alone["key"] or "").startswith("sha256:")
    assert [row["key"] for row in in_mbox] == [alone["key"], read_bytes(MAIL, "eml").rows[0]["key"]]
    assert in_folder["key"] == alone["key"]
    assert in_folder["body"] == alone["body"]
    if ">From " not in body:  # that writer marks `From ` alone, so that nobody can tell which mark is its own
        assert in_mbox[0]["body"] == alone["body"]


def test_a_from_line_before_the_message_is_left_out(read_bytes: ReadBytes) -> None:
    with_line = b"From jo@x.example Mon May 03 03:03:15 2021\n" + MAIL.replace(b"\nFrom now", b"\n>From now")
    assert read_bytes(with_line, "eml").rows == read_bytes(MAIL, "eml").rows


def test_several_messages_in_one_file_are_told_and_not_lost(read_bytes: ReadBytes) -> None:
    one = b"From jo@x.example Mon May 03 03:03:15 2021\n" + MAIL.replace(b"\nFrom now", b"\n>From now") + b"\n"
    found = read_bytes(one + one, "eml")
    (bad,) = found.bad
    assert "an mbox of 2 messages: give the file to a source of format mbox" in bad.detail
    assert bad.raw == (one + one).decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty: 0 bytes"),
        (b"just text\n", "no header field found"),
        (b"\x00\x01\xff" * 100, "no header field found"),
    ],
)
def test_what_is_no_mail_is_set_aside(read_bytes: ReadBytes, content: bytes, words: str) -> None:
    found = read_bytes(content, "eml")
    (bad,) = found.bad
    assert (found.rows, bad.reason, bad.line) == ([], "unreadable_mail", 1)
    assert words in bad.detail


def test_a_mail_that_is_too_large_keeps_its_key(read_bytes: ReadBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eml, "LARGEST_MESSAGE", 500)
    (bad,) = read_bytes(b"Message-ID: <1@x>\n" + MAIL + b"x" * 1000, "eml").bad
    assert bad.fields["key"] == "<1@x>"
    assert "larger than the 500 bytes allowed" in bad.detail
