"""The stage: what many different people share is no evidence, what a family or a person uses is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.matching.standardised_night import Row, person, run_stages, town, warehouse
from warehouse.errors import SettingsError

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

PEOPLE = (("ada", "amsel"), ("bruno", "brandvold"), ("clara", "castellan"), ("dario", "drummond"), ("elin", "eriksen"))


def shared(rows: Iterable[Row], **of_matching: object) -> dict[tuple[str, str], str]:
    con = warehouse(rows)
    run_stages(con, ["find_shared"], of_matching=of_matching)
    found = con.execute("SELECT attribute, value, reason FROM matching.shared_value").fetchall()
    return {(attribute, value): reason for attribute, value, reason in found}


def mailboxes(odd_given: str, odd_family: str | None = None) -> list[Row]:
    """Return records of five people with a mailbox each; one record in each mailbox bears another name."""
    rows = []
    for given_name, family in PEOPLE:
        email = f"{given_name}.{family}@mail.example"
        rows += [person(f"{given_name}-{n}", given_name, family, email=email) for n in range(3)]
        rows.append(person(f"{given_name}-odd", odd_given, odd_family or family, email=email))
    return rows


def test_a_given_name_at_odds_with_its_company_is_a_placeholder() -> None:
    assert shared(mailboxes("occupant")) == {("given", "occupant"): "disagreement"}


def test_so_is_a_family_name() -> None:
    assert ("family", "declined") in shared(mailboxes("ada", "declined"))


def test_a_name_that_its_company_bears_out_is_none() -> None:
    rows = mailboxes("ada")
    assert shared([row for row in rows if row["source_record_id"].startswith("ada")]) == {}
    lookalikes = [person(f"x{n}", "clarissa", "castellan", email=f"c{n}@mail.example") for n in range(5)]
    lookalikes += [person(f"y{n}", "clarisa", "castellan", email=f"c{n}@mail.example") for n in range(5)]
    assert shared(lookalikes) == {}


def test_three_groups_are_too_few_to_judge_a_name() -> None:
    rows = [row for row in mailboxes("occupant") if row["source_record_id"][:4] in {"ada-", "brun", "clar"}]
    assert shared(rows) == {}


@pytest.mark.parametrize("contact", [{"email": "none@none.example"}, {"phone": "2065550000"}])
def test_an_address_of_people_who_agree_on_nothing_is_shared(contact: dict[str, str]) -> None:
    rows = [person(given_name, given_name, family, **contact) for given_name, family in PEOPLE]
    ((attribute, value),) = contact.items()
    assert shared(rows) == {(attribute, value[-7:] if attribute == "phone" else value): "disagreement"}


@pytest.mark.parametrize("contact", [{"email": "team@mail.example"}, {"phone": "2065550000"}])
def test_a_family_shares_its_own_address(contact: dict[str, str]) -> None:
    rows = [person(given_name, given_name, "amsel", **contact) for given_name, _ in PEOPLE]
    assert shared(rows) == {}


def test_an_address_made_of_its_bearers_name_is_not_shared() -> None:
    rows = [person(given_name, given_name, family, email="amsel@mail.example") for given_name, family in PEOPLE[:3]]
    assert shared(rows) == {}
    assert shared([row | {"email": "desk@mail.example"} for row in rows])


def test_configured_placeholders_are_taken_as_spelled_by_people() -> None:
    found = shared([], placeholders={"email": ["None@None.com"], "phone": ["(000) 000-0000"], "given_name": ["Guest"]})
    assert found == {
        ("email", "none@none.com"): "configured",
        ("phone", "0000000"): "configured",
        ("given", "guest"): "configured",
    }


def test_what_a_steward_says_is_a_placeholder_is_one() -> None:
    rows = [person("1", "ada", "amsel", phone="2065550100"), person("2", "bo", "quist", phone="4255550100")]
    with warehouse(rows) as con:
        for number, (key, value) in enumerate((("phone", "5550100"), ("email", "Desk@shop.example")), 1):
            con.execute(
                "INSERT INTO matching.ruling (decision_id, ruling, attribute, value, decided_by, decided_at)"
                " VALUES (?, 'placeholder', ?, ?, 'ann', TIMESTAMP '2026-01-01')",
                [number, key, value],
            )
        run_stages(con, ["find_shared"], of_matching={"placeholders": {"email": ["desk@shop.example"]}})
        found = con.execute("FROM matching.shared_value ORDER BY ALL").fetchall()
    assert found == [("email", "desk@shop.example", 0, 0, "configured"), ("phone", "5550100", 2, 0, "decision")]


def test_placeholders_of_an_unknown_attribute_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"matching\.placeholders\.shoe_size: .*given_name.*email"):
        shared([], placeholders={"shoe_size": ["42"]})


@settings(max_examples=5)
@given(st.randoms(use_true_random=False))
def test_order_does_not_matter(dice: random.Random) -> None:
    rows = mailboxes("occupant") + town(10)[0]
    shuffled = dice.sample(rows, len(rows))
    assert shared(shuffled) == shared(rows)
