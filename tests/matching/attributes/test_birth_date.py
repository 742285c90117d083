"""Birth dates: plausible ones stay, fillers go with their reason."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from matching.attributes.birth_date import (
    birth_date_table,
    frequent_dates,
    is_of_the_past,
    standardise_birth_date,
)

TODAY = date(2022, 1, 1)
MANY_DAYS = {date(1980, 1, 2) + timedelta(days=17 * number): 1 for number in range(400)}


def test_reasons() -> None:
    assert standardise_birth_date(date(1984, 2, 28), TODAY) is None
    assert standardise_birth_date(TODAY + timedelta(days=1), TODAY) == "in the future"
    assert standardise_birth_date(date(1880, 5, 5), TODAY) == "more than 120 years ago"
    assert standardise_birth_date(date(1900, 1, 1), TODAY) == "a placeholder"
    assert standardise_birth_date(date(1970, 1, 1), TODAY) == "a placeholder"
    assert standardise_birth_date(date(1970, 1, 2), TODAY) is None


def test_data_about_the_past_have_no_oldest_date() -> None:
    dead = {date(1780 + number, 3, 3): 1 for number in range(90)}
    assert is_of_the_past(dead | MANY_DAYS, TODAY)
    assert not is_of_the_past({**MANY_DAYS, date(1880, 5, 5): 1, date(1900, 1, 1): 500}, TODAY)
    assert standardise_birth_date(date(1780, 3, 3), TODAY, of_the_past=True) is None


def test_a_date_that_far_too_many_have_is_a_placeholder() -> None:
    assert frequent_dates({**MANY_DAYS, date(1999, 9, 9): 40}) == {date(1999, 9, 9)}
    assert frequent_dates({**MANY_DAYS, date(1999, 9, 9): 9}) == frozenset()


def test_firsts_of_january_that_stand_for_a_year_are_no_placeholders() -> None:
    years = {date(1900 + number, 1, 1): 30 for number in range(2, 90)}
    assert frequent_dates(MANY_DAYS | years) == frozenset()
    assert frequent_dates(MANY_DAYS | {date(1990, 1, 1): 30, date(1991, 1, 1): 1}) == {date(1990, 1, 1)}


def test_the_table_holds_what_is_not_used() -> None:
    table = birth_date_table({**MANY_DAYS, date(2030, 1, 1): 1, date(1970, 1, 1): 2}, TODAY)
    assert table.to_pylist() == [
        {"raw": date(1970, 1, 1), "reason": "a placeholder"},
        {"raw": date(2030, 1, 1), "reason": "in the future"},
    ]


@given(st.dates(), st.dates())
def test_no_date_breaks_it(value: date, today: date) -> None:
    reason = standardise_birth_date(value, today)
    assert (reason == "in the future") == (value > today)
