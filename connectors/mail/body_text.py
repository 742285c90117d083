"""The readable text of a mail's body.

READS the MIME header and the body. WRITES nothing. Keeps: text parts in their order, attachments and attached messages
left out; of alternatives the plain text, or the HTML as text where there is no other.
"""

from __future__ import annotations

import re
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import TypeVar

from connectors.mail.charsets import decode_text
from connectors.mail.html_text import html_to_text

_LONGEST_FIELD = 4_000
_FLOW = rb'(?:;(?:\r?\n(?=[ \t]))?[ \t]*(?:format|delsp)=(?:"\w{1,20}"|\w{1,20}))*+'
_CHARSET = rb'(?:;(?:\r?\n(?=[ \t]))?[ \t]*charset=(?P<quote>"?)(?P<charset>[\w.-]{1,40})(?P=quote))?'
_AS_IT_IS = rb"(?:content-transfer-encoding:[ \t]*(?:7bit|8bit|binary)\r?\n)?"
# Most mails are one plain text: for them the standard library's parser would do nothing, at some length.
_ONE_PLAIN_TEXT = re.compile(
    _AS_IT_IS + rb"(?:content-type:[ \t]*text/plain" + _FLOW + _CHARSET + _FLOW + rb"\r?\n)?" + _AS_IT_IS + rb"\n",
    re.IGNORECASE,
)

T = TypeVar("T")


class _Part(Message):
    """A part of a mail, whose fields are read up to a length: the standard library takes the square of it."""

    def get(self, name: str, failobj: T | None = None) -> str | T | None:  # type: ignore[override] # one for two overloads
        value = super().get(name)
        return failobj if value is None else str(value)[:_LONGEST_FIELD]


_PARSER = BytesParser(_Part, policy=compat32)


def read_body(mime: bytes) -> tuple[str, str, str]:
    """Return the text of a body with line ends as LF, its content type and, of a report, the report's type.

    May raise whatever the standard library raises on a broken structure (nesting without end, for one).
    """
    if plain := _ONE_PLAIN_TEXT.match(mime):
        charset = plain["charset"]
        text = decode_text(mime[plain.end() :], charset.decode("ascii") if charset else None)
        return _with_lf(text), "text/plain", ""
    part = _PARSER.parsebytes(mime)
    kind = part.get_content_type()
    report = part.get_param("report-type") if kind == "multipart/report" else None
    return _with_lf(_text(part, kind)), kind, report.lower() if isinstance(report, str) else ""


def _with_lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _text(part: Message, kind: str) -> str:
    if kind.startswith("message/") or part.get_content_disposition() == "attachment":
        return ""
    if part.is_multipart():
        children = [(child, child.get_content_type()) for child in part.get_payload() if isinstance(child, Message)]
        if kind == "multipart/alternative":
            children.sort(key=lambda child: child[1] != "text/plain")
            return next((text for text in (_text(*child) for child in children) if text.strip()), "")
        return "\n".join(text for text in (_text(*child) for child in children) if text.strip())
    if kind == "text/html":
        return html_to_text(_decoded(part))
    # A multipart without its boundary is text as far as anybody can tell.
    return _decoded(part) if kind == "text/plain" or kind.startswith("multipart/") else ""


def _decoded(part: Message) -> str:
    data = part.get_payload(decode=True)
    return decode_text(data, part.get_content_charset()) if isinstance(data, bytes) else ""
