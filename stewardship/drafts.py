"""Makes the items of the queue out of questions: what belongs together, in which queue, and what it is worth.

What comes out depends on the questions alone, not on their order, and every question is in exactly one item.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from matching.poisoned import CONFLICT, GIANT
from matching.write_resolution import TAKEN_APART
from stewardship.items import Tie, customers_of, form_items, hub_of
from stewardship.priority import Hanging, any_of, removed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from stewardship.entry import Record
    from stewardship.questions import Question

QUEUE_OF = {TAKEN_APART[CONFLICT]: "conflict", TAKEN_APART[GIANT]: "poisoned"}
"""The queue of customers who were left apart for this reason; of all others it is `default`."""
LEAST_HARM = 0.25
"""Where asking about a customer's weakest merge is expected to remove less harm, in orders, it is not asked about."""
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Customer:
    """What hangs on a customer; `record` is its least source record."""

    record: Record
    sources: tuple[str, ...]
    records: int
    orders: int
    spend: Decimal
    open_cases: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An item: its questions in the order in which they are asked, and its customers, those of most records first."""

    item_id: str
    queue: str
    golden_ids: tuple[str, ...]
    questions: tuple[Question, ...]
    reason: str
    p_wrong: float
    hanging: Hanging

    @property
    def likeliest(self) -> float | None:
        """The match probability of its likeliest pair."""
        return max((asked.probability for asked in self.questions if asked.probability is not None), default=None)


def draft_apart(questions: Iterable[Question], customers: Mapping[str, Customer]) -> Iterator[Draft]:
    """Yield the items of customers who may be one: those that questions connect together, as far as one is judged."""
    by_queue: dict[str, dict[tuple[str, ...], Question]] = defaultdict(dict)
    for asked in questions:
        by_queue[QUEUE_OF.get(asked.reason, "default")][asked.customers] = asked
    for queue, asked_of in sorted(by_queue.items()):
        ties = [Tie(min(asked.golden_ids), max(asked.golden_ids), asked.p_wrong) for asked in asked_of.values()]
        for found in form_items(ties):
            hub = hub_of(found) if queue == "default" else None
            of_item = tuple(asked_of[tie.left, tie.right] for tie in found)
            golden_ids = tuple(customers_of(found))
            reason = of_item[0].reason
            if hub is not None:
                reason = f"fits {len(golden_ids) - 1} customers who are not near each other"
            elif len(of_item) > 1:
                reason = f"{len(golden_ids)} customers may be one: {reason}"
            yield _draft("a_or_b" if hub else queue, of_item, reason, customers)


def draft_together(
    questions: Iterable[Question], customers: Mapping[str, Customer], order: float, error: float
) -> Iterator[Draft]:
    """Yield the items of customers who may be several, where asking removes enough harm.

    An order costs `order` on average, and stewards err in a share of `error`.
    """
    for asked in questions:
        draft = _draft("default", (asked,), asked.reason, customers)
        if removed(draft.p_wrong, draft.hanging, order, error) >= LEAST_HARM:
            yield draft


def draft_again(questions: Iterable[Question], customers: Mapping[str, Customer]) -> Iterator[Draft]:
    """Yield the items of decisions to take again, one per decision."""
    by_decision: dict[int | None, list[Question]] = defaultdict(list)
    for asked in questions:
        by_decision[asked.decision_id].append(asked)
    for decision_id, found in sorted(by_decision.items(), key=lambda item: item[0] or 0):
        of_item = tuple(sorted(found, key=lambda asked: asked.records))
        yield _draft("reconfirm", of_item, of_item[0].reason, customers, p_wrong=of_item[0].p_wrong, also=decision_id)


def _draft(
    queue: str,
    questions: tuple[Question, ...],
    reason: str,
    customers: Mapping[str, Customer],
    *,
    p_wrong: float | None = None,
    also: int | None = None,
) -> Draft:
    found = {golden_id: customers[golden_id] for asked in questions for golden_id in asked.customers}
    golden_ids = tuple(sorted(found, key=lambda golden_id: (-found[golden_id].records, golden_id)))
    records = sorted({customer.record for customer in found.values()})
    if len(found) == 1:  # one customer may be asked about in several ways
        records += [record for asked in questions for record in asked.records]
    told = json.dumps([queue, records, also], ensure_ascii=False)
    hanging = Hanging(
        orders=sum(customer.orders for customer in found.values()),
        spend=sum((found[golden_id].spend for golden_id in golden_ids), start=Decimal(0)),
        open_cases=sum(customer.open_cases for customer in found.values()),
        record_pairs=sum(asked.record_pairs for asked in questions),
        wrong_record_pairs=sum(asked.p_wrong * asked.record_pairs for asked in questions),
    )
    return Draft(
        item_id=f"q{hashlib.sha256(told.encode()).hexdigest()[:_DIGITS]}",
        queue=queue,
        golden_ids=golden_ids,
        questions=questions,
        reason=reason,
        p_wrong=any_of(asked.p_wrong for asked in questions) if p_wrong is None else p_wrong,
        hanging=hanging,
    )
