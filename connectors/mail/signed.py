"""What a signature was put around: the mail in a signed S/MIME object, the text in a PGP clear signature.

READS bytes, or text. WRITES nothing. Keeps: nothing is verified or deciphered; what cannot be opened stays closed.
"""

from __future__ import annotations

import re

_DATA = bytes.fromhex("06092a864886f70d010701")
"""The object identifier of plain data in a CMS object (RFC 5652), as it stands in its bytes."""
_SEQUENCE_END = b"\0\0"
_CONSTRUCTED, _OCTETS, _EXPLICIT = 0x20, 0x04, 0xA0
_LONG_FORM, _INDEFINITE = 0x80, 0x80
_DEEPEST = 10
_ARMOUR = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Z][\w-]*: [^\n]*\n)*[ \t]*\n(.*?)"
    r"^-----BEGIN PGP SIGNATURE-----[ \t]*\n.*?^-----END PGP SIGNATURE-----[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_DASH_ESCAPED = re.compile(r"^- ", re.MULTILINE)


def signed_content(data: bytes) -> bytes | None:
    """Return the mail in a signed S/MIME object, None where there is none to be read (it is enciphered, say)."""
    at = data.find(_DATA)
    if at < 0 or data[at + len(_DATA) : at + len(_DATA) + 1] != bytes([_EXPLICIT]):
        return None
    try:
        content, _ = _octets(data, at + len(_DATA), 0)
    except (IndexError, RecursionError):
        return None
    return content or None


def without_armour(text: str) -> str:
    """Return a text without what a PGP clear signature puts around it."""
    if "-----BEGIN PGP SIGNED MESSAGE-----" not in text:
        return text
    return _ARMOUR.sub(lambda found: _DASH_ESCAPED.sub("", found[1]), text)


def _octets(data: bytes, at: int, depth: int) -> tuple[bytes, int]:
    """Return the octets of the value at a place, those in it put together, and where it ends."""
    if depth > _DEEPEST:
        raise RecursionError
    tag, length, start = data[at], data[at + 1], at + 2
    indefinite = length == _INDEFINITE
    if length & _LONG_FORM and not indefinite:
        size = length & ~_LONG_FORM
        length, start = int.from_bytes(data[start : start + size]), start + size
    end = len(data) if indefinite else min(start + length, len(data))
    if not tag & _CONSTRUCTED:
        return (data[start:end] if tag == _OCTETS else b""), end
    pieces: list[bytes] = []
    while start < end:
        if indefinite and data.startswith(_SEQUENCE_END, start):
            return b"".join(pieces), start + len(_SEQUENCE_END)
        piece, start = _octets(data, start, depth + 1)
        pieces.append(piece)
    return b"".join(pieces), end
