"""The Date field of a mail to a moment.

READS the field's text. WRITES nothing. Keeps: a date that names no zone stays naive, for its reader to place.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_UNKNOWN_ZONE = re.compile(r"\s-0000\b")


def parse_date(text: str | None) -> datetime | None:
    """Read a date: aware and in UTC where it names its zone, naive where it does not, None where it is no date.

    `-0000` means UTC (RFC 5322, section 3.3); ISO 8601, which some systems write, is read too.
    """
    if not text:
        return None
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
