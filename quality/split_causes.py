"""Finds what took customers apart, moved their records or ended them: records that changed, went, or became nobody's.

Reads golden.crosswalk, golden.customer, golden.excluded_record, base.crosswalk, and what is named in record_causes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.cause import Cause
from quality.merge_causes import merge_causes
from quality.record_causes import record_causes
from quality.version_causes import version_causes

if TYPE_CHECKING:
    from quality.cause import Candidate

_SPLIT = """
    SELECT b.golden_id FROM base.crosswalk AS b JOIN golden.crosswalk AS g USING (source, source_record_id)
    GROUP BY b.golden_id HAVING count(DISTINCT g.golden_id) > 1"""
_LEFT = """
    SELECT DISTINCT b.golden_id FROM base.crosswalk AS b JOIN golden.crosswalk AS g USING (source, source_record_id)
    WHERE b.golden_id <> g.golden_id AND b.source = $source"""
_MERGED = f"SELECT count(*) FROM ({_LEFT}) AS l ANTI JOIN golden.customer AS c ON c.golden_id = l.golden_id"
_GONE = """
    SELECT b.source, x.reason, count(DISTINCT b.golden_id) AS customers
    FROM base.crosswalk AS b SEMI JOIN ({0}) AS v ON v.golden_id = b.golden_id
    LEFT JOIN golden.excluded_record AS x ON x.source = b.source AND x.source_record_id = b.source_record_id
    GROUP BY ALL ORDER BY customers DESC, b.source, x.reason LIMIT 3"""


def split_causes(candidate: Candidate) -> tuple[Cause, ...]:
    """Return which records of the customers that come apart changed, and which are gone."""
    return _causes(candidate, _SPLIT)


def moved_causes(candidate: Candidate, source: str) -> tuple[Cause, ...]:
    """Return what joined the customers that records of a source left, or took them apart, whichever did more."""
    customers = candidate.count(f"SELECT count(*) FROM ({_LEFT})", source=source)
    if 2 * candidate.count(_MERGED, source=source) > customers:
        return merge_causes(candidate)
    return _causes(candidate, _LEFT, source=source)


def gone_causes(candidate: Candidate, vanished: str) -> tuple[Cause, ...]:
    """Return where the records of vanished customers went; `vanished` is the query of their ids."""
    return tuple(
        Cause(
            f"of {customers:,} of them records of {candidate.place(source)} are "
            + (f"nobody's now ({reason})" if reason else "gone"),
            affected=customers,
            **candidate.of(source),
        )
        for source, reason, customers in candidate.rows(_GONE.format(vanished))
    )


def _causes(candidate: Candidate, customers: str, **parameters: object) -> tuple[Cause, ...]:
    """Return the causes for the customers of the base that a query names, the widest first."""
    records = f"""
        SELECT b.golden_id, b.source, b.source_record_id FROM base.crosswalk AS b
        SEMI JOIN ({customers}) AS c ON c.golden_id = b.golden_id"""
    causes, untouched, total = record_causes(candidate, records, **parameters)
    versions = version_causes(candidate, untouched, is_explained=len(causes) > 0)
    return (*versions, *causes) if 2 * untouched > total else (*causes, *versions)
