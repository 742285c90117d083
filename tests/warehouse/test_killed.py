"""A publication that is killed anywhere leaves a valid release, and the next night reaches the same hashes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.warehouse import made_up
from tests.warehouse.made_up import PEOPLE, run_night
from warehouse.failpoint import FAILPOINT_VARIABLE
from warehouse.release.manifest import read_manifest
from warehouse.release.pointer import release_ids
from warehouse.release.publish import FAILPOINTS, Publication
from warehouse.release.verify import verify_release
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

MORE = PEOPLE | {"cus_d": ["9"]}


@pytest.fixture(scope="module")
def after_one(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("after_one"))
    run_night(workspace, PEOPLE, "one")
    return workspace


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, after_one: Workspace) -> Publication:
    workspace = copied(after_one, tmp_path_factory.mktemp("uninterrupted") / "workspace")
    published = run_night(workspace, MORE, "two")
    assert published is not None
    return published


def copied(workspace: Workspace, target: Path) -> Workspace:
    shutil.copytree(workspace.path, target, symlinks=True)
    return Workspace(target)


def run_killed(workspace: Workspace, failpoint: str, checkout: Path) -> int:
    return subprocess.run(
        [sys.executable, made_up.__file__, str(workspace.path), json.dumps(MORE), "two"],
        cwd=checkout,
        env=os.environ | {FAILPOINT_VARIABLE: failpoint},
        check=False,
    ).returncode


@pytest.mark.parametrize("failpoint", FAILPOINTS)
def test_killed_anywhere(
    failpoint: str, after_one: Workspace, uninterrupted: Publication, tmp_path: Path, checkout: Path
) -> None:
    workspace = copied(after_one, tmp_path / "workspace")
    assert run_killed(workspace, failpoint, checkout) == -signal.SIGKILL
    seen_by_readers = verify_release(workspace).release_id
    assert seen_by_readers == ("r2" if FAILPOINTS.index(failpoint) >= FAILPOINTS.index("flipped") else "r1")
    again = run_night(workspace, MORE, "three")
    assert again is not None
    assert again.outcome == ("published" if seen_by_readers == "r1" else "nothing_changed")
    assert (again.release_id, again.release_hash) == ("r2", uninterrupted.release_hash)
    assert release_ids(workspace) == ("r1", "r2")
    assert read_manifest(workspace.current).content_hash == uninterrupted.content_hash
    assert not [path for path in workspace.releases.iterdir() if path.name.startswith((".build", ".publishing"))]


def test_a_failpoint_that_does_not_exist_kills_nothing(after_one: Workspace, tmp_path: Path, checkout: Path) -> None:
    workspace = copied(after_one, tmp_path / "workspace")
    assert run_killed(workspace, "no such point", checkout) == 0
    assert verify_release(workspace).release_id == "r2"


def test_every_failpoint_is_listed(checkout: Path) -> None:
    named = {
        name
        for module in ("build", "publish")
        for name in re.findall(r'failpoint\("([^"]+)"\)', (checkout / "warehouse/release" / f"{module}.py").read_text())
    }
    assert named == set(FAILPOINTS)
