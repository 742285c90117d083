"""Verify a release: every file is there and is what the manifest says, and nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.connection import PUBLISHED, open_published
from warehouse.durable import surroundings
from warehouse.errors import Refused, ReleaseDamaged
from warehouse.release.hashes import hash_release, in_catalog
from warehouse.release.manifest import GOLDEN, MANIFEST, WHAT_TO_DO, WORKINGS, Manifest, file_sha256, read_manifest
from warehouse.release.pointer import current_release_id, release_ids

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.workspace import Workspace


def find_release(workspace: Workspace, release_id: str | None = None) -> Path:
    """Return the folder of the release, of the current one where none is named.

    Raises Refused where there is no such release.
    """
    wanted = release_id or current_release_id(workspace)
    if wanted is None:
        message = f"{workspace.path} has no release yet: `joinedup run` makes the first one"
        raise Refused(message)
    existing = release_ids(workspace)
    if wanted not in existing:
        listed = ", ".join(existing) or "none"
        message = f"no release {wanted} in {workspace.path}: there are {listed}"
        raise Refused(message)
    return workspace.releases / wanted


def check_files(directory: Path) -> Manifest:
    """Check in an instant that the release's files are there with the sizes the manifest tells; return the manifest.

    Raises ReleaseDamaged naming the file. Workings may be gone: only the newest two releases keep them.
    """
    manifest = read_manifest(directory)
    if manifest.release_id != directory.name:
        message = f"{directory / MANIFEST} is the manifest of {manifest.release_id}: {WHAT_TO_DO}"
        raise ReleaseDamaged(message)
    for name, entry in manifest.files.items():
        path = directory / name
        if not path.is_file():
            if name == WORKINGS:
                continue
            message = f"{path} is missing: {WHAT_TO_DO}"
            raise ReleaseDamaged(message)
        if (size := path.stat().st_size) != entry.bytes:
            message = f"{path} has {size} bytes where the manifest says {entry.bytes}: {WHAT_TO_DO}"
            raise ReleaseDamaged(message)
    return manifest


def verify_release(workspace: Workspace, release_id: str | None = None) -> Manifest:
    """Verify every byte of the release, and its hashes from the rows in it; return its manifest.

    Raises Refused where there is no such release, ReleaseDamaged naming the first file that is not as published.
    """
    directory = find_release(workspace, release_id)
    with surroundings(f"verifying {directory}"):
        manifest = check_files(directory)
        expected = {MANIFEST, *manifest.files}
        for path in sorted(directory.rglob("*")):
            name = path.relative_to(directory).as_posix()
            if path.is_file() and name not in expected:
                message = f"{path} was not published with the release: remove it, or {WHAT_TO_DO}"
                raise ReleaseDamaged(message)
        for name, entry in manifest.files.items():
            path = directory / name
            if path.exists() and file_sha256(path) != entry.sha256:
                message = f"{path} is not what was published (its sha256 differs): {WHAT_TO_DO}"
                raise ReleaseDamaged(message)
        _check_hashes(directory, manifest)
    return manifest


def _check_hashes(directory: Path, manifest: Manifest) -> None:
    with open_published(directory / GOLDEN) as con:
        found = hash_release(con, in_catalog(PUBLISHED))
    for what in ("content_hash", "release_hash", "rows"):
        if getattr(found, what) != getattr(manifest, what):
            message = f"{directory / MANIFEST} tells another {what} than its golden.duckdb has: {WHAT_TO_DO}"
            raise ReleaseDamaged(message)
