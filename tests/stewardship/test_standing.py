"""What the log says as it stands, held against a plain closure of all that was said the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stewardship.contradiction import Contradiction
from stewardship.entry import Entry, Kind, pair_of
from stewardship.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

RECORDS = tuple(("s", name) for name in "ABCDEF")
START = datetime(2026, 1, 3, 9)  # noqa: DTZ001 - naive UTC by design


class Book:
    """A standing to decide in, without a database."""

    def __init__(self) -> None:
        self.standing = Standing()

    def _next(self, kind: Kind) -> Entry:
        number = self.standing.head + 1
        return Entry(number, kind, "ann", START + timedelta(days=number), f"reason {number}")

    def decide(self, kind: Kind, left: str, right: str) -> Entry:
        entry = self._next(kind)
        pair = pair_of(("s", left), ("s", right))
        decided = Entry(entry.id, kind, entry.decided_by, entry.decided_at, entry.reason, pair, (None, None))
        self.standing.check(decided)
        self.standing.apply(decided, str(entry.id))
        return decided

    def revoke(self, decision: Entry) -> None:
        entry = self._next("revoke")
        said = (entry.decided_by, entry.decided_at, entry.reason)
        self.standing.apply(Entry(entry.id, "revoke", *said, revokes=decision.id), str(entry.id))


@pytest.fixture
def book() -> Book:
    return Book()


def test_records_that_a_chain_joins_cannot_be_different(book: Book) -> None:
    book.decide("same", "A", "B")
    book.decide("same", "B", "C")
    with pytest.raises(Contradiction) as refused:
        book.decide("different", "A", "C")
    assert refused.value.exit_code == 6
    assert refused.value.message == (
        's:A and s:C cannot be different ones: s:A = s:B (decision 1: ann, 2026-01-04, "reason 1") = s:C '
        '(decision 2: ann, 2026-01-05, "reason 2"), but you say different; '
        "`joinedup review revoke` 1 or 2 first, or leave this one out"
    )


def test_records_across_a_difference_cannot_be_the_same(book: Book) -> None:
    book.decide("same", "A", "B")
    book.decide("different", "B", "C")
    book.decide("same", "C", "D")
    with pytest.raises(Contradiction) as refused:
        book.decide("same", "D", "A")
    assert [entry.id for entry in refused.value.chain] == [1, 2, 3]
    assert "s:A = s:B" in refused.value.message
    assert " ≠ s:C" in refused.value.message
    book.decide("different", "A", "D")


def test_the_shortest_chain_is_told(book: Book) -> None:
    for left, right in ("AB", "BC", "CD", "AE", "ED"):
        book.decide("same", left, right)
    with pytest.raises(Contradiction) as refused:
        book.decide("different", "A", "D")
    assert [entry.id for entry in refused.value.chain] == [4, 5]


def test_a_later_decision_on_the_pair_replaces_the_earlier(book: Book) -> None:
    first = book.decide("same", "A", "B")
    second = book.decide("different", "B", "A")
    assert book.standing.active() == (second,)
    assert book.standing.ended == {first.id: second}
    book.decide("same", "B", "C")
    with pytest.raises(Contradiction):
        book.decide("same", "A", "C")


def test_a_replaced_decision_does_not_come_back(book: Book) -> None:
    """Otherwise it could contradict what was decided since."""
    book.decide("same", "A", "B")
    different = book.decide("different", "A", "B")
    book.decide("same", "A", "C")
    book.decide("different", "B", "C")
    book.revoke(different)
    assert [entry.id for entry in book.standing.active()] == [3, 4]


def test_the_same_decision_again_holds_in_its_place(book: Book) -> None:
    first = book.decide("different", "A", "B")
    again = book.decide("different", "A", "B")
    assert book.standing.active() == (again,)
    assert book.standing.ended == {first.id: again}


def closure(same: Iterable[frozenset[tuple[str, str]]]) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Return for each record all that are the same as it, by joining what overlaps until nothing does."""
    group = {record: {record} for record in RECORDS}
    for pair in same:
        joined: set[tuple[str, str]] = set().union(*(group[record] for record in pair))
        for record in joined:
            group[record] = joined
    return group


def contradicts(decisions: Iterable[tuple[str, frozenset[tuple[str, str]]]]) -> bool:
    said = list(decisions)
    group = closure(pair for kind, pair in said if kind == "same")
    return any(len({id(group[record]) for record in pair}) == 1 for kind, pair in said if kind == "different")


def test_the_oracle_finds_a_contradiction() -> None:
    """The control."""
    a, b, c = RECORDS[:3]
    said = [("same", frozenset({a, b})), ("same", frozenset({b, c}))]
    assert not contradicts(said)
    assert not contradicts([*said[:1], ("different", frozenset({a, c}))])
    assert contradicts([*said, ("different", frozenset({a, c}))])


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("same", "same", "different", "revoke")),
        st.lists(st.sampled_from("ABCDEF"), min_size=2, max_size=2, unique=True),
        st.integers(0, 5),
    ),
    max_size=40,
)


@given(STEPS)
def test_what_holds_never_contradicts_itself_and_nothing_is_refused_without_need(
    steps: list[tuple[Kind, list[str], int]],
) -> None:
    book, model = Book(), dict[frozenset[tuple[str, str]], tuple[str, int]]()
    for kind, letters, which in steps:
        pair = frozenset(("s", letter) for letter in letters)
        if kind == "revoke":
            if active := book.standing.active():
                chosen = active[which % len(active)]
                book.revoke(chosen)
                del model[frozenset(chosen.records)]
            continue
        others = [(said, other) for other, (said, _) in model.items() if other != pair]
        if contradicts([*others, (kind, pair)]):
            with pytest.raises(Contradiction) as refused:
                book.decide(kind, *letters)
            assert_chain(refused.value, kind, pair, book.standing)
        else:
            model[pair] = (kind, book.decide(kind, *letters).id)
        held = {frozenset(entry.records): (entry.kind, entry.id) for entry in book.standing.active()}
        assert held == model
        assert not contradicts((said, other) for other, (said, _) in model.items())


def assert_chain(error: Contradiction, kind: str, pair: frozenset[tuple[str, str]], standing: Standing) -> None:
    """Hold a chain to what it is: decisions that hold, one after the other from one record to the other."""
    assert set(error.chain) <= set(standing.active())
    assert [entry.kind for entry in error.chain].count("different") == (kind == "same")
    ends: set[tuple[str, str]] = set()
    for entry in error.chain:
        ends ^= set(entry.records)
    assert ends == pair
    assert not contradicts((entry.kind, frozenset(entry.records)) for entry in error.chain)
    assert contradicts([(kind, pair), *((entry.kind, frozenset(entry.records)) for entry in error.chain)])
