"""The Date field of a mail to a moment.

READS the field's text. WRITES nothing. Keeps: a date that names no zone stays naive, for its reader to place.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Most dates are written so; the standard library, which reads them all, takes five times as long.
_USUAL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) ([1-9]\d{3}) (\d\d):(\d\d):(\d\d) ([+-])([01]\d|2[0-3])([0-5]\d)"
    r"(?: \([A-Za-z ]{1,40}\))?"
)
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_UNKNOWN_ZONE = re.compile(r"\s-0000\b")


def parse_date(text: str | None) -> datetime | None:
    """Read a date: aware and in UTC where it names its zone, naive where it does not, None where it is no date.

    `-0000` means UTC (RFC 5322, section 3.3); ISO 8601, which some systems write, is read too.
    """
    if not text:
        return None
    if (usual := _USUAL.fullmatch(text)) and (found := _usual(*usual.groups())):
        return found
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, AttributeError, OverflowError):
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            return None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC) if _UNKNOWN_ZONE.search(text) else moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def _usual(day: str, month: str, year: str, hour: str, minute: str, second: str, *zone: str) -> datetime | None:
    """Return the moment, None for one that the calendar does not have."""
    sign, hours, minutes = zone
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        local = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
        return local + offset if sign == "-" else local - offset
    except (ValueError, KeyError, OverflowError):
        return None
