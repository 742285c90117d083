"""Every message of a public corpus of hard mails lands or says why not, and the hostile ones take no time."""

from __future__ import annotations

import base64
import email
import json
import mailbox
import re
import time
import zipfile
from collections import Counter
from contextlib import closing
from email.policy import default
from typing import TYPE_CHECKING, Any

import fast_mail_parser
import pytest

from connectors.formats.mbox import MBOX
from connectors.mail.message import parse_message
from warehouse.settings import SourceSettings

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from tests.connectors.conftest import Nights

SOURCE: dict[str, Any] = {"holds": "message", "files": "mails/**/*", "format": "eml", "load": "incremental"}
FROM_LINE = b"From jo@x.example Mon May 03 03:03:15 2021\n"
LONGEST = 5.0
"""CPU seconds that one file may take."""
_PARTS = "others leave out parts whose type is unknown, wrong or that of a digest"
_UTF8 = "it is in UTF-8, whatever it declares"
EXPLAINED = {
    "cpython/msg_10.txt: text": "it has plain text and HTML one after the other",
    "cpython/msg_17.txt: text": _PARTS,
    "cpython/msg_25.txt: text": _PARTS,
    "cpython/msg_31.txt: text": _PARTS,
    "cpython/msg_38.txt: text": "others drop what looks like a delimiter in a text",
    "cpython/msg_41.txt: text": _PARTS,
    "mikel-mail/attachment_emails/attachment_pdf_non_ascii.eml: text": _UTF8,
    "mikel-mail/attachment_emails/attachment_pdf_non_ascii_lf.eml: text": _UTF8,
    "mikel-mail/error_emails/content_transfer_encoding_7-bit.eml: text": _UTF8,
    "mikel-mail/error_emails/content_transfer_encoding_plain.eml: text": _UTF8,
    "mikel-mail/mime_emails/raw_email4.eml: text": "its last delimiter is broken, so it is text",
    "mikel-mail/plain_emails/mix_caps_content_type.eml: sender": "the words before a bare address are a name",
    "mikel-mail/plain_emails/raw_email5.eml: text": _UTF8,
    "mikel-mail/plain_emails/raw_email6.eml: text": _UTF8,
    "mail-parser/mail_malformed_3: text": "its parts stand between other delimiters than it declares",
    "mail-parser/mail_test_1: date": "it has no Date; the last server's Received stands in",
    "mail-parser/mail_test_11: date": "it has no Date; the last server's Received stands in",
    "mail-parser/mail_test_12: text": _UTF8,
    "mail-parser/mail_test_14: text": "it has HTML and plain text one after the other",
}
"""Where we differ from both other parsers, each looked into."""


@pytest.fixture(scope="module")
def corpus(shared_data: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(shared_data / "mail_corpus.zip") as packed:
        return {name: packed.read(name) for name in packed.namelist() if not name.endswith("/")}


def test_each_file_lands_or_says_why_not(corpus: dict[str, bytes], nights: Nights) -> None:
    for name, raw in corpus.items():
        nights.write(f"mails/{name}", raw)
    figures = nights.land({"mail": SOURCE})["mail"]
    assert figures["read"] == len(corpus)
    verdicts = ("new", "changed", "unchanged", "duplicate", "superseded", "quarantined")
    assert sum(figures[verdict] for verdict in verdicts) == len(corpus)
    assert len(nights.live("source_record_id")) == figures["new"]
    reasons = Counter(reason for (reason,) in nights.quarantine("reason"))
    assert set(reasons) <= {"unreadable_mail", "same_id_other_content"}
    no_mail = [name for name, raw in corpus.items() if not _has_header(raw)]
    assert reasons["unreadable_mail"] == len(no_mail)


def test_no_file_takes_long(corpus: dict[str, bytes]) -> None:
    for name, raw in corpus.items():
        began = time.process_time()
        parse_message(raw)
        assert time.process_time() - began < LONGEST, name


def test_as_an_mbox_it_has_as_many_messages(corpus: dict[str, bytes], tmp_path: Path) -> None:
    quoted = [re.sub(rb"^(>*From )", rb">\1", raw, flags=re.MULTILINE) for raw in corpus.values()]
    (tmp_path / "mail.mbox").write_bytes(b"".join(FROM_LINE + raw.rstrip() + b"\n\n" for raw in quoted))
    with (tmp_path / "mail.mbox").open("rb") as stream:
        batches = list(MBOX.read(stream, SourceSettings.model_validate({**SOURCE, "format": "mbox"})))
    read = sum(batch.rows.num_rows + len(batch.bad) for batch in batches)
    with closing(mailbox.mbox(tmp_path / "mail.mbox")) as box:
        assert read == len(box) == len(corpus)


def test_what_others_read_without_a_repair_is_read_as_one_of_them_reads_it(corpus: dict[str, bytes]) -> None:
    seen, differ = Counter[str](), set[str]()
    for name, raw in corpus.items():
        ours = parse_message(raw)
        try:
            fast = fast_mail_parser.parse_email(raw, strict=True)
        except fast_mail_parser.ParseError:
            continue
        if ours.problem:
            continue
        standard = email.message_from_bytes(raw, policy=default)
        only_html = bool(fast.text_html) and not any(text.strip() for text in fast.text_plain)
        for what, mine, theirs in (
            ("subject", _words(ours.subject), {_words(fast.subject), _words(standard["subject"])}),
            ("sender", ours.sender and ours.sender.address, {fast.from_ and fast.from_.address, _sender(standard)}),
            ("date", ours.sent_at, {fast.date_parsed, standard["date"] and standard["date"].datetime}),
            ("text", _words(ours.text), _texts(fast, standard)),
        ):
            seen[what] += 1
            if (mine or None) not in {other or None for other in theirs} and not (what == "text" and only_html):
                differ.add(f"{name}: {what}")
    assert set(seen.values()) == {161}
    assert differ == EXPLAINED.keys()


def test_naughty_strings_come_through_subject_name_and_text(shared_data: Path) -> None:
    with zipfile.ZipFile(shared_data / "bad_input.zip") as packed:
        strings = [text for text in json.loads(packed.read("strings/blns.json")) if text.strip()]
    assert len(strings) > 500
    for text in strings:
        coded = base64.b64encode(text.encode()).decode()
        name = " ".join(f"=?utf-8?B?{base64.b64encode(piece.encode()).decode()}?=" for piece in text)
        raw = (
            f"From: {name} <jo@x.example>\nSubject: =?utf-8?B?{coded}?=\nContent-Type: text/plain; charset=utf-8\n"
            f"Content-Transfer-Encoding: base64\n\n{coded}\n"
        )
        message = parse_message(raw.encode())
        assert message.text == text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
        assert _words(message.subject) == _words(text.removeprefix("\ufeff"))
        assert message.sender is not None
        assert message.sender.address == "jo@x.example"


def _has_header(raw: bytes) -> bool:
    lines = [line for line in raw.lstrip(b"\r\n").splitlines() if not line.startswith(b"From ")]
    return any(re.match(rb"[!-9;-~]+[ \t]*:", line) for line in lines[:2])


def _sender(message: EmailMessage) -> str | None:
    addresses = message["from"].addresses if message["from"] else ()
    return addresses[0].addr_spec if addresses else None


def _words(text: str | None) -> str:
    return " ".join((text or "").split())


def _texts(fast: fast_mail_parser.PyMail, standard: EmailMessage) -> set[str | None]:
    """Return the texts that others find."""
    body = standard.get_body(("plain",))
    try:
        text = _words(body.get_content()) if body else ""
    except LookupError:
        text = ""
    return {_words(" ".join(fast.text_plain)), _words(fast.text_plain[0] if fast.text_plain else ""), text}
