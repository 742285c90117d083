"""What a night means: the same inputs give the same release, a held candidate stays held, ids are nobody else's."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pipelines.conftest import Shop

GIVEN = ("Ada", "Bela", "Cleo", "Dario", "Elin", "Farid", "Greta", "Hugo", "Iris", "Jonas", "Katya", "Luis")
FAMILY = ("Quist", "Brandvold", "Castellan", "Drummond", "Eriksen", "Falkner", "Galloway", "Hartigan", "Ibsen", "Jessup")


def populate(shop: Shop, people: int, seed: int) -> None:
    """Give the shop people with an account each, and cases that name most of them in another way."""
    dice = random.Random(seed)
    for number in range(people):
        first, last = dice.choice(GIVEN), dice.choice(FAMILY)
        born = f"{dice.randint(1950, 2000)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
        email = f"{first}.{last}{number}@mail.example".lower()
        phone = f"206555{number:04d}"
        shop.account(
            f"A{number:03d}",
            first_name=first,
            last_name=last,
            born=born,
            email=email,
            phone=phone,
            street=f"{100 + number} Alder St",
            city="Brightwater",
            zip="98001",
        )
        for case in range(dice.randint(0, 2)):
            name = dice.choice((f"{first} {last}", f"{last}, {first}", f"{first[0]} {last}"))
            contact = dice.choice(({"email": email}, {"phone": phone}, {"email": email.upper(), "phone": phone}))
            shop.case(f"C{number:03d}-{case}", name=name, **contact)


def shuffled(seed: int) -> Callable[[list[Any]], list[Any]]:
    def order(rows: list[Any]) -> list[Any]:
        random.Random(seed).shuffle(rows)
        return rows

    return order


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_order_threads_and_machines_do_not_matter(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    first, second = (Shop(tmp_path_factory.mktemp("machine")) for _ in range(2))
    for shop in (first, second):
        populate(shop, 30, seed)
    one = first.night(threads=1)
    other = second.night(threads=2, order=shuffled(seed))
    assert one.published
    assert other.published
    assert one.content_hash == other.content_hash
    assert one.release_hash == other.release_hash


def test_other_content_has_another_hash(tmp_path: Path) -> None:
    """The control of the hashes' equality: one letter of one record shows."""
    one, other = Shop(tmp_path / "one"), Shop(tmp_path / "other")
    for shop in (one, other):
        populate(shop, 30, 1)
    other.accounts["A007"]["city"] = "Brightwatex"
    assert one.night().content_hash != other.night().content_hash


def test_a_second_run_on_the_same_files_publishes_nothing(shop: Shop) -> None:
    populate(shop, 30, 2)
    first = shop.night()
    again = shop.night()
    assert (first.published, again.published) == (True, False)
    assert again.outcome == "nothing_changed"
    assert again.release_id == first.release_id
    assert again.records["billing"]["unchanged"] == 30


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_two_nights_give_what_one_gives(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """The second night makes its model anew, so that both ways decide by the same model."""
    twice, once = (Shop(tmp_path_factory.mktemp("nights")) for _ in range(2))
    populate(twice, 40, seed)
    populate(once, 40, seed)
    later = dict(list(twice.accounts.items())[30:])
    twice.accounts = dict(list(twice.accounts.items())[:30])
    assert twice.night().published
    twice.accounts |= later
    assert twice.night(retrain=True).content_hash == once.night().content_hash


def test_a_held_candidate_is_held_again_and_the_release_stays(shop: Shop) -> None:
    populate(shop, 60, 3)
    published = shop.night()
    kept = shop.crosswalk()
    shop.accounts = dict(list(shop.accounts.items())[:25])
    for _ in range(2):
        held = shop.night()
        assert held.outcome == "held"
        assert held.release_id == published.release_id
        assert any("max_deleted_records" in reason and "billing" in reason for reason in held.held_by)
        assert shop.crosswalk() == kept


def test_an_empty_export_is_held_on_the_first_night_too(shop: Shop) -> None:
    shop.case("C1", name="Ada Quist", email="ada@quist.example")
    held = shop.night()
    assert held.outcome == "held"
    assert not shop.workspace.current.exists()


def test_fifty_cases_of_one_common_name_are_not_one_customer(shop: Shop) -> None:
    populate(shop, 30, 4)
    for number in range(50):
        shop.case(f"J{number:02d}", name="John Smith")
    assert shop.night().published
    crosswalk = shop.crosswalk()
    assert len({crosswalk[f"cases:J{number:02d}"] for number in range(50)}) == 50


def test_a_founder_that_comes_back_as_somebody_else_gets_another_id(shop: Shop) -> None:
    populate(shop, 30, 5)
    shop.account("A900", first_name="Petra", last_name="Lindqvist", email="petra@lindqvist.example", born="1971-03-04")
    shop.case("C900", name="Petra Lindqvist", email="petra@lindqvist.example")
    shop.night()
    petra = shop.crosswalk()["billing:A900"]
    assert shop.crosswalk()["cases:C900"] == petra
    del shop.accounts["A900"]
    shop.night()
    assert shop.crosswalk()["cases:C900"] == petra
    shop.account("A900", first_name="Omar", last_name="Nwosu", email="omar@nwosu.example", born="1990-10-11")
    shop.night()
    assert shop.crosswalk()["cases:C900"] == petra
    assert shop.crosswalk()["billing:A900"] != petra
    del shop.accounts["A900"], shop.cases["C900"]
    shop.night()
    shop.account("A900", first_name="Wanda", last_name="Zielinski", email="wanda@zielinski.example", born="1985-01-02")
    shop.night()
    ids = {golden_id for (golden_id,) in shop.read("SELECT golden_id FROM change WHERE event = 'created'")}
    created = shop.read("SELECT count(*) FROM change WHERE event = 'created'")[0][0]
    assert len(ids) == created
    assert shop.crosswalk()["billing:A900"] not in {petra}


def test_a_workspace_that_moves_keeps_its_hashes(shop: Shop, tmp_path: Path) -> None:
    populate(shop, 30, 6)
    first = shop.night()
    moved = Shop(tmp_path / "elsewhere", shop.accounts, shop.cases)
    shutil.move(shop.path, moved.path)
    again = moved.night()
    assert again.outcome == "nothing_changed"
    assert again.release_hash == first.release_hash
