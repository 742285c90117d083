"""The open sets cut into three nights by date: they end where one night on everything ends, and ids stay."""

from __future__ import annotations

import os
import resource
import shutil
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from pipelines.night import NightOptions
from tests.pipelines.cut_exports import INCREMENTAL, NIGHTS, Cut, cut_by_date
from tests.pipelines.histories import rehearse
from tests.pipelines.shop import Shop, do_night

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.summary import RunSummary
    from warehouse.workspace import Workspace

    Crosswalk = dict[str, str]

KEPT = 0.99
"""At least so many of the records whose customer is still made of the same records keep the golden id."""
ALONE = NightOptions(threads=1)


@dataclass(frozen=True)
class Lived:
    """Three nights: what each did and who was whose after it, and the workspace as it was before the last."""

    shop: Shop
    nights: list[RunSummary]
    crosswalks: list[Crosswalk]
    before_the_last: Workspace


def settings_of(shared_data: Path) -> str:
    """Return the settings of the small open set; where they are not to be had the test is skipped by name."""
    path = shared_data.parents[1] / "examples/open_small.yaml"
    if not path.is_file():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no settings for the open set at {path}")
    return path.read_text()


def live(cut: Cut, settings: str, folder: Path, *, growing: bool) -> Lived:
    """Live through the nights, each with what had been written by then."""
    shop = Shop(folder / ("growing" if growing else "incremental"))
    shop.path.mkdir()
    for old, new in () if growing else INCREMENTAL.items():
        settings = settings.replace(old, new)
    shop.workspace.settings_file.write_text(settings)
    nights, crosswalks = [], []
    before_the_last = replace(shop, path=folder / f"{shop.path.name}_before").workspace
    for night in range(NIGHTS):
        cut.write(shop.path / "exports", night, growing=growing)
        if night == NIGHTS - 1:
            shutil.copytree(shop.path, before_the_last.path, symlinks=True)
        nights.append(do_night(shop.workspace, ALONE, checks=False))
        crosswalks.append(shop.crosswalk())
    return Lived(shop, nights, crosswalks, before_the_last)


def companions(crosswalk: Crosswalk, among: set[str]) -> dict[str, frozenset[str]]:
    """Return for each record the records of its customer, of those in `among`."""
    members: dict[str, set[str]] = {}
    for record, golden_id in crosswalk.items():
        if record in among:
            members.setdefault(golden_id, set()).add(record)
    return {record: frozenset(found) for found in members.values() for record in found}


def share_of_ids_kept(before: Crosswalk, after: Crosswalk) -> float:
    """Return the share of records that keep their id, of those on both nights that are together with the same ones."""
    both = set(before) & set(after)
    was, is_now = companions(before, both), companions(after, both)
    same = [record for record in both if was[record] == is_now[record]]
    return sum(before[record] == after[record] for record in same) / len(same)


def end_where_one_night_ends(lived: Lived, cut: Cut, settings: str, folder: Path) -> None:
    """Assert that the last night gives what it gives in full, and with a model made anew what one night gives."""
    last = lived.nights[-1]
    in_full = rehearse(lived.before_the_last, replace(ALONE, full=True))
    assert (in_full.content_hash, in_full.release_hash) == (last.content_hash, last.release_hash)
    at_once = Shop(folder / "at_once")
    at_once.path.mkdir()
    at_once.workspace.settings_file.write_text(settings)
    cut.write(at_once.path / "exports", NIGHTS - 1, growing=True)
    retrained = rehearse(lived.shop.workspace, replace(ALONE, retrain=True))
    assert retrained.content_hash == rehearse(at_once.workspace, ALONE).content_hash


def told(lived: Lived) -> str:
    kept = [share_of_ids_kept(*pair) for pair in pairwise(lived.crosswalks)]
    nights = ", ".join(f"{night.outcome} ({night.merges} merges, {night.splits} splits)" for night in lived.nights)
    spent = resource.getrusage(resource.RUSAGE_SELF)
    shares = ", ".join(f"{share:.2%}" for share in kept)
    return f"{nights}; ids kept {shares}; {spent.ru_utime + spent.ru_stime:.0f} CPU s so far"


def lived_well(lived: Lived) -> None:
    """Assert that every night was published under the gate as it is shipped, and that ids were kept."""
    assert [night.outcome for night in lived.nights] == ["published"] * NIGHTS, [n.held_by for n in lived.nights]
    for before, after in pairwise(lived.crosswalks):
        assert share_of_ids_kept(before, after) >= KEPT, told(lived)


@pytest.mark.parametrize("growing", [True, False], ids=["growing", "incremental"])
def test_some_people_in_three_nights(shared_data: Path, tmp_path: Path, *, growing: bool) -> None:
    settings = settings_of(shared_data)
    cut = cut_by_date(shared_data / "customers_small", one_in=8)
    lived = live(cut, settings, tmp_path, growing=growing)
    lived_well(lived)
    if growing:
        end_where_one_night_ends(lived, cut, settings, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("growing", [True, False], ids=["growing", "incremental"])
@pytest.mark.parametrize("people", ["customers_small", "customers_hard"])
def test_everybody_in_three_nights(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], people: str, *, growing: bool
) -> None:
    settings = settings_of(shared_data)
    cut = cut_by_date(shared_data / people)
    lived = live(cut, settings, tmp_path, growing=growing)
    with capsys.disabled():
        print(f"\n{people}: {told(lived)}")
    lived_well(lived)
    end_where_one_night_ends(lived, cut, settings, tmp_path)


def test_ids_that_move_are_found() -> None:
    """The control: an id that went to other records, and one that was given anew though nothing had changed."""
    before = {"a": "one", "b": "one", "c": "two", "d": "three"}
    assert share_of_ids_kept(before, before | {"e": "two"}) == 1
    assert share_of_ids_kept(before, before | {"a": "two", "b": "two", "c": "one"}) == pytest.approx(1 / 4)
    assert share_of_ids_kept(before, before | {"d": "four"}) == pytest.approx(3 / 4)
    assert share_of_ids_kept(before, before | {"b": "five"}) == 1
