"""Text that came with somebody's file, made safe to look at: a terminal gets no command, a reader no reversed line.

Keeps: every other character stays as it is; what is replaced can be read off its escape.
"""

from __future__ import annotations

import re

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters but for tab and line feed, line separators, and what turns the direction of writing."""


def visible(text: str) -> str:
    """Return the text with every control character and every change of direction written as its escape."""
    return _UNSEEN.sub(lambda found: _escape(found[0]), text)


def visible_json(document: str) -> str:
    r"""Return a JSON document with such characters, which can only stand within its texts, escaped as `\u001b`."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()
