"""A merge that is taken back leaves no trace: ids, golden rows and what hangs on them are as before, row by row."""

from __future__ import annotations

import copy
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from customer360 import record_activity
from stewardship.decide import decide, revoke
from stewardship.store import Said, open_store
from tests.pipelines.shop import TONIGHT, Shop
from warehouse.connection import open_published
from warehouse.errors import ReleaseDamaged
from warehouse.release.hashes import HISTORY_COLUMNS, HISTORY_TABLES
from warehouse.settings.load import load_settings
from warehouse.tables import RELEASE_TABLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stewardship.entry import Kind

    Town = Callable[[bool], Shop]
    Told = dict[str, list[tuple[Any, ...]]]
    """Table -> its rows."""

ALONE = replace(TONIGHT, threads=1)
ADA = {"first_name": "Ada", "last_name": "Quist"}
ONE = ADA | {"email": "ada.q@mail.example", "phone": "4255550001", "street": "5 Mill Ln", "zip": "98011"}
OTHER = ADA | {"email": "quist77@other.example", "phone": "2065558801", "street": "17 Quarry Rd", "zip": "98044"}
BOTH = OTHER | {"email": ONE["email"]}
EARLY = "2026-01-07"


def town_with_two(shop: Shop) -> None:
    """Let two people of one name live among others of that name: an account and a case each."""
    shop.populate(25, 5)
    for number in range(3):
        shop.account(
            f"N{number}",
            **ADA,
            email=f"aq{number}@far{number}.example",
            phone=f"20655577{number:02d}",
            born=f"19{50 + number}-03-0{number + 1}",
            street=f"{300 + number} Elm St",
            zip=f"98{number:03d}",
        )
    shop.account("A900", **ONE)
    shop.case("C900", name="Ada Quist", email=ONE["email"])
    shop.account("A901", **OTHER)
    shop.case("C901", name="Ada Quist", phone=OTHER["phone"])


@pytest.fixture(scope="module")
def mornings(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Shop]:
    """Return the town after its first night, by whether the first of the two has a second account."""
    shops = {}
    for has_two_accounts in (False, True):
        shop = shops[has_two_accounts] = Shop(tmp_path_factory.mktemp("town") / "shop")
        town_with_two(shop)
        if has_two_accounts:
            shop.account("A902", **ONE, opened_on=EARLY)
        shop.night(ALONE, checks=False)
    return shops


@pytest.fixture
def town(mornings: dict[bool, Shop], tmp_path: Path) -> Town:
    """Return what gives a copy of one of them."""

    def copied(has_two_accounts: bool) -> Shop:
        found = mornings[has_two_accounts]
        shutil.copytree(found.path, tmp_path / "shop", symlinks=True)
        return Shop(tmp_path / "shop", copy.deepcopy(found.accounts), copy.deepcopy(found.cases))

    return copied


def told(shop: Shop) -> Told:
    """Return all that the current release says, but for since when it has said so."""
    con = open_published(shop.workspace.current / "golden.duckdb")
    try:
        return {
            spec.name: con.execute(
                f"SELECT * EXCLUDE ({', '.join(left_out)}) FROM {spec.name} ORDER BY ALL"
                if (left_out := [name for name in HISTORY_COLUMNS if name in spec.column_names])
                else f"SELECT * FROM {spec.name} ORDER BY ALL"
            ).fetchall()
            for spec in RELEASE_TABLES
            if spec not in HISTORY_TABLES
        }
    finally:
        con.close()


def holder(shop: Shop, key: str) -> str:
    return shop.crosswalk()[f"billing:{key}"]


def events(shop: Shop) -> set[tuple[str, str]]:
    """Return what the newest release did to customers, as (event, golden_id)."""
    return set(
        shop.read(
            "SELECT event, golden_id FROM change WHERE release_id = (SELECT release_id FROM change"
            " ORDER BY sequence DESC LIMIT 1) AND event NOT IN ('attached', 'detached', 'updated')"
        )
    )


def steward(shop: Shop, kind: Kind, one: str, other: str) -> Callable[[], None]:
    """Let a steward decide about two accounts; return what takes the decision back."""
    store = open_store(load_settings(shop.workspace.settings_file), shop.path)
    said = Said("ann", datetime(2026, 1, 9, tzinfo=UTC).replace(tzinfo=None), "asked both")
    decided = decide(store, None, kind, ("billing", one), ("billing", other), said)

    def take_back() -> None:
        revoke(store, decided.entry.id, said)

    return take_back


def merge_by_correction(shop: Shop) -> Callable[[], None]:
    """Let the account that is another one's of the first person say what the second one's says."""

    def correct_again() -> None:
        shop.account("A902", **ONE, opened_on=EARLY)

    shop.account("A902", **BOTH, opened_on=EARLY)
    return correct_again


def merge_by_new_record(shop: Shop) -> Callable[[], None]:
    """Let a record come that is as much the one person's as the other's."""

    def delete_again() -> None:
        del shop.accounts["A902"]

    shop.account("A902", **BOTH, opened_on=EARLY)
    return delete_again


def merge_by_decision(shop: Shop) -> Callable[[], None]:
    return steward(shop, "same", "A900", "A901")


MERGES: dict[str, tuple[bool, Callable[[Shop], Callable[[], None]]]] = {
    "correction": (True, merge_by_correction),
    "new record": (False, merge_by_new_record),
    "decision": (False, merge_by_decision),
}
"""What merges two customers: whether the first one has a second account and the deed, which returns what undoes it."""


@pytest.mark.parametrize("merge", MERGES)
def test_what_was_merged_and_is_taken_back_is_as_it_was(town: Town, merge: str) -> None:
    has_two_accounts, do = MERGES[merge]
    shop = town(has_two_accounts)
    before = two_nights(shop, do)
    assert told(shop) == before


def two_nights(shop: Shop, do: Callable[[Shop], Callable[[], None]]) -> Told:
    """Merge two customers, then take it back; return what was told before."""
    before, one, other = told(shop), holder(shop, "A900"), holder(shop, "A901")
    assert one != other

    take_back = do(shop)
    assert shop.night(ALONE, checks=False).published
    lives, gone = sorted((one, other), key=lambda golden_id: golden_id != holder(shop, "A900"))
    assert holder(shop, "A901") == lives
    assert events(shop) == {("merged", gone)}
    assert shop.read(f"SELECT current_golden_id FROM redirect WHERE golden_id = '{gone}'") == [(lives,)]
    assert shop.read(f"SELECT count(*) FROM activity WHERE golden_id = '{gone}'") == [(0,)]
    assert told(shop) != before

    take_back()
    assert shop.night(ALONE, checks=False).published
    assert events(shop) == {("unmerged", gone)}
    assert shop.read("SELECT count(*) FROM redirect") == [(0,)]
    return before


def test_what_was_held_apart_and_is_taken_back_is_as_it_was(town: Town) -> None:
    shop = town(True)  # noqa: FBT003 - she has two accounts
    before, one = told(shop), holder(shop, "A900")
    assert holder(shop, "A902") == one

    take_back = steward(shop, "different", "A900", "A902")
    assert shop.night(ALONE, checks=False).published
    assert holder(shop, "A900") != holder(shop, "A902")
    assert one in {holder(shop, "A900"), holder(shop, "A902")}

    take_back()
    assert shop.night(ALONE, checks=False).published
    assert told(shop) == before


STAYS_BEHIND = """coalesce((
    SELECT min(earlier.golden_id) FROM base.activity AS earlier SEMI JOIN golden.customer USING (golden_id)
    WHERE earlier.activity_id = named.activity_id), held.golden_id) AS golden_id"""
"""What others do: an order stays with the customer that it was with, as long as there is that customer."""


def test_orders_that_stay_behind_are_found(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what hangs on customers instead of records does not come back."""
    shop = town(False)  # noqa: FBT003 - she has one account
    query = record_activity._HAPPENED  # noqa: SLF001
    assert "held.golden_id," in query
    monkeypatch.setattr(record_activity, "_HAPPENED", query.replace("held.golden_id,", f"{STAYS_BEHIND},"))
    with pytest.raises(ReleaseDamaged, match="nobody's order hangs on somebody else"):
        two_nights(shop, merge_by_new_record)
