"""Letters: mails as they lie in a mailbox file, written byte by byte so that no mail library can change them.

The text is plain, quoted-printable, base64 or multipart with an HTML twin; headers are ASCII, other names encoded.
"""

from __future__ import annotations

from base64 import b64encode, encodebytes
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from quopri import encodestring

from examples.shop import words
from examples.shop.clock import UTC_OFFSET

_ZONE = timezone(UTC_OFFSET)
_BOUNDARY = "=_larkspur_half"


@dataclass(frozen=True)
class Letter:
    """One mail. `person_id` is whose it is, "" if it is nobody's; `kind` says what sort of mail it is."""

    person_id: str
    kind: str
    at: datetime
    sender: str
    receiver: str
    subject: str
    body: str
    message_id: str
    headers: tuple[tuple[str, str], ...] = ()
    form: str = "plain"

    @property
    def source_record_id(self) -> str:
        """The Message-ID, or where there is none the hash of the message without its mbox `From ` line."""
        return self.message_id or f"sha256:{sha256(self.message().encode()).hexdigest()}"

    def message(self) -> str:
        """Write the message itself: headers, blank line, text, line ends as LF."""
        headers = [
            *((("Message-ID", self.message_id),) if self.message_id else ()),
            *self.headers,
            ("Date", format_datetime(self.at.astimezone(_ZONE))),
            ("From", self.sender),
            ("To", self.receiver),
            ("Subject", encoded(self.subject)),
            ("MIME-Version", "1.0"),
        ]
        content, text = _FORMS[self.form](self.body)
        return "".join(f"{name}: {value}\n" for name, value in [*headers, *content]) + "\n" + text

    def in_mailbox(self) -> str:
        """Write the message as an mbox file holds it, with its `From ` line before and a blank line after."""
        address = self.sender.rpartition("<")[2].rstrip(">")
        return f"From {address} {self.at.ctime()}\n{self.message()}\n"


def message_id(sender: str, at: datetime, *content: str) -> str:
    """Make up a Message-ID out of the address it is sent from, the moment, and what makes the mail different."""
    mark = sha256(" ".join((sender, at.isoformat(), *content)).encode()).hexdigest()[:18]
    return f"<{mark}@{sender.rpartition('@')[2].lower()}>"


def encoded(text: str) -> str:
    """Write a header text, as an encoded word (RFC 2047) where it is not ASCII."""
    return text if text.isascii() else f"=?utf-8?B?{b64encode(text.encode()).decode()}?="


def mailbox(name: str, address: str) -> str:
    """Write a sender or receiver: `Name <address>`, quoted where the name has a comma, or just the address."""
    if not name:
        return address
    if not name.isascii():
        return f"{encoded(name)} <{address}>"
    return f'"{name}" <{address}>' if "," in name or "." in name else f"{name} <{address}>"


def support() -> str:
    """Write the shop's own mailbox."""
    return mailbox(f"{words.SHOP_NAME} Support", f"support@{words.SHOP_DOMAIN}")


def reply_headers(answered: Letter) -> tuple[tuple[str, str], ...]:
    """Give the headers that tie an answer to what it answers; none where that had no Message-ID."""
    if not answered.message_id:
        return ()
    return (("In-Reply-To", answered.message_id), ("References", answered.message_id))


def quote(answered: Letter, who: str) -> str:
    """Quote a mail below an answer, as mail programs do."""
    local = answered.at.astimezone(_ZONE)
    first = f"On {format_datetime(local)[:16]}, {who} wrote:"
    return "\n".join((first, *(f"> {line}".rstrip() for line in answered.body.rstrip("\n").split("\n")), ""))


Form = tuple[list[tuple[str, str]], str]


def _plain(body: str) -> Form:
    return [("Content-Type", "text/plain; charset=utf-8"), ("Content-Transfer-Encoding", "8bit")], body


def _quoted_printable(body: str) -> Form:
    head = [("Content-Type", 'text/plain; charset="utf-8"'), ("Content-Transfer-Encoding", "quoted-printable")]
    return head, encodestring(body.encode()).decode("ascii")


def _base64(body: str) -> Form:
    head = [("Content-Type", "text/plain; charset=UTF-8"), ("Content-Transfer-Encoding", "base64")]
    return head, encodebytes(body.encode()).decode("ascii")


def _with_html(body: str) -> Form:
    html = "<html><body><p>" + escape(body, quote=False).replace("\n", "<br>\n") + "</p></body></html>\n"
    parts = (("text/plain", body), ("text/html", html))
    text = "".join(
        f"--{_BOUNDARY}\nContent-Type: {kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{part}\n"
        for kind, part in parts
    )
    return [("Content-Type", f'multipart/alternative; boundary="{_BOUNDARY}"')], f"{text}--{_BOUNDARY}--\n"


_FORMS = {
    "plain": _plain,
    "quoted-printable": _quoted_printable,
    "base64": _base64,
    "html": _with_html,
}
