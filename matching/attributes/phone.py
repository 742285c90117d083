"""A phone number: its digits, the country it is dialled in, and when it is nobody's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import phonenumbers
import pyarrow as pa

from matching.attributes.characters import read_as_digits, visible
from matching.attributes.dropped import Dropped, dropped_column

if TYPE_CHECKING:
    from collections.abc import Sequence

LABEL = "Phone"

COMPARED_DIGITS = 7
"""A phone is compared by so many digits at its end: area codes and country codes are left out too often."""
_LEAST_DIGITS = 7
_MOST_DIGITS = 15
_LONG_ENOUGH = 9
_MISREAD_AT_MOST = 2

_EXTENSION = re.compile(
    r"\s*(?:;ext=|\b(?:ext|extn|extension|poste|durchwahl|dw|anexo|ramal|interno)\b\.?:?|[x#])\s*\d{1,6}\s*$",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"^\s*(?:tel|telephone|telefon|phone|ph|mobile|mob|cell|fax|home|work|office|handy|[tmpf])\b[.:]?\s*", re.IGNORECASE
)
_SEVERAL = re.compile(r"\s*(?:[;,/|]|\bor\b|\boder\b|\band\b|\bund\b)\s*", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]")
_NOT_DIGIT = re.compile(r"[^0-9]")
_POSSIBLE = phonenumbers.ValidationResult.IS_POSSIBLE
_RUNS = ("01234567890123456789", "98765432109876543210")


@dataclass(frozen=True, slots=True)
class Phone:
    """A standardised phone number.

    `national` are its digits without country code, `compared` the last seven of them; `clean` is fit to publish:
    with + and country code where that is known. `reason` says why the number is not used, or is None.
    """

    national: str
    clean: str
    reason: str | None = None

    @property
    def compared(self) -> str:
        """The last seven digits."""
        return self.national[-COMPARED_DIGITS:]


class _Plan(NamedTuple):
    """What a region's dialling plan says about a number written with nothing but digits."""

    country_code: str
    prefix: str
    before_national: re.Pattern[str]
    possible: re.Pattern[str]


def split_phones(raw: str) -> list[str]:
    """Return the numbers in one field; nearly always one."""
    parts = [part for part in _SEVERAL.split(raw) if len(_NOT_DIGIT.sub("", part)) >= _LEAST_DIGITS]
    return parts if len(parts) > 1 else [raw]


def standardise_phone(raw: str, region: str = "US") -> Phone:
    """Return the number meant by `raw`, dialled in `region` where it has no country code of its own; never raises."""
    text = _LABELLED.sub("", visible(raw))
    text = _EXTENSION.sub("", text)
    letters = len(_LETTERS.findall(text))
    digits = _NOT_DIGIT.sub("", text)
    if 0 < letters <= _MISREAD_AT_MOST and len(digits) + letters >= _LEAST_DIGITS:
        text = read_as_digits(text)
        digits = _NOT_DIGIT.sub("", text)
    if not digits:
        return Phone("", "", "no digits")
    if _is_placeholder(digits):
        return Phone(digits, digits, "a placeholder")
    if len(digits) < _LEAST_DIGITS and letters <= _MISREAD_AT_MOST:
        return Phone(digits, digits, "too few digits")
    phone = _dialled(text, digits, region, has_letters=letters > _MISREAD_AT_MOST)
    return Phone(phone.national, phone.clean, "a placeholder") if _is_placeholder(phone.national) else phone


def _dialled(text: str, digits: str, region: str, *, has_letters: bool) -> Phone:
    """Return the number by the region's plan, or by the digits alone where no plan has such a number."""
    if not has_letters:
        phone = _by_plan(digits, _plan(region), international=text.lstrip().startswith("+"))
        if phone:
            return phone
    if digits.startswith("00") and len(digits) > _LONG_ENOUGH + 2:
        text = "+" + digits[2:]
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is not None and phonenumbers.is_possible_number_with_reason(parsed) == _POSSIBLE:
        national = phonenumbers.national_significant_number(parsed)
        return Phone(national, f"+{parsed.country_code}{national}")
    if len(digits) < _LEAST_DIGITS:
        return Phone(digits, digits, "too few digits")
    return Phone(digits, digits, "too many digits" if len(digits) > _MOST_DIGITS else None)


def _by_plan(digits: str, plan: _Plan | None, *, international: bool) -> Phone | None:
    """Return what the library would, without it: a number of the plan, with or without its prefix or country code."""
    if plan is None:
        return None
    before = plan.before_national.match(digits)
    if international:
        national = digits[len(plan.country_code) :] if digits.startswith(plan.country_code) else ""
    elif before and before.group():
        national = digits[len(plan.prefix) :] if before.group() == plan.prefix else ""
    else:
        national = digits
    if national and plan.possible.fullmatch(national):
        return Phone(national, f"+{plan.country_code}{national}")
    return None


@cache
def _plan(region: str) -> _Plan | None:
    """Return the plan of a region, or None where numbers are rewritten on dialling: the library knows how."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if metadata is None or metadata.general_desc is None or metadata.general_desc.national_number_pattern is None:
        return None
    if metadata.national_prefix_transform_rule:
        return None
    before = re.compile(metadata.national_prefix_for_parsing or "")
    possible = re.compile(metadata.general_desc.national_number_pattern)
    return _Plan(str(metadata.country_code), metadata.national_prefix or "", before, possible)


def _is_placeholder(digits: str) -> bool:
    """Tell whether nobody has such a number: one digit repeated where it is compared, or digits in their order."""
    compared = digits[-COMPARED_DIGITS:]
    if len(set(compared)) == 1:
        return True
    return len(digits) >= _LEAST_DIGITS - 1 and any(digits in run for run in _RUNS)


def phone_table(lists: Sequence[Sequence[str]], keys: Sequence[str], region: str) -> pa.Table:
    """Return one row per list of raw phones, named by `keys`: the first usable as compared, all, and the clean.

    Columns: raw, phone, phones, clean_phones, dropped.
    """
    distinct = sorted({raw for values in lists for raw in values if raw})
    known = {raw: [standardise_phone(part, region) for part in split_phones(raw)] for raw in distinct}
    rows = [[(raw, phone) for raw in values if raw for phone in known[raw]] for values in lists]
    usable = [[phone for _, phone in row if not phone.reason] for row in rows]
    dropped = [tuple(Dropped("phone", raw, phone.reason) for raw, phone in row if phone.reason) for row in rows]
    return pa.table(
        {
            "raw": pa.array(keys, pa.string()),
            "phone": pa.array([phones[0].compared if phones else None for phones in usable], pa.string()),
            "phones": pa.array([sorted({p.national for p in phones}) for phones in usable], pa.list_(pa.string())),
            "clean_phones": pa.array([list(dict.fromkeys(p.clean for p in m)) for m in usable], pa.list_(pa.string())),
            "dropped": dropped_column(dropped),
        }
    )
