"""Fills the queue of what waits for a steward: the stage `queue_review`.

READS: golden.possible_match, golden.customer, golden.crosswalk, care.profile, matching.standardised, matching.member,
matching.pair, matching.resolution, matching.merge, matching.decision, matching.ruling, matching.model, landing.night,
yesterday.item, and of the stewards' log how long answers took and how often two disagreed.
WRITES: review.item, review.question.
Invariant: every pair of customers left apart though not clearly two is asked about in exactly one item, save for those
that a steward was unsure about; what is written is a function of tonight's tables and the log, in any order of rows. An
item keeps its id and its `since` for as long as it is about the same records.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from matching.model import tonights_model
from stewardship import questions
from stewardship.audit_judged import judged_pairs, judged_twice
from stewardship.drafts import Customer, Draft, draft_again, draft_apart, draft_together
from stewardship.patterns import patterns
from stewardship.priority import Pace, error_rate, harm, priority, removed, spend_per_order
from stewardship.questions import find_unsure, questions_again, questions_apart, questions_together
from stewardship.store import open_store
from warehouse.run import StageReport, as_of
from warehouse.state import model_version
from warehouse.tables.review import ITEM, QUESTION, QUEUES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from duckdb import DuckDBPyConnection

    from stewardship.entry import Entry
    from stewardship.standing import Standing
    from warehouse.run import Run
    from warehouse.settings import Settings

READS = (*questions.READS, "care.profile", "matching.model", "landing.night", "yesterday.item")
WRITES = ("review.item", "review.question")
WEAK = "joined on weak evidence: its two sides may be two customers"
P_RECONFIRM = 0.1
"""How often a decision is wrong after its records have changed, as long as nobody has looked."""
_TEMPORARY = (
    "unsure",
    "apart",
    "apart_node",
    "apart_loudest",
    "doubtful",
    "doubtful_node",
    "doubtful_merge",
    "side",
    "unsure_entity",
    "tie_loudest",
)


def queue_review(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write anew what waits, each with what it is expected to be worth.

    Raises SurroundingsError where the stewards' store is out of reach.
    """
    find_unsure(con)
    apart = list(questions_apart(con))
    together = list(questions_together(con, WEAK))
    again = list(questions_again(con, as_of(con), P_RECONFIRM))
    customers = _customers(con, {golden_id for asked in (*apart, *together, *again) for golden_id in asked.customers})
    order = _spend_per_order(con)
    store = open_store(settings, run.workspace)
    error = _error(con, store.read(), model_version(con, run) or "")
    drafts = [
        *draft_apart(apart, customers),
        *draft_together(together, customers, order, error),
        *draft_again(again, customers),
    ]
    compared = any(asked.match_key for asked in (*apart, *together))
    found = patterns(drafts, tonights_model(con, run).definitions.comparisons) if compared else {}
    worth = _Worth(order, error, Pace(answers(store.entries())))
    _write(con, ITEM.full_name, _item_rows(drafts, customers, worth, found), _ITEM_SQL)
    _write(con, QUESTION.full_name, _question_rows(drafts), _QUESTION_SQL)
    for name in _TEMPORARY:
        con.execute(f"DROP TABLE temp.{name}")
    by_queue = {queue: sum(draft.queue == queue for draft in drafts) for queue in QUEUES}
    rows = {ITEM.full_name: len(drafts), QUESTION.full_name: sum(len(draft.questions) for draft in drafts)}
    return StageReport(rows=rows, figures=by_queue)


def answers(entries: Iterable[Entry]) -> Iterator[tuple[str, int, float]]:
    """Yield queue, number of things said, and seconds of every card that was answered."""
    acts: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.seconds is not None and entry.queue is not None and entry.revokes is None:
            acts[entry.act].append(entry)
    for _, said in sorted(acts.items()):
        yield str(said[0].queue), len(said), float(said[0].seconds or 0)


def _customers(con: DuckDBPyConnection, golden_ids: Iterable[str]) -> dict[str, Customer]:
    rows = con.execute(_CUSTOMERS_SQL, {"golden_ids": sorted(golden_ids)}).fetchall()
    return {
        golden_id: Customer((source, record), tuple(sources), records, orders, spend, open_cases)
        for golden_id, source, record, sources, records, orders, spend, open_cases in rows
    }


def _spend_per_order(con: DuckDBPyConnection) -> float:
    query = "SELECT coalesce(sum(list_sum(map_values(spend))), 0), coalesce(sum(orders), 0)::BIGINT FROM care.profile"
    spend, orders = con.execute(query).fetchall()[0]
    return spend_per_order(spend, orders)


def _error(con: DuckDBPyConnection, standing: Standing, model: str) -> float:
    """Return how often stewards err, by the pairs of the audit that were judged twice by chance."""
    return error_rate(*judged_twice(judged_pairs(con, standing, model)))


class _Worth(NamedTuple):
    """What items are priced by: what an order costs on average, how often stewards err, and how long they take."""

    order: float
    error: float
    pace: Pace


def _item_rows(
    drafts: list[Draft], customers: Mapping[str, Customer], worth: _Worth, pattern: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for draft in drafts:
        of_item = [customers[golden_id] for golden_id in draft.golden_ids]
        expected = removed(draft.p_wrong, draft.hanging, worth.order, worth.error)
        seconds = worth.pace.seconds(draft.queue, len(draft.questions))
        yield {
            "item_id": draft.item_id,
            "queue": draft.queue,
            "golden_ids": list(draft.golden_ids),
            "sources": sorted({source for customer in of_item for source in customer.sources}),
            "questions": len(draft.questions),
            "records": sum(customer.records for customer in of_item),
            "match_probability": draft.likeliest,
            "p_wrong": draft.p_wrong,
            "orders": draft.hanging.orders,
            "spend": draft.hanging.spend,
            "open_cases": draft.hanging.open_cases,
            "record_pairs": draft.hanging.record_pairs,
            "harm": harm(draft.p_wrong, draft.hanging, worth.order),
            "seconds": seconds,
            "priority": priority(expected, seconds),
            "pattern": pattern.get(draft.item_id),
            "reason": draft.reason,
        }


def _question_rows(drafts: Iterable[Draft]) -> Iterator[dict[str, Any]]:
    for draft in drafts:
        for place, asked in enumerate(draft.questions):
            (source_l, left), (source_r, right) = asked.records
            yield {
                "item_id": draft.item_id,
                "place": place,
                "golden_id_l": asked.golden_ids[0],
                "golden_id_r": asked.golden_ids[1],
                "source_l": source_l,
                "source_record_id_l": left,
                "source_r": source_r,
                "source_record_id_r": right,
                "match_probability": asked.probability,
                "reason": asked.reason,
                "decision_id": asked.decision_id,
            }


def _write(con: DuckDBPyConnection, table: str, rows: Iterable[dict[str, Any]], insert: str) -> None:
    con.execute(f"DELETE FROM {table}")
    if found := list(rows):
        con.register("incoming", pa.Table.from_pylist(found))
        con.execute(insert)
        con.unregister("incoming")


_CUSTOMERS_SQL = """
WITH asked AS (SELECT unnest($golden_ids::VARCHAR[]) AS golden_id),
record AS (
    SELECT golden_id, min((source, source_record_id)) AS least, list_sort(list(DISTINCT source)) AS sources
    FROM golden.crosswalk SEMI JOIN asked USING (golden_id) GROUP BY golden_id
)
SELECT golden_id, least[1], least[2], sources, record_count, coalesce(orders, 0),
    coalesce(list_sum(map_values(spend)), 0)::DECIMAL(38, 4), coalesce(open_cases, 0)
FROM golden.customer JOIN record USING (golden_id) LEFT JOIN care.profile USING (golden_id)
"""

_ITEM_SQL = """
INSERT INTO review.item BY NAME
SELECT incoming.*, coalesce(was.since, night.as_of) AS since
FROM incoming CROSS JOIN landing.night LEFT JOIN yesterday.review.item AS was USING (item_id)
ORDER BY item_id
"""

_QUESTION_SQL = "INSERT INTO review.question BY NAME SELECT * FROM incoming ORDER BY item_id, place"
