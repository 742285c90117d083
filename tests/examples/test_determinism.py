"""The same seed gives the same bytes: in another process, on another machine, in another Python."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from examples.shop.clock import NIGHTS
from examples.shop.dice import Dice, SteadyHand
from examples.shop.generate import truth, write_night

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = 100
# Written down once; only a change of the example itself may change it.
THREE_NIGHTS = "ffa60e6ff6fa172a244b5c1f2ae0f8335721431f9f336052d064038c14aa36dc"


def digest(folder: Path) -> str:
    """Hash all exports below a folder, names and bytes."""
    whole = sha256()
    for path in sorted((folder / "exports").rglob("*.*")):
        whole.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return whole.hexdigest()


def test_three_nights_are_the_bytes_written_down(tmp_path: Path) -> None:
    for night in NIGHTS:
        write_night(tmp_path, night, people=PEOPLE)
    assert digest(tmp_path) == THREE_NIGHTS


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_another_process_writes_the_same_bytes(hash_seed: str, tmp_path: Path, checkout: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    write_night(here, 3, people=PEOPLE)
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"}
    command = [sys.executable, "-m", "examples.shop.generate", str(there), "--night", "3", "--people", str(PEOPLE)]
    told = subprocess.run(command, cwd=checkout, env=environment, check=True, capture_output=True, text=True)
    assert digest(here) == digest(there)
    assert told.stdout.startswith("Night 3: ")


def test_another_seed_is_another_shop_with_the_same_story(tmp_path: Path) -> None:
    one, other = (write_night(tmp_path / str(seed), 3, people=PEOPLE, seed=seed) for seed in (20, 21))
    assert digest(tmp_path / "20") != digest(tmp_path / "21")
    assert one.parts == other.parts


def test_the_command_writes_the_truth_on_request(tmp_path: Path, checkout: Path) -> None:
    command = [sys.executable, "-m", "examples.shop.generate", str(tmp_path), "--people", str(PEOPLE)]
    subprocess.run([*command, "--truth", str(tmp_path / "truth.csv")], cwd=checkout, check=True, capture_output=True)
    lines = (tmp_path / "truth.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "source,source_record_id,person_id"
    assert [tuple(line.split(",")) for line in lines[1:]] == truth(1, people=PEOPLE)


@pytest.mark.parametrize(("night", "people"), [(0, PEOPLE), (4, PEOPLE), (1, PEOPLE - 1)])
def test_what_cannot_be_written_is_refused(night: int, people: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be"):
        write_night(tmp_path, night, people=people)
    assert list(tmp_path.iterdir()) == []


def test_dice_draw_what_they_are_asked_for() -> None:
    dice = Dice("test")
    assert {dice.between(3, 5) for _ in range(100)} == {3, 4, 5}
    assert sorted(dice.several("abc", 9)) == ["a", "b", "c"]
    assert {dice.weighted((("never", 0), ("always", 1))) for _ in range(50)} == {"always"}
    drawn = [dice.skewed(range(10)) for _ in range(2000)]
    assert drawn.count(0) > 3 * drawn.count(9) > 0
    steady = SteadyHand()
    assert not steady.chance(1)
    assert steady.pick("abc") == "a"
