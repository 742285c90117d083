"""Addresses: parts and places, in parts or on one line, of several countries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.attributes.address import RawAddress, address_table, parse_address, standardise_address
from matching.attributes.place import (
    standardise_city,
    standardise_country,
    standardise_postal_code,
    standardise_region,
)

CITIES = frozenset({"spokane valley"})


@pytest.mark.parametrize(
    ("line", "street", "unit", "city", "region", "code"),
    [
        ("1133 esteban st, apt 409, Kent, WA 98042", "1133 esteban st", "apt 409", "Kent", "WA", "98042"),
        ("bronte cir, # 149, Seattle, WA 98103-1234", "bronte cir", "# 149", "Seattle", "WA", "98103-1234"),
        ("77 Lantern Lane, Apt 5, Pinehollow, KL 98763", "77 Lantern Lane", "Apt 5", "Pinehollow", "KL", "98763"),
        ("PO Box 13567, Kirkland, WA 98033", "PO Box 13567", None, "Kirkland", "WA", "98033"),
        ("66, Pasco, WA 99301", "66", None, "Pasco", "WA", "99301"),
        ("18424 vihlen rd, Bellevue, WA", "18424 vihlen rd", None, "Bellevue", "WA", None),
        ("14536 stoney way, Kennewick, 99336", "14536 stoney way", None, "Kennewick", None, "99336"),
        ("8203 farwell ave, WA 99206", "8203 farwell ave", None, None, "WA", "99206"),
        ("Renton, WA 98055", None, None, "Renton", "WA", "98055"),
        ("11790 sw ferry rd\nRedmond WA 98052", "11790 sw ferry rd", None, "Redmond", "WA", "98052"),
        ("11790 sw ferry rd Redmond WA 98052", "11790 sw ferry rd", None, "Redmond", "WA", "98052"),
        ("4 mockingbird Spokane Valley WA 99206", "4 mockingbird", None, "Spokane Valley", "WA", "99206"),
        ("1 Main St, Springfield, Illinois 62701", "1 Main St", None, "Springfield", "Illinois", "62701"),
        ("Acme Inc, 12 Main St, Boston, MA 02110", "12 Main St", None, "Boston", "MA", "02110"),
        ("Hauptstr. 5, 10115 Berlin", "Hauptstr. 5", None, "Berlin", None, "10115"),
        ("10 Downing Street, London SW1A 2AA", "10 Downing Street", None, "London", None, "SW1A 2AA"),
        ("12 Main Street", "12 Main Street", None, None, None, None),
        ("", None, None, None, None, None),
    ],
)
def test_a_line_falls_into_its_parts(
    line: str, street: str | None, unit: str | None, city: str | None, region: str | None, code: str | None
) -> None:
    assert parse_address(line, "US", CITIES) == RawAddress(street, unit, city, region, code, None)


@pytest.mark.parametrize(
    ("line", "number", "street", "code", "country"),
    [
        ("12 rue de la Paix, 75002 Paris, France", "12", "paix", "75002", "FR"),
        ("Calle Mayor, 3, 28013 Madrid, Spain", "3", "mayor", "28013", "ES"),
        ("Keizersgracht 12, 1012 AB Amsterdam, Netherlands", "12", "keizersgracht", "1012AB", "NL"),
        ("250 University Ave, Toronto, ON M5H 3E5, Canada", "250", "university", "M5H 3E5", "CA"),
    ],
)
def test_a_country_named_on_the_line_rules(line: str, number: str, street: str, code: str, country: str) -> None:
    address = standardise_address(parse_address(line))
    assert (address.street_number, address.street, address.postal_code, address.country) == (
        number,
        street,
        code,
        country,
    )


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("98122-1234", "US", ("98122", "98122-1234", None)),
        ("981221234", "US", ("98122", "98122-1234", None)),
        ("982o1", "US", ("98201", "98201", None)),
        ("2139", "US", ("02139", "02139", None)),
        ("k1a0b6", "US", ("K1A 0B6", "K1A 0B6", None)),
        ("sw1a2aa", "GB", ("SW1A 2AA", "SW1A 2AA", None)),
        ("D-10115", "DE", ("10115", "10115", None)),
        ("598122", "US", (None, None, "not a postal code")),
        ("00000", "US", (None, None, "a placeholder")),
        ("abc", "US", (None, None, "no digits")),
    ],
)
def test_postal_codes(raw: str, country: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert standardise_postal_code(raw, country) == expected


def test_places() -> None:
    assert standardise_city("Spokane Va1ley").compared == standardise_city("SPOKANE VALLEY").compared
    assert standardise_city("St. Louis").compared == "saint louis"
    assert standardise_region("washington").compared == standardise_region("W.A.").compared == "WA"
    assert standardise_region("Bavaria", "DE").compared == "BAVARIA"
    assert standardise_country("Deutschland").compared == standardise_country("DEU").compared == "DE"
    assert standardise_city("unknown").reason == "a placeholder"


def test_what_is_left_out_is_told() -> None:
    address = standardise_address(RawAddress("12 Main St", None, "n/a", "WA", "00000"))
    assert [(entry.attribute, entry.value) for entry in address.dropped] == [("city", "n/a"), ("postal_code", "00000")]
    assert (address.street, address.city, address.postal_code) == ("main", None, None)


def test_the_table_reads_lines_by_the_cities_of_the_parts() -> None:
    parts = [RawAddress("1 Oak St", None, "Spokane Valley", "WA", "99206"), RawAddress("9 Elm St, Kent, WA 98042")]
    table = address_table(parts, ["4 mockingbird Spokane Valley WA 99206"], ["a", "b", "c"], "US")
    assert table.column("street").to_pylist() == ["oak", "elm", "mockingbird"]
    assert table.column("postal_code").to_pylist() == ["99206", "98042", "99206"]


@given(st.text(), st.text())
def test_no_text_breaks_it(line: str, part: str) -> None:
    standardise_address(parse_address(line))
    standardise_address(RawAddress(part, part, part, part, part, part))


@given(st.text())
def test_compared_places_stay_themselves(text: str) -> None:
    for standardise in (standardise_city, standardise_postal_code):
        compared = standardise(text).compared
        if compared:
            assert standardise(compared).compared == compared
