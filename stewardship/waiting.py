"""What waits for a steward in a release: pairs left apart though not clearly two, and what was taken apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stewardship.entry import about_pair

if TYPE_CHECKING:
    from collections.abc import Collection

    from duckdb import DuckDBPyConnection

    from stewardship.entry import Pair
    from stewardship.standing import Standing

_DECIDED_SQL = """
    WITH about AS (
        SELECT unnest($source_l::VARCHAR[]) AS source_l, unnest($record_l::VARCHAR[]) AS record_l,
            unnest($source_r::VARCHAR[]) AS source_r, unnest($record_r::VARCHAR[]) AS record_r
    ),
    decided AS (
        SELECT DISTINCT least(l.golden_id, r.golden_id) AS golden_id_l,
            greatest(l.golden_id, r.golden_id) AS golden_id_r
        FROM about
        JOIN crosswalk AS l ON l.source = source_l AND l.source_record_id = record_l
        JOIN crosswalk AS r ON r.source = source_r AND r.source_record_id = record_r
    )"""

_WAITING_SQL = f"""{_DECIDED_SQL},
    waiting AS (SELECT * FROM possible_match ANTI JOIN decided USING (golden_id_l, golden_id_r)),
    shown AS (
        SELECT *, (SELECT count(*) FROM waiting) AS waiting FROM waiting
        ORDER BY match_probability DESC, golden_id_l, golden_id_r LIMIT $limit
    ),
    record AS (
        SELECT golden_id, arg_min(source || ':' || source_record_id, (source, source_record_id)) AS record
        FROM crosswalk WHERE golden_id IN (SELECT golden_id_l FROM shown UNION SELECT golden_id_r FROM shown)
        GROUP BY golden_id
    ),
    who AS (
        SELECT golden_id, coalesce(full_name, organisation) AS name, record_count AS records, orders, open_cases, record
        FROM customer JOIN record USING (golden_id) LEFT JOIN profile USING (golden_id)
    )
    SELECT match_probability, reason, l, r, waiting
    FROM shown JOIN who AS l ON l.golden_id = golden_id_l JOIN who AS r ON r.golden_id = golden_id_r
    ORDER BY match_probability DESC, golden_id_l, golden_id_r"""

_POISONED_SQL = """
    WITH part AS (
        SELECT whole, reason, whole_records, arg_min(record, (-records, record)) AS record, count(*) AS parts
        FROM matching.poisoned AS p
        JOIN (
            SELECT distinct_record_id AS entity, min(source || ':' || source_record_id) AS record
            FROM matching.member GROUP BY distinct_record_id
        ) USING (entity)
        GROUP BY whole, reason, whole_records
    )
    SELECT reason, whole_records, parts, record FROM part ORDER BY whole_records DESC, whole"""


def spoken_of(standing: Standing) -> tuple[Pair, ...]:
    """Return the pairs of records that somebody has the last word on."""
    return tuple(
        pair for entry in standing.active() for pair in entry.pairs if standing.last_word(about_pair(pair)) is entry
    )


def possible_matches(
    release: DuckDBPyConnection, decided: Collection[Pair], limit: int
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many pairs of customers wait for a decision, and the likeliest of them, at most `limit`.

    Each has match_probability, reason, and its two customers: golden_id, name, records, orders, open_cases, and the
    least of their records, by which one can decide. Left out are pairs of customers that `decided` has records of,
    though the release does not know it yet.
    """
    found = release.execute(
        _WAITING_SQL,
        {
            "source_l": [left[0] for left, _ in decided],
            "record_l": [left[1] for left, _ in decided],
            "source_r": [right[0] for _, right in decided],
            "record_r": [right[1] for _, right in decided],
            "limit": limit,
        },
    ).fetchall()
    pairs = [
        {"match_probability": probability, "reason": reason, "customers": [left, right]}
        for probability, reason, left, right, _ in found
    ]
    return found[0][4] if found else 0, pairs


def taken_apart(workings: DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return what came out as one customer and cannot be one, the largest first: reason, records, parts, and a record.

    The pairs of its parts that may belong together are among the possible matches.
    """
    kept = "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'matching' AND table_name = 'poisoned'"
    if not workings.execute(kept).fetchall():
        return []  # a release of a version that did not take apart
    names = ("reason", "records", "parts", "record")
    return [dict(zip(names, row, strict=True)) for row in workings.execute(_POISONED_SQL).fetchall()]
