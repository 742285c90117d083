"""What a part of a mail was encoded in for its way (Content-Transfer-Encoding), undone.

READS bytes and the name of the encoding. WRITES nothing. Keeps: damage costs what is damaged; what is no code stays as
it stands (a footer that a mailing list put under a coded text, say).
"""

from __future__ import annotations

import binascii
import re

_BASE64 = re.compile(rb"[A-Za-z0-9+/]*+={0,3}")
_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/]++=*+")
_BASE64_LINE = re.compile(rb"(?:[A-Za-z0-9+/]{4,}={0,3}|[A-Za-z0-9+/]{2,3}={1,2})[ \t\r]*")
_UU_BLOCK = re.compile(
    rb"(?:\A|(?<=\n))begin [0-7]{3,4} [^\r\n]+\r?\n((?:[ -`]{1,90}\r?\n)*?)(?:[` ]\r?\n)?end[ \t\r]*(?:\n|\Z)"
)
_UUENCODED = frozenset({"x-uuencode", "uuencode", "uue", "x-uue"})


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """Return a part's bytes; an encoding that is not known changes none (`7bit`, `8bit`, `binary`)."""
    if encoding == "base64":
        return _from_base64(data)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    if encoding in _UUENCODED:
        return _from_uuencode(data)
    return data


def without_uuencoded(data: bytes) -> bytes:
    """Return a text without the files that old mailers write into it."""
    return _UU_BLOCK.sub(b"", data) if b"begin " in data and b"end" in data else data


def _from_base64(data: bytes) -> bytes:
    packed = data.translate(None, b" \t\r\n")
    if _BASE64.fullmatch(packed):
        return _chunk(packed)
    decoded: list[bytes] = []
    coded: list[bytes] = []
    for line in data.split(b"\n"):
        if _BASE64_LINE.fullmatch(line) or (coded and not line.strip()):
            coded.append(line.strip())
            continue
        decoded += [*map(_chunk, _BASE64_RUN.findall(b"".join(coded))), line + b"\n"]
        coded = []
    decoded += map(_chunk, _BASE64_RUN.findall(b"".join(coded)))
    return b"".join(decoded)


def _chunk(coded: bytes) -> bytes:
    """Decode one stretch of base64; of a last character alone no byte can be made."""
    coded = coded.rstrip(b"=")
    coded = coded[: len(coded) - (len(coded) % 4 == 1)]
    return binascii.a2b_base64(coded + b"=" * (-len(coded) % 4))


def _from_uuencode(data: bytes) -> bytes:
    found = _UU_BLOCK.search(data)
    if found is None:
        return data
    return b"".join(map(_uu_line, found[1].splitlines()))


def _uu_line(line: bytes) -> bytes:
    if not line:
        return b""
    length = (line[0] - 32) & 63
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:  # some encoders write further characters, or leave blanks at the end out
        return binascii.a2b_uu(line[: 1 + (length + 2) // 3 * 4].ljust(1 + (length + 2) // 3 * 4))
