"""Reads in a text what its writer tells of their own address, phone, e-mail or name: that it is new, or no longer so.

Precise rather than many: a value counts only where a phrase of `contact_words` says so and the value stands right
beside it; not in a question, not under an "if", not where it is ours ("your number").
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import phonenumbers

from customer360.contact_words import (
    ABBREVIATED,
    ADDRESS_ENDS,
    BETWEEN,
    HYPOTHETICAL,
    OURS,
    PARTICLES,
    STREET_ENDINGS,
    STREETS,
    TELLINGS,
    TITLES,
    Attribute,
    Telling,
    Told,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_SENTENCE = 160
LONGEST_ADDRESS = 120
_SHORT_LINE = 50
_NO_SENTENCE = 2_000
"""Characters after which what goes on without a full stop is no sentence."""
_BESIDE = 200
"""Characters before and after a phrase that are looked at."""
_MOST_NAMES = 5

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_PHONE = re.compile(r"\+?\(?\d[\d ()./-]{5,22}\d")
_PHONE_BEGINS_WITHIN = 2
_GAP = re.compile(rf"\W*(?:(?:{'|'.join(re.escape(word) for word in BETWEEN)})\b[^\w@]+)*", re.IGNORECASE)
_LETTER = r"[^\W\d_]"
_STREET = "|".join(STREETS)
_ADDRESSES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\d{{1,6}}[a-z]?(?:[-/]\d{{1,5}})?,?\s+(?:[\w'.-]+\s+){{0,4}}?(?:{_STREET})\b",
        rf"(?:{_LETTER}[\w'.-]*\s+){{0,4}}?[\w'-]*(?:{'|'.join(STREET_ENDINGS)})\b\.?\s*\d{{1,5}}\s?[a-z]?\b",
        rf"(?:{_STREET}|c/)\b\.?\s+{_LETTER}[^\d,;]{{1,40}},?\s*(?:n[º°o.]{{0,2}}\s*)?\d{{1,5}}\b",
        r"(?:p\.?\s?o\.?\s?box|postfach|apartado(?: de correos)?)\s+\d{1,7}\b",
        rf"\d{{1,6}}[a-z]?\s+{_LETTER}.{{2,80}}?\b(?:\d{{5}}(?:-\d{{4}})?|[a-z]{{1,2}}\d[a-z\d]?\s?\d[a-z]{{2}})\b",
    )
)
_ADDRESS_END = re.compile(rf"\s*[;()!?\n]|\s+[-\u2013\u2014]\s|,?\s+(?:{'|'.join(ADDRESS_ENDS)})\b", re.IGNORECASE)
_HYPOTHETICAL = re.compile(rf"\b(?:{'|'.join(HYPOTHETICAL)})\b", re.IGNORECASE)
_OURS = re.compile(rf"\b(?:{'|'.join(OURS)})\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^\W_])|\n\s*\n")
_LAST_WORD = re.compile(r"([\w]+)\.$")


@dataclass(frozen=True, slots=True)
class Fact:
    """What was told: `value` and `sentence` as they were written, the sentence cut to 160 characters."""

    attribute: Attribute
    value: str
    told: Told
    sentence: str


@cache
def _compiled(cue: str) -> re.Pattern[str]:
    return re.compile(cue, re.IGNORECASE)


def read_facts(text: str, country: str | None, sender: str | None = None) -> list[Fact]:
    """Return what the text tells, in its order, each value once.

    `country` is where numbers without a country code are dialled, `sender` the address a mail came from.
    """
    found: dict[tuple[Attribute, str], Fact] = {}
    for whole in sentences(text):
        sentence = whole[:_NO_SENTENCE]
        asks = whole.endswith("?")
        for telling in TELLINGS:
            if asks and not telling.may_ask:
                continue
            for match in _compiled(telling.cue).finditer(sentence):
                value = _value(telling, sentence, match, country, sender)
                if value:
                    fact = Fact(telling.attribute, value, telling.told, shortened(sentence, match.start()))
                    found.setdefault((telling.attribute, value.casefold()), fact)
    return list(found.values())


def _value(
    telling: Telling, sentence: str, match: re.Match[str], country: str | None, sender: str | None
) -> str | None:
    before = sentence[max(0, match.start() - _BESIDE) : match.start()]
    if _HYPOTHETICAL.search(before) or _OURS.search(before):
        return None
    if telling.place == "sender":
        return sender
    if telling.place == "before":
        return _ending(telling.attribute, before, country)
    if telling.place == "inside":
        return _inside(telling.attribute, match.group(), country)
    rest = sentence[match.end() : match.end() + _BESIDE]
    return _beginning(telling.attribute, rest[_end_of_gap(rest) :], country)


def _end_of_gap(rest: str) -> int:
    gap = _GAP.match(rest)
    end = gap.end() if gap else 0
    while end and rest[end - 1] in "+(":
        end -= 1
    return end


def _beginning(attribute: Attribute, text: str, country: str | None) -> str | None:
    if attribute == "email":
        email = _EMAIL.match(text)
        return email.group().rstrip(".") if email else None
    if attribute == "phone":
        phone = _phone(text[:40], country)
        return phone[1] if phone and phone[0] <= _PHONE_BEGINS_WITHIN else None
    return _address(text) if attribute == "address" else _name(text)


def _ending(attribute: Attribute, text: str, country: str | None) -> str | None:
    text = text.rstrip(" ,;:()\"'")
    pattern = {"email": _EMAIL, "phone": _PHONE}.get(attribute)
    if pattern is None:
        return next((found for start in _starts(text) if (found := _address(text[start:]))), None)
    last = next((match for match in pattern.finditer(text) if match.end() == len(text)), None)
    return _inside(attribute, last.group(), country) if last else None


def _starts(text: str) -> Iterator[int]:
    yield from (word.start() for word in re.finditer(r"\S+", text))


def _inside(attribute: Attribute, text: str, country: str | None) -> str | None:
    if attribute == "email":
        email = _EMAIL.search(text)
        return email.group() if email else None
    phone = _phone(text, country)
    return phone[1] if phone else None


def _phone(text: str, country: str | None) -> tuple[int, str] | None:
    """Return where a valid number begins, and the number as it was written."""
    for match in phonenumbers.PhoneNumberMatcher(text, country):
        return match.start, match.raw_string
    return None


def _address(text: str) -> str | None:
    """Return a postal address that the text begins with: a house number and a street, or a box."""
    end = _ADDRESS_END.search(text)
    told = (text[: end.start()] if end else text).strip(" ,.:")
    if len(told) > LONGEST_ADDRESS or "@" in told:
        return None
    return told if any(known.match(told) for known in _ADDRESSES) else None


def _name(text: str) -> str | None:
    """Return one to five names that the text begins with, each with a capital, particles between them."""
    names: list[str] = []
    for word in text.split():
        bare = word.strip(',.;:!"()')
        if not names and bare.casefold().rstrip(".") in TITLES:
            continue
        is_name = bare[:1].isupper() and all(part.isalpha() for part in re.split(r"['.-]", bare) if part)
        if not is_name and bare not in PARTICLES:
            break
        names.append(bare)
        if bare != word or len(names) > _MOST_NAMES:
            break
    while names and names[-1] in PARTICLES:
        names.pop()
    return " ".join(names) if 0 < len(names) <= _MOST_NAMES and len(" ".join(names)) > 1 else None


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text in one line each; lines of an address are parted by commas."""
    straight = unicodedata.normalize("NFC", text).replace("\u2019", "'").replace("\u00a0", " ").replace("\r\n", "\n")
    waiting = ""
    for paragraph in re.split(r"\n\s*\n", straight):
        for part in _SENTENCE_END.split(_in_one_line(paragraph)):
            waiting = f"{waiting} {part}".strip()
            last = _LAST_WORD.search(waiting)
            if (last and last.group(1).casefold() in ABBREVIATED) or waiting.casefold().endswith(("str.", "nr.")):
                continue
            if waiting:
                yield waiting
            waiting = ""
        if waiting:
            yield waiting
        waiting = ""


def _in_one_line(paragraph: str) -> str:
    said, before = "", ""
    for line in filter(None, (raw.strip() for raw in paragraph.split("\n"))):
        if line.startswith(">"):
            continue
        has_number = any(sign.isdigit() for sign in before)
        is_row = has_number and len(before) < _SHORT_LINE and before[-1] not in ".,:;!?" and not line[0].islower()
        said += f"{',' if is_row else ''}{' ' if said else ''}{line}"
        before = line
    return said


def shortened(sentence: str, start: int) -> str:
    """Return the sentence, or of a long one what there is from `start` on, cut at a word to 160 characters."""
    if len(sentence) <= LONGEST_SENTENCE:
        return sentence
    told = sentence[start:] if start else sentence
    if start:
        told = "… " + told
    if len(told) <= LONGEST_SENTENCE:
        return told
    return told[: LONGEST_SENTENCE - 1].rsplit(" ", 1)[0] + "…"
