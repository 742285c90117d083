"""The rules of the gate about what was delivered: records that are gone, and rows that were set aside.

Reads landing.live_record, landing.delivery, landing.file, landing.quarantine, landing.lineage, base.crosswalk and
base.excluded_record. A source is compared with itself as it was, so one that is new is held by none of these rules.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from quality.cause import Cause, named
from quality.verdict import Share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from quality.cause import Candidate

    Judged = tuple[Share, Callable[[], tuple[Cause, ...]]]

DELETED = """
    WITH published AS (
        SELECT source, source_record_id FROM base.crosswalk
        UNION ALL SELECT source, source_record_id FROM base.excluded_record
    ), gone AS (
        SELECT source, count(*) AS records FROM published ANTI JOIN landing.live_record USING (source, source_record_id)
        GROUP BY source
    )
    SELECT source, coalesce(max(gone.records), 0), count(*)
    FROM published LEFT JOIN gone USING (source) GROUP BY source ORDER BY source"""
"""Per source: records of the base that are not live tonight, and records of the base."""
EARLIER = """
    SELECT d.source, d.delivery_id, d.read, d.quarantined FROM landing.delivery AS d
    JOIN landing.lineage AS l ON l.run_id = d.run_id AND l.position >= 1
    WHERE d.outcome = 'read' AND d.read > 0
    QUALIFY row_number() OVER (PARTITION BY d.source ORDER BY l.position) = 1"""
"""Per source: its last delivery that the base rests on."""
QUARANTINED = f"""
    SELECT t.source, t.quarantined, t.read, e.quarantined / e.read
    FROM landing.delivery AS t JOIN ({EARLIER}) AS e ON e.source = t.source
    WHERE t.run_id = $run AND t.outcome = 'read' AND t.read > 0 ORDER BY t.source"""


def deleted_records(candidate: Candidate) -> Iterator[Judged]:
    """Judge, per source, how many records are gone."""
    for source, gone, records in candidate.rows(DELETED):
        look = f"ask for the export of {source} again and run again"
        allowed = candidate.settings.gate.max_deleted_records
        yield (
            Share("max_deleted_records", source, gone, records, allowed, "records", "are gone", look),
            partial(_causes_of_deletion, candidate, source),
        )


def quarantined_records(candidate: Candidate) -> Iterator[Judged]:
    """Judge, per source, how many rows of tonight's delivery were set aside, beyond what was so in the last one."""
    for source, quarantined, read, before in candidate.rows(QUARANTINED):
        yield (
            Share(
                "max_quarantined_records",
                source,
                quarantined,
                read,
                candidate.settings.gate.max_quarantined_records,
                "rows",
                "cannot be read",
                f"see `joinedup quarantine list --source {source}`, mend the export or its mapping, and run again",
                before,
            ),
            partial(_causes_of_quarantine, candidate, source),
        )


def _causes_of_deletion(candidate: Candidate, source: str) -> tuple[Cause, ...]:
    """Return what was delivered of the source tonight, and what the last time."""
    outcome = candidate.rows(
        "SELECT outcome, read FROM landing.delivery WHERE run_id = $run AND source = $source", source=source
    )
    if outcome and outcome[0][0] == "withdrawn":
        advice = f"where {source} was to stay, write it into joinedup.yaml again"
        return (Cause(f"{source} was taken out of joinedup.yaml", advice, **candidate.of(source)),)
    rows = outcome[0][1] if outcome else 0
    now = f"{source} delivered {rows:,} rows"
    now += f" ({named(candidate.files(source))})" if candidate.files(source) else ""
    earlier = candidate.rows(f"SELECT delivery_id, read FROM ({EARLIER}) WHERE source = $source", source=source)
    if not earlier:
        return (Cause(now, affected=rows, **candidate.of(source)),)
    delivery_id, read = earlier[0]
    files = [
        path
        for (path,) in candidate.rows(
            "SELECT path FROM landing.file WHERE delivery_id = $delivery AND left_because IS NULL ORDER BY path",
            delivery=delivery_id,
        )
    ]
    before = f"{read:,} the time before ({named(files)})" if files else f"{read:,} the time before"
    return (Cause(f"{now}, {before}", affected=rows, **candidate.of(source)),)


def _causes_of_quarantine(candidate: Candidate, source: str) -> tuple[Cause, ...]:
    """Return for what reasons rows of tonight's delivery were set aside."""
    found = candidate.rows(
        "SELECT q.reason, count(*) AS rows, arg_min(q.path || ':' || q.line, (q.path, q.line))"
        " FROM landing.quarantine AS q JOIN landing.delivery AS d USING (delivery_id)"
        " WHERE d.run_id = $run AND q.source = $source GROUP BY q.reason ORDER BY rows DESC, q.reason LIMIT 3",
        source=source,
    )
    return tuple(
        Cause(f"{rows:,} rows of {source}: {reason}, the first at {first}", affected=rows, **candidate.of(source))
        for reason, rows, first in found
    )
