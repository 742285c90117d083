"""Cuts the signature block out of a mail's own text.

READS own lines (quoted ones already gone). WRITES nothing. Keeps: text and signature together are the lines given, in
their order. Parsing names, phones and addresses out of the block is not done here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.mail.closing_phrases import after_closing, is_closing
from connectors.mail.signature_lines import ADDRESS, EMAIL, NAME, PHONE, classify_lines, looks_like_name

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARK = re.compile(r"(?:--|\u2014|_{3,})\s*")
_MOST_LINES_AFTER_MARK = 15
_MOST_LINES_AFTER_CLOSING = 8
_DIGIT = re.compile(r"\d")
_LONGEST_LINE = 70
_SENTENCE_WORDS = 6
_MOST_CONTACT_LINES = 6
_DEVICE = re.compile(
    r"\s*(?:sent (?:from|via|with|using) |get outlook for |von mein(?:em|er) .* gesendet|gesendet (?:von|mit) "
    r"|envoy[ée] (?:de|depuis) |enviado (?:desde|do) |inviato (?:da|dal) |verzonden (?:vanaf|met) ).*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SignatureCut:
    """A mail's own lines without its signature, and the lines of the signature, delimiter and closing included."""

    body: tuple[str, ...]
    signature: tuple[str, ...]


def cut_signature(lines: Sequence[str], sender_name: str = "") -> SignatureCut:
    """Part the signature block, at the end of a mail's own lines, from the text before it.

    It begins at the last `-- ` line, at a closing phrase with at most eight short lines after it, or, with neither, at
    a last paragraph of contact lines that begins with the sender's name. A closing before a `-- ` line goes with it,
    and so does what a device adds ("Sent from my …").
    """
    end = len(lines)
    end = _start_of_marked(lines, end)
    end = _start_of_device_lines(lines, end)
    end = _start_of_closing(lines, end)
    if all(_DEVICE.fullmatch(line) or not line.strip() for line in lines[end:]):
        end = _start_of_contact_lines(lines, end, sender_name)
    return SignatureCut(tuple(lines[:end]), tuple(lines[end:]))


def without_closing(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the lines of a signature that say who signs: without delimiter, closing phrase and what a device adds."""
    kept: list[str] = []
    for line in lines:
        if name := _inline_name(line):
            kept.append(name)
        elif line.strip() and not (_MARK.fullmatch(line) or is_closing(line) or _DEVICE.fullmatch(line)):
            kept.append(line)
    return tuple(kept)


def _start_of_marked(lines: Sequence[str], end: int) -> int:
    after = 0
    for number in range(end - 1, -1, -1):
        if _MARK.fullmatch(lines[number]):
            return number if after else end
        after += bool(lines[number].strip())
        if after > _MOST_LINES_AFTER_MARK:
            break
    return end


def _start_of_device_lines(lines: Sequence[str], end: int) -> int:
    for number in range(end - 1, -1, -1):
        if _DEVICE.fullmatch(lines[number]):
            return number
        if lines[number].strip():
            break
    return end


def _start_of_closing(lines: Sequence[str], end: int) -> int:
    """Where the last closing phrase stands that has only short lines after it."""
    after = 0
    for number in range(end - 1, -1, -1):
        line = lines[number]
        if not line.strip():
            continue
        if _inline_name(line) or (is_closing(line) and (after or end < len(lines))):
            return number
        after += 1
        if after > _MOST_LINES_AFTER_CLOSING or not _is_short(line):
            break
    return end


def _inline_name(line: str) -> str | None:
    """Return the name after a closing phrase on one line ("Thanks, Jane"), not the rest of a sentence."""
    rest = after_closing(line)
    return rest if rest and rest[0].isupper() and looks_like_name(rest) else None


def _is_short(line: str) -> bool:
    """Whether a line may stand in a signature: not long, and no sentence."""
    text = line.strip()
    long = len(text.split()) >= _SENTENCE_WORDS
    sentence = long and (text.endswith(("?", "!", ".")) or not _DIGIT.search(text))
    return len(text) <= _LONGEST_LINE and not sentence


def _start_of_contact_lines(lines: Sequence[str], end: int, sender_name: str) -> int:
    """Where a last paragraph of nothing but contact lines begins, its first line naming the sender."""
    last = end
    while last and not lines[last - 1].strip():
        last -= 1
    start = last
    while start and lines[start - 1].strip() and last - start <= _MOST_CONTACT_LINES:
        start -= 1
    paragraph = lines[start:last]
    if not 0 < len(paragraph) <= _MOST_CONTACT_LINES or start == 0:
        return end
    words = set(re.findall(r"\w{2,}", sender_name.casefold()))
    if not words & set(re.findall(r"\w{2,}", paragraph[0].casefold())):
        return end
    kinds = [kind for kind, _ in classify_lines(paragraph)]
    contact = kinds[0] == NAME and all(kind in {NAME, PHONE, ADDRESS, EMAIL} for kind in kinds)
    return start if contact else end
