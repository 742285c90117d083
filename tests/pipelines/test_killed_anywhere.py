"""Killed at every point that has a name, in any scene of a workspace's life, nothing is lost and nothing half done."""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import pytest

import warehouse.release.publish
import warehouse.workspace
from pipelines.cli import main
from tests.pipelines.killing import Stage, act_until, morning, night, processes
from warehouse.durable import remove_tree
from warehouse.errors import JoinedupError, ReleaseDamaged
from warehouse.failpoint import failpoint
from warehouse.release.pointer import announce, conclude, point_at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipelines.killing import Scene
    from warehouse.workspace import Workspace

SEEDS = (11, 12, 13)
RANDOM_KILLS = 200
TIMES = 3
"""How often each point is tried in the soak, each time in another scene or another shop."""
OF_EXPORTS = frozenset({"export written"})
"""Where what is written lies outside the workspace; test_other_tools.py kills there."""


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return next(Stage(tmp_path_factory.mktemp("stage"), SEEDS[0]).scenes(first=False))


@pytest.mark.parametrize("point", ["link drafted", "unpublished discarded", "after score"])
def test_a_kill_at_a_point_with_a_name_changes_nothing(ordinary: Scene, tmp_path: Path, point: str) -> None:
    """Try a few; the kills at the end of every step stand in test_kills.py, all the others are the soak's."""
    workspace = ordinary.copied(tmp_path / "shop")
    ordinary.killed_at(point, workspace)
    ordinary.assert_made_up(workspace)


def never_sweep(_workspace: Workspace) -> None:
    """Leave lying what a killed run left: a defect to seed."""


def flip_first(workspace: Workspace, folder: Path, release_id: str, base_release_id: str | None) -> None:
    """Point `current` at the release before it is there: a defect to seed."""
    del base_release_id
    announce(workspace, release_id)
    point_at(workspace, release_id)
    failpoint("flipped")
    folder.rename(workspace.releases / release_id)
    conclude(workspace, release_id)


def night_that_flips_first(workspace: Workspace) -> None:
    warehouse.release.publish.make_current = flip_first
    night(workspace)


def test_a_flip_before_the_rename_is_noticed(ordinary: Scene, tmp_path: Path) -> None:
    """A control: the same kill, of a publication that does its steps in another order."""
    workspace = ordinary.copied(tmp_path / "shop")
    process = processes.Process(target=act_until, args=(night_that_flips_first, workspace, "flipped"))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with pytest.raises(ReleaseDamaged):
        ordinary.assert_whole(workspace)


def test_a_sweep_that_is_left_out_is_noticed(ordinary: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A control: the same kill, and a next night that leaves lying what it finds."""
    workspace = ordinary.copied(tmp_path / "shop")
    ordinary.killed_at("renamed", workspace)
    monkeypatch.setattr(warehouse.workspace, "sweep", never_sweep)
    with pytest.raises((AssertionError, JoinedupError)):
        ordinary.assert_made_up(workspace)


def test_a_log_that_lost_an_event_is_noticed(ordinary: Scene) -> None:
    """A control: the log does not go on from what was published before."""
    lost = replace(ordinary, feed=[(0, "r0", "created", "cus_gone"), *ordinary.feed])
    with pytest.raises(AssertionError, match="lost or changed events"):
        lost.assert_whole(ordinary.workspace)


def named_points(checkout: Path, rooms: tuple[str, ...]) -> set[str]:
    """Return the points that the code names; a step's are named after it."""
    code = [path.read_text() for room in rooms for path in (checkout / room).rglob("*.py")]
    return {name for text in code for name in re.findall(r'failpoint\("([^"]+)"\)', text)}


@pytest.mark.soak
def test_every_point_three_times(
    tmp_path_factory: pytest.TempPathFactory, checkout: Path, rooms: tuple[str, ...]
) -> None:
    started = time.monotonic()
    shops = [Stage(tmp_path_factory.mktemp("stage"), seed) for seed in SEEDS]
    quick = [each for shop in shops for each in shop.scenes()]
    checked = list(islice(Stage(tmp_path_factory.mktemp("checked"), SEEDS[0]).scenes(checks=True), 4))
    assert named_points(checkout, rooms) - OF_EXPORTS <= {point for each in quick for point in each.points}
    kills: Counter[str] = Counter()
    for point in dict.fromkeys(point for each in [*quick, *checked] for point in each.points):
        able = [each for each in quick if point in each.points] or [each for each in checked if point in each.points]
        # one of each kind first, then the same kind in another shop
        kinds = [each.name[:9] for each in able]
        places = sorted(range(len(able)), key=lambda place: (kinds[:place].count(kinds[place]), place))
        for number, each in enumerate(able[place] for place in places[:TIMES]):
            workspace = each.copied(tmp_path_factory.mktemp("killed") / "shop")
            each.killed_at(point, workspace)
            each.assert_made_up(workspace)
            remove_tree(workspace.path)
            kills[point] = number + 1
        print(f"{sum(kills.values())} kills, the last at {point!r}", flush=True)
    print(f"\n{len(kills)} points, {sum(kills.values())} kills in {time.monotonic() - started:.0f} s:")
    print("  0 invalid, 0 events lost, the same morning after each", dict(kills))
    assert set(kills.values()) == {TIMES}


def whole_command(workspace: Workspace, said: Path) -> None:
    """Run the command itself, Dagster and checks and all; what it says of its steps goes into a file."""
    with said.open("w") as file:
        os.dup2(file.fileno(), 2)
        os.dup2(file.fileno(), 1)
        main(["run", "-w", str(workspace.path), "--as-of", "2026-02-01"])


def timed(scene: Scene, folder: Path) -> float:
    """Return how long the command takes undisturbed, in seconds."""
    workspace, started = scene.copied(folder), time.monotonic()
    process = processes.Process(target=whole_command, args=(workspace, folder / "said"))
    process.start()
    process.join()
    assert process.exitcode == 0
    assert morning(workspace) == scene.morning
    return time.monotonic() - started


def landed_in(workspace: Workspace, said: str) -> str:
    """Return which step the kill struck, by what the command had said and what lies in the workspace."""
    done = re.findall(r"✓ (.+?)  ", said)
    if not (workspace.var / "dagster").exists() or not said:
        return "before the first step"
    if (workspace.releases / ".publishing").exists():
        return "publish: the flip"
    return f"after {done[-1].strip()}" if done else "before the first step"


@pytest.mark.soak
def test_two_hundred_kills_at_any_moment(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder, dice = tmp_path_factory.mktemp("random"), random.Random(1)
    chosen = list(islice(Stage(folder / "stage", SEEDS[0], people=12).scenes(), 2))
    struck: Counter[str] = Counter()
    in_time = 0
    seconds = timed(chosen[1], folder / "timed")
    while sum(struck.values()) < RANDOM_KILLS:
        each = chosen[dice.random() < 0.7]
        workspace, said = each.copied(folder / "shop"), folder / "said"
        said.unlink(missing_ok=True)
        process = processes.Process(target=whole_command, args=(workspace, said))
        process.start()
        process.join(dice.random() * seconds)
        process.kill()
        process.join()
        if process.exitcode == -signal.SIGKILL:
            step = landed_in(workspace, said.read_text() if said.exists() else "")
            struck[step] += 1
            each.assert_whole(workspace)
            each.assert_made_up(workspace)
            print(f"{sum(struck.values())} kills, the last {step}", flush=True)
        else:  # it was quicker than that
            in_time += 1
        remove_tree(workspace.path)
    print(f"\n{sum(struck.values())} kills at any moment, {in_time} ended first: 0 invalid, 0 events lost", struck)
