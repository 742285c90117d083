"""Durations as people write them: 90m, 36h, 1d, 2w."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(\d+)\s*([smhdw])")


def parse_duration(value: object) -> object:
    """Return a timedelta for text such as `1d`; leave a timedelta as it is.

    Raises ValueError for everything else.
    """
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("a whole number and one of s, m, h, d, w, as in 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration, json_schema_input_type=Annotated[str, Field(pattern=rf"^{_DURATION.pattern}$")]),
]
"""A length of time, written as in 90m or 1d."""
