"""What the log says as it stands: which decisions hold, and which new one would contradict them.

The last word on a *subject* counts: on a pair of records, on an attribute that is pinned for a record, on a value that
is a placeholder, on a record that is no customer's. A later decision takes its subjects from the earlier ones; what is
left of a split then goes on holding. A revocation leaves those that its decision still had without a word, and brings
nothing back that had been replaced. So to revoke can never contradict anything. Keeps this: no chain of records that
are the same ends in two that are different, and nobody is spoken of who is no customer since before.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple, cast

from stewardship.contradiction import Contradiction, Step
from stewardship.entry import VERDICTS, Entry, Pair, Record, Subject, Verdict, about_pair, pair_of, written
from warehouse.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Neighbours = dict[Record, dict[Record, Entry]]
Paths = dict[Record, tuple[Record, Entry] | None]


class Bound(NamedTuple):
    """A pair that is bound: by which decision, as which of its pairs (from 0), and as what."""

    entry: Entry
    place: int
    pair: Pair
    verdict: Verdict


class Standing:
    """The log as it stands after its entry `head`; `apply` goes on from there."""

    def __init__(self) -> None:
        self.head = 0
        self.keys: dict[str, int] = {}
        """The id of every entry, by its key."""
        self.decisions: dict[int, Entry] = {}
        """Every decision there ever was, by its id."""
        self.ended: dict[int, Entry] = {}
        """The decisions that hold no more, with the entry that revoked each, or replaced the last that was left."""
        self._last: dict[Subject, Entry] = {}
        self._left: dict[int, int] = {}
        self._edges: dict[Verdict, Neighbours] = {"same": {}, "different": {}}

    def copy(self) -> Standing:
        """Return a standing of the same entries that goes its own way from here."""
        other = Standing()
        other.head = self.head
        other.keys, other.decisions, other.ended = dict(self.keys), dict(self.decisions), dict(self.ended)
        other._last, other._left = dict(self._last), dict(self._left)
        other._edges = {
            verdict: {record: dict(others) for record, others in edges.items()}
            for verdict, edges in self._edges.items()
        }
        return other

    def apply(self, entry: Entry, key: str) -> tuple[Entry, ...]:
        """Take the entry after `head` into account; return the decisions that it took something from."""
        self.head = entry.id
        self.keys[key] = entry.id
        if entry.revokes is not None:
            revoked = self.decisions[entry.revokes]
            for subject in revoked.subjects:
                if self._last.get(subject) is revoked:
                    self._take(subject, entry)
            return (revoked,)
        self.decisions[entry.id] = entry
        subjects = entry.subjects
        before = {had.id: had for subject in subjects if (had := self._take(subject, entry))}
        self._left[entry.id] = len(subjects)
        for subject in subjects:
            self._last[subject] = entry
        if verdict := VERDICTS.get(entry.kind):
            edges = self._edges[verdict]
            for left, right in entry.pairs:
                edges.setdefault(left, {})[right] = entry
                edges.setdefault(right, {})[left] = entry
        return tuple(before[decision_id] for decision_id in sorted(before))

    def _take(self, subject: Subject, by: Entry) -> Entry | None:
        """Leave a subject without a word; return the decision that had it."""
        decision = self._last.pop(subject, None)
        if decision is None:
            return None
        self._left[decision.id] -= 1
        if not self._left[decision.id]:
            self.ended[decision.id] = by
        if verdict := VERDICTS.get(decision.kind):
            left, right = cast("Pair", subject[1:])
            del self._edges[verdict][left][right]
            del self._edges[verdict][right][left]
        return decision

    def active(self) -> tuple[Entry, ...]:
        """Return the decisions that hold, wholly or in part, in the order in which they were taken."""
        return tuple(sorted({entry.id: entry for entry in self._last.values()}.values(), key=lambda entry: entry.id))

    def bound(self) -> Iterator[Bound]:
        """Yield the pairs that are bound, in the order of the decisions."""
        for entry in self.active():
            if verdict := VERDICTS.get(entry.kind):
                for place, pair in enumerate(entry.pairs):
                    if self._last.get(about_pair(pair)) is entry:
                        yield Bound(entry, place, pair, verdict)

    def left_of(self, entry: Entry) -> tuple[Subject, ...]:
        """Return the subjects that a decision still has the last word on."""
        return tuple(subject for subject in entry.subjects if self._last.get(subject) is entry)

    def last_word(self, subject: Subject) -> Entry | None:
        """Return the decision that has the last word on a subject, if there is one."""
        return self._last.get(subject)

    def on(self, pair: Pair) -> Entry | None:
        """Return the decision on the pair that holds, if there is one."""
        return self._last.get(about_pair(pair))

    def nobody(self, record: Record) -> Entry | None:
        """Return the decision that a record is no customer's, if there is one."""
        return self._last.get(("record", record, ""))

    def check(self, entry: Entry, unsaid: Collection[Subject] = ()) -> None:
        """Raise Refused where this decision cannot stand beside the others, as Contradiction where a chain shows it.

        What holds on its own subjects is replaced by it. `unsaid` are the subjects of what will be said together with
        it: what holds on them goes too.
        """
        if entry.kind != "not_a_customer":
            for record in entry.records:
                if by := self.nobody(record):
                    message = (
                        f"{written(record)} is nobody's, by decision {by.id} ({by.told}): "
                        f"`joinedup review revoke` {by.id} first, or leave {written(record)} out"
                    )
                    raise Refused(message)
        verdict = VERDICTS.get(entry.kind)
        without = {*unsaid, *entry.subjects}
        chains = () if verdict is None else self._chains(verdict, entry.pairs, without)
        pair, steps = min(chains, key=lambda found: (len(found[1]), found[0]), default=(None, ()))
        if pair is not None:
            raise Contradiction(entry.kind, pair, steps)

    def _chains(
        self, verdict: Verdict, pairs: tuple[Pair, ...], without: Collection[Subject]
    ) -> Iterator[tuple[Pair, tuple[Step, ...]]]:
        """Yield the pairs that cannot be what is said of them, each with the decisions that say so."""
        if verdict == "same":
            for pair in pairs:
                if steps := self._against_same(pair, without):
                    yield pair, steps
            return
        reached: dict[Record, Paths] = {}
        for pair in pairs:
            if pair[0] not in reached:
                reached[pair[0]] = self._paths(pair[0], without)
            if pair[1] in reached[pair[0]]:
                yield pair, _path(reached[pair[0]], pair[1])

    def _against_same(self, pair: Pair, without: Collection[Subject]) -> tuple[Step, ...]:
        left, right = self._paths(pair[0], without), self._paths(pair[1], without)
        if pair[1] in left:
            return ()
        found = [
            (*_path(left, here), Step(there, entry), *_back(right, there))
            for here in left
            for there, entry in self._edges["different"].get(here, {}).items()
            if there in right and about_pair(pair_of(here, there)) not in without
        ]
        return min(found, key=lambda steps: (len(steps), [step.entry.id for step in steps]), default=())

    def _paths(self, start: Record, without: Collection[Subject]) -> Paths:
        """Return who is the same as `start`, each with the record and decision through which, the shortest way."""
        found: Paths = {start: None}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            for there, entry in sorted(self._edges["same"].get(here, {}).items()):
                if there not in found and about_pair(pair_of(here, there)) not in without:
                    found[there] = here, entry
                    waiting.append(there)
        return found


def _path(paths: Paths, end: Record) -> tuple[Step, ...]:
    """Return the steps that lead to a record."""
    steps = []
    while (step := paths[end]) is not None:
        steps.append(Step(end, step[1]))
        end = step[0]
    return tuple(reversed(steps))


def _back(paths: Paths, start: Record) -> tuple[Step, ...]:
    """Return the steps that lead from a record to where the paths begin."""
    steps = []
    while (step := paths[start]) is not None:
        start, entry = step
        steps.append(Step(start, entry))
    return tuple(steps)
