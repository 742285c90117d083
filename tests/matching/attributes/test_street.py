"""Street lines and units: what is compared is the same, however the street is abbreviated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.attributes.street import Street, standardise_street, standardise_unit


def compared(text: str) -> tuple[str | None, str | None]:
    street = standardise_street(text)
    return street.number, street.core


@pytest.mark.parametrize(
    ("spellings", "number", "core"),
    [
        (("8203 West Farwell Avenue", "8203 w farwell ave", "8203 FARWELL AFENUE"), "8203", "farwell"),
        (("120 East 102 Street", "120 E 102nd St"), "120", "102"),
        (("6228 e sixth ave", "6228 E 6th Avenue"), "6228", "6"),
        (("50 Jackson Mill Dr", "50 jackson ml drive"), "50", "jackson mill"),
        (("69 S Hwy 701", "69 south highway 7O1", "69 US Highway 701"), "69", "highway 701"),
        (("1231 Riverside Dr", "|231 riverside dr", "1Z31 Riverside Drive"), "1231", "riverside"),
        (("Hauptstr. 5 a", "Hauptstra\u00dfe 5a"), "5a", "haupt"),
        (("12 rue de la Paix", "12, Rue de la Paix"), "12", "paix"),
        (("Calle Mayor, 3", "Calle Mayor 3"), "3", "mayor"),
        (("Via Roma 12/a",), "12/a", "roma"),
        (("10 Saint Charles St", "10 St Charles St"), "10", "saint charles"),
        (("27251 1/2 Beaufort Avenue", "27251 1 2 beaufort ave"), "27251", "beaufort"),
        (("12 E Avenue", "12 e ave"), "12", "e"),
        (("16541",), "16541", None),
        (("w 41st st",), None, "41"),
        (("1st street nw",), None, "1"),
    ],
)
def test_spellings_of_one_street(spellings: tuple[str, ...], number: str | None, core: str | None) -> None:
    assert {compared(spelling) for spelling in spellings} == {(number, core)}


def test_a_box_is_no_street() -> None:
    for text in ("PO Box 12", "P.O. Box 12", "post office box 12", "Postfach 12"):
        assert standardise_street(text) == Street(po_box="12", clean="PO Box 12")


def test_a_unit_written_into_the_line_is_cut_off() -> None:
    for text in ("12 Main St Apt 4", "12 Main St #4", "12 Main St, Unit 4"):
        street = standardise_street(text)
        assert (street.number, street.core, street.unit, street.clean) == ("12", "main", "4", "12 Main St,"[:10])
    assert standardise_street("Flat 3 12 High St").unit == "3"


@pytest.mark.parametrize(
    ("text", "reason"), [("unknown", "a placeholder"), ("No Address", "a placeholder"), ("--", "no letters")]
)
def test_a_filler_is_dropped_with_its_reason(text: str, reason: str) -> None:
    assert standardise_street(text).reason == reason


def test_published_lines_gain_capitals_where_they_have_none() -> None:
    assert standardise_street("903 ne 178th st").clean == "903 NE 178th St"
    assert standardise_street("12 rue de la Paix").clean == "12 rue de la Paix"


@pytest.mark.parametrize(
    ("spellings", "expected"),
    [
        (("Apt 20", "apt # 20", "Apartment No 20", "#20", "Unit 20"), "20"),
        (("number 33r", "# 33 R"), "33r"),
        (("2nd floor", "floor 2", "fl 2", "Second Floor"), "fl2"),
        (("floor # 11 aptmnt 304",), "fl11 304"),
        (("alargment # 103",), "103"),
        (("b", "apt b"), "b"),
        (("upstairs",), "upstairs"),
        (("#", "apt"), None),
    ],
)
def test_spellings_of_one_unit(spellings: tuple[str, ...], expected: str | None) -> None:
    assert {standardise_unit(spelling) for spelling in spellings} == {expected}


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    standardise_street(text)
    standardise_unit(text)


NAMES = st.sampled_from(["farwell", "oak lake", "de la vina", "5th", "o'neal", "st charles"])


@given(
    st.integers(1, 99999), st.sampled_from(["", "n ", "sw "]), NAMES, st.sampled_from(["st", "avenue", "hwy", "weg"])
)
def test_standardising_twice_changes_nothing(number: int, direction: str, name: str, kind: str) -> None:
    once = standardise_street(f"{number} {direction}{name} {kind}")
    assert compared(once.clean or "") == (once.number, once.core)
