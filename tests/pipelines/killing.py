"""Kills a command in a process of its own, and asserts what must hold then and after one more night.

A *scene* is a workspace before a command. What an undisturbed command and a night after it lead to is the *morning* of
the scene; wherever the command is killed, the next night must lead to the same morning.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import shutil
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import warehouse.failpoint
from quality.audit import audit_release
from tests.pipelines.shop import TONIGHT, Shop, do_night
from warehouse.connection import open_database, open_published
from warehouse.durable import remove_tree
from warehouse.errors import Refused, SurroundingsError
from warehouse.failpoint import FAILPOINT_VARIABLE
from warehouse.release.approve import approve
from warehouse.release.hold import REASONS
from warehouse.release.manifest import GOLDEN, read_manifest
from warehouse.release.pointer import current_release_id, release_ids
from warehouse.release.rollback import rollback
from warehouse.release.verify import verify_release
from warehouse.workspace import Workspace, lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Act = Callable[[Workspace], None]

# Its server has loaded what a night needs, so that a process of a night costs the night alone.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(
    ["pipelines.cli", "pipelines.run_nightly", "tests.pipelines.shop", "great_expectations"]
)

LEFTOVERS = (".build_*", ".publishing", ".*.draft", ".held_*", "*.duckdb.tmp")
FEW_KEPT = "retention: {releases: 3, raw_days: 1}\n"


def night(workspace: Workspace) -> None:
    do_night(workspace, TONIGHT, checks=False)


def checked_night(workspace: Workspace) -> None:
    do_night(workspace, TONIGHT)


def roll_back_to(workspace: Workspace, release_id: str) -> None:
    with lock(workspace), suppress(Refused):  # it is the current one already
        rollback(workspace, release_id)


def roll_back(workspace: Workspace) -> None:
    roll_back_to(workspace, "r1")


def approve_held(workspace: Workspace) -> None:
    with lock(workspace), suppress(Refused):  # it was approved already
        approve(workspace, name="ann", reason="they are gone", keep=3, audit=audit_release)


def age(workspace: Workspace, days: int) -> None:
    """Let all that was landed so far be so many days older."""
    with open_database(workspace.warehouse_file) as con:
        con.execute("UPDATE quality.run SET started_at = started_at - to_days(?)", [days]).fetchall()


@dataclass(frozen=True)
class Morning:
    """What readers and the next night find: the releases, the current one's hashes, and the held candidate."""

    releases: tuple[str, ...]
    current: str | None
    hashes: tuple[str, str] | None
    held: tuple[str, ...] | None
    leftovers: tuple[str, ...]


def morning(workspace: Workspace) -> Morning:
    current = current_release_id(workspace)
    manifest = read_manifest(workspace.current) if current else None
    held = None
    if workspace.held.exists():
        reasons = json.loads((workspace.held / REASONS).read_text())["reasons"]
        held = (read_manifest(workspace.held).release_hash, *reasons)
    return Morning(
        release_ids(workspace),
        current,
        (manifest.content_hash, manifest.release_hash) if manifest else None,
        held,
        tuple(sorted(path.name for pattern in LEFTOVERS for path in workspace.var.rglob(pattern))),
    )


def feed(workspace: Workspace) -> list[tuple[Any, ...]]:
    """Return the change log of the highest release."""
    existing = release_ids(workspace)
    if not existing:
        return []
    with open_published(workspace.releases / existing[-1] / GOLDEN) as con:
        return con.execute("SELECT sequence, release_id, event, golden_id FROM change ORDER BY sequence").fetchall()


@dataclass(frozen=True)
class Scene:
    """A workspace before `act`; `points` are the failpoints that it passes, in their order."""

    name: str
    workspace: Workspace
    act: Act
    points: tuple[str, ...]
    feed: list[tuple[Any, ...]]
    morning: Morning

    def copied(self, folder: Path) -> Workspace:
        shutil.copytree(self.workspace.path, folder, symlinks=True)
        return Workspace(folder)

    def killed_at(self, point: str, workspace: Workspace) -> None:
        """Act until the point; assert what must hold at once."""
        process = processes.Process(target=act_until, args=(self.act, workspace, point))
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL, f"{self.name} never came to {point}: {process.exitcode}"
        self.assert_whole(workspace)

    def assert_whole(self, workspace: Workspace) -> None:
        """Assert that readers have a whole release, and that no event was lost."""
        if self.feed or current_release_id(workspace):
            verify_release(workspace)
        for release_id in release_ids(workspace):
            verify_release(workspace, release_id)
        assert feed(workspace)[: len(self.feed)] == self.feed, "the log has lost or changed events"

    def assert_made_up(self, workspace: Workspace) -> None:
        """Act again, run a night, and assert that it is the morning that an undisturbed one led to."""
        if self.act is not night:
            self.act(workspace)
        night(workspace)
        self.assert_whole(workspace)
        assert morning(workspace) == self.morning


def act_until(act: Act, workspace: Workspace, point: str) -> None:
    os.environ[FAILPOINT_VARIABLE] = point
    act(workspace)


class Listening:
    """Stands for the environment and writes down every point that is asked about."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, _variable: str) -> Listening:
        return self

    def __eq__(self, point: object) -> bool:
        with self.path.open("a") as file:
            file.write(f"{point}\n")
        return False

    __hash__ = None  # type: ignore[assignment]  # it is compared, never kept


def act_listening(act: Act, workspace: Workspace, path: Path) -> None:
    warehouse.failpoint.os = SimpleNamespace(environ=Listening(path))  # type: ignore[attr-defined,assignment]  # on purpose
    act(workspace)


def scene(name: str, workspace: Workspace, folder: Path, act: Act = night) -> Scene:
    """Return the scene, after an undisturbed performance in a copy."""
    shutil.copytree(workspace.path, folder / "calm", symlinks=True)
    calm, heard = Workspace(folder / "calm"), folder / "points"
    process = processes.Process(target=act_listening, args=(act, calm, heard))
    process.start()
    process.join()
    assert process.exitcode == 0
    points = tuple(dict.fromkeys(heard.read_text().splitlines()))
    night(calm)
    return Scene(name, workspace, act, points, feed(workspace), morning(calm))


class Stage:
    """Sets scenes up, all of one shop; `seed` tells who its customers are."""

    def __init__(self, folder: Path, seed: int, people: int = 30) -> None:
        self.folder, self.seed = folder, seed
        self.shop = Shop(folder / "shop")
        self.shop.populate(people, seed)
        self.shop.write()
        self.made = 0

    def _scene(self, name: str, act: Act = night) -> Scene:
        self.made += 1
        kept = self.folder / f"{self.made}_{name.replace(' ', '_')}"
        shutil.copytree(self.shop.path, kept / "before", symlinks=True)
        return scene(f"{name} ({self.seed})", Workspace(kept / "before"), kept, act)

    def _move(self, key: str) -> None:
        self.shop.accounts[key]["email"] = f"moved.{key}.{self.made}@mail.example".lower()
        self.shop.write()

    def scenes(self, *, checks: bool = False, first: bool = True) -> Iterator[Scene]:
        """Yield the acts of a workspace's life, one after another: all there are, or those after the first night."""
        act = checked_night if checks else night
        if first:
            yield self._scene("first night", act)
        night(self.shop.workspace)
        self._move("A003")
        del self.shop.accounts["A004"]
        self.shop.case("C900", name="Ada Quist", email="ada.quist@elsewhere.example")
        self.shop.write()
        yield self._scene("ordinary night", act)
        lost = {key: self.shop.accounts.pop(key) for key in sorted(self.shop.accounts)[2:28]}
        self.shop.write()
        yield self._scene("held night")
        night(self.shop.workspace)
        yield self._scene("approval", approve_held)
        self.shop.accounts |= lost
        self._move("A006")
        yield self._scene("night after a hold", act)
        night(self.shop.workspace)
        yield self._scene("rollback", roll_back)
        roll_back(self.shop.workspace)
        self._move("A007")
        yield self._scene("night after a rollback", act)
        yield self._restored()
        yield self._swept()
        remove_tree(self.shop.workspace.held)  # which keeps the release that it rests on
        self.shop.settings += FEW_KEPT
        night(self.shop.workspace)
        age(self.shop.workspace, days=500)
        self._move("A008")
        yield self._scene("night that retires")

    def _restored(self) -> Scene:
        aside = self.shop.workspace.warehouse_file.rename(self.folder / "aside")
        found = self._scene("night that restores")
        aside.rename(self.shop.workspace.warehouse_file)
        return found

    def _swept(self) -> Scene:
        """Return a night that finds what kills have left: a release that nobody saw, and a candidate set aside."""
        found = self._scene("night that sweeps")
        process = processes.Process(target=act_until, args=(night, found.workspace, "renamed"))
        process.start()
        process.join()
        found.workspace.held.rename(found.workspace.var / ".held_old")
        (found.workspace.releases / ".build_r9").mkdir()
        (found.workspace.var / "warehouse.duckdb.tmp").mkdir()
        return scene(found.name, found.workspace, self.folder / "swept", night)


def night_with_files_up_to(workspace: Workspace, limit: int) -> None:
    """Run a night where no file may grow beyond `limit` bytes, which fails as a full disk does; leave its exit code."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        do_night(workspace, TONIGHT, checks=False)
    except SurroundingsError as error:
        sys.exit(error.exit_code)
