"""Bytes of a mail to text, whatever character set they claim.

READS bytes and the name of a character set. WRITES text that can be stored as UTF-8. Keeps: no byte is dropped or
replaced; what the declared character set cannot read is read as UTF-8, Windows-1252 or Latin-1, in this order. What
reads as UTF-8 is UTF-8, whatever set of single bytes is declared: no text in one of these happens to be UTF-8.
"""

from __future__ import annotations

import codecs
import re
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
    "iso2022_jp": "iso2022_jp_ext",
    "iso2022_jp_1": "iso2022_jp_ext",
}
_ALSO_CALLED = {
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-mac-roman": "mac_roman",
    "x-windows-949": "cp949",
    "windows-936": "gb18030",
    "windows-874": "cp874",
    "dos-874": "cp874",
    "utf8mb4": "utf-8",
    "cp-850": "cp850",
    "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext",
}
_SINGLE_BYTES = re.compile(r"cp125\d|cp874|iso8859-\d+|koi8-[rut]|mac-\w+|cp437|cp850|hp-roman8")
_WIDE = re.compile(r"utf-(?:16|32)(?:-[bl]e)?")
_SAME_AS_ASCII = frozenset({None, "utf-8", "cp1252"})
"""Codecs that read bytes below 128 as ASCII does, and those are most of all mail."""
_NOT_FOR_MAIL = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})


def decode_text(data: bytes, charset: str | None = None) -> str:
    """Decode bytes by their declared character set, or by the first of UTF-8, Windows-1252, Latin-1 that fits."""
    declared = _codec(charset) if charset else None
    if data.isascii() and (declared in _SAME_AS_ASCII or _is_narrow(declared, data)):
        return data.decode("ascii")
    for codec in (*_tried_first(declared, data), "utf-8", "cp1252"):
        try:
            text = data.decode(codec)
            text.encode("utf-8")  # UTF-7 can yield half a surrogate pair, which nothing could store
        except (UnicodeError, LookupError):
            continue
        return text.removeprefix("\ufeff")
    return data.decode("latin-1")


def _tried_first(declared: str | None, data: bytes) -> tuple[str, ...]:
    if declared is None or _is_narrow(declared, data):
        return ()
    return ("utf-8", declared) if _SINGLE_BYTES.fullmatch(declared) else (declared,)


def _is_narrow(declared: str | None, data: bytes) -> bool:
    """Whether a declared set of wide characters is a lie: ASCII would be read as something else, without an error."""
    return declared is not None and bool(_WIDE.fullmatch(declared)) and b"\0" not in data and data.isascii()


@lru_cache(maxsize=256)
def _codec(charset: str) -> str | None:
    """Return the codec to use for a character set's name, or None for a name that stands for no character set."""
    name = (charset.split() or [""])[0].strip("\"';,").lower()
    try:
        info = codecs.lookup(_ALSO_CALLED.get(name, name))
        "".encode(info.name)
    except (LookupError, ValueError, UnicodeError):
        return None
    if info.name.replace("-", "_") in _NOT_FOR_MAIL:
        return None
    return _REALLY.get(info.name, info.name)
