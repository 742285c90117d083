from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse.made_up import PEOPLE, run_night
from warehouse.errors import Refused, ReleaseDamaged
from warehouse.read import open_release
from warehouse.release.verify import verify_release
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a workspace whose release may be written to, so that it can be damaged."""
    workspace = Workspace(tmp_path_factory.mktemp("published"))
    run_night(workspace, PEOPLE, "one")
    for path in [workspace.releases / "r1", *(workspace.releases / "r1").rglob("*")]:
        path.chmod(0o755)
    return workspace


def files(workspace: Workspace) -> list[Path]:
    return sorted(path for path in (workspace.releases / "r1").rglob("*") if path.is_file())


@given(data=st.data())
@settings(max_examples=25)
def test_every_flipped_bit_is_found_and_its_file_named(published: Workspace, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(files(published)))
    whole = path.read_bytes()
    position = data.draw(st.integers(0, len(whole) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    try:
        path.write_bytes(whole[:position] + bytes([whole[position] ^ bit]) + whole[position + 1 :])
        if path.name == "manifest.json" and harmless(whole, path.read_bytes()):
            return
        # a manifest that tells another sha256 of a file cannot be told from a file that has another one
        named = None if path.name == "manifest.json" else path.name
        with pytest.raises(ReleaseDamaged, match=named):
            verify_release(published)
    finally:
        path.write_bytes(whole)


def harmless(before: bytes, after: bytes) -> bool:
    """Return whether two manifests differ in nothing that a release could be checked against."""
    checked = ("release_id", "files", "content_hash", "release_hash", "rows")
    try:
        told, meant = json.loads(after), json.loads(before)
    except ValueError:
        return False
    return all(told.get(name) == meant[name] for name in checked)


@pytest.mark.parametrize("name", ["golden.duckdb", "workings.duckdb", "parquet/customer.parquet", "manifest.json"])
def test_a_file_cut_short_is_found_at_once(published: Workspace, name: str) -> None:
    path = published.releases / "r1" / name
    whole = path.read_bytes()
    try:
        path.write_bytes(whole[:-100])
        with pytest.raises(ReleaseDamaged, match=name):
            verify_release(published)
        with pytest.raises(ReleaseDamaged, match=name):
            open_release(published)
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize("name", ["golden.duckdb", "parquet/customer.parquet", "manifest.json"])
def test_a_missing_file_is_named(published: Workspace, name: str) -> None:
    path = published.releases / "r1" / name
    aside = published.path / "aside"
    path.rename(aside)
    try:
        with pytest.raises(ReleaseDamaged, match=name):
            verify_release(published)
        with pytest.raises(ReleaseDamaged, match=name):
            open_release(published)
    finally:
        aside.rename(path)


def test_a_file_too_many_is_named(published: Workspace) -> None:
    path = published.releases / "r1" / "golden.duckdb.wal"
    path.write_bytes(b"")
    try:
        with pytest.raises(ReleaseDamaged, match=r"golden\.duckdb\.wal was not published"):
            verify_release(published)
    finally:
        path.unlink()


def test_a_manifest_that_tells_of_other_rows_is_found(published: Workspace) -> None:
    path = published.releases / "r1" / "manifest.json"
    whole = path.read_text()
    try:
        for name in ("content_hash", "release_hash"):
            document = json.loads(whole)
            document[name] = "0" * 64
            path.write_text(json.dumps(document))
            with pytest.raises(ReleaseDamaged, match=f"another {name}"):
                verify_release(published)
    finally:
        path.write_text(whole)


def test_another_releases_folder_is_no_release(published: Workspace) -> None:
    copy = published.releases / "r5"
    shutil.copytree(published.releases / "r1", copy)
    try:
        with pytest.raises(ReleaseDamaged, match="is the manifest of r1"):
            verify_release(published, "r5")
    finally:
        shutil.rmtree(copy)


def test_an_undamaged_release_verifies_without_its_workings_too(published: Workspace) -> None:
    workings = published.releases / "r1" / "workings.duckdb"
    aside = published.path / "aside"
    assert verify_release(published, "r1").release_id == "r1"
    workings.rename(aside)
    try:
        assert verify_release(published).release_id == "r1"
    finally:
        aside.rename(workings)


def test_before_the_first_release_there_is_nothing_to_verify(workspace: Workspace) -> None:
    with pytest.raises(Refused, match="no release yet"):
        verify_release(workspace)
