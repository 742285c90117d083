"""How many pairs of source records each merge brought together, and what share of them the posteriors hold to be right.

Reads matching.resolution and matching.distinct_record, changes matching.merge in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matching.arrays import columns, table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from matching.arrays import Numbers

_MILLION = 1_000_000
"""Posteriors have six decimals: in millionths their sums are whole numbers, the same in any order."""


def count_merged_pairs(con: DuckDBPyConnection) -> None:
    """Count the pairs that the merges of the nodes in the temporary table `rewritten_node` brought together.

    Of these nodes matching.merge holds those that were not resolved anew, and the temporary table `made_merge` the
    others; afterwards all are in matching.merge.
    """
    con.execute("""
        CREATE OR REPLACE TEMP TABLE counted_node AS
        SELECT distinct_record_id, records, row_number() OVER (ORDER BY distinct_record_id) - 1 AS number
        FROM matching.distinct_record SEMI JOIN temp.rewritten_node USING (distinct_record_id);
        CREATE OR REPLACE TEMP TABLE counted_merge AS
        WITH merged AS (
            SELECT * FROM temp.made_merge
            UNION ALL
            SELECT * EXCLUDE (pairs) FROM matching.merge
            WHERE other IN (SELECT distinct_record_id FROM temp.rewritten_node)
        )
        SELECT m.*, l.number AS into_no, r.number AS other_no
        FROM merged AS m
        JOIN temp.counted_node AS l ON l.distinct_record_id = m.entity
        JOIN temp.counted_node AS r ON r.distinct_record_id = m.other
    """)
    records = columns(con, "SELECT records FROM temp.counted_node ORDER BY number")["records"]
    merges = columns(con, "SELECT round, into_no, other_no FROM temp.counted_merge ORDER BY round, into_no, other_no")
    joined = merged_pairs(records, merges["round"], merges["into_no"], merges["other_no"])
    con.register("incoming_count", table({"other_no": merges["other_no"], "joined": joined}))
    con.execute("DELETE FROM matching.merge WHERE other IN (SELECT other FROM temp.counted_merge)")
    con.execute("""
        INSERT INTO matching.merge
        SELECT round, entity, other, match_weight, match_probability, joined
        FROM temp.counted_merge JOIN incoming_count USING (other_no) ORDER BY other
    """)
    con.unregister("incoming_count")
    for name in ("counted_node", "counted_merge", "made_merge"):
        con.execute(f"DROP TABLE temp.{name}")


def merged_pairs(records: Numbers, rounds: Numbers, into: Numbers, other: Numbers) -> Numbers:
    """Return how many pairs of records each merge joins; nodes have so many `records`.

    Merges are sorted by round and entity. Several of one entity in one round come one after the other.
    """
    size = records.copy()
    joined = np.zeros(len(into), np.int64)
    starts = np.flatnonzero(np.diff(rounds, prepend=-1))
    for first, end in zip(starts, np.append(starts, len(rounds))[1:], strict=True):
        ones, others = into[first:end], size[other[first:end]]
        before = np.cumsum(others) - others
        begins = np.flatnonzero(np.diff(ones, prepend=-1))
        own = before - np.repeat(before[begins], np.diff([*begins, len(ones)]))
        joined[first:end] = (size[ones] + own) * others
        np.add.at(size, ones, others)
    return joined


def estimated_precision(con: DuckDBPyConnection) -> float:
    """Return the share of joined pairs of records that the posteriors of the merges hold to be right.

    A merge that joins so many pairs at the posterior p joins (1 - p) times as many wrong ones; records of one distinct
    record are held to be right.
    """
    wrong, merged = con.execute(f"""
        SELECT coalesce(sum(({_MILLION} - round(match_probability * {_MILLION})::BIGINT)::HUGEINT * pairs), 0),
            coalesce(sum(pairs), 0)
        FROM matching.merge
    """).fetchall()[0]
    equal = con.execute("SELECT coalesce(sum(records * (records - 1) // 2), 0) FROM matching.distinct_record")
    pairs = int(merged) + int(equal.fetchall()[0][0])
    return round(1 - int(wrong) / _MILLION / pairs, 6) if pairs else 1.0
