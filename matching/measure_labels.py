"""Measures tonight's customers by the labelled pairs: how many joined pairs are right, how many known ones were found.

Reads matching.cluster and the file of labels. Writes matching.label_measure: one row where there are labels, else none.
Keeps this: the figures depend on the customers and on what the labels say, not on the order of either.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from matching.labels import labels_hash, labels_of, labels_table
from warehouse.run import Run, StageReport

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.settings import Settings

READS = ("matching.cluster",)
WRITES = ("matching.label_measure",)

CONFIDENCE_Z = 1.959964
"""Of a normal distribution, 95 % lie within so many standard deviations."""

_DECIMALS = 6


def measure_labels(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Count what the labels say of tonight's customers.

    Raises SettingsError where the file of labels is missing or broken.
    """
    con.execute(f"DELETE FROM {WRITES[0]}")
    labels = labels_of(settings, run.workspace)
    if not labels:
        return StageReport(rows={WRITES[0]: 0})
    con.register("incoming_label", labels_table(labels))
    unknown, same, different, same_joined, different_joined = (
        int(count) for count in con.execute(_COUNT_SQL).fetchall()[0]
    )
    con.unregister("incoming_label")
    precision = wilson(same_joined, same_joined + different_joined)
    recall = wilson(same_joined, same)
    con.execute(
        "INSERT INTO matching.label_measure VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(settings.matching.labels, labels_hash(labels), len(labels), unknown),
            *(same, different, same_joined, different_joined, *precision, *recall),
        ],
    )
    figures = {"labels": len(labels), "unknown": unknown}
    return StageReport(rows={WRITES[0]: 1}, figures=figures)


def wilson(hits: int, tries: int) -> tuple[float | None, float | None, float | None]:
    """Return the share of hits and its 95 % interval (Wilson 1927), all None where nothing was tried."""
    if not tries:
        return None, None, None
    share, square = hits / tries, CONFIDENCE_Z**2
    middle = (share + square / (2 * tries)) / (1 + square / tries)
    reach = CONFIDENCE_Z / (1 + square / tries) * sqrt(share * (1 - share) / tries + square / (4 * tries**2))
    low, high = max(0.0, middle - reach), min(1.0, middle + reach)
    return round(share, _DECIMALS), round(low, _DECIMALS), round(high, _DECIMALS)


_COUNT_SQL = """
WITH told AS (
    SELECT i.same, l.cluster_id = r.cluster_id AS joined
    FROM incoming_label AS i
    LEFT JOIN matching.cluster AS l ON l.source = i.source_l AND l.source_record_id = i.record_l
    LEFT JOIN matching.cluster AS r ON r.source = i.source_r AND r.source_record_id = i.record_r
)
SELECT count(*) FILTER (joined IS NULL), count(*) FILTER (joined IS NOT NULL AND same),
    count(*) FILTER (joined IS NOT NULL AND NOT same), count(*) FILTER (joined AND same),
    count(*) FILTER (joined AND NOT same)
FROM told
"""
