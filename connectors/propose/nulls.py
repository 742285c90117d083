"""Which texts stand for no value in an export."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CLEAR = (
    "\\N",
    "NULL",
    "null",
    "(null)",
    "<null>",
    "#N/A",
    "N/A",
    "n/a",
    "NaN",
    "nan",
    "undefined",
    "[null]",
    "-",
    "--",
)
"""Texts that are never a value, where they fill a whole field."""
DOUBTFUL = ("None", "none", "NONE", "nil", "NIL", "NA", "Null", "?", "unknown", "UNKNOWN", "Unknown", "k.A.", "keine")
"""Texts that may be a value: somebody is called Null, and NA is Namibia."""
_SOME, _SHARE = 3, 0.02


def propose_nulls(columns: Mapping[str, Sequence[str | None]]) -> tuple[list[str], str]:
    """Return the texts that stand for no value, and what is unsure about them."""
    found: list[str] = []
    doubtful: list[str] = []
    for word in (*CLEAR, *DOUBTFUL):
        counts = [sum(text == word for text in texts) for texts in columns.values()]
        shares = [count / len(texts) for count, texts in zip(counts, columns.values(), strict=True) if len(texts)]
        several = sum(count > 0 for count in counts) > 1
        often = max(shares, default=0) >= _SHARE
        if sum(counts) < _SOME or not (several or often):
            continue
        if word in CLEAR:
            found.append(word)
        elif several and often:
            found.append(word)
            doubtful.append(word)
    said = f"{', '.join(doubtful)}: it may be a value, too" if doubtful else ""
    return found, said
