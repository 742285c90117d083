"""The labelled pairs among tonight's tuples, compared like any others, though no blocking rule may have found them.

Reads matching.member, and the scratch tables `node` and `feature`; replaces the scratch table `candidate`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matching.arrays import columns, copy_table
from matching.labels import labels_table
from matching.train import Known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from matching.labels import Label
    from matching.splink_settings import Comparing


def compare_labels(con: DuckDBPyConnection, comparing: Comparing, labels: Sequence[Label]) -> Known:
    """Return the labelled pairs of tuples, each once, in their order.

    Labels about records that are not there say nothing here, nor do labels about two records of one tuple, or those
    that say both things of one pair of tuples.
    """
    scratch = comparing.scratch
    con.register("incoming_label", labels_table(labels))
    copy_table(con, _LABELLED_SQL, scratch, "labelled")
    con.unregister("incoming_label")
    scratch.execute(_CANDIDATES_SQL)
    chunks = list(comparing.pairs())
    found = columns(scratch, "SELECT same FROM candidate ORDER BY tuple_no_l, tuple_no_r")
    return Known(
        left=np.concatenate([np.empty(0, np.int64), *(chunk.left for chunk in chunks)]),
        right=np.concatenate([np.empty(0, np.int64), *(chunk.right for chunk in chunks)]),
        gammas={
            comparison.name: np.concatenate(
                [np.empty(0, np.int8), *(chunk.gammas[comparison.name] for chunk in chunks)]
            )
            for comparison in comparing.comparisons
        },
        same=found["same"].astype(bool),
    )


_LABELLED_SQL = """
SELECT DISTINCT l.distinct_record_id AS one, r.distinct_record_id AS other, i.same
FROM incoming_label AS i
JOIN matching.member AS l ON l.source = i.source_l AND l.source_record_id = i.record_l
JOIN matching.member AS r ON r.source = i.source_r AND r.source_record_id = i.record_r
"""

_CANDIDATES_SQL = """
CREATE OR REPLACE TABLE candidate AS
SELECT least(l.tuple_no, r.tuple_no) AS tuple_no_l, greatest(l.tuple_no, r.tuple_no) AS tuple_no_r,
    0::BIGINT AS rules, bool_and(same) AS same
FROM labelled
JOIN node AS l ON l.distinct_record_id = labelled.one
JOIN node AS r ON r.distinct_record_id = labelled.other
WHERE l.tuple_no <> r.tuple_no
GROUP BY ALL
HAVING count(DISTINCT same) = 1
"""
