"""One raw message to a plain, frozen `Message`.

READS the bytes of one message. WRITES nothing. Keeps: any bytes give a message; what cannot be read as a mail carries
the reason in `problem`, and its key where there is one.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.mail.addresses import Mailbox, parse_addresses
from connectors.mail.body_text import read_body
from connectors.mail.dates import parse_date
from connectors.mail.header_text import Header, plain_text, read_header
from connectors.mail.mime import TooManyParts
from connectors.mail.split_mbox import unquote_from_lines

if TYPE_CHECKING:
    from datetime import datetime

# The fields by which machines, mailing lists and answering machines give themselves away.
MACHINE_FIELDS = (
    "auto-submitted",
    "precedence",
    "list-id",
    "list-post",
    "list-unsubscribe",
    "mailing-list",
    "return-path",
    "x-auto-response-suppress",
    "x-autoreply",
    "x-autorespond",
    "x-failed-recipients",
    "feedback-id",
)
# What mailing lists keep of a From that they write anew ("Ann via Our List").
_REWRITTEN_FROM = ("x-original-from", "x-original-sender", "x-google-original-from", "x-mailfrom-original")
_VIA = re.compile(r"(.{1,200}\S)\s+(?:via|über|par)\s+\S.{0,200}", re.IGNORECASE)
_FROM_LINE = re.compile(rb"^>*From (?!:)", re.MULTILINE)
_BRACKETED = re.compile(r"<([^<>]+)>")
_BETWEEN_BARE_IDS = re.compile(r"[\s<>()\",;]+")


@dataclass(frozen=True, slots=True)
class Message:
    """One mail.

    `message_id` has its angle brackets; without a Message-ID it is `sha256:` and the hash of the content, and None only
    where the message was cut off before one was found. `sent_at` is in UTC, or naive where the mail names no zone.
    `machine_fields` are the (name in lower case, value) of `MACHINE_FIELDS` that the header has.
    """

    message_id: str | None
    content_hash: str
    sent_at: datetime | None = None
    date_text: str | None = None
    sender: Mailbox | None = None
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    subject: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    machine_fields: tuple[tuple[str, str], ...] = ()
    content_type: str = "text/plain"
    report_type: str = ""
    text: str = ""
    problem: str | None = None

    def machine_field(self, name: str) -> str | None:
        """Return the value of one of `MACHINE_FIELDS`, or None where the header lacks it."""
        for key, value in self.machine_fields:
            if key == name:
                return value
        return None


def parse_message(raw: bytes, *, from_mbox: bool = False, problem: str | None = None) -> Message:
    """Read one raw message; never raises.

    `from_mbox` says that lines beginning with `>From ` were quoted by an mbox writer. `problem` says what is already
    known to be wrong with the message, `raw` then being its beginning only.
    """
    content = hash_content(raw)
    header = read_header(unquote_from_lines(raw) if from_mbox else raw)
    own_id = _own_id(header.first("message-id"))
    if problem is not None:
        return Message(own_id, content, problem=problem)
    key = own_id or f"sha256:{content}"
    if not header.fields:
        return Message(key, content, problem="no header field found: not a mail")
    try:
        return _message(key, content, header)
    except TooManyParts as error:
        return Message(key, content, problem=f"cannot be read as a mail: {error}")


def hash_content(raw: bytes) -> str:
    """Return the SHA-256 (hex) of a message as an mbox holds it, so that it is the same in a file of its own.

    Line ends are LF, a last line without one is given it, and a line that begins with `From ` has one `>` before it.
    """
    text = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in raw else raw
    if b"From " in text:
        text = _FROM_LINE.sub(b">From ", text)
    return hashlib.sha256(text if text.endswith(b"\n") else text + b"\n").hexdigest()


def read_message_ids(value: str | None) -> tuple[str, ...]:
    """Return the message ids in a References or In-Reply-To field, in order, with angle brackets."""
    if not value:
        return ()
    found = ["".join(content.split()) for content in _BRACKETED.findall(value)]
    found = found or [word for word in _BETWEEN_BARE_IDS.split(value) if "@" in word.strip("@")]
    return tuple(f"<{content}>" for content in found if content)


def _message(key: str, content: str, header: Header) -> Message:
    body = read_body(header)
    date_text = plain_text(header.first("date"))
    reply_to = _mailboxes(header, "reply-to")
    return Message(
        message_id=key,
        content_hash=content,
        sent_at=parse_date(date_text) or _received_at(header),
        date_text=date_text,
        sender=_sender(header, reply_to),
        reply_to=reply_to,
        to=_mailboxes(header, "to"),
        cc=_mailboxes(header, "cc"),
        subject=plain_text(header.first("subject")),
        in_reply_to=next(iter(read_message_ids(header.first("in-reply-to"))), None),
        references=read_message_ids(" ".join(header.every("references"))),
        machine_fields=tuple(
            (name, value) for name in MACHINE_FIELDS if name in header.fields for value in header.every(name)
        ),
        content_type=body.content_type,
        report_type=body.report_type,
        text=body.text,
    )


def _sender(header: Header, reply_to: tuple[Mailbox, ...]) -> Mailbox | None:
    """Return who wrote: the first in From, else Sender; not the mailing list that put itself in the writer's place."""
    boxes = _mailboxes(header, "from")
    written = next((box for box in boxes if box.address), None) or next(iter(_mailboxes(header, "sender")), None)
    sender = written or next(iter(boxes), None)
    if sender is None or (via := _VIA.fullmatch(sender.name)) is None:
        return sender
    name = via[1].strip("' \"")
    originals = [box for field in _REWRITTEN_FROM for box in _mailboxes(header, field)] + list(reply_to)
    for box in originals:
        if "@" in box.address and box.address.casefold() != sender.address.casefold():
            return Mailbox(box.name or name, box.address)
    return Mailbox(name, sender.address)


def _received_at(header: Header) -> datetime | None:
    """Return when the last server took a mail that does not say when it was sent."""
    newest = header.first("received") or ""
    return parse_date(newest.rpartition(";")[2])


def _own_id(value: str | None) -> str | None:
    """Return a Message-ID with its angle brackets; what stands around them (a comment) is no part of it."""
    if not value:
        return None
    bracketed = _BRACKETED.search(value)
    content = " ".join((bracketed.group(1) if bracketed else value.strip("<>")).split())
    return f"<{content}>" if content else None


def _mailboxes(header: Header, name: str) -> tuple[Mailbox, ...]:
    return parse_addresses(", ".join(header.every(name)))
