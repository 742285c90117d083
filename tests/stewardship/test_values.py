"""Values that stewards name: what is kept of them, and that it stays so when it is named again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stewardship.values import PINNED, PLACEHOLDERS, pinned_value, placeholder_value
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = [
    ("email", " Info+News@Mail.Example ", "info@mail.example"),
    ("email", "J.Doe@googlemail.com", "jdoe@gmail.com"),
    ("phone", "+1 (206) 555-0147", "2065550147"),
    ("phone", "206.555.0147 ext 3", "2065550147"),
    ("identifier", "Loyalty:70-01 ", "loyalty:7001"),
    ("given_name", "ADÈLE", "adele"),
    ("family_name", "O'Quist", "oquist"),
]


@pytest.mark.parametrize(("attribute", "value", "kept"), KEPT, ids=[f"{each[0]} {each[1].strip()}" for each in KEPT])
def test_a_placeholder_is_kept_as_it_is_compared(attribute: str, value: str, kept: str) -> None:
    assert placeholder_value(attribute, value) == kept
    assert placeholder_value(attribute, kept) == kept


def test_a_phone_is_dialled_in_the_country() -> None:
    assert placeholder_value("phone", "020 7946 0011", "GB") == placeholder_value("phone", "+44 20 7946 0011")
    assert pinned_value("phone", "020 7946 0011", "GB") == "+442079460011"


def test_a_pin_is_kept_as_it_is_published() -> None:
    assert pinned_value("email", "Ada+Shop@Mail.Example") == "ada@mail.example"
    assert pinned_value("phone", "206 555 0147") == "+12065550147"
    assert pinned_value("birth_date", "1970-12-31") == "1970-12-31"
    assert pinned_value("family_name", "  van\tder  Quist ") == "van der Quist"


_ANYTHING = st.one_of(
    st.text(max_size=20),
    st.from_regex(r"[a-z.+]{1,8}@[a-z]{1,8}\.(example|com)", fullmatch=True),
    st.from_regex(r"\+?[0-9 ()-]{7,16}", fullmatch=True),
    st.from_regex(r"[A-Za-z]{2,8}[:' -][A-Za-z0-9-]{2,8}", fullmatch=True),
)


@given(
    st.sampled_from([(placeholder_value, name) for name in PLACEHOLDERS] + [(pinned_value, name) for name in PINNED]),
    _ANYTHING,
    st.sampled_from(("US", "GB", "DE")),
)
def test_what_is_kept_stays_what_it_is(
    of: tuple[Callable[[str, str, str], str], str], value: str, country: str
) -> None:
    """Or a log that is exported and imported would say something else."""
    standardise_value, attribute = of
    try:
        kept = standardise_value(attribute, value, country)
    except UsageError:
        return
    assert kept
    assert standardise_value(attribute, kept, country) == kept
    kept.encode()
    assert "\0" not in kept
