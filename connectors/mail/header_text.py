"""The header of a mail: its fields in order, and encoded words (RFC 2047) to text.

READS a raw message. WRITES nothing. Keeps: a broken line in the header hides neither the fields after it nor the body;
of a field that is not asked for nothing but its place is known.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from functools import cached_property

from connectors.mail.charsets import decode_text

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_WHOLE_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:([^\n]*+(?:\n[ \t][^\n]*+)*+)\n")
_EMPTY_LINE = re.compile(rb"\n(?:\r*\n|\r+\Z)")
# Only these prove that a line after a broken one still belongs to the header.
_WELL_KNOWN = re.compile(
    rb"(?:from|to|cc|subject|date|message-id|in-reply-to|references|reply-to|sender|received|return-path|delivered-to"
    rb"|mime-version|content-type|content-transfer-encoding)[ \t]*:",
    re.IGNORECASE,
)
_CHARSET = re.compile(rb"charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)
# A question mark may stand in the text itself, where it should have been encoded.
_ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,64})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*+(?:\?(?!=)[^?\s]*+)*+)\?=")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*")
_BETWEEN_WORDS = re.compile(r"\s*\Z")


@dataclass(frozen=True)
class Header:
    """The fields of a header, each name (in lower case) with its values in order, still folded; and what follows."""

    fields: dict[str, list[bytes]] = field(default_factory=dict)
    body: bytes = b""

    def first(self, name: str) -> str | None:
        """Return the first value of a field, unfolded, or None where it is missing or empty."""
        for value in self.fields.get(name, ()):
            if text := self._text(value):
                return text
        return None

    def every(self, name: str) -> list[str]:
        """Return all values of a field that may be repeated, unfolded, without empty ones."""
        return [text for value in self.fields.get(name, ()) if (text := self._text(value))]

    @cached_property
    def _charset(self) -> str | None:
        """The character set of the body, in which old mailers write the header too."""
        found = _CHARSET.search(b" ".join(self.fields.get("content-type", ())))
        return found[1].decode("ascii") if found else None

    def _text(self, value: bytes) -> str:
        if b"\n" in value:
            value = b" ".join([line.strip() for line in value.split(b"\n")])
        return (value.decode("ascii") if value.isascii() else decode_text(value, self._charset)).strip()


def read_header(raw: bytes) -> Header:
    """Read the header of a raw message; never raises.

    A line that is no field is passed over where well-known fields follow it; otherwise the body begins there.
    """
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    return read_part(raw.lstrip(b"\r\n"))


def read_part(raw: bytes) -> Header:
    """Read the header of a part, which has none where it begins with an empty line."""
    head, body = _split(raw)
    fields: dict[str, list[bytes]] = {}
    end = 0
    for match in _WHOLE_FIELD.finditer(head):
        if match.start() != end:
            break
        fields.setdefault(match[1].lower().decode("ascii"), []).append(match[2])
        end = match.end()
    return Header(fields, body) if end == len(head) else _read_broken(head, body)


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


def _split(raw: bytes) -> tuple[bytes, bytes]:
    """Return what stands before the first empty line, ending in a line end, and what comes after it."""
    if raw.startswith((b"\n", b"\r\n")):
        return b"", raw[raw.index(b"\n") + 1 :]
    lf = raw.find(b"\n\n")
    if lf >= 0 and raw.find(b"\r", 0, lf) < 0:
        return raw[: lf + 1], raw[lf + 2 :]
    empty = _EMPTY_LINE.search(raw)
    if empty:
        return raw[: empty.start() + 1], raw[empty.end() :]
    return (raw if raw.endswith(b"\n") or not raw else raw + b"\n"), b""


def _read_broken(head: bytes, rest: bytes) -> Header:
    """Read a header that has a line which is no field, and goes on with none."""
    lines = head.split(b"\n")[:-1]
    found: list[tuple[bytes, list[bytes]]] = []
    body = b""
    last_known: int | None = None
    for number, line in enumerate(lines):
        if found and line.startswith((b" ", b"\t")):
            found[-1][1].append(line)
            continue
        if match := _FIELD.match(line):
            found.append((match.group(1).lower(), [line[match.end() :]]))
            continue
        if last_known is None:
            last_known = max((at for at, other in enumerate(lines) if _WELL_KNOWN.match(other)), default=-1)
        if number > last_known:
            body = b"".join(line + b"\n" for line in lines[number:]) + b"\n"
            break
    fields: dict[str, list[bytes]] = {}
    for name, parts in found:
        fields.setdefault(name.decode("ascii"), []).append(b"\n".join(parts))
    return Header(fields, body + rest)


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
