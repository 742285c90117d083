"""What the feed of signals must be: numbered without a gap, and replayed from its start what stands tonight."""

from __future__ import annotations

from quality.suite import Count, counted, rows, rows_where
from quality.suites.contract import EMPTY_WHEN
from warehouse.tables import care

_NOW = "(SELECT golden_id, signal, activity_id FROM care.signal)"
_REPLAYED = """
    (SELECT golden_id, signal, activity_id FROM care.signal_change
     GROUP BY golden_id, signal, activity_id HAVING arg_max(event, sequence) = 'raised')"""
_TWICE = """
    (SELECT event, lag(event, 1, 'cleared') OVER (
        PARTITION BY golden_id, signal, activity_id ORDER BY sequence
     ) AS before FROM care.signal_change)"""

SUITES = (
    counted(
        "care_signal_change",
        "care",
        "care.signal_change",
        (
            Count(
                "gaps",
                "the feed of signals is numbered 1, 2, 3, … without a gap",
                rows("sequence NOT BETWEEN 1 AND (SELECT count(*) FROM care.signal_change)"),
            ),
            Count(
                "said_twice",
                "what is raised did not stand, and what is cleared did",
                rows_where(_TWICE, "event = before"),
            ),
            Count(
                "signals_otherwise",
                "replaying the feed of signals gives the published signals",
                f"SELECT count(*) FROM (({_NOW} EXCEPT {_REPLAYED}) UNION ALL ({_REPLAYED} EXCEPT {_NOW}))",
            ),
        ),
        empty_when=EMPTY_WHEN[care.SIGNAL_CHANGE],
        of_release=True,
    ),
)
