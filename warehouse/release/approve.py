"""Approve a held candidate: publish the very files that were held, with who let them through, and why.

READS: `var/held/`, `var/releases/current`. WRITES: `var/releases/<id>/`, `var/releases/current`, a line at the end of
`var/approvals.jsonl`; takes `var/held/` away. Invariant: what is published is byte for byte what was held, but for its
manifest, and was compared with the release that is current. The warehouse is not opened: the next run learns from the
manifest that its run has published.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from warehouse.durable import remove_tree, surroundings, sync_folder
from warehouse.errors import Refused, ReleaseDamaged
from warehouse.failpoint import failpoint
from warehouse.release.hold import REASONS
from warehouse.release.manifest import MANIFEST, Manifest, file_sha256, read_manifest, write_manifest
from warehouse.release.pointer import current_release_id, next_number, settle_interrupted
from warehouse.release.publish import make_current
from warehouse.release.retention import retire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from warehouse.workspace import Workspace

NEVER_APPROVED = "broken_decisions"
"""The rule that no approval lets through: it would publish what a steward has ruled out."""


@dataclass(frozen=True, slots=True)
class Approval:
    """The release that a held candidate became, over which rules, and the releases that retention removed."""

    release_id: str
    rules: tuple[str, ...]
    retired: tuple[str, ...]


def approve(
    workspace: Workspace,
    *,
    name: str,
    reason: str,
    keep: int,
    audit: Callable[[Path], None],
    at: datetime | None = None,
) -> Approval:
    """Make the held candidate the current release, at once; the caller holds the workspace's lock.

    `keep` is how many releases stay; `audit` gets the folder and raises what speaks against it; `at` is the time of the
    approval in UTC, by default now. Raises Refused where nothing is held, where a check held it or a steward's decision
    is not kept to, and where it was compared with another release than the current one; ReleaseDamaged where its files
    are not what was held; SurroundingsError when the disk fails. In each case `current` stays.
    """
    manifest, rules = _held_candidate(workspace)
    _refuse_what_moved_on(workspace, manifest)
    when = (at or datetime.now(UTC)).replace(tzinfo=None, microsecond=0)
    approval = {"by": name, "at": f"{when.isoformat()}Z", "reason": reason, "rules": list(rules)}
    folder = workspace.releases / f".build_{manifest.release_id}"
    try:
        with surroundings(f"approving {workspace.held}"):
            _copy(workspace.held, folder, manifest)
            write_manifest(folder, replace(manifest, gate=_let_through(manifest), approval=approval))
        failpoint("described")
        audit(folder)
        failpoint("audited")
        with surroundings(f"publishing release {manifest.release_id}"):
            _note(workspace, manifest, approval)
            failpoint("approval noted")
            make_current(workspace, folder, manifest.release_id, manifest.base_release_id)
    except BaseException:
        with suppress(OSError):  # what stays behind is swept by the next command that takes the lock
            remove_tree(folder)
            settle_interrupted(workspace)
        raise
    with suppress(OSError):  # it is published, and a candidate that is current cannot be approved again
        remove_tree(workspace.held)
    return Approval(manifest.release_id, rules, retire(workspace, keep))


def _held_candidate(workspace: Workspace) -> tuple[Manifest, tuple[str, ...]]:
    """Return the held candidate's manifest and the rules that hold it; raise Refused for what cannot be approved."""
    held = workspace.held
    if not held.exists():
        message = f"nothing is held in {workspace.path}: there is nothing to approve; `joinedup run` makes a candidate"
        raise Refused(message)
    try:
        reasons = json.loads((held / REASONS).read_bytes())["reasons"]
        manifest = read_manifest(held)
    except (OSError, ValueError, KeyError, TypeError, ReleaseDamaged) as error:
        message = f"{held} is damaged, {REASONS} or {MANIFEST} cannot be read: `joinedup run` makes the candidate anew"
        raise ReleaseDamaged(message) from error
    rules = tuple(f"{entry['rule']} {entry['subject']}".strip() for entry in manifest.gate if _holds(entry))
    if len(rules) != len(reasons):
        first = f" ({reasons[0]})" if reasons else ""
        message = (
            f"the candidate in {held} was held by a check{first}, which ends a night before it has a whole candidate:"
            " mend what the check found, then `joinedup run`"
        )
        raise Refused(message)
    if NEVER_APPROVED in rules:
        message = (
            f"the candidate in {held} does not keep to a steward's decision, which no approval overrides: revoke the"
            " decision with `joinedup review revoke`, then `joinedup run`"
        )
        raise Refused(message)
    return manifest, rules


def _refuse_what_moved_on(workspace: Workspace, manifest: Manifest) -> None:
    """Raise Refused where the gate compared the candidate with another release than the one that is current."""
    current, base = current_release_id(workspace), manifest.base_release_id
    if current == manifest.release_id:
        message = f"{current} is the current release already: the held candidate was approved, or published since"
    elif current != base:
        message = (
            f"the held candidate was compared with {base or 'no release'}, but {current or 'none'} is current now:"
            " `joinedup run` compares anew"
        )
    elif f"r{next_number(workspace)}" != manifest.release_id:
        message = (
            f"the held candidate would be {manifest.release_id}, but that number was given since:"
            " `joinedup run` makes the candidate anew"
        )
    else:
        return
    raise Refused(message)


def _copy(held: Path, folder: Path, manifest: Manifest) -> None:
    """Put the candidate's files into the folder, without a second copy where the disk can; raise what is damaged."""
    remove_tree(folder)
    for name, entry in manifest.files.items():
        source, target = held / name, folder / name
        if not source.is_file() or source.stat().st_size != entry.bytes or file_sha256(source) != entry.sha256:
            message = f"{source} is not what was held: `joinedup run` makes the candidate anew"
            raise ReleaseDamaged(message)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)


def _note(workspace: Workspace, manifest: Manifest, approval: dict[str, Any]) -> None:
    """Add the approval to the log, before it has effect: what took effect is then always in it."""
    line = {"release_id": manifest.release_id, "run_id": manifest.run_id, "release_hash": manifest.release_hash}
    with workspace.approvals.open("a", encoding="utf-8") as log:
        log.write(json.dumps(line | approval, ensure_ascii=False) + "\n")
        log.flush()
        os.fsync(log.fileno())
    sync_folder(workspace.approvals.parent)


def _let_through(manifest: Manifest) -> tuple[dict[str, Any], ...]:
    return tuple({**entry, "outcome": "approved" if _holds(entry) else entry["outcome"]} for entry in manifest.gate)


def _holds(entry: Mapping[str, Any]) -> bool:
    return bool(entry["outcome"] == "hold")
