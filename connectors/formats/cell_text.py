"""What a cell of a workbook holds, as text: numbers without noise, days as ISO dates, by the cell's number format.

Keeps: whole numbers have every digit that the file holds; a fraction has the 15 digits that a spreadsheet works with,
never the noise behind them; a serial number that is no day stays the number it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum

_DIGITS = 15
_LARGEST_EXPONENT = 308
_MOST_ZEROS = 30
_MS_PER_DAY = 86_400_000
_LAST_DAY = (date(9999, 12, 31) - date(1899, 12, 30)).days
_SERIAL_OF_NO_DAY = 60
"""29 February 1900, which spreadsheets count and no calendar has."""

_NOT_CODES = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]")
_SHORT = re.compile(r"[1-9]\d{0,6}\.\d{0,5}[1-9]")
"""Numbers that are plain already."""
_ZEROS = re.compile("[-() /]*0[-() /]*0[-() /0]*")
_AM_PM = re.compile(r"am/pm|a/p")


class Shows(Enum):
    """What a number format makes of a number."""

    NUMBER = "a number"
    DATE = "a date"
    MOMENT = "a date and a time of day"
    CLOCK = "a time of day"
    ELAPSED = "a duration"


_BUILT_IN = {
    **dict.fromkeys((*range(14, 18), *range(27, 32), 36, *range(50, 55), 57, 58), Shows.DATE),
    **dict.fromkeys((*range(18, 22), *range(32, 36), 45, 47, 55, 56), Shows.CLOCK),
    22: Shows.MOMENT,
    46: Shows.ELAPSED,
}
"""What the formats show that a workbook has without saying them, by their numbers."""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What a number format shows; `width` is the number of digits that it fills up with zeros: 5 for `00000`."""

    shows: Shows
    width: int = 0


def number_format(number: int, code: str | None) -> NumberFormat:
    """Return what a number format shows: a built-in one by its number, one of the workbook's own by its code."""
    if code is None:
        return NumberFormat(_BUILT_IN.get(number, Shows.NUMBER))
    plain = _NOT_CODES.sub("", code).split(";", 1)[0].lower()
    if _ZEROS.fullmatch(plain):
        return NumberFormat(Shows.NUMBER, min(plain.count("0"), _MOST_ZEROS))
    return NumberFormat(_shown_by(plain))


def _shown_by(plain: str) -> Shows:
    if "general" in plain or "standard" in plain:
        return Shows.NUMBER
    if _ELAPSED.search(plain):
        return Shows.ELAPSED
    clock = bool(_AM_PM.search(plain)) or "h" in plain or "s" in plain
    days = "y" in plain or "d" in plain or ("m" in plain and not clock)
    if days:
        return Shows.MOMENT if clock else Shows.DATE
    return Shows.CLOCK if clock else Shows.NUMBER


def number_text(raw: str) -> str:
    """Return a number, as a workbook writes it, in plain digits without an exponent; as it is where it is none."""
    if raw.isascii() and (raw.isdigit() or _SHORT.fullmatch(raw)):
        return raw
    try:
        number = Decimal(raw)
    except InvalidOperation:
        return raw
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
        return raw
    if len(number.as_tuple().digits) > _DIGITS and number != number.to_integral_value():
        number = Decimal(format(float(raw), f".{_DIGITS}g"))
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    return "0" if text == "-0" else text


def serial_text(raw: str, shows: Shows, *, from_1904: bool) -> str:
    """Return a serial number of days as ISO text, in the way its number format shows it.

    A date is `2024-01-31`, with ` 13:45:00` where the format shows a clock or the number holds a time of day; a time of
    day alone `13:45:00`; a duration `30:05:00`. Milliseconds stand only where there are any.
    """
    try:
        in_ms = round(float(raw) * _MS_PER_DAY)
    except (ValueError, OverflowError):
        return raw
    if shows is Shows.ELAPSED:
        return ("-" if in_ms < 0 else "") + _clock(abs(in_ms))
    days, of_day = divmod(in_ms, _MS_PER_DAY)
    if days == 0 and (shows is Shows.CLOCK or (shows is Shows.MOMENT and not from_1904)):
        return _clock(of_day)
    day = _day(days, from_1904=from_1904)
    if day is None:
        return number_text(raw)
    return day if shows is Shows.DATE and of_day == 0 else f"{day} {_clock(of_day)}"


def _day(days: int, *, from_1904: bool) -> str | None:
    if from_1904:
        return (date(1904, 1, 1) + timedelta(days)).isoformat() if 0 <= days <= _LAST_DAY - 1462 else None
    if not 0 < days <= _LAST_DAY:
        return None
    if days == _SERIAL_OF_NO_DAY:
        return "1900-02-29"
    first = date(1899, 12, 31) if days < _SERIAL_OF_NO_DAY else date(1899, 12, 30)
    return (first + timedelta(days)).isoformat()


def _clock(in_ms: int) -> str:
    seconds, ms = divmod(in_ms, 1000)
    fraction = f".{ms:03}" if ms else ""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"
