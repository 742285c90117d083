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
_MACHINE_FIELDS = frozenset(MACHINE_FIELDS)
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
    except Exception as error:  # noqa: BLE001 the standard library raises anything on a broken body: a row to quarantine
        return Message(key, content, problem=f"cannot be read as a mail: {type(error).__name__}: {error}")


def hash_content(raw: bytes) -> str:
    """Return the SHA-256 (hex) of a message with line ends as LF, a last line without one being given it."""
    text = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return hashlib.sha256(text if text.endswith(b"\n") else text + b"\n").hexdigest()


def read_message_ids(value: str | None) -> tuple[str, ...]:
    """Return the message ids in a References or In-Reply-To field, in order, with angle brackets."""
    if not value:
        return ()
    found = ["".join(content.split()) for content in _BRACKETED.findall(value)]
    found = found or [word for word in _BETWEEN_BARE_IDS.split(value) if "@" in word.strip("@")]
    return tuple(f"<{content}>" for content in found if content)


def _message(key: str, content: str, header: Header) -> Message:
    text, content_type, report_type = read_body(header.mime)
    date_text = plain_text(header.first("date"))
    return Message(
        message_id=key,
        content_hash=content,
        sent_at=parse_date(date_text),
        date_text=date_text,
        sender=next(iter(_mailboxes(header, "from")), None),
        reply_to=_mailboxes(header, "reply-to"),
        to=_mailboxes(header, "to"),
        cc=_mailboxes(header, "cc"),
        subject=plain_text(header.first("subject")),
        in_reply_to=next(iter(read_message_ids(header.first("in-reply-to"))), None),
        references=read_message_ids(" ".join(header.every("references"))),
        machine_fields=tuple((name, value) for name, value in header.fields if name in _MACHINE_FIELDS),
        content_type=content_type,
        report_type=report_type,
        text=text,
    )


def _own_id(value: str | None) -> str | None:
    """Return a Message-ID with its angle brackets; what stands around them (a comment) is no part of it."""
    if not value:
        return None
    bracketed = _BRACKETED.search(value)
    content = " ".join((bracketed.group(1) if bracketed else value.strip("<>")).split())
    return f"<{content}>" if content else None


def _mailboxes(header: Header, name: str) -> tuple[Mailbox, ...]:
    return parse_addresses(", ".join(header.every(name)))
