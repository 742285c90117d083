"""The rule of the gate about what stewards have judged: how precise the candidate is measured to be.

Reads review.audit_measure. It is judged only where joinedup.yaml wants it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.verdict import Least

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quality.cause import Candidate
    from quality.identity_rules import Judged

MEASURE = """
    SELECT judged, precision, precision_low, precision_high FROM review.audit_measure WHERE sources = 'all'"""
TO_DO = (
    "look at the pairs of the queue `audit` that were judged against the release, raise matching.merge_at and run "
    "again; where the interval is wide for want of judgements, judge more of that queue"
)


def measured_precision(candidate: Candidate) -> Iterator[Judged]:
    """Judge the lower end of the interval of the precision that the audit has measured."""
    least = candidate.settings.gate.min_precision
    if least is None:
        return
    judged, measured, low, high = next(iter(candidate.rows(MEASURE)), (0, None, None, None))
    yield Least("min_precision", "", judged, measured, low, high, least, "the measured precision", TO_DO), tuple
