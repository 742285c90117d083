"""Organisations: one core for the spellings of one name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.attributes.organisation import organisation_table, standardise_organisation


@pytest.mark.parametrize(
    ("spellings", "core"),
    [
        (("Acme Tools, Inc.", "ACME TOOLS", "The Acme Tools Co., Ltd."), "acme tools"),
        (("I.B.M. Corp", "IBM"), "ibm"),
        (("Johnson and Sons", "Johnson & Sons GmbH & Co. KG"), "johnson & sons"),
        (("Greenway Medical Centre", "Greenway Medical Ctr"), "greenway medical center"),
        (("M\u00fcller AG", "Muller"), "muller"),
        (("Tony's Diner", "Tonys Diner"), "tonys diner"),
        (("Inc",), "inc"),
    ],
)
def test_spellings_of_one_organisation(spellings: tuple[str, ...], core: str) -> None:
    assert {standardise_organisation(spelling).core for spelling in spellings} == {core}


def test_different_organisations_stay_apart() -> None:
    assert standardise_organisation("Acme Tools").core != standardise_organisation("Acme Toys").core


@pytest.mark.parametrize("text", ["n/a", "Self Employed", "none", "---"])
def test_fillers_are_dropped_with_a_reason(text: str) -> None:
    organisation = standardise_organisation(text)
    assert organisation.core is None
    assert organisation.reason


def test_the_table_tells_what_it_dropped() -> None:
    table = organisation_table(["Acme Inc", "n/a"])
    assert table.column("organisation").to_pylist() == ["acme", None]
    assert table.column("clean_organisation").to_pylist() == ["Acme Inc", None]
    assert table.column("dropped").to_pylist() == [
        None,
        [{"attribute": "organisation", "value": "n/a", "reason": "a placeholder"}],
    ]


@given(st.text())
def test_no_text_breaks_it_and_a_core_stays_itself(text: str) -> None:
    core = standardise_organisation(text).core
    if core:
        assert standardise_organisation(core).core == core
