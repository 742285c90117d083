"""A birth date: plausible for somebody alive, and not a date that a form or a program fills in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping

LABEL = "Birth date"

FAR_PAST = timedelta(days=round(120 * 365.25))
_FILLED_IN = frozenset(
    (
        date(1111, 11, 11),
        date(1800, 1, 1),
        date(1899, 12, 30),
        date(1899, 12, 31),
        date(1900, 1, 1),
        date(1901, 1, 1),
        date(1970, 1, 1),
    )
)
"""Day zero of spreadsheets, databases and clocks, and what people type to get past a form."""

_SHARE_OF_THE_DEAD = 0.02
_MANY = 10
_FAR_TOO_MANY = 20


def standardise_birth_date(
    value: date, today: date, *, of_the_past: bool = False, frequent: frozenset[date] = frozenset()
) -> str | None:
    """Return why `value` is not used as a birth date, or None where it is plausible; never raises.

    `of_the_past` lifts the limit of 120 years, for data about people long dead; `frequent` are dates that too many
    people have.
    """
    if value > today:
        return "in the future"
    if value in frequent or (value in _FILLED_IN and not of_the_past):
        return "a placeholder"
    if not of_the_past and today - value > FAR_PAST:
        return "more than 120 years ago"
    return None


def is_of_the_past(people: Mapping[date, int], today: date) -> bool:
    """Tell whether data are about people long dead: of `people`, counted by birth date, 2 % are over 120."""
    dead = sum(count for day, count in people.items() if today - day > FAR_PAST and day not in _FILLED_IN)
    return dead > _SHARE_OF_THE_DEAD * sum(people.values())


def frequent_dates(people: Mapping[date, int]) -> frozenset[date]:
    """Return dates that at least 10 people have, and 20 times as many as another date of their kind.

    The kinds are the firsts of January, which stand for a year where only that was known, and all other days.
    """
    found: set[date] = set()
    for first_of_year in (True, False):
        kind = {day: count for day, count in people.items() if ((day.month, day.day) == (1, 1)) == first_of_year}
        total = sum(kind.values())
        for day, count in kind.items():
            others = (total - count) / (len(kind) - 1) if len(kind) > 1 else 1.0
            if count >= _MANY and count >= _FAR_TOO_MANY * max(others, 1.0):
                found.add(day)
    return frozenset(found)


def birth_date_table(people: Mapping[date, int], today: date) -> pa.Table:
    """Return one row per birth date that is not used. Columns: raw, reason. `people` counts who has each date."""
    of_the_past, frequent = is_of_the_past(people, today), frequent_dates(people)
    reasons = {
        day: standardise_birth_date(day, today, of_the_past=of_the_past, frequent=frequent) for day in sorted(people)
    }
    dropped = {day: reason for day, reason in reasons.items() if reason}
    return pa.table(
        {"raw": pa.array(list(dropped), pa.date32()), "reason": pa.array(list(dropped.values()), pa.string())}
    )
