"""The shop's calendar: three fixed nights in 2026, fourteen months of business before them, one time zone.

Arizona time is seven hours behind UTC all year, so no draw depends on a daylight-saving table of the machine.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from examples.shop.dice import Dice

UTC_OFFSET = timedelta(hours=-7)
OPENING_DAY = date(2025, 1, 2)
NIGHTS = (1, 2, 3)
_FIRST_NIGHT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def exported_at(night: int) -> datetime:
    """Tell when the exports of a night are taken: 02:00 in the shop."""
    return _FIRST_NIGHT + timedelta(days=night - 1)


def night_of(moment: datetime) -> int:
    """Tell the first night whose exports know of a moment; beyond 3 for what none of them does."""
    late = moment - _FIRST_NIGHT
    return 1 if late <= timedelta(0) else 1 + -(-late // timedelta(days=1))


def at_shop(moment: datetime) -> datetime:
    """Put a moment on the shop's wall clock, without a zone."""
    return (moment + UTC_OFFSET).replace(tzinfo=None)


def on(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    """Give the moment (UTC) of a time on the shop's wall clock."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC) - UTC_OFFSET


def waking_moment(dice: Dice, first: date, last: date) -> datetime:
    """Draw a moment between two days, both included, at an hour when people order and write."""
    day = first + timedelta(days=dice.below((last - first).days + 1))
    return on(day.year, day.month, day.day, dice.between(7, 21), dice.below(60))


def business_days(night: int) -> tuple[date, date]:
    """Give the first and last day whose business is new in the exports of a night."""
    last = at_shop(exported_at(night)).date() - timedelta(days=1)
    return (OPENING_DAY if night == 1 else last), last
