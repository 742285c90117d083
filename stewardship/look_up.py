"""What a release knows of the records that are decided about: whose they are, and what is compared of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stewardship.evidence import evidence_of
from warehouse.read import open_release
from warehouse.release.manifest import WORKINGS
from warehouse.release.pointer import current_release_id, release_ids

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stewardship.entry import Record
    from warehouse.read import Release
    from warehouse.workspace import Workspace

_WHOSE_SQL = """
    WITH about AS (SELECT unnest($source::VARCHAR[]) AS source, unnest($record::VARCHAR[]) AS source_record_id)
    SELECT source, source_record_id, golden_id, reason FROM about
    LEFT JOIN crosswalk USING (source, source_record_id)
    LEFT JOIN excluded_record USING (source, source_record_id)
    WHERE golden_id IS NOT NULL OR reason IS NOT NULL"""

_CUSTOMERS_SQL = """
    SELECT golden_id, coalesce(full_name, organisation) AS name, record_count AS records, orders, open_cases
    FROM customer LEFT JOIN profile USING (golden_id)
    WHERE golden_id IN (SELECT unnest($golden_id::VARCHAR[])) ORDER BY golden_id"""


@dataclass(frozen=True, slots=True)
class Known:
    """A record of a release: whose it is, or why it is nobody's; `evidence` is None where it is not known any more."""

    golden_id: str | None
    excluded_reason: str | None
    evidence: str | None


def open_current(workspace: Workspace) -> Release | None:
    """Open the published release, None before the first one. Raises ReleaseDamaged, or Refused as `open_release`."""
    if current_release_id(workspace) is None and not release_ids(workspace):
        return None
    return open_release(workspace)


def look_up(release: Release, records: Iterable[Record]) -> dict[Record, Known]:
    """Return what the release knows of the records; what it does not know is left out."""
    asked = sorted(set(records))
    rows = release.con.execute(
        _WHOSE_SQL, {"source": [source for source, _ in asked], "record": [key for _, key in asked]}
    ).fetchall()
    evidence: dict[Record, str] = {}
    if (release.directory / WORKINGS).exists():
        with release.workings() as workings:
            evidence = evidence_of(workings, asked)
    return {
        (source, record): Known(golden_id, reason, evidence.get((source, record)))
        for source, record, golden_id, reason in rows
    }


def customers(release: Release, golden_ids: Iterable[str]) -> list[dict[str, Any]]:
    """Return what hangs on customers: golden_id, name, records, orders, open_cases; sorted by golden id."""
    found = release.con.execute(_CUSTOMERS_SQL, {"golden_id": sorted(set(golden_ids))})
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
