"""The manifest of a release: what it is, where it came from, and the sha256 of every file in it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from warehouse.durable import write_text
from warehouse.errors import ReleaseDamaged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MANIFEST = "manifest.json"
GOLDEN = "golden.duckdb"
WORKINGS = "workings.duckdb"
PARQUET = "parquet"
FORMAT = 1
WHAT_TO_DO = "restore the release from a backup, or `joinedup release rollback` to another one"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a release: sha256 and size of its bytes, and the rows in it."""

    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a release says about itself.

    Times are naive UTC. `lineage` holds the run ids whose landed versions make up this state, this run's first.
    `gate` holds one mapping per judged rule; `approval` says who let a held candidate through, when and why, null where
    the gate did not hold it; `decisions_head` the last entry of the stewards' log that was read, null
    where that was not known; `deciding` the settings that customers were made by, null in releases of versions that did
    not keep them; `audit_head` the head of the stewards' audit chain; `precision` and `recall` what
    stewards' judgements of pairs drawn at random say: `estimate`, `low` and `high` of its 95 % interval, how many pairs
    were `judged` and left `unsure`, and how far the log was read (`decisions_head`); null until enough were judged.
    """

    release_id: str
    base_release_id: str | None
    created_at: datetime
    as_of: datetime
    run_id: str
    lineage: tuple[str, ...]
    content_hash: str
    release_hash: str
    rows: Mapping[str, int]
    files: Mapping[str, FileEntry]
    versions: Mapping[str, str]
    model_version: str | None = None
    settings_hash: str | None = None
    deciding: Mapping[str, Any] | None = None
    gate: tuple[Mapping[str, Any], ...] = ()
    approval: Mapping[str, Any] | None = None
    decisions_head: int | None = None
    audit_head: str | None = None
    precision: Mapping[str, float] | None = None
    recall: Mapping[str, float] | None = None

    def document(self) -> dict[str, Any]:
        """Return the manifest as JSON-ready data, in the order of its fields."""
        document: dict[str, Any] = {"format": FORMAT}
        for name in Manifest.__slots__:
            value = getattr(self, name)
            document[name] = f"{value.isoformat()}Z" if isinstance(value, datetime) else value
        document["files"] = {
            name: {"sha256": entry.sha256, "bytes": entry.bytes, "rows": entry.rows}
            for name, entry in self.files.items()
        }
        return document


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `manifest.json` into the folder."""
    write_text(folder / MANIFEST, json.dumps(manifest.document(), indent=2, ensure_ascii=False) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the release in `folder`.

    Raises ReleaseDamaged, naming the file, where it is missing, unreadable or of a later format.
    """
    path = folder / MANIFEST
    try:
        document = json.loads(path.read_bytes())
        if document.pop("format") != FORMAT:
            message = f"{path} is of a format that this version does not know: update joinedup to read this release"
            raise ReleaseDamaged(message)
        return _manifest(document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{path} cannot be read ({type(error).__name__}: {error}): {WHAT_TO_DO}"
        raise ReleaseDamaged(message) from error


def _manifest(document: dict[str, Any]) -> Manifest:
    for name in ("created_at", "as_of"):
        document[name] = datetime.fromisoformat(document[name].removesuffix("Z"))
    document["lineage"] = tuple(document["lineage"])
    document["gate"] = tuple(document["gate"])
    document["files"] = {name: FileEntry(**entry) for name, entry in document["files"].items()}
    return Manifest(**document)


def file_sha256(path: Path) -> str:
    """Return the sha256 of the file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
