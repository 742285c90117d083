"""Parts a mail's own text from what it quotes.

READS the lines of a mail's text. WRITES nothing. Keeps: each line is either own or quoted, in its order; none is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from connectors.mail.quote_words import CC, FROM, REST_IS_QUOTED, SENT, SUBJECT, TO, WROTE, WROTE_IN_SIGNS, label

if TYPE_CHECKING:
    from collections.abc import Sequence

_PREFIX = re.compile(r"[ \t]{0,3}>")
_FIRST_LEVEL = re.compile(r"[ \t]{0,3}> ?")
_COLONS = (":", "\uff1a")
_RULE = re.compile(r"\s*(?:_{10,}|-{20,}|-{3,}[^-\n]{3,60}-{3,})\s*")
_OPENS = re.compile(r"\s*(?:on|at|am|le|el|op|il|em|den|w dniu|dnia|dne)\b", re.IGNORECASE)
_DATED = re.compile(r"\b(?:19|20)\d\d(?:\b|年|년)|\d[:.]\d\d")
_ATTRIBUTION = re.compile(
    rf"\s*(?:on|at|am|le|el|op|il|em|den)\b(?=.*(?:\d:\d\d|\b\d{{4}}\b|@)).*\b{WROTE}\b.*:\s*", re.IGNORECASE
)
_WROTE_THEN = re.compile(rf"(?:\b{WROTE}|{WROTE_IN_SIGNS})(?!\w)[^\n]{{0,60}}[:\uff1a]\s*\Z", re.IGNORECASE)
_ADDRESS_WROTE = re.compile(rf"\s*[^<>]{{1,120}}<[^<>\s]+@[^<>\s]+>\s*(?:{WROTE}\s*)?:\s*", re.IGNORECASE)
_ADDRESS = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_OWN_WORDS = re.compile(r"\b(?:I|we)\s+wrote\s*:|\bschrieb(?:en)?\s+(?:ich|wir)\b", re.IGNORECASE)
_LONGEST_ATTRIBUTION = 400
_ATTRIBUTION_LINES = 3


_HEADER_LABELS = (("sent", label(SENT)), ("to", label(TO)), ("cc", label(CC)), ("subject", label(SUBJECT)))
_HEADER_FROM = label(FROM)
_HEADER_LINES = 9


@dataclass(frozen=True, slots=True)
class QuoteCut:
    """A text's own lines and its quoted lines (with what introduces them), each in their order."""

    own: tuple[str, ...]
    quoted: tuple[str, ...]


class Quotation(NamedTuple):
    """The line that introduces a quotation (it names the author) and what its author wrote."""

    introduction: str
    lines: tuple[str, ...]


def cut_quoted(lines: Sequence[str]) -> QuoteCut:
    """Part own lines from quoted ones.

    Quoted are lines that begin with `>`, a line such as "On … wrote:" and, unless `>` lines follow it, all after it,
    and everything from "-----Original Message-----" or an Outlook header (From:/Sent:/To:/Subject:) on.
    """
    own: list[str] = []
    quoted: list[str] = []
    number = 0
    ends_in_colon = {number for number, line in enumerate(lines) if line.rstrip().endswith(_COLONS)}
    while number < len(lines):
        taken = _quoted_lines(lines, number, ends_in_colon)
        (quoted if taken else own).extend(lines[number : number + max(taken, 1)])
        number += max(taken, 1)
    return QuoteCut(tuple(own), tuple(quoted))


def read_quotation(quoted: Sequence[str]) -> Quotation:
    """Return what the quoted author wrote, without marks and without what they quoted in their turn."""
    length = _introduction_length(quoted)
    introduction = [line for line in quoted[:length] if not any(known.match(line) for _, known in _HEADER_LABELS)]
    plain = quoted[length:]
    if plain and _PREFIX.match(plain[0]):
        plain = [_FIRST_LEVEL.sub("", line, count=1) for line in plain if _PREFIX.match(line)]
    return Quotation(" ".join(line.strip() for line in introduction if line.strip()), cut_quoted(plain).own)


def _quoted_lines(lines: Sequence[str], number: int, ends_in_colon: set[int]) -> int:
    """How many lines are quoted from here on; 0: this line is own text.

    What few lines have is looked for before what takes long to match.
    """
    line = lines[number]
    if ">" in line[:4] and _PREFIX.match(line):
        return 1
    if not line.strip() or len(line) > _LONGEST_ATTRIBUTION:
        return 0
    ruled = "--" in line or "__" in line
    labelled = ruled or any(colon in line for colon in _COLONS)
    if ((ruled or number in ends_in_colon) and REST_IS_QUOTED.fullmatch(line)) or (
        labelled and _begins_header(lines, number)
    ):
        return len(lines) - number
    if ends_in_colon.isdisjoint(range(number, number + _ATTRIBUTION_LINES)):
        return 0
    if length := _attribution_length(lines, number):
        following = _next_line(lines, number + length)
        return length if not following or _PREFIX.match(following) else len(lines) - number
    return 0


def _attribution_length(lines: Sequence[str], number: int) -> int:
    """Count the lines (mailers wrap it) that a line such as "On … wrote:" takes from here; 0 if it is none."""
    opens = bool(_OPENS.match(lines[number]) or _DATED.search(lines[number]))
    text = ""
    for length, line in enumerate(lines[number : number + _ATTRIBUTION_LINES], start=1):
        if not line.strip() or _PREFIX.match(line) or len(text) + len(line) > _LONGEST_ATTRIBUTION:
            return 0
        text = f"{text} {line.strip()}"
        if line.rstrip().endswith(_COLONS):
            # In a language not known here: it names an address and stands before marked lines.
            before_quote = "@" in text and _PREFIX.match(_next_line(lines, number + length))
            return length if before_quote or (_introduces(text) and not _OWN_WORDS.search(text)) else 0
        if not opens and "<" not in text:
            return 0
    return 0


def _introduces(text: str) -> bool:
    """Whether a line that ends in a colon says who wrote what follows, and when, or from which address."""
    if _ATTRIBUTION.fullmatch(text) or _ADDRESS_WROTE.fullmatch(text):
        return True
    times = len(_DATED.findall(text))
    if _ADDRESS.search(text):
        return times > 1 or bool(_WROTE_THEN.search(text))
    sure = times > 1 or "@" in text or not text.isascii()
    return times > 0 and sure and bool(_WROTE_THEN.search(text))


def _next_line(lines: Sequence[str], number: int) -> str:
    """Return the first line from here on that is not blank, or nothing."""
    return next((lines[at] for at in range(number, len(lines)) if lines[at].strip()), "")


def _begins_header(lines: Sequence[str], number: int) -> bool:
    """Whether an Outlook header begins here, perhaps under a rule of dashes or underscores."""
    start = number
    if _RULE.fullmatch(lines[number]):
        start = next((at for at in range(number + 1, min(number + 3, len(lines))) if lines[at].strip()), number)
    if not _HEADER_FROM.match(lines[start]):
        return False
    block = lines[start + 1 : start + _HEADER_LINES]
    kinds = {kind for kind, known in _HEADER_LABELS if any(known.match(line) for line in block)}
    return "sent" in kinds and ("subject" in kinds or ("to" in kinds and "@" in lines[start]))


def _introduction_length(quoted: Sequence[str]) -> int:
    """How many lines stand before the text of an unmarked quotation: its separator, its header or its "On … wrote:"."""
    length = 0
    while length < len(quoted):
        line = quoted[length]
        if not line.strip() or REST_IS_QUOTED.fullmatch(line) or _RULE.fullmatch(line):
            length += 1
        elif _begins_header(quoted, length):
            block = enumerate(quoted[length : length + _HEADER_LINES])
            length += 1 + max(
                at for at, text in block if at == 0 or any(known.match(text) for _, known in _HEADER_LABELS)
            )
        elif attribution := _attribution_length(quoted, length):
            length += attribution
        else:
            break
    return length
