"""The same inputs give the same release: in any order, on any threads, on any machine, in one night or in two."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.pipelines.shop import TONIGHT, Shop, as_given, do_night, shuffled

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.summary import RunSummary


def shops(often: int) -> pytest.MarkDecorator:
    """Try so many shops, told apart by the seed of who their customers are; the soak tries twenty."""
    soaked = [pytest.param(seed, marks=pytest.mark.soak) for seed in range(often, 20)]
    return pytest.mark.parametrize("seed", [*range(often), *soaked])


@shops(2)
def test_order_files_threads_and_machines_do_not_matter(tmp_path: Path, seed: int) -> None:
    here, there = Shop(tmp_path / "here"), Shop(tmp_path / "there")
    for shop in (here, there):
        shop.populate(30, seed)
    here.write()
    there.write(shuffled(seed), parts=3 - seed % 3)
    one = do_night(here.workspace, replace(TONIGHT, threads=1), checks=False)
    other = do_night(there.workspace, replace(TONIGHT, threads=2), checks=False)
    assert one.published
    assert one.content_hash == other.content_hash
    assert one.release_hash == other.release_hash


def test_other_content_has_another_hash(tmp_path: Path) -> None:
    """The control of the hashes' equality: one letter of one record shows."""
    one, other = Shop(tmp_path / "one"), Shop(tmp_path / "other")
    for shop in (one, other):
        shop.populate(30, 1)
    other.accounts["A007"]["city"] = "Brightwatex"
    assert one.night(checks=False).content_hash != other.night(checks=False).content_hash


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, RunSummary]:
    """Return a shop after its first night, and what that night said."""
    shop = Shop(tmp_path_factory.mktemp("morning") / "shop")
    shop.populate(30, 2)
    return shop, shop.night()


@pytest.fixture
def after_the_first(morning: tuple[Shop, RunSummary], tmp_path: Path) -> tuple[Shop, RunSummary]:
    """Return a copy of it for one test; where it lies does not matter, as the test of one that moves shows."""
    shop, first = morning
    shutil.copytree(shop.path, tmp_path / "shop", symlinks=True)
    return Shop(tmp_path / "shop", shop.accounts, shop.cases), first


def test_a_second_run_on_the_same_files_publishes_nothing(after_the_first: tuple[Shop, RunSummary]) -> None:
    shop, first = after_the_first
    shop.write(shuffled(2))
    again = do_night(shop.workspace, TONIGHT)
    assert (first.published, again.published) == (True, False)
    assert again.outcome == "nothing_changed"
    assert again.release_id == first.release_id
    assert again.release_hash == first.release_hash
    assert again.records["billing"]["unchanged"] == 30


@shops(1)
def test_two_nights_give_what_one_gives(tmp_path: Path, seed: int) -> None:
    """The second night makes its model anew, so that both ways decide by the same model."""
    twice, once = Shop(tmp_path / "twice"), Shop(tmp_path / "once")
    for shop in (twice, once):
        shop.populate(40, seed)
    everything, early = dict(twice.accounts), dict(list(twice.accounts.items())[:30])
    twice.accounts = early
    assert twice.night(checks=False).published
    twice.accounts = everything
    second = twice.night(replace(TONIGHT, retrain=True), checks=False)
    assert second.published
    assert second.content_hash == once.night(checks=False).content_hash


@shops(1)
def test_the_same_history_gives_the_same_ids(tmp_path: Path, seed: int) -> None:
    hashes = []
    for machine in range(2):
        shop = Shop(tmp_path / f"machine_{machine}")
        shop.populate(30, seed)
        shop.night(checks=False)
        shop.accounts["A003"]["email"] = "moved.house@mail.example"
        del shop.accounts["A004"]
        shop.case("C900", name="Ada Quist", email="ada.quist@elsewhere.example")
        shop.write(shuffled(seed) if machine else as_given)
        hashes.append(do_night(shop.workspace, replace(TONIGHT, threads=1 + machine), checks=False).release_hash)
    assert hashes[0] == hashes[1]


def test_a_workspace_that_moves_keeps_its_hashes(after_the_first: tuple[Shop, RunSummary], tmp_path: Path) -> None:
    shop, first = after_the_first
    moved = Shop(tmp_path / "elsewhere", shop.accounts, shop.cases)
    shutil.move(shop.path, moved.path)
    again = moved.night(checks=False)
    assert again.outcome == "nothing_changed"
    assert again.release_hash == first.release_hash


def test_a_lost_warehouse_is_made_again_from_the_release(after_the_first: tuple[Shop, RunSummary]) -> None:
    shop, first = after_the_first
    shop.workspace.warehouse_file.unlink()
    again = shop.night(checks=False)
    assert again.outcome == "nothing_changed"
    assert again.release_hash == first.release_hash
