"""Names: which words are given, middle, family; which are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.attributes.name import Name, RawName, name_table, standardise_name

Parts = tuple[str | None, str | None, str | None, str | None]


def parts(name: Name) -> Parts:
    return name.given, name.middle, name.family, name.suffix


def line(text: str) -> Name:
    return standardise_name(RawName(full_name=text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Robert J Tousley", ("robert", "j", "tousley", None)),
        ("TOUSLEY, ROBERT J", ("robert", "j", "tousley", None)),
        ("Tousley, ", (None, None, "tousley", None)),
        ('"Tousley, Robert"', ("robert", None, "tousley", None)),
        ("Dr. Jane Q. Public, MD", ("jane", "q", "public", None)),
        ("John Smith, Jr.", ("john", None, "smith", "jr")),
        ("Smith, Jr., John", ("john", None, "smith", "jr")),
        ("John Smith III", ("john", None, "smith", "iii")),
        ("Mary Ann Smith", ("mary", "ann", "smith", None)),
        ("Raymond B Vasquez Medina", ("raymond", "b", "vasquez medina", None)),
        ("Ana B Vasquez-Medina", ("ana", "b", "vasquez medina", None)),
        ("Vincent van Gogh", ("vincent", None, "vangogh", None)),
        ("Annie C De La Cruz", ("annie", "c", "delacruz", None)),
        ("Sean O'Neal", ("sean", None, "oneal", None)),
        ("W J Hull", ("w", "j", "hull", None)),
        ("J. R. R. Tolkien", ("j", "r r", "tolkien", None)),
        ("Patricia", ("patricia", None, None, None)),
        ("Mrs Hull", (None, None, "hull", None)),
        ("Jos\u00e9 Garc\u00eda", ("jose", None, "garcia", None)),
        ("\u738b\u6770", ("jie", None, "wang", None)),
        ("Robert (Bob) Smith", ("robert", None, "smith", None)),
        ("John Smith c/o Mary Jones", ("john", None, "smith", None)),
        ("Dwight 4 Clarke", ("dwight", "a", "clarke", None)),
        ("W:nston 8rown", ("winston", None, "brown", None)),
        ("Jack Ma", ("jack", None, "ma", None)),
        ("Sir Robert Perks, 1st Baronet", ("robert", None, "perks", None)),
        ("Willie 6th Earl of Dartmouth", ("willie", None, "dartmouth", None)),
        ("Georgina Countess of Dudley", ("georgina", None, "dudley", None)),
        ("Major General Robert Perks", ("robert", None, "perks", None)),
        ("John Smith 3rd", ("john", None, "smith", "iii")),
    ],
)
def test_words_of_one_line_find_their_part(text: str, expected: Parts) -> None:
    assert parts(line(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected", "reason"),
    [
        ("The Tousley Family", (None, None, "tousley", None), "a household"),
        ("Tousley Household", (None, None, "tousley", None), "a household"),
        ("John and Mary Smith", (None, None, "smith", None), "several people in one field"),
        ("J & M Smith", (None, None, "smith", None), "several people in one field"),
        ("Mr & Mrs John Smith", (None, None, "smith", None), "several people in one field"),
        ("Smith, John & Mary", (None, None, "smith", None), "several people in one field"),
        ("Son Of J Smith", (None, "j", "smith", None), "a role, not a name"),
        ("Lady Of The House W Bridges", (None, "w", "bridges", None), "a role, not a name"),
        ("Smith, Husband", (None, None, "smith", None), "a role, not a name"),
        ("Richard B Dont Know", ("richard", "b", None, None), "a role, not a name"),
        ("Unknown", (None, None, None, None), "a placeholder"),
        ("n/a", (None, None, None, None), "a placeholder"),
        ("ann@mail.example", (None, None, None, None), "an e-mail address"),
        ("12 / 34", (None, None, None, None), "no letters"),
        ("Senor", (None, None, None, None), "a title, not a name"),
    ],
)
def test_what_is_no_name_is_dropped_with_its_reason(text: str, expected: Parts, reason: str) -> None:
    name = line(text)
    assert parts(name) == expected
    assert [(entry.attribute, entry.value, entry.reason) for entry in name.dropped] == [("full_name", text, reason)]


@pytest.mark.parametrize(
    "text",
    ["Acme, Inc.", "Acme Tools GmbH", "Barnes & Noble", "Super Auto Detailing", "The Green Lantern Tavern"],
)
def test_organisations_in_a_person_field_are_told(text: str) -> None:
    assert line(text) == Name(organisation=text)


@pytest.mark.parametrize("text", ["Mary Ann Smith Jones", "Maria de los Angeles Ruiz", "Fatou A B Diallo Bah"])
def test_long_names_of_people_are_no_organisations(text: str) -> None:
    assert line(text).organisation is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (("Mary Ann", "A", "Smith", None), ("mary", "ann", "smith", None)),
        (("Steven", "J", "Diaz Jr", None), ("steven", "j", "diaz", "jr")),
        (("Steven", None, "Diaz", "Junior"), ("steven", None, "diaz", "jr")),
        (("J", None, "O Neal", None), ("j", None, "oneal", None)),
        (("Maria", None, "M Sentosa", None), ("maria", "m", "sentosa", None)),
        (("Man Of The", "G", "Williams", None), (None, "g", "williams", None)),
        (("Gary", "A", "Of House", None), ("gary", "a", None, None)),
        (("Lee", None, "Child", None), ("lee", None, "child", None)),
        (("John Q Public", None, None, None), ("john", "q", "public", None)),
        ((None, None, "Smith, John", None), ("john", None, "smith", None)),
        ((None, None, "Garcia Marquez", None), (None, None, "garcia marquez", None)),
    ],
)
def test_fields_that_say_what_they_hold(fields: Parts, expected: Parts) -> None:
    assert parts(standardise_name(RawName(None, *fields))) == expected


def test_the_one_line_form_fills_in_only_where_parts_lack() -> None:
    assert parts(standardise_name(RawName("Ann Lee", None, None, "Roe"))) == (None, None, "roe", None)
    assert parts(standardise_name(RawName("Ann Lee", " ", None, "unknown"))) == ("ann", None, "lee", None)


def test_declared_family_first_order_holds_without_a_comma() -> None:
    name = standardise_name(RawName("Nagy Anna Maria", family_first=True))
    assert parts(name) == ("anna", "maria", "nagy", None)
    assert name.order_certain


def test_published_forms_keep_or_gain_capitals() -> None:
    name = line("O'NEAL-SMITH, mary")
    assert (name.clean_given, name.clean_family, name.clean_suffix) == ("Mary", "O'Neal-Smith", None)
    assert line("Ronald McDonald").clean_family == "McDonald"
    assert line("Ann Lee iii").clean_suffix == "III"


@given(st.text(), st.text(), st.text(), st.text(), st.booleans())
def test_no_text_breaks_it(full: str, first: str, last: str, suffix: str, family_first: bool) -> None:
    standardise_name(RawName(full, family_first=family_first))
    standardise_name(RawName(full, first, None, last, suffix))


WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)


@given(WORDS, WORDS, st.sampled_from(["", "Jr", "III"]))
def test_standardising_twice_changes_nothing(first: str, last: str, suffix: str) -> None:
    once = standardise_name(RawName(None, first, None, last, suffix))
    again = standardise_name(RawName(None, once.clean_given, once.clean_middle, once.clean_family, once.clean_suffix))
    assert parts(again) == parts(once)


def test_the_table_learns_given_names_from_short_names() -> None:
    short = [RawName(f"Fatoumata {family}") for family in ("Diallo", "Bah", "Sow")]
    long = RawName("Fatoumata Binta Diallo Bah")
    assert name_table([*short, long], list("abcd")).column("organisation").to_pylist() == [None] * 4
    assert name_table([long], ["a"]).column("organisation").to_pylist() == ["Fatoumata Binta Diallo Bah"]


def test_the_table_has_one_row_per_name() -> None:
    table = name_table([RawName("Ann Lee"), RawName("n/a")], ["first", "second"])
    assert table.column("raw").to_pylist() == ["first", "second"]
    assert table.column("family").to_pylist() == ["lee", None]
    assert table.column("dropped").to_pylist() == [
        None,
        [{"attribute": "full_name", "value": "n/a", "reason": "a placeholder"}],
    ]
