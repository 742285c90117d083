"""What the texts of a column look like: the share of them that are e-mails, telephone numbers, names, places."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import phonenumbers
from nicknames import NickNamer

from connectors.propose.dates import formats_of
from connectors.propose.word_sets import word_set

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LOOKED_AT = 2_000
"""Texts of a column that are looked at."""
_EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]{2,}\.?", re.IGNORECASE)
_PHONE = re.compile(
    r"(?:tel|ph|phone|mob)?[.: ]*\+?\(?\d[\d\s()./\-\u2013]{5,22}\d(?:\s*(?:x|ext|extn|durchwahl)\.?\s*\d{1,6})?",
    re.IGNORECASE,
)
_PHONE_MARKS = re.compile(r"[+()./\s-]")
_POSTAL = re.compile(
    r"(?:[A-Z]{1,2}[- ])?(?:\d{3,6}(?:[- ]?\d{2,4})?|"
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4} ?[A-Z]{2})",
    re.IGNORECASE,
)
_WORD = r"[^\W\d_][^\W\d_'\u2019`.\-]*(?:[-'\u2019`.][^\W\d_'\u2019`.\-]*)*"
_NAME_LINE = re.compile(rf"(?:{_WORD})(?:,? +(?:{_WORD})){{1,5}},?", re.IGNORECASE)
_FAMILY_FIRST = re.compile(rf"{_WORD}(?: +{_WORD}){{0,2}}, *{_WORD}(?:[ .]+{_WORD}){{0,3}}\.?")
_NAME_WORD = re.compile(rf"{_WORD}(?: {_WORD}){{0,3}}", re.IGNORECASE)
_ONE_WORD = re.compile(r"[^\W\d_]{2,15}")
_ADDRESS_LINE = re.compile(
    r"(?=.*\d)(?=.*[^\W\d_]{3}).*,.*(?:\d{4,6}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}).*"
    r"|(?=.*[^\W\d_]{3}).+\d+.*,.+[^\W\d_]{3}.*",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"(?=.*[^\W\d_]{3})(?:\d+[a-z]?[ -].+|.+ \d+ ?[a-z]?(?:[ /-].*)?|p\.? ?o\.? box .+)", re.IGNORECASE
)
_HOUSE_NUMBER = re.compile(r"\d{1,5} ?[a-z]?(?: ?[-/] ?\d{1,5} ?[a-z]?)?", re.IGNORECASE)
_COMPANY = re.compile(
    r"\b(?:inc|llc|ltd|limited|gmbh|corp|corporation|co|company|ag|kg|ohg|ug|s\.?a\.?r?\.?l?|s\.?l\.?|b\.?v|n\.?v|plc|"
    r"group|services|partners|university|school|bank|hospital|foundation|associates|holdings?|e\.?v|oy|ab|as|aps|srl|spa)\b\.?",
    re.IGNORECASE,
)
_CURRENCY_WORDS = word_set("""
    usd eur gbp cad aud nzd chf sek nok dkk pln czk huf jpy cny inr brl mxn zar try sgd hkd krw ils aed $ € £ ¥
""")
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?[$€£]? ?\d[\d.,' ]*(?: ?[$€£%])?")
_COORDINATES = re.compile(r"\(?-?\d{1,3}\.\d{3,}, ?-?\d{1,3}\.\d{3,}\)?")
_HANDLE = re.compile(r"@[\w.]{2,30}")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15
_LONGEST_STREET, _LONG = 80, 8


def is_email(text: str) -> bool:
    """Say whether a text is an e-mail address."""
    return bool(_EMAIL.fullmatch(text.strip()))


def is_phone(text: str) -> bool:
    """Say whether a text may be a telephone number, with or without an extension."""
    stripped = text.strip()
    number = re.split(r"(?:x|ext)", stripped, maxsplit=1, flags=re.IGNORECASE)[0]
    digits = sum(character.isdigit() for character in number)
    return (
        bool(_PHONE.fullmatch(stripped))
        and _FEWEST_DIGITS <= digits <= _MOST_DIGITS
        and not formats_of([stripped]).formats
    )


def is_marked_phone(text: str) -> bool:
    """Say whether a telephone number is written as none but such are: with a plus, brackets or parting marks."""
    return is_phone(text) and bool(_PHONE_MARKS.search(text.strip()))


def looks_like_data(text: str) -> bool:
    """Say whether a text is a value and no column's name: a number, a date, an address."""
    stripped = text.strip()
    return bool(
        is_email(stripped)
        or (_NUMBER.fullmatch(stripped) and any(map(str.isdigit, stripped)))
        or is_marked_phone(stripped)
        or formats_of([stripped]).formats
        or _URL.fullmatch(stripped)
    )


def is_currency(text: str) -> bool:
    """Say whether a text is a currency's code or sign."""
    return text.strip().lower() in _CURRENCY_WORDS


def is_country(text: str) -> bool:
    """Say whether a text is a country's code of two or three letters, or its name in one of a few languages."""
    stripped = text.strip()
    return stripped.upper() in phonenumbers.SUPPORTED_REGIONS or stripped.lower() in _COUNTRY_NAMES


def is_given_name(text: str) -> bool:
    """Say whether a text begins with a given name that a dictionary of short forms knows."""
    words = text.strip().lower().split()
    return bool(words) and words[0].strip(".,") in _given_names()


KINDS: dict[str, Callable[[str], bool]] = {
    "email": is_email,
    "phone": is_phone,
    "marked_phone": is_marked_phone,
    "postal_code": lambda text: bool(_POSTAL.fullmatch(text.strip())),
    "country": is_country,
    "currency": is_currency,
    "name_line": lambda text: bool(_NAME_LINE.fullmatch(text.strip())),
    "family_first": lambda text: bool(_FAMILY_FIRST.fullmatch(text.strip())),
    "name_word": lambda text: bool(_NAME_WORD.fullmatch(text.strip())),
    "one_word": lambda text: bool(_ONE_WORD.fullmatch(text.strip())),
    "given_name": is_given_name,
    "address_line": lambda text: (
        bool(_ADDRESS_LINE.fullmatch(text.strip())) and not _COORDINATES.fullmatch(text.strip())
    ),
    "street": lambda text: bool(_STREET.fullmatch(text.strip())) and len(text) < _LONGEST_STREET,
    "house_number": lambda text: bool(_HOUSE_NUMBER.fullmatch(text.strip())),
    "company": lambda text: bool(_COMPANY.search(text)),
    "url": lambda text: bool(_URL.fullmatch(text.strip())),
    "handle": lambda text: bool(_HANDLE.fullmatch(text.strip())),
    "digits": lambda text: text.strip().isdigit(),
    "number": lambda text: bool(_NUMBER.fullmatch(text.strip())),
    "long": lambda text: len(text.split()) > _LONG,
}


def share(texts: Sequence[str], kind: str) -> float:
    """Return the share of texts that are of a kind, of those that are looked at."""
    looked_at = spread(texts)
    check = KINDS[kind]
    return sum(map(check, looked_at)) / len(looked_at) if looked_at else 0.0


def spread(texts: Sequence[str]) -> Sequence[str]:
    """Return no more texts than are looked at, from all over the column."""
    return texts if len(texts) <= LOOKED_AT else texts[:: len(texts) // LOOKED_AT + 1]


@cache
def _given_names() -> frozenset[str]:
    known = NickNamer.default_lookup()
    return frozenset(known) | frozenset(name for names in known.values() for name in names)


_COUNTRY_NAMES = frozenset(
    name.strip()
    for name in """united states, united kingdom, great britain, england, scotland, germany, deutschland, france,
    frankreich, spain, espana, españa, spanien, italy, italia, italien, netherlands, nederland, niederlande, belgium,
    belgien, belgique, austria, österreich, oesterreich, switzerland, schweiz, suisse, sweden, sverige, norway, norge,
    denmark, danmark, finland, suomi, poland, polska, polen, portugal, ireland, eire, canada, kanada, australia,
    new zealand, japan, china, india, brazil, brasil, mexico, méxico, argentina, chile, colombia, peru, singapore,
    hong kong, israel, turkey, türkei, greece, iceland, luxembourg, czech republic, hungary, romania, russia, ukraine,
    south africa, egypt, saudi arabia, united states of america, channel islands, usa, uk, uae, gbr, deu, fra, esp, ita,
    nld, bel, aut, che, swe, nor, dnk, fin, pol, prt, irl, can, aus, nzl, england and wales""".replace("\n", " ").split(
        ","
    )
)
