"""HTML of a mail to plain lines.

READS the text of an HTML part. WRITES nothing. Keeps: time grows with the length of the text only, whatever is in it
(the standard library's HTML parser can need time in the square of it); quoted blocks become lines that begin with `> `.
"""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"""<(?=[a-zA-Z/!?])(?:(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+>|[^<>]*+>)""")
_TAG_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_UNSEEN = tuple(
    (re.compile(opening, re.IGNORECASE), re.compile(closing, re.IGNORECASE))
    for opening, closing in (
        ("<!--", "-->"),
        *((f"<{name}", f"</{name}[^<>]*>") for name in ("style", "script", "title")),
    )
)
_BLOCKS = "address article div dl dt footer form h1 h2 h3 h4 h5 h6 header li main ol pre section table tr ul"
_NEW_LINE = frozenset(_BLOCKS.split(" "))
_NEW_PARAGRAPH = frozenset({"p", "hr"})
_NEW_CELL = frozenset({"td", "th", "dd"})
# Deeper quotes are written at this depth, so that a line cannot outgrow the text it comes from.
_DEEPEST_QUOTE = 20
_MANY_BLANK_LINES = re.compile(r"\n{3,}")


def html_to_text(markup: str) -> str:
    """Return the text a reader would see, a line per block, blocks quoted (`blockquote`) with `> ` before each line."""
    for opening, closing in _UNSEEN:
        markup = _without(markup, opening, closing)
    lines: list[str] = []
    words: list[str] = []
    depth = position = 0
    as_it_stands = False
    for tag in _TAG.finditer(markup):
        *broken, rest = markup[position : tag.start()].split("\n") if as_it_stands else [markup[position : tag.start()]]
        for piece in broken:
            lines.append("> " * depth + _line([*words, piece]))
            words = []
        words.append(rest)
        position = tag.end()
        name_match = _TAG_NAME.match(tag.group())
        name = name_match.group(1).lower() if name_match else ""
        if name == "pre":
            as_it_stands = not tag.group().startswith("</")
        if name in _NEW_CELL:
            words.append(" ")
        if name not in _NEW_LINE and name not in _NEW_PARAGRAPH and name not in {"br", "blockquote"}:
            continue
        line = _line(words)
        words = []
        if line or name == "br":
            lines.append("> " * depth + line)
        if line and name in _NEW_PARAGRAPH:
            lines.append("> " * depth)
        if name == "blockquote":
            depth = max(0, depth - 1) if tag.group().startswith("</") else min(depth + 1, _DEEPEST_QUOTE)
    lines.append("> " * depth + _line([*words, markup[position:]]))
    return _MANY_BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def _line(pieces: list[str]) -> str:
    """Join pieces of text between two line breaks to one line; the blank of a signature's `-- ` is kept."""
    line = " ".join(html.unescape("".join(pieces)).split())
    return "-- " if line == "--" else line


def _without(markup: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> str:
    """Return the markup without the stretches from one mark to the other; one that is never closed stays."""
    kept: list[str] = []
    position = 0
    while start := opening.search(markup, position):
        end = closing.search(markup, start.end())
        if end is None:
            break
        kept.append(markup[position : start.start()])
        position = end.end()
    return "".join([*kept, markup[position:]])
