"""Durations as people write them: 90m, 36h, 1d, 2w."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(\d+)\s*([smhdw])")


def parse_duration(value: object) -> object:
    """Return a timedelta for text such as `1d`; leave everything else for the model to judge.

    Raises ValueError for text that is no duration.
    """
    if not isinstance(value, str):
        return value
    found = _DURATION.fullmatch(value.strip())
    if found is None:
        message = f"{value!r} is no duration: write a whole number and one of s, m, h, d, w, as in 1d"
        raise ValueError(message)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
