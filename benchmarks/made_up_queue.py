"""Gives a release as many items to review as are asked for, copies of those it has: for timing long queues."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from warehouse.connection import open_database, quote_literal
from warehouse.release.manifest import GOLDEN, MANIFEST, WORKINGS, file_sha256, read_manifest, write_manifest
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

_WRITABLE, _FOLDER = 0o644, 0o755
FEW = 500
"""So many customers are asked about, each with each."""


def with_made_up_queue(workspace: Path, target: Path, items: int) -> Workspace:
    """Copy a workspace's settings and current release, and fill its queue up to so many items; return the copy.

    A copied item asks as much as the one that it is a copy of, about other customers of the release, under another id,
    and with a priority that is a little less: no two questions are about the same two customers, as long as FEW of them
    make pairs enough.
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
        con.execute(f"ATTACH {quote_literal(str(workings.with_name(GOLDEN)))} AS golden (READ_ONLY)")
        con.execute("CREATE TEMP TABLE copy AS SELECT unnest(range(1, ?)) AS number", [-(-items // found) + 1])
        for statement in _FILL_SQL:
            con.execute(statement)
        con.execute("CHECKPOINT").fetchall()
    finally:
        con.close()


_COPIED = "'q' || left(sha256(item_id || '/' || number), 16)"
_FILL_SQL = (
    f"""
    CREATE TEMP TABLE asked_about AS
    SELECT golden_id, min(source) AS source, arg_min(source_record_id, (source, source_record_id)) AS source_record_id
    FROM golden.crosswalk GROUP BY golden_id ORDER BY golden_id LIMIT {FEW}
    """,
    """
    CREATE TEMP TABLE pair AS
    SELECT row_number() OVER (ORDER BY l.golden_id, r.golden_id) - 1 AS place, l.golden_id AS golden_id_l,
        r.golden_id AS golden_id_r, l.source AS source_l, l.source_record_id AS source_record_id_l,
        r.source AS source_r, r.source_record_id AS source_record_id_r
    FROM asked_about AS l JOIN asked_about AS r ON l.golden_id < r.golden_id
    """,
    f"""
    CREATE TEMP TABLE further AS
    SELECT * REPLACE ({_COPIED} AS item_id, priority * 0.9999 ** number AS priority)
    FROM review.item CROSS JOIN copy ORDER BY item_id
    """,
    f"""
    CREATE TEMP TABLE copied AS
    SELECT * REPLACE ({_COPIED} AS item_id), row_number() OVER (ORDER BY number, item_id, place) - 1 AS asked
    FROM review.question CROSS JOIN copy
    """,
    """
    CREATE TEMP TABLE further_question AS
    SELECT copied.* EXCLUDE (number, asked) REPLACE (pair.golden_id_l AS golden_id_l, pair.golden_id_r AS golden_id_r,
        pair.source_l AS source_l, pair.source_record_id_l AS source_record_id_l, pair.source_r AS source_r,
        pair.source_record_id_r AS source_record_id_r)
    FROM copied JOIN pair ON pair.place = asked % (SELECT count(*) FROM pair)
    """,
    "DELETE FROM review.item",
    "DELETE FROM review.question",
    """
    INSERT INTO review.item
    WITH about AS (
        SELECT item_id, list_sort(list_distinct(flatten(list([golden_id_l, golden_id_r])))) AS golden_ids
        FROM further_question GROUP BY item_id
    )
    SELECT further.* EXCLUDE (number) REPLACE (about.golden_ids AS golden_ids)
    FROM further JOIN about USING (item_id) ORDER BY item_id
    """,
    "INSERT INTO review.question FROM further_question ORDER BY item_id, place",
)
