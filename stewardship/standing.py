"""What the log says as it stands: which decisions hold, and which new one would contradict them.

The last word on a pair counts: a later decision replaces an earlier one, a revocation leaves the pair undecided and
brings nothing back that had been replaced. So to revoke can never contradict anything. Keeps this: no chain of records
that are the same ends in two that are different.
"""

from __future__ import annotations

from collections import deque
from types import MappingProxyType
from typing import TYPE_CHECKING

from stewardship.entry import Entry, Kind, Pair, Record, written
from warehouse.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SIGNS = {"same": "=", "different": "≠"}
_VERDICTS = {"same": "the same customer", "different": "different ones"}

Neighbours = dict[Record, dict[Record, Entry]]


class Contradiction(Refused):
    """A decision that contradicts others; `chain` holds these, in their order from one record to the other.

    `lines` says of entries that stand in a file, and not yet in the log, where they stand there.
    """

    def __init__(
        self, kind: Kind, pair: Pair, chain: tuple[Entry, ...], lines: Mapping[int, int] = MappingProxyType({})
    ) -> None:
        self.kind, self.pair, self.chain = kind, pair, chain
        path, here = written(pair[0]), pair[0]
        for entry in chain:
            here = next(record for record in entry.records if record != here)
            place = f"line {lines[entry.id]}" if entry.id in lines else f"decision {entry.id}"
            path += f" {_SIGNS[entry.kind]} {written(here)} ({place}: {entry.told})"
        revocable = [str(entry.id) for entry in chain if entry.id not in lines]
        way_out = f"`joinedup review revoke` {' or '.join(revocable)} first, or " if revocable else ""
        left_out = "leave this one out" if len(revocable) == len(chain) else "leave one of these lines out"
        names = " and ".join(map(written, pair))
        super().__init__(f"{names} cannot be {_VERDICTS[kind]}: {path}, but you say {kind}; {way_out}{left_out}")


class Standing:
    """The log as it stands after its entry `head`; `apply` goes on from there."""

    def __init__(self) -> None:
        self.head = 0
        self.keys: dict[str, int] = {}
        """The id of every entry, by its key."""
        self.decisions: dict[int, Entry] = {}
        """Every decision there ever was, by its id."""
        self.ended: dict[int, Entry] = {}
        """The decisions that hold no more, with the entry that revoked or replaced each."""
        self._last: dict[Pair, Entry] = {}
        self._edges: dict[Kind, Neighbours] = {"same": {}, "different": {}}

    def apply(self, entry: Entry, key: str) -> None:
        """Take an entry of the log into account, the one after `head`."""
        self.head = entry.id
        self.keys[key] = entry.id
        if entry.revokes is not None:
            self._end(self.decisions[entry.revokes], entry)
            return
        self.decisions[entry.id] = entry
        if (before := self._last.get(entry.pair)) is not None:
            self._end(before, entry)
        self._last[entry.pair] = entry
        left, right = entry.pair
        edges = self._edges[entry.kind]
        edges.setdefault(left, {})[right] = entry
        edges.setdefault(right, {})[left] = entry

    def _end(self, decision: Entry, by: Entry) -> None:
        self.ended[decision.id] = by
        del self._last[decision.pair]
        left, right = decision.pair
        del self._edges[decision.kind][left][right]
        del self._edges[decision.kind][right][left]

    def active(self) -> tuple[Entry, ...]:
        """Return the decisions that hold, in the order in which they were taken."""
        return tuple(sorted(self._last.values(), key=lambda entry: entry.id))

    def on(self, pair: Pair) -> Entry | None:
        """Return the decision on the pair that holds, if there is one."""
        return self._last.get(pair)

    def check(self, kind: Kind, pair: Pair) -> None:
        """Raise Contradiction where this decision cannot stand beside the others; its own pair's is replaced by it."""
        chain = self._against_different(pair) if kind == "different" else self._against_same(pair)
        if chain:
            raise Contradiction(kind, pair, chain)

    def _against_different(self, pair: Pair) -> tuple[Entry, ...]:
        paths = self._paths(pair[0], pair)
        return _path(paths, pair[1]) if pair[1] in paths else ()

    def _against_same(self, pair: Pair) -> tuple[Entry, ...]:
        left, right = self._paths(pair[0], pair), self._paths(pair[1], pair)
        if pair[1] in left:
            return ()
        found = [
            (*_path(left, here), entry, *reversed(_path(right, there)))
            for here in left
            for there, entry in self._edges["different"].get(here, {}).items()
            if there in right and {here, there} != set(pair)
        ]
        return min(found, key=lambda chain: (len(chain), [entry.id for entry in chain]), default=())

    def _paths(self, start: Record, without: Pair) -> dict[Record, tuple[Record, Entry] | None]:
        """Return who is the same as `start`, each with the record and decision through which, the shortest way."""
        found: dict[Record, tuple[Record, Entry] | None] = {start: None}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            for there, entry in sorted(self._edges["same"].get(here, {}).items()):
                if there not in found and {here, there} != set(without):
                    found[there] = here, entry
                    waiting.append(there)
        return found


def _path(paths: dict[Record, tuple[Record, Entry] | None], end: Record) -> tuple[Entry, ...]:
    return tuple(_backwards(paths, end))[::-1]


def _backwards(paths: dict[Record, tuple[Record, Entry] | None], end: Record) -> Iterator[Entry]:
    while (step := paths[end]) is not None:
        end, entry = step
        yield entry
