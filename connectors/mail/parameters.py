"""The value of a field such as Content-Type: a word, and parameters (RFC 2045, RFC 2231).

READS the field's text. WRITES nothing. Keeps: any text gives a word and parameters, in time that grows with its length.
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from connectors.mail.charsets import decode_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARAMETER = re.compile(r';\s*+([^\s=;"]{1,80}+)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)(?:"|\Z)|([^;]*+))')
_ESCAPED = re.compile(r"\\(.)")
_NUMBERED = re.compile(r"([^*]+)\*(?:(\d{1,4})(\*)?)?")
_LONGEST_FIELD = 16_000

Parameters = tuple[str, "Mapping[str, str]"]


@lru_cache(maxsize=4096)  # mailers write the same again and again, but for boundaries
def read_parameters(value: str) -> Parameters:
    """Return the word that a field begins with, in small letters, and its parameters by name; the first of each counts.

    A value cut in pieces (`boundary*0=…; boundary*1=…`) is put together, one with a character set of its own decoded.
    """
    value = value[:_LONGEST_FIELD]
    word = value.partition(";")[0].strip().lower()
    found: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, str]]] = {}
    for name, quoted, bare in _PARAMETER.findall(value):
        text = _ESCAPED.sub(r"\1", quoted) if quoted else bare.strip()
        if numbered := _NUMBERED.fullmatch(name):
            coded = numbered[3] or numbered[2] is None
            pieces.setdefault(numbered[1].lower(), []).append(
                (int(numbered[2] or 0), text if coded else text.replace("%", "%25"))
            )
        else:
            found.setdefault(name.lower(), text)
    for name, parts in pieces.items():
        found[name] = _decoded("".join(text for _, text in sorted(parts)))
    return word, MappingProxyType(found)


def _decoded(text: str) -> str:
    """Decode a value of RFC 2231: `charset'language'text`, percent-encoded."""
    charset, quote, rest = text.partition("'")
    if not quote or "'" not in rest:
        return decode_text(unquote_to_bytes(text))
    return decode_text(unquote_to_bytes(rest.partition("'")[2]), charset or None)
