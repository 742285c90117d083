"""The readable text of a mail's body.

READS a `Header` with its body. WRITES nothing. Keeps: text parts in their order, attachments and attached messages left
out; of alternatives the plain text if it says something, or the HTML as text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from connectors.mail.charsets import decode_text
from connectors.mail.flowed import unflow
from connectors.mail.header_text import Header, read_header
from connectors.mail.html_text import html_to_text
from connectors.mail.mime import DEEPEST, Part, TooManyParts, part_of, parts_in
from connectors.mail.signed import signed_content, without_armour
from connectors.mail.transfer import without_uuencoded

_PLAIN = frozenset({"text/plain", "text/markdown", "text/x-markdown", "text/enriched", "text/richtext"})
_RICH = frozenset({"text/enriched", "text/richtext"})
_RICH_TAG = re.compile(r"<param>[^<]*</param>|</?[A-Za-z-]{1,60}>", re.IGNORECASE)
_SIGNED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_MARKUP_CHARSET = re.compile(rb"<meta[^<>]{1,200}charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_STARTS_MARKUP = 2_048
_SAYS_NOTHING = re.compile(
    r"\s*(?:this (?:is an? |e-?mail |message )[^.]{0,60}\bhtml\b|(?:your|if your) (?:e-?mail|mail)? ?(?:client|program"
    r"|reader|software)[^.]{0,60}\bhtml\b|(?:to view|please (?:view|use|enable))[^.]{0,80}\bhtml\b|diese (?:e-?mail"
    r"|nachricht)[^.]{0,60}\bhtml\b|ce (?:message|courriel)[^.]{0,60}\bhtml\b)[^\n]{0,200}\s*",
    re.IGNORECASE,
)
_LONGEST_EXCUSE = 400


class Body(NamedTuple):
    """The text of a body with line ends as LF, its content type and, of a report, the report's type."""

    text: str
    content_type: str
    report_type: str


def read_body(header: Header) -> Body:
    """Return the readable text of a mail; raises TooManyParts."""
    part = part_of(header)
    report = part.parameters.get("report-type", "").lower() if part.kind == "multipart/report" else ""
    return Body(_text(part, 0), part.kind, report)


def _text(part: Part, depth: int) -> str:
    if part.attached or part.kind.startswith("message/"):
        return ""
    if depth > DEEPEST:
        message = f"its parts lie more than {DEEPEST} deep in each other"
        raise TooManyParts(message)
    if part.kind.startswith("multipart/"):
        parts = parts_in(part)
        # A multipart without its boundary is text as far as anybody can tell.
        return _plain(part) if parts is None else _of_parts(part.kind, parts, depth)
    if part.kind in _SIGNED:
        inner = signed_content(part.content())
        return _text(part_of(read_header(inner)), depth + 1) if inner else ""
    if part.kind == "text/html":
        return _html(part)
    return _plain(part) if part.kind in _PLAIN else ""


def _of_parts(kind: str, parts: list[Part], depth: int) -> str:
    if kind == "multipart/signed":
        parts = parts[:1]
    if kind == "multipart/alternative":
        parts = sorted(parts, key=lambda part: part.kind != "text/plain")
        texts = (text for text in (_text(part, depth + 1) for part in parts) if text.strip())
        first = next(texts, "")
        if len(first) < _LONGEST_EXCUSE and _SAYS_NOTHING.fullmatch(first):
            return next(texts, first)
        return first
    texts = (_text(part, depth + 1) for part in parts if not part.file or part.kind.startswith("multipart/"))
    joined = "\n".join(text for text in texts if text.strip())
    # Some mailers name the text itself as if it were a file.
    return joined or next(
        (text for text in (_text(part, depth + 1) for part in parts if part.file) if text.strip()), ""
    )


def _html(part: Part) -> str:
    content = part.content()
    charset = part.parameters.get("charset")
    if not charset and (named := _MARKUP_CHARSET.search(content, 0, _STARTS_MARKUP)):
        charset = named[1].decode("ascii")
    return html_to_text(_with_lf(decode_text(content, charset)))


def _plain(part: Part) -> str:
    text = _with_lf(decode_text(without_uuencoded(part.content()), part.parameters.get("charset")))
    if part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return without_armour(_RICH_TAG.sub("", text) if part.kind in _RICH else text)


def _with_lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
