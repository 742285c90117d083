"""Bytes of a mail to text, whatever character set they claim.

READS bytes and the name of a character set. WRITES text that can be stored as UTF-8. Keeps: no byte is dropped or
replaced; what the declared character set cannot read is read as UTF-8, Windows-1252 or Latin-1, in this order.
"""

from __future__ import annotations

import codecs
from functools import lru_cache

# Mailers name the small set and send the larger one (as the WHATWG encoding standard observes).
_REALLY = {
    "iso8859-1": "cp1252",
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
}
_SAME_AS_ASCII = frozenset({None, "utf-8", "cp1252"})
"""Codecs that read bytes below 128 as ASCII does, and those are most of all mail."""
_NOT_FOR_MAIL = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})


def decode_text(data: bytes, charset: str | None = None) -> str:
    """Decode bytes by their declared character set, or by the first of UTF-8, Windows-1252, Latin-1 that fits."""
    declared = _codec(charset) if charset else None
    if data.isascii() and declared in _SAME_AS_ASCII:
        return data.decode("ascii")
    for codec in (declared, "utf-8", "cp1252"):
        if codec is None:
            continue
        try:
            text = data.decode(codec)
            text.encode("utf-8")  # UTF-7 can yield half a surrogate pair, which nothing could store
        except (UnicodeError, LookupError):
            continue
        return text.removeprefix("\ufeff")
    return data.decode("latin-1")


@lru_cache(maxsize=256)
def _codec(charset: str) -> str | None:
    """Return the codec to use for a character set's name, or None for a name that stands for no character set."""
    try:
        info = codecs.lookup(charset.strip().strip("\"'"))
    except (LookupError, ValueError, UnicodeError):
        return None
    if info.name.replace("-", "_") in _NOT_FOR_MAIL:
        return None
    return _REALLY.get(info.name, info.name)
