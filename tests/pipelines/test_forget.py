"""What was delivered long ago is forgotten, and nothing that a release, a record or the next night rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.pipelines.killing import age, roll_back_to
from tests.pipelines.shop import SETTINGS, Shop
from warehouse.connection import open_database
from warehouse.forget import PERSONAL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipelines.summary import RunSummary
    from tests.pipelines.shop import Answer

INCREMENTAL = SETTINGS.replace("    key: case_id\n", "    key: case_id\n    load: incremental\n")


def shop_that_keeps(folder: Path, raw_days: int) -> Shop:
    shop = Shop(folder, settings=f"{INCREMENTAL}retention: {{releases: 2, raw_days: {raw_days}}}\n")
    shop.populate(8, 5)
    shop.account("A900", first_name="Ada", last_name="Nobody", email="ada@nobody.example", opened_on="yesterday")
    return shop


def live(shop: Shop) -> list[RunSummary]:
    """Live through four nights, the first two of which are long ago when the third comes."""
    nights = [shop.night(checks=False)]
    shop.accounts["A003"]["email"] = "moved.a003@mail.example"
    del shop.accounts["A004"]
    shop.cases.clear()  # an incremental source delivers what is new
    nights.append(shop.night(checks=False))
    age(shop.workspace, days=500)
    shop.accounts["A005"]["email"] = "moved.a005@mail.example"
    del shop.accounts["A001"]
    nights.append(shop.night(checks=False))
    shop.accounts["A006"]["email"] = "moved.a006@mail.example"
    nights.append(shop.night(checks=False))
    return nights


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Shop, list[RunSummary], list[RunSummary]]:
    """Return two shops with the same life, of which the first forgets after thirty days and the second never."""
    folder = tmp_path_factory.mktemp("shops")
    forgetful, mindful = shop_that_keeps(folder / "forgetful", 30), shop_that_keeps(folder / "mindful", 9999)
    return forgetful, mindful, live(forgetful), live(mindful)


def versions(shop: Shop, key: str) -> int:
    with open_database(shop.workspace.warehouse_file, read_only=True) as con:
        query = "SELECT count(*) FROM landing.source_record WHERE source_record_id = ?"
        return int(con.execute(query, [key]).fetchall()[0][0])


def kept(shop: Shop, query: str) -> list[tuple[object, ...]]:
    with open_database(shop.workspace.warehouse_file, read_only=True) as con:
        return con.execute(query).fetchall()


KEYS = ("A003", "A004", "A005", "A006", "A007", "A001")
TOMBSTONES = (
    f"SELECT source_record_id, concat_ws('', {', '.join(name + '::VARCHAR' for name in PERSONAL)}), record_hash <> ''"
    " FROM landing.source_record WHERE deleted ORDER BY source_record_id DESC"
)
QUARANTINED = "SELECT reason, source_record_id, raw, detail, kept_as FROM landing.quarantine ORDER BY raw NULLS FIRST"


def test_what_nothing_rests_on_is_forgotten(lived: tuple[Shop, Shop, list[RunSummary], list[RunSummary]]) -> None:
    forgetful, mindful, *_ = lived
    assert [versions(mindful, key) for key in KEYS] == [2, 2, 2, 2, 1, 2]
    # r3 and r4 are kept: r3 rests on the first version of A006; A001 was deleted not long ago, and may come back
    assert [versions(forgetful, key) for key in KEYS] == [1, 1, 1, 2, 1, 2]


def test_a_tombstone_stays_with_its_key_alone(lived: tuple[Shop, Shop, list[RunSummary], list[RunSummary]]) -> None:
    assert kept(lived[0], TOMBSTONES)[0] == ("A004", "", True)


def test_what_was_quarantined_long_ago_is_left_with_its_reason(
    lived: tuple[Shop, Shop, list[RunSummary], list[RunSummary]], joinedup: Callable[..., Answer]
) -> None:
    forgetful, mindful, *_ = lived
    told = kept(forgetful, QUARANTINED)
    assert told[:2] == [("bad_timestamp", "A900", None, None, "part")] * 2
    assert all("nobody.example" in str(row[2]) for row in told[2:])
    assert all(row[2] for row in kept(mindful, QUARANTINED))  # the control: without forgetting it stays
    for command in ("list", "show"):
        assert joinedup("quarantine", command, "-w", forgetful.path).exit_code == 0


def test_forgetting_changes_no_release(
    lived: tuple[Shop, Shop, list[RunSummary], list[RunSummary]],
) -> None:
    """Neither what the nights published, nor what comes after a rollback, a reappearance and an incremental night."""
    forgetful, mindful, *nights = lived
    assert [night.release_hash for night in nights[0]] == [night.release_hash for night in nights[1]]
    after = []
    for shop in (forgetful, mindful):
        roll_back_to(shop.workspace, "r3")
        shop.accounts["A001"] = {**shop.accounts["A002"], "account_id": "A001"}
        shop.case("C950", name="Ada Quist", email="ada.quist@elsewhere.example")
        night = shop.night(checks=False)
        after.append((night.release_id, night.content_hash, night.release_hash, night.records))
    assert after[0] == after[1]
    assert after[0][0] == "r5"
