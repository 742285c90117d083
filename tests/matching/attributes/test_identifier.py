"""Identifiers: one form for one number, and none for fillers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.attributes.identifier import identifier_table, standardise_identifier


def test_spellings_of_one_number() -> None:
    assert {standardise_identifier("Loyalty", value).compared for value in (" AB-12 34", "ab1234")} == {
        "loyalty:ab1234"
    }
    assert standardise_identifier("twitter", "@Ann").compared == "twitter:ann"


def test_leading_zeros_count() -> None:
    assert standardise_identifier("n", "007").compared != standardise_identifier("n", "7").compared


@pytest.mark.parametrize("value", ["n/a", "000000", "0", "12345678", "XXXX", "--", "unknown"])
def test_fillers_are_dropped(value: str) -> None:
    assert standardise_identifier("n", value).reason


def test_the_table_is_null_where_nothing_is_used() -> None:
    table = identifier_table([("n", "A1"), ("n", "none")])
    assert table.column("identifier").to_pylist() == ["n:a1", None]
    assert table.column("reason").to_pylist() == [None, "a placeholder"]


@given(st.text(), st.text())
def test_no_text_breaks_it_and_a_value_stays_itself(name: str, value: str) -> None:
    once = standardise_identifier(name, value)
    if once.reason is None:
        folded, _, compared = once.compared.rpartition(":")
        assert standardise_identifier(folded, compared) == once
