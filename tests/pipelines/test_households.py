"""Households over nights: their ids, what is published of them, and where people see them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.pipelines.shop import SETTINGS, Shop
from warehouse.release.manifest import read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.pipelines.shop import Answer

HOME = {"street": "7 Juniper Ct", "city": "Brightwater", "zip": "98001", "phone": "2065557000"}
ULRIKE = {"first_name": "Ulrike", "last_name": "Zubiri", "born": "1980-02-03", **HOME}
WENDELL = {
    "first_name": "Wendell",
    "last_name": "Oyelaran",
    "born": "1979-05-06",
    "email": "wendell@oyelaran.example",
    **HOME,
}
YOLANDA = {"first_name": "Yolanda", "last_name": "Zubiri", "born": "2005-07-08", **HOME}
MEMBERS = """
    SELECT household_id, list(source_record_id ORDER BY source_record_id) FROM household
    JOIN crosswalk USING (golden_id) GROUP BY household_id
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop where Ulrike and Wendell live together, and after another night Yolanda with them."""
    shop = Shop(tmp_path_factory.mktemp("home") / "shop")
    shop.populate(30, 5)
    shop.account("A900", **ULRIKE)
    shop.account("A901", **WENDELL)
    shop.night(checks=False)
    return shop


def test_a_household_keeps_its_id_when_somebody_joins(home: Shop) -> None:
    ((before, members),) = home.read(MEMBERS)
    assert members == ["A900", "A901"]
    home.account("A902", **YOLANDA, opened_on="2026-01-20")
    assert home.night(checks=False).households == 1
    assert home.read(MEMBERS) == [(before, ["A900", "A901", "A902"])]


def test_show_names_the_household_and_who_else_is_in_it(home: Shop, joinedup: Callable[..., Answer]) -> None:
    page = joinedup("show", "billing:A901", "-w", home.path).out
    _, _, told = page.partition("Household hh_")
    lines = told.splitlines()[1:3]
    assert sorted(line.split()[1] for line in lines) == ["Ulrike", "Yolanda"]
    assert all(line.endswith("by address and phone") for line in lines)
    shown = json.loads(joinedup("show", "billing:A901", "-w", home.path, "--json").out)
    assert {row["name"].split()[0] for row in shown["household"]} == {"Ulrike", "Wendell", "Yolanda"}


def test_show_is_silent_about_who_lives_alone(home: Shop, joinedup: Callable[..., Answer]) -> None:
    page = joinedup("show", "billing:A000", "-w", home.path)
    assert page.exit_code == 0
    assert "Household" not in page.out


def test_the_content_hash_knows_households_and_not_their_ids(tmp_path: Path) -> None:
    manifests, ids = [], set()
    for salt in ("one", "other"):
        shop = Shop(tmp_path / salt, settings=f"{SETTINGS}identity: {{salt: {salt}}}\n")
        shop.populate(20, 6)
        for key, person in (("A900", ULRIKE), ("A901", WENDELL), ("A902", YOLANDA)):
            shop.account(key, **person)
        shop.night(checks=False)
        manifests.append(read_manifest(shop.workspace.current))
        ids |= {household_id for household_id, _ in shop.read(MEMBERS)}
    assert len(ids) == 2
    assert len({manifest.content_hash for manifest in manifests}) == 1
    assert len({manifest.release_hash for manifest in manifests}) == 2
    assert [manifest.rows["household"] for manifest in manifests] == [3, 3]
