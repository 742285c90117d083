"""Verify a release: every file is there and is what the manifest says, and nothing else is.

Three depths. `check_files` looks at names and sizes, and is what opening a release costs. `look_over` opens every file
and compares the bytes of the small ones, within a second whatever the release's size. `verify_release` compares every
byte and every row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from warehouse.connection import PUBLISHED, open_memory, open_published, quote_identifier, quote_literal
from warehouse.durable import surroundings
from warehouse.errors import Refused, ReleaseDamaged
from warehouse.release.hashes import hash_release, in_catalog
from warehouse.release.manifest import (
    GOLDEN,
    MANIFEST,
    PARQUET,
    WHAT_TO_DO,
    WORKINGS,
    Manifest,
    file_sha256,
    read_manifest,
)
from warehouse.release.pointer import current_release_id, release_ids

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.workspace import Workspace

READ_IN_AN_INSTANT = 64 << 20
"""Bytes that `look_over` compares, the smallest files first: also of a slow disk they are read within a second."""


def find_release(workspace: Workspace, release_id: str | None = None) -> Path:
    """Return the folder of the release, of the current one where none is named.

    Raises Refused where there is no such release, ReleaseDamaged where `current` leads to one that is not there.
    """
    wanted = release_id or current_release_id(workspace)
    if wanted is None:
        message = f"{workspace.path} has no release yet: `joinedup run` makes the first one"
        raise Refused(message)
    existing = release_ids(workspace)
    if wanted not in existing:
        listed = ", ".join(existing) or "none"
        if release_id is None:
            message = f"{workspace.current} leads to no release: `joinedup release rollback` to one of {listed}"
            raise ReleaseDamaged(message)
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


def look_over(directory: Path) -> tuple[Manifest, tuple[str, ...]]:
    """Check what can be checked in under a second; return the manifest, and the files not compared byte for byte.

    No file is missing, cut off, foreign or of another kind, each can be opened and has as many rows as the manifest
    tells. What stays unseen is a bit that changed within a large file. Raises ReleaseDamaged naming the file.
    """
    with surroundings(f"looking over {directory}"):
        manifest = check_files(directory)
        _check_nothing_else(directory, manifest)
        _check_rows(directory, manifest)
        left, unread = READ_IN_AN_INSTANT, []
        for name, entry in sorted(manifest.files.items(), key=lambda file: (file[1].bytes, file[0])):
            left -= entry.bytes
            if left < 0:
                unread.append(name)
            else:
                _check_bytes(directory, manifest, name)
    return manifest, tuple(sorted(name for name in unread if (directory / name).exists()))


def verify_release(workspace: Workspace, release_id: str | None = None) -> Manifest:
    """Verify every byte of the release, and its hashes from the rows in it; return its manifest.

    Raises Refused where there is no such release, ReleaseDamaged naming the first file that is not as published.
    """
    directory = find_release(workspace, release_id)
    with surroundings(f"verifying {directory}"):
        manifest = check_files(directory)
        _check_nothing_else(directory, manifest)
        for name in manifest.files:
            _check_bytes(directory, manifest, name)
        _check_hashes(directory, manifest)
    return manifest


def _check_nothing_else(directory: Path, manifest: Manifest) -> None:
    expected = {MANIFEST, *manifest.files}
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        if path.is_file() and name not in expected:
            message = f"{path} was not published with the release: remove it, or {WHAT_TO_DO}"
            raise ReleaseDamaged(message)


def _check_bytes(directory: Path, manifest: Manifest, name: str) -> None:
    path = directory / name
    if path.exists() and file_sha256(path) != manifest.files[name].sha256:
        message = f"{path} is not what was published (its sha256 differs): {WHAT_TO_DO}"
        raise ReleaseDamaged(message)


def _check_rows(directory: Path, manifest: Manifest) -> None:
    """Open every file and count its rows, which its own metadata tell."""
    path = directory / GOLDEN
    try:
        with open_published(path) as con:
            for table, rows in manifest.rows.items():
                _expect(path, table, rows, con.execute(f"SELECT count(*) FROM {quote_identifier(table)}").fetchall())
        with open_memory() as con:
            for table, rows in manifest.rows.items():
                path = directory / PARQUET / f"{table}.parquet"
                metadata = f"SELECT num_rows FROM parquet_file_metadata({quote_literal(str(path))})"
                _expect(path, table, rows, con.execute(metadata).fetchall())
        path = directory / WORKINGS
        if path.exists():
            open_published(path).close()
    except duckdb.Error as error:
        message = f"{path} cannot be opened ({error}): {WHAT_TO_DO}"
        raise ReleaseDamaged(message) from error


def _expect(path: Path, table: str, rows: int, found: list[tuple[int]]) -> None:
    if found != [(rows,)]:
        message = f"{path} has {found[0][0]} rows of {table} where the manifest says {rows}: {WHAT_TO_DO}"
        raise ReleaseDamaged(message)


def _check_hashes(directory: Path, manifest: Manifest) -> None:
    with open_published(directory / GOLDEN) as con:
        found = hash_release(con, in_catalog(PUBLISHED))
    for what in ("content_hash", "release_hash", "rows"):
        if getattr(found, what) != getattr(manifest, what):
            message = f"{directory / MANIFEST} tells another {what} than its golden.duckdb has: {WHAT_TO_DO}"
            raise ReleaseDamaged(message)
