"""In which order a steward is asked: by our queue, what is nearest to the threshold first, or at random.

Reads the workings of a release. Every order is total: the same release gives the same questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.evidence import model_in_use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from duckdb import DuckDBPyConnection

    Record = tuple[str, str]
    Question = tuple[Record, Record]
    """Two records that are one customer or not."""

_QUEUE_SQL = """
SELECT source_l, source_record_id_l, source_r, source_record_id_r
FROM review.item JOIN review.question USING (item_id)
WHERE queue <> 'reconfirm' AND priority > 0 ORDER BY priority DESC, item_id, place
"""
_CUSTOMERS_SQL = """
SELECT source_l, source_record_id_l, source_r, source_record_id_r
FROM review.question WHERE golden_id_l <> golden_id_r AND decision_id IS NULL AND match_probability IS NOT NULL
ORDER BY {distance}, item_id, place
"""
_PAIRS_SQL = """
WITH node AS (
    SELECT distinct_record_id, min((source, source_record_id)) AS record FROM matching.member GROUP BY ALL
)
SELECT l.record[1], l.record[2], r.record[1], r.record[2]
FROM matching.pair AS p
JOIN node AS l ON l.distinct_record_id = distinct_record_id_l
JOIN node AS r ON r.distinct_record_id = distinct_record_id_r
WHERE {which}
ORDER BY {order}, distinct_record_id_l, distinct_record_id_r
LIMIT {most}
"""
_ODDS = "ln(least(greatest({0}, 1e-12), 1 - 1e-12) / (1 - least(greatest({0}, 1e-12), 1 - 1e-12)))"
MOST = 5000


def by_queue(workings: DuckDBPyConnection) -> Iterator[Question]:
    """Yield the questions of the review queue, the item first from which a minute removes most harm."""
    yield from _questions(workings, _QUEUE_SQL)


def nearest_records(workings: DuckDBPyConnection) -> Iterator[Question]:
    """Yield the compared pairs of records, those first whose log odds are nearest to what merging takes."""
    yield from _questions(workings, _PAIRS_SQL.format(which="true", order=_distance(workings), most=MOST))


def nearest_customers(workings: DuckDBPyConnection) -> Iterator[Question]:
    """Yield the pairs of customers left apart though not clearly two, those nearest to what merging takes first."""
    yield from _questions(workings, _CUSTOMERS_SQL.format(distance=_distance(workings)))


def at_random(workings: DuckDBPyConnection) -> Iterator[Question]:
    """Yield the pairs of records of the band in which stewards look, in an order that their keys alone decide."""
    model = model_in_use(workings)
    which = f"match_probability >= {model.review_at!r} AND match_probability < {model.merge_at!r}"
    order = "md5(distinct_record_id_l || distinct_record_id_r)"
    yield from _questions(workings, _PAIRS_SQL.format(which=which, order=order, most=MOST))


OURS = "our queue"
NEAREST = ("nearest records", "nearest customers")
ORDERS: Mapping[str, Callable[[DuckDBPyConnection], Iterator[Question]]] = {
    OURS: by_queue,
    NEAREST[0]: nearest_records,
    NEAREST[1]: nearest_customers,
    "at random": at_random,
}


def _distance(workings: DuckDBPyConnection) -> str:
    merge_at = model_in_use(workings).merge_at
    return f"abs({_ODDS.format('match_probability')} - {_ODDS.format(repr(merge_at))})"


def _questions(workings: DuckDBPyConnection, query: str) -> Iterator[Question]:
    for source_l, left, source_r, right in workings.execute(query).fetchall():
        one, other = sorted(((source_l, left), (source_r, right)))
        yield one, other
