"""Says of each line of a signature what it is: a name, phones, part of a postal address, e-mail addresses.

READS the lines of one signature. WRITES nothing. Keeps: what it returns is the text as it was written; it recognises,
and leaves parsing and judging to the matching room.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

NAME, PHONE, ADDRESS, EMAIL, ORGANISATION, OTHER = "name", "phone", "address", "email", "organisation", "other"

_BETWEEN_PARTS = re.compile(r"\s*[|\u2022\u00b7]\s*|\s{3,}|\t+")
_EMAIL = re.compile(r"[^\s<>()\[\],;:|\"]{1,64}@[^\s<>()\[\],;:|\"@]+\.[^\s<>()\[\],;:|\"@.]{2,}")
_EMAIL_LABEL = re.compile(r"\s*(?:e-?mail|mail|e|correo|courriel|posta)\s*[:.]?\s*", re.IGNORECASE)
_WEB = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_PHONE_LABEL = (
    r"(?:(?:tele)?phone(?: (?:no|number))?|tel|ph|p|t|m|c|o|h|d|mob(?:ile)?|cell(?:ular)?(?: phone)?|direct|office"
    r"|home|work|call|telefon|handy|mobil|t[ée]l[ée]phone|t[ée]l|portable|tel[ée]fono|m[óo]vil|cellulare|telefoon|mobiel"
    r"|whatsapp)"
)
_PHONE = re.compile(
    rf"(?:(?P<label>{_PHONE_LABEL})\s*[.:#]*\s*)?(?P<number>\+?\(?\d[\d\s().\-/\u2013\xa0]{{5,24}}\d)"
    r"(?P<extension>\s*(?:,|;|x|ext|extn|extension|durchwahl)\.?\s*\d{1,6})?\s*",
    re.IGNORECASE,
)
_NO_PHONE = re.compile(  # a date, a span of years, a ZIP+4
    r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}"
    r"|(?:19|20)\d\d\s?[-\u2013]\s?(?:19|20)\d\d|\d{5}-\d{4}"
)
_DATE_IN_WORDS = re.compile(r"\d{1,2}(?:\.|st|nd|rd|th)?\s+(?:de\s+)?[^\W\d_]{3,10}\.?,?\s+(?:de\s+)?\d{4}\b")
_FEWEST_DIGITS, _MOST_DIGITS, _FEWEST_BARE_DIGITS = 7, 15, 10
_STREET_WORDS = """
street st avenue ave av road rd drive dr lane ln boulevard blvd court ct circle cir place pl plaza plz parkway pkwy pky
highway hwy way wy terrace ter trail trl loop square sq crescent cres close row run path pike alley crossing xing
rue chemin impasse allee allée quai via viale piazza corso vicolo calle avenida avda paseo carrer rua travessa
straße strasse str weg platz gasse ring straat laan plein gracht kade
"""
_STREET = re.compile(
    rf"\b(?:{'|'.join(_STREET_WORDS.split())})\b\.?"
    r"|(?:straße|strasse|str\.|weg|platz|gasse|straat|laan|gracht)(?=\s+\d|\s*$)",
    re.IGNORECASE,
)
_HOUSE_NUMBER_FIRST = re.compile(
    r"\d{1,6}[a-z]?(?:\s?[-/]\s?\d{1,5}[a-z]?)?(?:\s*,)?\s+[^\W\d]|\d{1,6}[a-z]?\s+\d{1,3}(?:st|nd|rd|th)\b",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"(?:apt|apartment|unit|suite|ste|flat|floor|fl|room|rm|bldg|building)\b\.?\s*(?:no\.?\s*)?#?\s*\w{1,6}|#\s*\w{1,6}",
    re.IGNORECASE,
)
_PO_BOX = re.compile(
    r"(?:p\.?\s?o\.?\s?box|postfach|postbus|apartado|casella postale|bp|b\.p\.|bo[îi]te postale)\s+\w+", re.IGNORECASE
)
_CODE_FIRST = re.compile(r"(?:[A-Z]{1,2}-?\s?)?\d{4,5}\s+[^\W\d_][^\d]*")  # D-10115 Berlin
_CITY_LINES = (
    re.compile(r"(?:.*\S[ ,]+)?[A-Z]{2}[ ,.]+\d{5}(?:-\d{4})?", re.IGNORECASE),  # Seattle WA 98115
    re.compile(r"\d{4}\s?[A-Z]{2}\s+[^\W\d_][^\d]*"),  # 1012 AB Amsterdam
    re.compile(r"(?:.*\S[ ,]+)?[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}", re.IGNORECASE),  # London SW1A 2AA
    re.compile(r"(?:.*\S[ ,]+)?[A-Z]\d[A-Z]\s?\d[A-Z]\d", re.IGNORECASE),  # Ottawa ON K1A 0B1
)
_COUNTRY = re.compile(
    r"(?:usa|u\.s\.a\.|us|united states(?: of america)?|canada|uk|united kingdom|england|scotland|wales|ireland"
    r"|germany|deutschland|france|spain|españa|italy|italia|(?:the )?netherlands|nederland|belgium|belgië|belgique"
    r"|austria|österreich|switzerland|schweiz|suisse|portugal|australia|new zealand)\.?",
    re.IGNORECASE,
)
_ORGANISATION = re.compile(
    r"\b(?:inc|llc|l\.l\.c|ltd|limited|plc|corp(?:oration)?|company|gmbh|ag|kg|ohg|e\.v|ug|sarl|sas|s\.a|s\.l|s\.r\.l|srl"
    r"|spa|b\.v|bv|n\.v|nv|university|universität|institute|school|college|hospital|clinic|church|department|dept|team"
    r"|group|foundation|association|society|bank|services|solutions|consulting|partners)\b",
    re.IGNORECASE,
)
_NAME_WORD = re.compile(r"[^\W\d_][^\W\d_'\u2019.\-]*(?:['\u2019.\-][^\W\d_]*)*[.,]?")
_SMALL_IN_NAMES = "van von de der den del della di da do dos du la le el of the and und et y e"
_PARTICLES = frozenset(_SMALL_IN_NAMES.split(" "))
_MOST_NAME_WORDS = 6
_MOST_SMALL_LETTER_WORDS = 2
_MOST_STREET_WORDS = 10
_MOST_PLACE_WORDS = 4
_LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """What a signature says, as written; an address of several lines is one line joined by ", "."""

    name: str | None = None
    organisation: str | None = None
    phones: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


def classify_lines(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Give each part of each line that is not blank its kind, in order; parts of one line stand between `|` or tabs.

    Kinds are `name phone address email organisation other`. The name is the first part, or the second, that can be one.
    """
    parts = [part for line in lines for part in _parts(line)]
    kinds = [_kind(part) for part in parts]
    for number, part in enumerate(parts):
        if number == 0 and kinds[0] == ADDRESS and part[:1].isupper() and looks_like_name(part):
            kinds[0] = NAME  # "Mary Lane" signs before she gives her street
        elif kinds[number] == NAME and (number > 1 or NAME in kinds[:number]):
            kinds[number] = OTHER
        if kinds[number] == OTHER and number and _completes_address(parts, kinds, number):
            kinds[number] = ADDRESS
        if _COUNTRY.fullmatch(part):
            kinds[number] = ADDRESS if ADDRESS in kinds[:number] else OTHER
    return tuple(zip(kinds, parts, strict=True))


def _completes_address(parts: Sequence[str], kinds: Sequence[str], number: int) -> bool:
    """Whether only its neighbours show what a part is: a street before its place, or a place after its street."""
    part = parts[number]
    words = len(part.split())
    if ":" in part or _WEB.search(part) or words > _MOST_STREET_WORDS:
        return False
    place_follows = number + 1 < len(parts) and _is_city_line(parts[number + 1])
    street_before = kinds[number - 1] == ADDRESS and not _is_city_line(parts[number - 1])
    return place_follows or (street_before and words <= _MOST_PLACE_WORDS)


def read_signature(lines: Sequence[str]) -> SignatureFacts:
    """Collect what the lines of a signature (without delimiter and closing phrase) say."""
    return _facts(tuple(lines))


@lru_cache(maxsize=4096)  # who writes once writes again, and signs alike
def _facts(lines: tuple[str, ...]) -> SignatureFacts:
    classified = classify_lines(lines)
    addresses: list[list[str]] = []
    before = ""
    for kind, part in classified:
        if kind == ADDRESS and before == ADDRESS and not _ends_address(addresses[-1][-1], part):
            addresses[-1].append(part.strip(" ,"))
        elif kind == ADDRESS:
            addresses.append([part.strip(" ,")])
        before = kind
    return SignatureFacts(
        name=next((part for kind, part in classified if kind == NAME), None),
        organisation=next((part for kind, part in classified if kind == ORGANISATION), None),
        phones=tuple(number for kind, part in classified if kind == PHONE for number in [_phone_text(part)] if number),
        addresses=tuple(", ".join(address) for address in addresses),
        emails=find_emails(part for kind, part in classified if kind == EMAIL),
    )


def find_emails(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the e-mail addresses in texts, in order, as written."""
    return tuple(address for text in texts for address in _EMAIL.findall(text))


def looks_like_name(text: str) -> bool:
    """Whether a text could be a person's name: a few words of letters, capitalised but for particles, or all small."""
    words = text.split()
    if not 0 < len(words) <= _MOST_NAME_WORDS or not all(_NAME_WORD.fullmatch(word) or word == "&" for word in words):
        return False
    small = [word for word in words if word[:1].islower() and word.lower() not in _PARTICLES]
    return not small or (len(small) == len(words) <= _MOST_SMALL_LETTER_WORDS)


def _parts(line: str) -> list[str]:
    text = line.strip()
    return [part for part in _BETWEEN_PARTS.split(text) if part] if len(text) <= _LONGEST_LINE else [text]


@lru_cache(maxsize=4096)
def _kind(part: str) -> str:
    return next((kind for kind, fits in _KINDS if fits(part)), OTHER)


def _is_email_line(part: str) -> bool:
    """Whether a part is an e-mail address and nothing else but its label."""
    if not _EMAIL.search(part):
        return False
    rest = _EMAIL.sub(" ", part).replace("mailto:", "").strip(" <>()[],;/")
    return not rest or bool(_EMAIL_LABEL.fullmatch(rest))


def _phone_text(part: str) -> str | None:
    """Return the phone number that a part consists of, without its label; None for anything else, a fax too."""
    match = _PHONE.fullmatch(part)
    if match is None or _NO_PHONE.fullmatch(match.group("number")):
        return None
    number = match.group("number")
    digits = sum(character.isdigit() for character in number)
    fewest = _FEWEST_DIGITS if match.group("label") or not number.isdigit() else _FEWEST_BARE_DIGITS
    return number + (match.group("extension") or "") if fewest <= digits <= _MOST_DIGITS else None


def _is_city_line(part: str) -> bool:
    if _CODE_FIRST.fullmatch(part):
        return not _STREET.search(part)  # "4472 Miller Avenue" is a street
    return any(pattern.fullmatch(part) for pattern in _CITY_LINES)


def _is_address_line(part: str) -> bool:
    if _is_city_line(part) or _PO_BOX.match(part) or _UNIT.fullmatch(part):
        return True
    if _HOUSE_NUMBER_FIRST.match(part):
        return not _DATE_IN_WORDS.match(part)
    words = part.split()
    if not _STREET.search(part) or len(words) > _MOST_STREET_WORDS:
        return False
    numbered = any(character.isdigit() for character in part)
    return numbered or (len(words) > 1 and bool(_STREET.fullmatch(words[-1])))


def _ends_address(line: str, following: str) -> bool:
    """Whether an address is complete with this line, so that the one that follows begins another.

    A line of a number and words may be a place or a street; before another place it is a street.
    """
    if _COUNTRY.fullmatch(following) or not _is_city_line(line):
        return False
    return not (_CODE_FIRST.fullmatch(line) and _is_city_line(following))


# In this order: the first kind that fits a part is its kind.
_KINDS: tuple[tuple[str, Callable[[str], object]], ...] = (
    (OTHER, lambda part: len(part) > _LONGEST_LINE),
    (EMAIL, _is_email_line),
    (PHONE, _phone_text),
    (OTHER, _WEB.search),
    (ADDRESS, _is_address_line),
    (ORGANISATION, _ORGANISATION.search),
    (NAME, looks_like_name),
)
