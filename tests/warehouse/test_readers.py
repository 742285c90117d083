"""Readers see one whole release each, whatever is published and taken away meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.warehouse import reader
from tests.warehouse.made_up import PEOPLE, run_night
from tests.warehouse.reader import witness, wrong_with
from warehouse.read import open_release
from warehouse.release.manifest import WORKINGS
from warehouse.release.pointer import release_ids

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.workspace import Workspace

READERS = 4


@dataclass
class Reading:
    """The readers at work, and what each of them told when it had ended."""

    processes: list[subprocess.Popen[str]]
    told: list[dict[str, Any]] = field(default_factory=list)

    @property
    def reads(self) -> int:
        return sum(told["reads"] for told in self.told)

    @property
    def wrong(self) -> list[dict[str, Any]]:
        return [told for told in self.told if told["wrong"]]


@contextmanager
def reading(
    workspace: Workspace, notes: Path, checkout: Path, *, readers: int = READERS, pause: float = 0
) -> Iterator[Reading]:
    """Let readers read for the block; afterwards it is known what they saw."""
    script = [sys.executable, reader.__file__, str(workspace.path), str(notes), str(pause)]
    at_work = Reading([started(script, checkout) for _ in range(readers)])
    try:
        for process in at_work.processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "reading\n"
        yield at_work
        for process in at_work.processes:
            at_work.told.append(json.loads(process.communicate("stop\n", timeout=120)[0]))
    finally:
        for process in at_work.processes:
            ended(process)


def started(script: list[str], checkout: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(script, cwd=checkout, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> None:
    with process:  # which closes its pipes and waits for it
        process.kill()


def people(number: int) -> dict[str, list[str]]:
    """Return who is published in the n-th release: it differs from every other one in many rows."""
    return PEOPLE | {f"cus_{n:02d}": [str(100 * number + n)] for n in range(10 + number % 7)}


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes").mkdir()
    return tmp_path / "notes"


def publish(workspace: Workspace, notes: Path, number: int) -> None:
    published = run_night(workspace, people(number), f"n{number}", audit=lambda folder: witness(folder, notes))
    assert published is not None
    assert published.release_id == f"r{number}"


@pytest.mark.parametrize(("publications", "pause"), [(8, 0.4), pytest.param(300, 0, marks=pytest.mark.soak)])
def test_readers_see_whole_releases_while_others_are_published(
    workspace: Workspace, notes: Path, checkout: Path, publications: int, pause: float
) -> None:
    publish(workspace, notes, 1)
    with reading(workspace, notes, checkout, pause=pause) as at_work:
        for number in range(2, publications + 2):
            publish(workspace, notes, number)
    print(f"\n{publications} publications, {READERS} readers: {at_work.reads} reads, {len(at_work.wrong)} went wrong")
    assert at_work.wrong == []
    assert all(told["reads"] > 1 for told in at_work.told)
    assert max(told["releases"] for told in at_work.told) > 1
    # those that were read when their time was up stay until the next publication
    assert set(release_ids(workspace)) >= {f"r{publications + 1 - n}" for n in range(3)}
    assert len(release_ids(workspace)) <= 3 + READERS


def test_the_readers_notice_what_is_written_over_in_place(workspace: Workspace, notes: Path, checkout: Path) -> None:
    """The control: a publisher that writes into the files of the release that is read."""
    for number in (1, 2):
        publish(workspace, notes, number)
    current, other = workspace.releases / "r2", workspace.releases / "r1"
    for path in [current, current / "parquet", *current.rglob("*.*")]:
        path.chmod(0o755)
    with reading(workspace, notes, checkout, readers=2) as at_work:
        for _ in range(3):
            for path in sorted(current.rglob("*.parquet")):
                write_over(path, other / path.relative_to(current))
    assert len(at_work.wrong) == 2, at_work.told


def write_over(path: Path, source: Path) -> None:
    """Write the other file's bytes into this one, without a size that would give it away."""
    content = source.read_bytes()[: path.stat().st_size]
    with path.open("r+b") as file:
        file.write(content)
        os.fsync(file.fileno())


def test_a_long_reader_keeps_its_release_and_a_killed_one_frees_it(
    workspace: Workspace, notes: Path, checkout: Path
) -> None:
    publish(workspace, notes, 1)
    holder = started([sys.executable, "-c", HOLD_OPEN, str(workspace.path)], checkout)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "r1\n"
        for number in range(2, 8):
            publish(workspace, notes, number)
        assert release_ids(workspace) == ("r1", "r5", "r6", "r7")
        assert (workspace.releases / "r1" / WORKINGS).exists()
        with open_release(workspace, "r1") as release:
            assert wrong_with(release, notes) == []
    finally:
        ended(holder)
    publish(workspace, notes, 8)
    assert release_ids(workspace) == ("r6", "r7", "r8")


HOLD_OPEN = """
import sys, time
from warehouse.read import open_release
release = open_release(sys.argv[1])
print(release.release_id, flush=True)
time.sleep(600)
"""
