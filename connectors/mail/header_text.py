"""The header of a mail: its fields in order, and encoded words (RFC 2047) to text.

READS a raw message. WRITES nothing. Keeps: a broken line in the header hides neither the fields after it nor the body.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from io import BytesIO

from connectors.mail.charsets import decode_text

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_EMPTY_LINE = re.compile(rb"\n(?:\r*\n|\r+\Z)")
# Only these prove that a line after a broken one still belongs to the header.
_WELL_KNOWN = re.compile(
    rb"(?:from|to|cc|subject|date|message-id|in-reply-to|references|reply-to|sender|received|return-path|delivered-to"
    rb"|mime-version|content-type|content-transfer-encoding)[ \t]*:",
    re.IGNORECASE,
)
_ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,64})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*")
_BETWEEN_WORDS = re.compile(r"\s*\Z")


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of a message's header and what follows them.

    `fields` are (name in lower case, value unfolded but with its encoded words); `mime` is the MIME part of the header
    followed by the body, as the standard library's parser takes it.
    """

    fields: tuple[tuple[str, str], ...]
    mime: bytes

    def first(self, name: str) -> str | None:
        """Return the first value of a field, or None where it is missing or empty."""
        for key, value in self.fields:
            if key == name and value:
                return value
        return None

    def every(self, name: str) -> list[str]:
        """Return all values of a field that may be repeated."""
        return [value for key, value in self.fields if key == name and value]


def read_header(raw: bytes) -> Header:
    """Read the header of a raw message; never raises.

    A line that is no field is passed over where well-known fields follow it; otherwise the body begins there.
    """
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    lines, rest = _header_lines(raw.lstrip(b"\r\n"))
    found: list[tuple[bytes, list[bytes]]] = []
    body = b""
    last_known: int | None = None
    for number, line in enumerate(lines):
        if found and line.startswith((b" ", b"\t")):
            found[-1][1].append(line)
            continue
        if match := _FIELD.match(line):
            found.append((match.group(1).lower(), [line]))
            continue
        if last_known is None:
            last_known = max((at for at, other in enumerate(lines) if _WELL_KNOWN.match(other)), default=-1)
        if number > last_known:
            body = b"".join(lines[number:]) + b"\n"
            break
    mime = b"".join(line for name, parts in found if name.startswith(b"content-") for line in parts)
    fields = tuple((name.decode("ascii"), _unfold(parts)) for name, parts in found)
    return Header(fields, mime + b"\n" + body + rest)


def decode_words(text: str) -> str:
    """Decode the encoded words of a header's text; what cannot be decoded stays as it is written."""
    if "=?" not in text:
        return text
    decoded: list[str] = []
    pending: tuple[str, bytes] | None = None
    end = 0
    for match in _ENCODED_WORD.finditer(text):
        charset, encoding, content = match.groups()
        data = _word_bytes(encoding, content)
        if data is None:
            continue
        gap = text[end : match.start()]
        follows = pending is not None and _BETWEEN_WORDS.match(gap)
        if pending and follows and pending[0] == charset.lower():
            pending = (pending[0], pending[1] + data)  # a character may be cut in two by the limit on a word's length
        else:
            decoded += [decode_text(pending[1], pending[0])] if pending else []
            decoded += [] if follows else [gap]
            pending = (charset.lower(), data)
        end = match.end()
    decoded += [decode_text(pending[1], pending[0])] if pending else []
    return "".join([*decoded, text[end:]])


def plain_text(value: str | None) -> str | None:
    """Return a header's value as one line of text, its encoded words decoded; None where it is empty."""
    return " ".join(decode_words(value).split()) or None if value else None


def _header_lines(raw: bytes) -> tuple[list[bytes], bytes]:
    """Return the lines before the first empty line, and what comes after it."""
    empty = _EMPTY_LINE.search(raw)
    header, rest = (raw[: empty.start() + 1], raw[empty.end() :]) if empty else (raw, b"")
    return header.splitlines(keepends=True) if b"\r" not in header else BytesIO(header).readlines(), rest


def _unfold(parts: list[bytes]) -> str:
    value = parts[0].partition(b":")[2].strip()
    if len(parts) > 1:
        value = b" ".join([value, *(part.strip() for part in parts[1:])])
    return decode_text(value).strip()


def _word_bytes(encoding: str, content: str) -> bytes | None:
    """Return the bytes that an encoded word stands for, or None where it is broken."""
    try:
        coded = content.encode("ascii")
        if encoding in "qQ":
            return binascii.a2b_qp(coded.replace(b" ", b"_"), header=True)
        coded = b"".join(coded.split()).rstrip(b"=")
        if not _BASE64.fullmatch(coded):
            return None  # the decoder would pass over what it does not know
        return binascii.a2b_base64(coded + b"=" * (-len(coded) % 4))
    except (UnicodeError, binascii.Error):
        return None
