"""Names and addresses out of a mail's header fields.

READS the text of an address field (RFC 5322, and what mailers make of it). WRITES nothing. Keeps: names and addresses
stay as they are written ("Last, First" too); judging them is left to others. The standard library's parser is not used
because what it makes of a broken field differs between its releases.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from connectors.mail.header_text import decode_words

# The limit on a quoted string keeps the time linear where a quote is never closed.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.){0,998}"|<[^<>]*>|\\.|[^"<>(),;:\\]+|.', re.DOTALL)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.){0,998}"', re.DOTALL)
_QUOTED_LOCAL_PART = re.compile(r'"[^"<>]{1,64}"@[^\s"<>]+')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_IN_SINGLE_QUOTES = re.compile(r"\A'(.*)'\Z", re.DOTALL)
_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)")
_ROUTE = re.compile(r"@[^:@\s]+(?:,@[^:@\s]+)*:(?=[^:]*@)")


class Mailbox(NamedTuple):
    """A name and an address as they are written; either may be empty."""

    name: str
    address: str


class _Piece:
    """One mailbox while its tokens are read."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.comments: list[str] = []
        self.angle: str | None = None

    def mailbox(self) -> Mailbox:
        """Make a mailbox of its tokens: `Name <address>`, `address (Name)`, `Name address`, or either alone."""
        written = "".join(self.words)
        text = " ".join(_QUOTED.sub(_unquoted, written).split())
        comment = _decoded("".join(self.comments))
        if self.angle is not None:
            return Mailbox(_decoded(text) or comment, _address(self.angle))
        if _QUOTED_LOCAL_PART.fullmatch(written.strip()):
            return Mailbox(comment, written.strip())
        words = _decoded(text).split()
        addresses = [word for word in words if "@" in word.strip("@")]
        if not addresses and "@" not in text:
            return Mailbox(" ".join(words), "")
        if len(addresses) == len(words):
            return Mailbox(comment, _address(addresses[0]))
        if addresses == words[-1:]:
            return Mailbox(" ".join(words[:-1]), _address(addresses[0]))
        return Mailbox(comment, _address(text))  # blanks inside the address, as old mailers wrote it


@lru_cache(maxsize=4096)  # who writes once writes again, and always to the same few of us
def parse_addresses(field: str | None) -> tuple[Mailbox, ...]:
    """Read an address field; never raises.

    The names of groups are left out. An unquoted comma inside a name (`Doe, Jane <jane@…>`) does not end it.
    """
    if not field:
        return ()
    mailboxes: list[Mailbox] = []
    for piece in _pieces(field):
        mailbox = piece.mailbox()
        before = mailboxes[-1] if mailboxes else None
        if before and not before.address and before.name and mailbox.name and mailbox.address:
            mailboxes[-1] = Mailbox(f"{before.name}, {mailbox.name}", mailbox.address)
        elif mailbox.name or mailbox.address:
            mailboxes.append(mailbox)
    return tuple(mailboxes)


def _pieces(field: str) -> list[_Piece]:
    pieces = [_Piece()]
    depth = 0
    for mark in _TOKEN.findall(field):
        piece = pieces[-1]
        if mark == "(" or (mark == ")" and depth):
            depth += 1 if mark == "(" else -1
            piece.comments.append(" ")
        elif depth:
            piece.comments.append(mark)
        elif mark in {",", ";"}:
            pieces.append(_Piece())
        elif mark == ":" and not piece.angle and not any("@" in word for word in piece.words):
            pieces[-1] = _Piece()  # what stood before was the name of a group
        elif mark.startswith("<") and mark.endswith(">") and len(mark) > 1:
            piece.angle = piece.angle if piece.angle is not None else mark[1:-1]
        else:
            piece.words.append(mark)
    return pieces


def _unquoted(match: re.Match[str]) -> str:
    return _ESCAPED.sub(r"\1", match.group()[1:-1])


def _decoded(text: str) -> str:
    return _IN_SINGLE_QUOTES.sub(r"\1", " ".join(decode_words(text).split()).strip('"<> '))


def _address(text: str) -> str:
    """Return an address without comments, without the route that old mailers put before it, without blanks."""
    return _ROUTE.sub("", "".join(_COMMENT.sub("", _decoded(text)).split())).removeprefix("mailto:")
