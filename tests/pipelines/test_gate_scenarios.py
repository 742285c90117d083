"""Nights that go wrong in the ways exports and settings do: held, the cause named, the release untouched."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from pipelines.night import NightOptions
from tests.pipelines.cut_exports import cut_by_date
from tests.pipelines.shop import SETTINGS, Shop, do_night
from tests.pipelines.test_three_nights import settings_of
from warehouse.release.manifest import file_sha256

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GATE = "gate: {and_at_least: 5}\n"
"""What a shop of a hundred people would set: from five on a share counts."""
PEOPLE = 100
ORDINARY_NIGHTS = 10


@pytest.fixture(scope="module")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop with one release."""
    shop = Shop(tmp_path_factory.mktemp("gate"), settings=SETTINGS + GATE)
    shop.populate(PEOPLE, 3)
    assert shop.night(checks=False).published
    return shop


@pytest.fixture
def shop(yesterday: Shop, tmp_path: Path) -> Shop:
    """Return a copy of it, with what an ordinary day brings: new people, a removal, a few who moved."""
    shutil.copytree(yesterday.path, tmp_path / "shop", symlinks=True)
    accounts = {key: dict(row) for key, row in yesterday.accounts.items()}
    cases = {key: dict(row) for key, row in yesterday.cases.items()}
    shop = replace(yesterday, path=tmp_path / "shop", accounts=accounts, cases=cases)
    del shop.accounts["A000"]
    for number in range(1, 5):
        shop.accounts[f"A{number:03d}"]["phone"] = f"206777{number:04d}"
    for number in range(6):
        contact = {"email": f"new.person{number}@mail.example", "phone": f"425666{number:04d}"}
        shop.account(
            f"N{number}", first_name=f"Nora{'abcdef'[number]}", last_name=f"Novak{'ghijkl'[number]}", **contact
        )
        shop.case(f"CN{number}", name=f"Nora{'abcdef'[number]} Novak{'ghijkl'[number]}", **contact)
    return shop


def cut_off(shop: Shop) -> None:
    shop.accounts = dict(list(shop.accounts.items())[: PEOPLE // 3])


def empty(shop: Shop) -> None:
    shop.accounts = {}


def one_name(shop: Shop) -> None:
    for row in shop.accounts.values():
        row.update(first_name="John", last_name="Smith")


def broken_rows(shop: Shop) -> None:
    for row in list(shop.accounts.values())[::3]:
        row["opened_on"] = "never"


def one_phone(shop: Shop) -> None:
    for row in shop.accounts.values():
        row["phone"] = "206-555-0100"


def one_contact_in_a_web_form(shop: Shop) -> None:
    for row in shop.cases.values():
        row.update(name="Web Form", email="form@shop.example", phone="2065550100")


def swapped_column(shop: Shop) -> None:
    for row in shop.accounts.values():
        row["email"] = "info@branch.example"


def empty_column(shop: Shop) -> None:
    for row in shop.accounts.values():
        row["phone"] = ""


def numbered_anew(shop: Shop) -> None:
    keys = list(shop.accounts)
    rows = [shop.accounts[key] for key in keys]
    shop.accounts = {key: row | {"account_id": key} for key, row in zip(keys, rows[1:] + rows[:1], strict=True)}


def lowered_threshold(shop: Shop) -> None:
    shop.settings += "matching: {merge_at: 0.0001, review_at: 0.00005}\n"


def new_model(shop: Shop) -> None:
    shop.settings += "matching: {comparisons: {given: off, family: off, birth_date: off}}\n"


@dataclass(frozen=True)
class Scenario:
    """What goes wrong, a rule that says so, and what its reason tells."""

    does: Callable[[Shop], None]
    rule: str
    told: tuple[str, ...]


OF_BILLING = "new or changed records of billing (exports/billing.csv)"
SCENARIOS = (
    Scenario(
        cut_off,
        "max_deleted_records billing",
        ("billing delivered 33 rows (exports/billing.csv), 100 the time before (exports/billing.csv)", "ask for"),
    ),
    Scenario(
        empty, "max_deleted_records billing", ("100 of 100 records (100.0%) are gone", "billing delivered 0 rows")
    ),
    Scenario(
        one_name,
        "max_one_value billing",
        (f"family name smith in 105 {OF_BILLING}", f"given name john in 105 {OF_BILLING}"),
    ),
    Scenario(
        broken_rows, "max_quarantined_records billing", ("35 of 105 rows", "bad_timestamp", "exports/billing.csv:2")
    ),
    Scenario(
        one_phone,
        "max_one_value billing",
        (f"phone 5550100 in 105 {OF_BILLING}", 'write `placeholders: {phone: ["5550100"]}` under matching'),
    ),
    Scenario(
        one_contact_in_a_web_form,
        "max_one_value cases",
        ("e-mail form@shop.example in", "of cases (exports/cases.csv)", 'placeholders: {email: ["form@shop.example"]}'),
    ),
    Scenario(swapped_column, "max_one_value billing", (f"e-mail info@branch.example in 105 {OF_BILLING}",)),
    Scenario(
        empty_column, "max_emptied_values billing", ("99 of 100 records that had phones (99.0%) have none any more",)
    ),
    Scenario(
        numbered_anew,
        "max_split_customers",
        ("records of billing (exports/billing.csv) changed", "look whether billing still gives each record the key"),
    ),
    Scenario(
        lowered_threshold, "max_merged_customers", ("the model is another one", "matching.merge_at was 0.85, is 0.0001")
    ),
    Scenario(new_model, "max_split_customers", ("comparisons are others (birth_date, family, given)",)),
)
OFTEN = (cut_off, one_name, broken_rows, one_phone, lowered_threshold)
"""What `make test` tries; `make soak` tries all."""


def test_an_ordinary_night_is_not_held(shop: Shop) -> None:
    """The control: what a day brings is published, by rules that all were judged."""
    night = shop.night(checks=False)
    assert (night.outcome, night.held_by) == ("published", [])
    manifest = json.loads((shop.workspace.current / "manifest.json").read_text())
    assert len({entry["rule"] for entry in manifest["gate"]}) == 11
    assert {entry["outcome"] for entry in manifest["gate"]} == {"pass"}


@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(scenario, id=scenario.does.__name__, marks=() if scenario.does in OFTEN else pytest.mark.soak)
        for scenario in SCENARIOS
    ],
)
def test_the_same_night_gone_wrong_is_held_and_the_cause_is_named(shop: Shop, scenario: Scenario) -> None:
    before = {path.name: file_sha256(path) for path in shop.workspace.current.resolve().iterdir() if path.is_file()}
    scenario.does(shop)
    night = shop.night(checks=False)
    assert (night.outcome, night.release_id) == ("held", "r1")
    reason = next(reason for reason in night.held_by if reason.startswith(f"gate: {scenario.rule}: "))
    for told in (*scenario.told, "Cause: ", "To do: "):
        assert told in reason
    assert shop.workspace.current.readlink().name == "r1"
    after = {path.name: file_sha256(path) for path in shop.workspace.current.resolve().iterdir() if path.is_file()}
    assert after == before
    document = json.loads((shop.workspace.held / "reasons.json").read_text())
    causes = [cause for entry in document["gate"] if entry["outcome"] == "hold" for cause in entry["causes"]]
    assert causes
    page = (shop.workspace.reports / f"{night.run_id}.html").read_text()
    assert scenario.told[0].replace('"', "&#34;") in page


@pytest.mark.soak
def test_ten_ordinary_nights_of_the_small_open_set_are_not_held(shared_data: Path, tmp_path: Path) -> None:
    """Every second person of the set: half of their records in the first night, then a twentieth more each."""
    cut = cut_by_date(shared_data / "customers_small", one_in=2)
    dated = sorted(record.moment for record in cut.records if record.moment)
    shares = (0.5 + 0.05 * night for night in range(ORDINARY_NIGHTS))
    cut = replace(cut, moments=tuple(dated[int(len(dated) * share)] for share in shares))
    shop = Shop(tmp_path)
    shop.workspace.settings_file.write_text(settings_of(shared_data))
    for number in range(ORDINARY_NIGHTS + 1):
        cut.write(shop.path / "exports", number, growing=True)
        night = do_night(shop.workspace, NightOptions(threads=1), checks=False)
        assert (night.outcome, night.held_by) == ("published", []), number
