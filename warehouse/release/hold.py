"""Hold a candidate: keep what the gate did not let through, with the reasons, for people to look at.

WRITES: `var/held/`. Invariant: `current` stays; `var/held` is the last held candidate as a whole, or the one before.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from warehouse.durable import remove_tree, surroundings, sync_folder, sync_tree, write_text
from warehouse.failpoint import failpoint
from warehouse.release.build import begin_build, complete_build
from warehouse.state import next_release_id
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from warehouse.release.manifest import Manifest
    from warehouse.run import Run
    from warehouse.settings import Settings

REASONS = "reasons.json"


def hold(
    con: DuckDBPyConnection,
    settings: Settings,
    run: Run,
    reasons: Sequence[str],
    beside: Mapping[str, str] | None = None,
) -> Path:
    """Write tonight's candidate and the reasons against it to `var/held`, in place of the last one; return the folder.

    The folder holds the files of a release with the id it would have got, reasons.json, and the texts of `beside` by
    the names of their files. Call it outside a transaction, holding the workspace's lock. Raises SurroundingsError
    when the disk or memory fails.
    """
    workspace = Workspace(run.workspace)
    new = workspace.var / ".held_new"
    with surroundings("keeping the held candidate"):
        build = begin_build(con, new, next_release_id(run))
        manifest = complete_build(con, settings, run, build)
        write_text(new / REASONS, json.dumps(_reasons(run, manifest, reasons), indent=2, ensure_ascii=False) + "\n")
        for name, text in (beside or {}).items():
            write_text(new / name, text)
        sync_tree(new)
        failpoint("held built")
        old = workspace.var / ".held_old"
        remove_tree(old)
        if workspace.held.exists():
            workspace.held.rename(old)
        failpoint("held set aside")
        new.rename(workspace.held)
        failpoint("held in place")
        sync_folder(workspace.var)
        remove_tree(old)
    return workspace.held


def _reasons(run: Run, manifest: Manifest, reasons: Sequence[str]) -> dict[str, object]:
    return {
        "run_id": run.run_id,
        "release_id": manifest.release_id,
        "base_release_id": manifest.base_release_id,
        "held_at": f"{manifest.created_at.isoformat()}Z",
        "as_of": f"{manifest.as_of.isoformat()}Z",
        "reasons": list(reasons),
        "gate": list(manifest.gate),
    }
