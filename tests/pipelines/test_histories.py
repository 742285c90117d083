"""Any history: the nights as they came give what one full night gives, and every release is right by itself.

Three ways lead to the end of a history. *As they came*: every night rests on the one before. *In full*: the last night
again from the same evening, with `--full`: it must give the same release, ids and log included. *Afresh*: a workspace
that has seen the first delivery, from which the model is, and then nothing but the last exports (of `orders`, all that
was ever delivered) and the stewards' decisions, with `--full`: it must give the same content. In some histories the
last night also makes its model anew; then a workspace that has never seen anything but the last exports must give the
same content.
"""

from __future__ import annotations

import copy
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.pipelines.histories import Life, any_history, rehearse
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.pipelines.histories import History

    Mornings = Callable[[History], Life]

FEW = 2
MANY = 500
RETRAINED_IN = 8
"""In one of so many histories the last night makes its model anew."""


@pytest.fixture(scope="module")
def mornings(tmp_path_factory: pytest.TempPathFactory) -> Mornings:
    """Return what gives the morning after a town's first night; it is lived through once per town."""
    known: dict[tuple[int, int], Life] = {}

    def after_the_first_night(history: History) -> Life:
        key = history.town, history.homes
        if key not in known:
            known[key] = Life.founded(tmp_path_factory.mktemp("town") / "first", history)
        return known[key]

    return after_the_first_night


def live_through(history: History, morning: Life, folder: Path, *, retrain: bool) -> None:
    """Live through the history in a copy of the morning; assert all that must hold at its end."""
    morning.copied(folder / "as_they_came")
    life = Life(folder / "as_they_came", copy.deepcopy(morning.town), copy.deepcopy(morning.witness))
    *evenings, last = history.evenings
    for evening in evenings:
        life.happen(evening)
        life.tempt(evening)
        life.night()
        if evening.fate == "run again":
            assert life.night().outcome == "nothing_changed"
        life.town.sleep()
    life.happen(last, readable=True)
    life.tempt(last)
    evening_before = life.copied(folder / "in_full")
    incremental = life.night()
    full = rehearse(evening_before, replace(life.options, full=True))
    assert full.content_hash == incremental.content_hash
    assert full.release_hash == incremental.release_hash
    afresh = rehearse(_with_inputs_of(life, morning.copied(folder / "afresh")), replace(life.options, full=True))
    assert afresh.content_hash == incremental.content_hash
    if last.fate == "run again":
        assert life.night().outcome == "nothing_changed"
    if retrain:
        retrained = rehearse(life.workspace, replace(life.options, retrain=True))
        from_nothing = rehearse(_with_inputs_of(life, Workspace(folder / "from_nothing")), life.options)
        assert retrained.content_hash == from_nothing.content_hash


def _with_inputs_of(life: Life, workspace: Workspace) -> Workspace:
    shutil.rmtree(workspace.path / "exports", ignore_errors=True)
    shutil.copytree(life.path / "exports", workspace.path / "exports")
    shutil.copy(life.workspace.settings_file, workspace.settings_file)
    workspace.var.mkdir(exist_ok=True)
    for file in life.workspace.var.glob("stewardship.sqlite*"):
        shutil.copy(file, workspace.var)
    return workspace


@pytest.mark.parametrize("seed", range(FEW))
def test_any_history(seed: int, mornings: Mornings, tmp_path: Path) -> None:
    history = any_history(seed, towns=2)
    live_through(history, mornings(history), tmp_path, retrain=seed % RETRAINED_IN == 0)
    shutil.rmtree(tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(FEW, FEW + MANY))
def test_many_histories(seed: int, mornings: Mornings, tmp_path: Path) -> None:
    history = any_history(seed)
    live_through(history, mornings(history), tmp_path, retrain=seed % RETRAINED_IN == 0)
    shutil.rmtree(tmp_path)
