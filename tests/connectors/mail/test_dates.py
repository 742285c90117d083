from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.dates import parse_date


@given(
    st.sampled_from(["Mon, ", ""]),
    st.integers(0, 33),
    st.sampled_from(["Jan", "Feb", "Dec", "Mai", "feb"]),
    st.sampled_from(["0001", "1969", "2021", "2024", "9999", "12021"]),
    st.tuples(st.integers(0, 25), st.integers(0, 61), st.integers(0, 61)),
    st.sampled_from(["+0000", "-0000", "+0530", "-0800", "+2359", "-2359", "+9900", "GMT", "EST", "+0000 (UTC)"]),
)
def test_a_usual_date_is_read_as_the_standard_library_reads_it(
    weekday: str, day: int, month: str, year: str, clock: tuple[int, int, int], zone: str
) -> None:
    text = f"{weekday}{day} {month} {year} {clock[0]:02}:{clock[1]:02}:{clock[2]:02} {zone}"
    try:
        standard = parsedate_to_datetime(text)
        standard = standard.replace(tzinfo=UTC) if standard.tzinfo is None else standard.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        standard = None
    assert parse_date(text) == standard


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (None, None),
        ("", None),
        ("yesterday", None),
        ("27 Aug 21 14:07 EST", datetime(2021, 8, 27, 19, 7, tzinfo=UTC)),
        ("Fri, 27 Aug 2021 14:07:47", datetime(2021, 8, 27, 14, 7, 47)),  # noqa: DTZ001 - it names no zone
        ("2021-08-27T14:07:47Z", datetime(2021, 8, 27, 14, 7, 47, tzinfo=UTC)),
        (
            "Fri, 27 Aug 2021 14:07:47 +0200 (Central European Summer Time)",
            datetime(2021, 8, 27, 12, 7, 47, tzinfo=UTC),
        ),
    ],
)
def test_other_dates(text: str | None, moment: datetime | None) -> None:
    assert parse_date(text) == moment
