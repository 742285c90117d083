"""Phones: the same number however it is written; the library is the oracle of the short way."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.attributes.phone import phone_table, split_phones, standardise_phone


@pytest.mark.parametrize(
    "raw",
    [
        "(206) 555-8096",
        "+1 206 555 8096",
        "206.555.8096 ext. 12",
        "206/555-8096 x82",
        "1-206-555-8096",
        "Tel: 206 555 8096",
        "2O6 555 8O96",
        "206\u2013555\u20138096",
    ],
)
def test_one_number_in_many_spellings(raw: str) -> None:
    phone = standardise_phone(raw)
    assert (phone.national, phone.compared, phone.clean, phone.reason) == (
        "2065558096",
        "5558096",
        "+12065558096",
        None,
    )


@pytest.mark.parametrize(
    ("raw", "region", "clean"),
    [
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 (0)20 7946 0958", "US", "+442079460958"),
        ("0049 30 1234567", "US", "+49301234567"),
        ("030 1234567", "DE", "+49301234567"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("555-8096", "US", "5558096"),
    ],
)
def test_the_country_comes_from_the_number_or_the_region(raw: str, region: str, clean: str) -> None:
    assert standardise_phone(raw, region).clean == clean


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("000-000-0000", "a placeholder"),
        ("206-555-5555", "a placeholder"),
        ("1234567890", "a placeholder"),
        ("9876543210", "a placeholder"),
        ("N/A", "no digits"),
        ("", "no digits"),
        ("12345", "too few digits"),
        ("206 555 8096 206 555 8097", "too many digits"),
    ],
)
def test_nobodys_number_is_dropped_with_its_reason(raw: str, reason: str) -> None:
    assert standardise_phone(raw).reason == reason


def test_a_number_with_one_wrong_digit_is_kept() -> None:
    assert standardise_phone("(206) 153-5823").reason is None


def test_a_field_may_hold_two_numbers() -> None:
    assert split_phones("206 555 8096 / 206 555 8097") == ["206 555 8096", "206 555 8097"]
    assert split_phones("206/555-8096") == ["206/555-8096"]


def test_the_table_keeps_order_and_reasons() -> None:
    table = phone_table([["N/A", "206 555 8097", "(206) 555-8096"], []], ["a", "b"], "US")
    assert table.column("phone").to_pylist() == ["5558097", None]
    assert table.column("phones").to_pylist() == [["2065558096", "2065558097"], []]
    assert table.column("clean_phones").to_pylist()[0] == ["+12065558097", "+12065558096"]
    assert table.column("dropped").to_pylist()[0] == [{"attribute": "phone", "value": "N/A", "reason": "no digits"}]


@given(st.text(), st.sampled_from(["US", "DE", "BR", "XX"]))
def test_no_text_breaks_it_and_a_number_stays_itself(text: str, region: str) -> None:
    phone = standardise_phone(text, region)
    if phone.reason is None:
        again = standardise_phone(phone.clean, region)
        assert (again.clean, again.compared) == (phone.clean, phone.compared)


REGIONS = st.sampled_from(["US", "CA", "GB", "DE", "FR", "ES", "IT", "NL", "CH", "IN", "MX"])


@given(st.from_regex(r"\+?[1-9][0-9]{6,12}|0[1-9][0-9]{6,10}", fullmatch=True), REGIONS)
def test_the_short_way_says_what_the_library_says(digits: str, region: str) -> None:
    phone = standardise_phone(digits, region)
    try:
        parsed = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return
    possible = phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE
    if possible and phone.reason is None:
        assert phone.clean == phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
