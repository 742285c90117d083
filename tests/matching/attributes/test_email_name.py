"""Names out of e-mail addresses: only with the data's own names, only where nothing contradicts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.attributes.email_name import EmailName, NameWords, name_from_email

WORDS = NameWords(
    given={"kay": 5, "robert": 9, "levi": 2, "ann": 3, "ellis": 2},
    family={"waters": 4, "lee": 9, "garciavelez": 1, "smith": 9, "ellis": 3, "ann": 1},
)
NOTHING = EmailName()


@pytest.mark.parametrize(
    ("local", "known", "expected"),
    [
        ("kwaters", NOTHING, EmailName("k", None, "waters")),
        ("kay.waters", NOTHING, EmailName("kay", None, "waters")),
        ("kay_waters58", NOTHING, EmailName("kay", None, "waters")),
        ("waterskay", NOTHING, EmailName("kay", None, "waters")),
        ("waters.kay", NOTHING, EmailName("kay", None, "waters")),
        ("robert.k.smith", NOTHING, EmailName("robert", "k", "smith")),
        ("kdwaters", EmailName("k", None, "waters"), EmailName("k", "d", "waters")),
        ("kaywaters", EmailName("k", None, None), EmailName("kay", None, "waters")),
        ("kaywaters", EmailName(None, None, "waters"), EmailName("kay", None, "waters")),
        ("cgarciavelez", EmailName(None, None, "garciavelez"), EmailName("c", None, "garciavelez")),
        ("robertsmith", EmailName("robert", None, "s"), EmailName("robert", None, "smith")),
        ("levi9327", NOTHING, EmailName("levi", None, None)),
        ("kellis", EmailName("ellis"), EmailName("k", None, "ellis")),
    ],
)
def test_what_is_missing_is_read(local: str, known: EmailName, expected: EmailName) -> None:
    assert name_from_email(local, known, WORDS) == expected


@pytest.mark.parametrize(
    ("local", "known"),
    [
        ("kay.waters", EmailName("robert", None, None)),
        ("kay.waters", EmailName("k", None, "smith")),
        ("robertsmith", EmailName("k", None, None)),
        ("kdwaters", EmailName("k", "b", "waters")),
        ("kaywaters", EmailName("kay", None, "waters")),
        ("mlee", NOTHING),
        ("thewaters", NOTHING),
        ("family.waters2", EmailName("kay", None, None)),
        ("sunflower", NOTHING),
        ("", NOTHING),
    ],
)
def test_nothing_is_read_against_what_is_known_or_out_of_thin_air(local: str, known: EmailName) -> None:
    assert name_from_email(local, known, WORDS) is None


PARTS = st.one_of(st.none(), st.sampled_from(["k", "kay", "robert", "waters"]))


@given(st.text("abekrstwy._0", max_size=20), PARTS, PARTS)
def test_what_is_known_in_full_is_never_replaced(local: str, given_name: str | None, family: str | None) -> None:
    found = name_from_email(local, EmailName(given_name, None, family), WORDS)
    if found and family and len(family) > 1:
        assert found.family == family
    if found and given_name and len(given_name) > 1 and family:
        assert found.given == given_name
