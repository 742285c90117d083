"""Gives a release as many items to review as are asked for, copies of those it has: for timing long queues."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from warehouse.connection import open_database
from warehouse.release.manifest import MANIFEST, WORKINGS, file_sha256, read_manifest, write_manifest
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

_WRITABLE, _FOLDER = 0o644, 0o755


def with_made_up_queue(workspace: Path, target: Path, items: int) -> Workspace:
    """Copy a workspace's settings and current release, and fill its queue up to so many items; return the copy.

    A copied item asks about the same customers as the one that it is a copy of, under another id, and with a priority
    that is a little less.
    """
    origin, copy = Workspace(workspace), Workspace(target)
    release = origin.current.resolve()
    copy.releases.mkdir(parents=True)
    shutil.copy(origin.settings_file, copy.settings_file)
    folder = copy.releases / release.name
    shutil.copytree(release, folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(_FOLDER if path.is_dir() else _WRITABLE)
    copy.current.symlink_to(release.name)
    _fill(folder / WORKINGS, items)
    manifest = read_manifest(folder)
    workings = folder / WORKINGS
    entry = replace(manifest.files[WORKINGS], bytes=workings.stat().st_size, sha256=file_sha256(workings))
    (folder / MANIFEST).unlink()
    write_manifest(folder, replace(manifest, files={**manifest.files, WORKINGS: entry}))
    return copy


def _fill(workings: Path, items: int) -> None:
    con = open_database(workings)
    try:
        found = con.execute("SELECT count(*) FROM review.item").fetchall()[0][0]
        if not found:
            message = f"{workings} has nothing to review, so nothing to copy"
            raise SystemExit(message)
        con.execute("CREATE TEMP TABLE copy AS SELECT unnest(range(1, ?)) AS number", [-(-items // found) + 1])
        for statement in _FILL_SQL:
            con.execute(statement)
        con.execute("CHECKPOINT").fetchall()
    finally:
        con.close()


_COPIED = "'q' || left(sha256(item_id || '/' || number), 16)"
_FILL_SQL = (
    f"""
    CREATE TEMP TABLE further AS
    SELECT * REPLACE ({_COPIED} AS item_id, priority * 0.9999 ** number AS priority)
    FROM review.item CROSS JOIN copy ORDER BY item_id
    """,
    f"""
    CREATE TEMP TABLE further_question AS
    SELECT * REPLACE ({_COPIED} AS item_id) FROM review.question CROSS JOIN copy ORDER BY item_id, place
    """,
    "DELETE FROM review.item",
    "DELETE FROM review.question",
    "INSERT INTO review.item SELECT * EXCLUDE (number) FROM further ORDER BY item_id",
    "INSERT INTO review.question SELECT * EXCLUDE (number) FROM further_question ORDER BY item_id, place",
)
