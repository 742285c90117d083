"""Which items of a release the log settles since; each look reads what came since the one before.

READS: the stewards' log; of the release crosswalk and review.question, for decisions that were taken beside the queue.
Keeps this: an item is settled while an answer to it holds, or while decisions that hold, wherever they were taken,
leave none of its questions open. What the release has taken into account settles nothing any more, except in the audit,
whose pairs are asked once.
"""

from __future__ import annotations

import threading
import weakref
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from stewardship.entry import ANSWERS, Pair, Record, about_pair, pair_of
from stewardship.queue_index import AUDIT
from warehouse.read import Release

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import sqlalchemy as sa

    from stewardship.entry import Entry
    from stewardship.queue_index import Index
    from stewardship.standing import Standing
    from stewardship.store import Store
    from stewardship.web.releases import Pinned

Customers = tuple[str, str]
"""The customers of a pair of records, the lesser id first."""


class Question(NamedTuple):
    """What an item asks: of which customers, one twice where it may be two, and by which records."""

    customers: Customers
    records: Pair
    decision_id: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """Numbers of the items that are settled, and for each user those whose second look is somebody else's."""

    answered: frozenset[int] = frozenset()
    judged_by: Mapping[str, frozenset[int]] = field(default_factory=dict)


class Answers:
    """What the log says of the items of one release, for any number of threads."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._seen = 0
        self._given = Given()
        self._item_of: dict[int, int] = {}
        """The item that an entry answers."""
        self._beside: dict[Pair, Customers] = {}
        """What was decided without a card of this release, as far as some item asks about its customers."""
        self._asked: dict[int, Sequence[Question]] = {}
        """The items that these may settle."""
        self._judged: dict[str, set[int]] = defaultdict(set)
        self._again = _asked_again(index)
        self._lock = threading.Lock()

    def look(self, con: sa.Connection, store: Store) -> Given:
        """Return what is settled now, as an open connection sees it."""
        with self._lock, store.seen_on(con) as standing:
            if standing.head != self._seen:
                self._read(standing)
                self._item_of = {
                    entry_id: number for entry_id, number in self._item_of.items() if entry_id not in standing.ended
                }
                settled = {*self._item_of.values(), *self._settled_beside(standing), *self._said_again(standing)}
                judged = {user: frozenset(numbers) for user, numbers in self._judged.items()}
                self._given = Given(frozenset(settled), judged)
            return self._given

    def _read(self, standing: Standing) -> None:
        """Take the entries since the last look into account."""
        beside = []
        numbers = range(self._seen + 1, standing.head + 1)
        self._seen = standing.head
        for entry in filter(None, map(standing.decisions.get, numbers)):
            if entry.kind not in ANSWERS:
                continue
            number = self._index.number.get(entry.item_id or "")
            if entry.queue == AUDIT:
                self._judge(entry)
            if number is not None and (entry.id > self._index.head or self._index.queue_of(number) == AUDIT):
                self._item_of[entry.id] = number
            elif entry.id > self._index.head:
                beside.append(entry)
        if beside:
            self._find(beside)

    def _judge(self, entry: Entry) -> None:
        number = self._index.audit_of.get(entry.pair)
        if number is not None and self._index.is_second_look(number):
            self._judged[entry.decided_by].add(number)

    def _find(self, entries: Iterable[Entry]) -> None:
        """Find the items that ask about the customers of these entries' records."""
        pairs = [pair for entry in entries for pair in entry.pairs]
        release = self._index.release
        if release is None or not release.has_workings or not self._index.items:
            return
        whose = _customers_of(release, {record for pair in pairs for record in pair})
        found = _questions_of(release, set(whose.values()))
        self._asked |= {self._index.number[item_id]: asked for item_id, asked in found.items()}
        about = {customer for asked in found.values() for question in asked for customer in question.customers}
        for pair in pairs:
            customers = [whose.get(record, "") for record in pair]
            if about.issuperset(customers):
                self._beside[pair] = min(customers), max(customers)

    def _settled_beside(self, standing: Standing) -> set[int]:
        """Return the items of which what was decided without their card leaves nothing open."""
        said: set[Pair] = set()
        words: dict[Customers, bool] = {}
        for pair, customers in self._beside.items():
            word = standing.on(pair)
            if word is not None and word.id > self._index.head:
                said.add(pair)
                if customers[0] != customers[1]:
                    words[customers] = words.get(customers, False) or word.kind == "same"
        return {number for number, asked in self._asked.items() if said and _is_settled(asked, said, words)}

    def _said_again(self, standing: Standing) -> set[int]:
        """Return the items that ask for decisions to be taken again, of which none has the last word any more."""
        return {
            number
            for number, asked in self._again.items()
            if all(_is_over(standing, question.decision_id or 0, question.records) for question in asked)
        }


def _is_over(standing: Standing, decision_id: int, pair: Pair) -> bool:
    if pair[0] == pair[1]:  # of a value of one record
        return decision_id in standing.ended
    word = standing.last_word(about_pair(pair))
    return word is None or word.id != decision_id


def _is_settled(asked: Iterable[Question], said: Collection[Pair], words: Mapping[Customers, bool]) -> bool:
    """Say whether pairs of records that were decided, and so pairs of customers, settle all of an item's questions."""
    same = [customers for customers, is_same in words.items() if is_same]
    return all(
        question.records in said
        or (
            question.customers[0] != question.customers[1]
            and (question.customers in words or _are_joined(question.customers, same))
        )
        for question in asked
    )


def _are_joined(customers: Customers, same: Iterable[Customers]) -> bool:
    reached, waiting = {customers[0]}, [customers[0]]
    while waiting:
        here = waiting.pop()
        near = {other for one in same if here in one for other in one} - reached
        reached |= near
        waiting += near
    return customers[1] in reached


def _asked_again(index: Index) -> dict[int, Sequence[Question]]:
    """Return the items that ask for decisions to be taken again."""
    release = index.release
    if release is None or not index.items:
        return {}
    with release.workings() as con:
        rows = con.execute(f"{_QUESTIONS_SQL} WHERE decision_id IS NOT NULL ORDER BY item_id, place").fetchall()
    return {index.number[item_id]: asked for item_id, asked in _by_item(rows).items()}


def _customers_of(release: Pinned | Release, records: Collection[Record]) -> dict[Record, str]:
    asked = sorted(records)
    with closing(release.cursor()) if isinstance(release, Release) else release.golden() as con:
        rows = con.execute(_CUSTOMERS_SQL, [[source for source, _ in asked], [key for _, key in asked]]).fetchall()
    return {(source, key): golden_id for source, key, golden_id in rows}


def _questions_of(release: Pinned | Release, golden_ids: Collection[str]) -> dict[str, Sequence[Question]]:
    """Return all questions of the items that ask about one of these customers, by item."""
    with release.workings() as con:
        rows = con.execute(
            f"{_QUESTIONS_SQL} SEMI JOIN ({_ABOUT_SQL}) USING (item_id)", [sorted(golden_ids)]
        ).fetchall()
    return _by_item(rows)


def _by_item(rows: Iterable[tuple[str, str, str, str, str, str, str, int | None]]) -> dict[str, Sequence[Question]]:
    found: dict[str, list[Question]] = defaultdict(list)
    for item_id, one, other, source_l, left, source_r, right, decision_id in rows:
        pair = pair_of((source_l, left), (source_r, right))
        found[item_id].append(Question((min(one, other), max(one, other)), pair, decision_id))
    return dict(found)


_QUESTIONS_SQL = """
    SELECT item_id, golden_id_l, golden_id_r, source_l, source_record_id_l, source_r, source_record_id_r, decision_id
    FROM review.question"""
_ABOUT_SQL = """
    SELECT item_id FROM review.question
    JOIN (SELECT unnest(?::VARCHAR[]) AS golden_id) ON golden_id IN (golden_id_l, golden_id_r)"""
_CUSTOMERS_SQL = """
    SELECT source, source_record_id, golden_id FROM crosswalk
    SEMI JOIN (SELECT unnest(?::VARCHAR[]) AS source, unnest(?::VARCHAR[]) AS source_record_id)
        USING (source, source_record_id)"""

_ANSWERS: weakref.WeakKeyDictionary[Index, weakref.WeakKeyDictionary[Store, Answers]] = weakref.WeakKeyDictionary()
_MAKING = threading.Lock()


def answers_of(store: Store, index: Index) -> Answers:
    """Return what is known of a store's answers to a release's items, empty at first."""
    with _MAKING:
        by_store = _ANSWERS.setdefault(index, weakref.WeakKeyDictionary())
        found = by_store.get(store)
        if found is None:
            found = by_store[store] = Answers(index)
        return found
