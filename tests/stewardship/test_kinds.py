"""All kinds of decision in any order, held against a plain reading of the whole list of entries every time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stewardship.answer import Statement, drafted
from stewardship.entry import Entry, Record, entry_key
from stewardship.log import Said, check_together, draft
from stewardship.standing import Standing
from warehouse.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stewardship.entry import Subject

START = datetime(2026, 1, 3, 9)  # noqa: DTZ001 - naive UTC by design
RECORDS: tuple[Record, ...] = tuple(("s", name) for name in "ABCDE")
Word = tuple[str, str | None]
Words = dict[object, tuple[Word, int]]
"""What is said last of each subject, and by which entry."""


class Book:
    """A log without a database: what is said is checked and applied as the log does it, and kept as a list."""

    def __init__(self) -> None:
        self.standing = Standing()
        self.entries: list[Entry] = []

    def say(self, statements: Sequence[Statement]) -> None:
        """Say it together; raises Refused, and then nothing was said."""
        at = START + timedelta(minutes=len(self.entries) + 1)
        drafts = [drafted(each, Said("ann", at, "so"), "US") for each in statements]
        new = list({entry_key(each): each for each in drafts}.values())
        check_together(new)
        trial = read_again(self.entries)
        for place, each in enumerate(new):
            numbered = replace(each, id=trial.head + 1, evidence=(None,) * len(each.records))
            trial.check(numbered, {subject for later in new[place + 1 :] for subject in later.subjects})
            trial.apply(numbered, str(numbered.id))
            new[place] = numbered
        for entry in new:
            self._add(entry)

    def revoke(self, decision: Entry) -> None:
        at = START + timedelta(minutes=len(self.entries) + 1)
        self._add(replace(draft("revoke", Said("bo", at, "no")), id=self.standing.head + 1, revokes=decision.id))

    def _add(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.standing.apply(entry, str(entry.id))


def read_again(entries: Iterable[Entry]) -> Standing:
    standing = Standing()
    for entry in entries:
        standing.apply(entry, str(entry.id))
    return standing


# --- the oracle: subjects and words in its own terms, found anew from the list of entries ----------------------------


def words_of(entry: Entry) -> list[tuple[object, Word]]:
    """Return what an entry says of what, told plainly."""
    if entry.kind in ("same", "different", "unsure", "household"):
        return [(frozenset(entry.records), (entry.kind, None))]
    if entry.kind == "split":
        left = [each for each, side in zip(entry.records, entry.sides, strict=True) if side == 0]
        right = [each for each in entry.records if each not in left]
        return [(frozenset({one, other}), ("split", None)) for one in left for other in right]
    if entry.kind == "pin":
        return [((entry.records[0], entry.attribute), ("pin", entry.value))]
    if entry.kind == "placeholder":
        return [((entry.attribute, entry.value), ("placeholder", entry.value))]
    return [(entry.records[0], ("not_a_customer", None))]


def last_words(entries: Sequence[Entry]) -> Words:
    found: Words = {}
    for entry in entries:
        if entry.revokes is not None:
            found = {subject: word for subject, word in found.items() if word[1] != entry.revokes}
        else:
            found |= {subject: (word, entry.id) for subject, word in words_of(entry)}
    return found


def is_contradictory(words: Words) -> bool:
    """Tell whether some that are the same by way of others are said to be different, by joining until nothing moves."""
    groups = [{record} for record in RECORDS]
    pairs = {subject: word[0] for subject, (word, _) in words.items() if isinstance(subject, frozenset)}
    for pair, kind in pairs.items():
        if kind == "same":
            joined = [group for group in groups if group & pair]
            groups = [group for group in groups if not group & pair] + [set().union(*joined)]
    apart = [pair for pair, kind in pairs.items() if kind in ("different", "split", "household")]
    return any(pair <= group for pair in apart for group in groups)


def may_be_said(entries: Sequence[Entry], statements: Sequence[Statement]) -> bool:
    """Tell whether an act can stand: as a whole, beside what holds, without itself, and of nobody who is nobody."""
    said = [drafted(each, Said("ann", START, "so"), "US") for each in statements]
    before = last_words(entries)
    nobody = {subject for subject, (word, _) in before.items() if word[0] == "not_a_customer"}
    new_nobody = {each.records[0] for each in said if each.kind == "not_a_customer"}
    spoken_of = {record for each in said if each.kind != "not_a_customer" for record in each.records}
    if spoken_of & (nobody | new_nobody):
        return False
    binds = {"split": "different", "household": "different"}
    own: dict[object, set[Word]] = {}
    for each in said:
        for subject, (kind, value) in words_of(each):
            own.setdefault(subject, set()).add((binds.get(kind, kind), value))
    if any(len(words) > 1 for words in own.values()):
        return False
    return not is_contradictory(before | {subject: (next(iter(words)), 0) for subject, words in own.items()})


# --- what is tried ----------------------------------------------------------------------------------------------------

_pairs = st.sampled_from([tuple(pair) for pair in combinations(RECORDS, 2)])
_statements = st.one_of(
    st.builds(Statement, st.just("same"), _pairs),
    st.builds(Statement, st.sampled_from(("same", "different", "unsure", "household")), _pairs),
    st.lists(st.sampled_from(RECORDS), min_size=2, max_size=5, unique=True).flatmap(
        lambda records: st.integers(1, len(records) - 1).map(
            lambda cut: Statement("split", tuple(records), tuple(int(place >= cut) for place in range(len(records))))
        )
    ),
    st.builds(
        lambda record, attribute, value: Statement("pin", (record,), attribute=attribute, value=value),
        st.sampled_from(RECORDS[:2]),
        st.sampled_from(("city", "given_name")),
        st.sampled_from(("Ada", "Bela")),
    ),
    st.sampled_from(("info@mail.example", "INFO@mail.example", "desk@mail.example")).map(
        lambda value: Statement("placeholder", attribute="email", value=value)
    ),
    st.sampled_from(RECORDS[3:]).map(lambda record: Statement("not_a_customer", (record,))),
)
_steps = st.lists(st.one_of(st.lists(_statements, min_size=1, max_size=3), st.integers(0, 5)), max_size=14)


def follow(steps: Sequence[list[Statement] | int], book: Book) -> None:
    """Take the steps, a number being a revocation, and hold the standing against the oracle after each."""
    for step in steps:
        if isinstance(step, int):
            if active := book.standing.active():
                book.revoke(active[step % len(active)])
        elif may_be_said(book.entries, step):
            book.say(step)
        else:
            with pytest.raises(Refused):
                book.say(step)
        hold_against_the_entries(book.standing, book.entries)
    copy = book.standing.copy()
    for decision in copy.active():
        revocation = replace(draft("revoke", Said("bo", START, "no")), id=copy.head + 1, revokes=decision.id)
        copy.apply(revocation, str(revocation.id))
    assert not list(copy.bound())
    hold_against_the_entries(book.standing, book.entries)


def hold_against_the_entries(standing: Standing, entries: Sequence[Entry]) -> None:
    words = last_words(entries)
    assert not is_contradictory(words)
    holding = {number for _, number in words.values()}
    assert [entry.id for entry in standing.active()] == sorted(holding)
    assert standing.ended.keys() == {entry.id for entry in entries if entry.revokes is None} - holding
    bound = {(frozenset(each.pair), each.verdict, each.entry.id) for each in standing.bound()}
    assert bound == {
        (subject, "same" if kind == "same" else "different", number)
        for subject, ((kind, _), number) in words.items()
        if kind in ("same", "different", "split", "household")
    }
    for each in standing.bound():
        assert each.entry.pairs[each.place] == each.pair
    nobody = {record for record in RECORDS if standing.nobody(record)}
    assert nobody == {subject for subject, ((kind, _), _) in words.items() if kind == "not_a_customer"}


@settings(max_examples=150, deadline=None)
@given(_steps)
def test_what_holds_is_the_last_word_on_everything(steps: list[list[Statement] | int]) -> None:
    follow(steps, Book())


def test_a_revocation_that_brings_back_what_was_replaced_is_found() -> None:
    """The control: one defect at a time is put in, and some history finds it."""
    pair = (RECORDS[0], RECORDS[1])
    steps: list[list[Statement] | int] = [[Statement("same", pair)], [Statement("different", pair)], 0]

    class BringsBack(Standing):
        def apply(self, entry: Entry, key: str) -> tuple[Entry, ...]:
            took = super().apply(entry, key)
            if entry.revokes == 2:
                self.ended.pop(1)
                self._last["pair", *pair] = self.decisions[1]
            return took

    follow(steps, Book())
    book = Book()
    book.standing = BringsBack()
    with pytest.raises(AssertionError):
        follow(steps, book)


def test_a_split_that_ends_with_its_first_pair_is_found() -> None:
    a, b, c = RECORDS[:3]
    steps: list[list[Statement] | int] = [[Statement("split", (a, b, c), (0, 1, 1))], [Statement("same", (a, b))]]

    class EndsWhole(Standing):
        def _take(self, subject: Subject, by: Entry) -> Entry | None:
            decision = super()._take(subject, by)
            for left in decision.subjects if decision else ():
                super()._take(left, by)
            return decision

    follow(steps, Book())
    book = Book()
    book.standing = EndsWhole()
    with pytest.raises(AssertionError):
        follow(steps, book)


def test_the_oracle_finds_a_contradiction() -> None:
    a, b, c = RECORDS[:3]
    said: Words = {frozenset({a, b}): (("same", None), 1), frozenset({b, c}): (("same", None), 2)}
    assert not is_contradictory(said)
    assert not is_contradictory(said | {frozenset({a, c}): (("unsure", None), 3)})
    for kind in ("different", "split", "household"):
        assert is_contradictory(said | {frozenset({a, c}): ((kind, None), 3)})
