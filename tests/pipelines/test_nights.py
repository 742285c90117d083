"""What nights do to customers: a held candidate stays held, an id is never somebody else's, a name is not a person."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.pipelines.shop import SETTINGS

if TYPE_CHECKING:
    from tests.pipelines.shop import Shop

PETRA = {"first_name": "Petra", "last_name": "Lindqvist", "email": "petra@lindqvist.example", "born": "1971-03-04"}
OMAR = {"first_name": "Omar", "last_name": "Nwosu", "email": "omar@nwosu.example", "born": "1990-10-11"}
WANDA = {"first_name": "Wanda", "last_name": "Zielinski", "email": "wanda@zielinski.example", "born": "1985-01-02"}


def test_a_held_candidate_is_held_again_and_the_release_stays(shop: Shop) -> None:
    shop.populate(60, 3)
    published = shop.night(checks=False)
    kept, everybody = shop.crosswalk(), shop.accounts
    shop.accounts = dict(list(everybody.items())[:25])
    for _ in range(2):
        held = shop.night(checks=False)
        assert held.outcome == "held"
        assert held.release_id == published.release_id
        assert any("max_deleted_records" in reason and "billing" in reason for reason in held.held_by)
        assert shop.crosswalk() == kept
        assert json.loads((shop.workspace.held / "reasons.json").read_text())["run_id"] == held.run_id
    shop.accounts = everybody
    assert shop.night(checks=False).outcome == "nothing_changed"


def test_what_breaks_a_critical_expectation_is_held_with_the_checks_alone(shop: Shop) -> None:
    shop.populate(30, 4)
    published = shop.night()
    shop.settings = shop.settings.replace("expect: {min_rows: 0}", "expect: {min_rows: 500}")
    held = shop.night()
    assert held.outcome == "held"
    assert held.release_id == published.release_id
    assert any("min_rows" in reason or "500" in reason for reason in held.held_by), held.held_by
    assert "standardise" not in held.seconds


def test_an_empty_export_is_held_on_the_first_night_too(shop: Shop) -> None:
    shop.case("C1", name="Ada Quist", email="ada@quist.example")
    held = shop.night()
    assert held.outcome == "held"
    assert not shop.workspace.current.exists()


def test_fifty_cases_of_one_common_name_are_not_one_customer(shop: Shop) -> None:
    shop.populate(30, 4)
    for number in range(50):
        shop.case(f"J{number:02d}", name="John Smith")
    assert shop.night(checks=False).published
    crosswalk = shop.crosswalk()
    assert len({crosswalk[f"cases:J{number:02d}"] for number in range(50)}) == 50


def test_a_founder_that_comes_back_as_somebody_else_gets_another_id(shop: Shop) -> None:
    shop.populate(30, 5)
    shop.account("A900", **PETRA)
    shop.case("C900", name="Petra Lindqvist", email=PETRA["email"])
    shop.night(checks=False)
    petra = shop.crosswalk()["billing:A900"]
    assert shop.crosswalk()["cases:C900"] == petra

    del shop.accounts["A900"]
    shop.night(checks=False)
    assert shop.crosswalk()["cases:C900"] == petra

    shop.account("A900", **OMAR)
    shop.night(checks=False)
    omar = shop.crosswalk()["billing:A900"]
    assert shop.crosswalk()["cases:C900"] == petra
    assert omar != petra

    del shop.accounts["A900"], shop.cases["C900"]
    shop.night(checks=False)
    assert {petra, omar}.isdisjoint(shop.crosswalk().values())
    shop.account("A900", **WANDA)
    shop.night(checks=False)
    assert shop.crosswalk()["billing:A900"] not in {petra, omar}
    created = [golden_id for (golden_id,) in shop.read("SELECT golden_id FROM change WHERE event = 'created'")]
    assert len(set(created)) == len(created)


def test_a_founder_that_is_split_off_leaves_the_id_to_the_others(shop: Shop) -> None:
    shop.populate(30, 8)
    shop.account("A900", **PETRA)
    for number in range(3):
        shop.case(f"C90{number}", name="Petra Lindqvist", email=PETRA["email"])
    shop.night(checks=False)
    petra = shop.crosswalk()["billing:A900"]
    assert {shop.crosswalk()[f"cases:C90{number}"] for number in range(3)} == {petra}

    shop.account("A900", **OMAR, opened_on="2026-01-20")
    shop.night(checks=False)
    crosswalk = shop.crosswalk()
    assert {crosswalk[f"cases:C90{number}"] for number in range(3)} == {petra}
    assert crosswalk["billing:A900"] != petra

    shop.account("A900", **PETRA, opened_on="2026-01-25")
    shop.night(checks=False)
    assert shop.crosswalk()["billing:A900"] == petra


def test_a_source_that_leaves_the_settings_takes_its_records_along_if_the_gate_lets_it(shop: Shop) -> None:
    shop.populate(30, 9)
    first = shop.night(checks=False)
    kept = shop.crosswalk()
    shop.settings = SETTINGS[: SETTINGS.index("  cases:\n")]
    held = shop.night(checks=False)
    assert (held.outcome, held.release_id) == ("held", first.release_id)
    assert any("cases" in reason for reason in held.held_by)
    assert shop.crosswalk() == kept

    shop.settings += "gate: {max_deleted_records: 100%}\n"
    let_through = shop.night(checks=False)
    assert let_through.published, let_through.held_by
    assert let_through.records["cases"]["deleted"] == len(shop.cases)
    assert {record.split(":")[0] for record in shop.crosswalk()} == {"billing"}
