"""How stewards work: how much, how fast, how often overruled, how far they agree with each other and with the model."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from stewardship.pages.decisions import KINDS
from stewardship.statistics import Shown, Steward, statistics
from stewardship.web import visit as visits

router = APIRouter()
PERIODS = {7: "a week", 30: "a month", 365: "a year", 0: "ever"}
WIDTH, HEIGHT = 260, 180
"""Of the chart of calibration, in its own units."""
_DAY_WIDTH, _DAY_HEIGHT = 18, 60


@router.get("/review/stewards")
def stewards(visit: visits.Steward, days: Annotated[int, Query(ge=0, le=3660)] = 30) -> Response:
    """Show what the log says of its stewards."""
    since = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days) if days else None
    found = statistics(visit.store, since)
    pinned = visit.release_or_none
    return visit.page(
        "look/stewards.html",
        found=found,
        periods=PERIODS,
        days=days,
        kinds=KINDS,
        manifest=pinned.manifest if pinned else None,
        bars={steward.name: day_bars(steward) for steward in found.stewards},
        dots={steward.name: calibration_dots(steward.calibration) for steward in found.stewards},
        size=(WIDTH, HEIGHT),
    )


def day_bars(steward: Steward) -> list[tuple[float, float, float, str, int]]:
    """Return for each day its bar's x, y and height, the day, and how many answers it had."""
    most = max(steward.by_day.values(), default=1)
    return [
        (place * _DAY_WIDTH, _DAY_HEIGHT * (1 - count / most), _DAY_HEIGHT * count / most, day, count)
        for place, (day, count) in enumerate(steward.by_day.items())
    ]


def calibration_dots(bands: tuple[Shown, ...]) -> list[tuple[float, float, float, Shown]]:
    """Return for each band its dot's x (the mean probability shown), y (the share judged the same), and radius."""
    most = max((band.decided for band in bands), default=1)
    return [
        (WIDTH * band.expected, HEIGHT * (1 - band.same / band.decided), 4 + 5 * (band.decided / most) ** 0.5, band)
        for band in bands
    ]
