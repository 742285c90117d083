"""One entry of the stewards' log: something said about source records or a value, or the revocation of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

Record = tuple[str, str]
"""A source record: its source and its key there."""
Pair = tuple[Record, Record]
"""Two records, the lesser first."""
Kind = Literal[
    "same",
    "different",
    "unsure",
    "split",
    "pin",
    "placeholder",
    "household",
    "not_a_customer",
    "revoke",
]
Verdict = Literal["same", "different"]
"""What a pair of records is bound by."""
Subject = tuple[str, Record | str, Record | str]
"""What one word is about: `("pair", l, r)`, `("pin", record, attribute)`, `("placeholder", attribute, value)`, or
`("record", record, "")`. The last word on a subject counts."""

ABOUT_PAIRS: tuple[Kind, ...] = ("same", "different", "unsure", "household")
"""What is said of two records."""
ABOUT_ONE: tuple[Kind, ...] = ("pin", "not_a_customer")
"""What is said of one record."""
ANSWERS: tuple[Kind, ...] = (*ABOUT_PAIRS, "split")
"""What answers a card; what is said of a value or a record on the way leaves its case open."""
DECISIONS: tuple[Kind, ...] = (*ABOUT_PAIRS, "split", *ABOUT_ONE, "placeholder")
"""All that can be decided; `revoke` takes one of them back."""
VERDICTS: dict[Kind, Verdict] = {
    "same": "same",
    "different": "different",
    "split": "different",
    "household": "different",
}
"""What a kind says of its pairs; the others bind no pair."""
_SAY_MORE: tuple[Kind, ...] = ("unsure", "split", "pin", "placeholder", "household", "not_a_customer")
"""Kinds whose key holds more than records: the keys of the others are in logs that were written before these came."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log, for ever as it was written.

    `id` grows without gaps. `records` are those that it is about, the least first, none for a revocation or a
    placeholder. `evidence` holds, for each of them, the hash of what was compared of it when it was decided, None where
    it was not known. `decided_at` is naive UTC. `release_id` is the release that was looked at. `revokes` is the id of
    the decision that a revocation takes back.

    `sides` says for each record of a split on which side it is, 0 being the side of the least. `attribute` and `value`
    are what is pinned or a placeholder, `until` is when a pin ends, naive UTC. `act` is the id of the first entry that
    was written together with this one. `item_id`, `queue`, `seconds` and `probability` are of the card that was
    answered: which it was, how long it was looked at, and what the model said of it.
    """

    id: int
    kind: Kind
    decided_by: str
    decided_at: datetime
    reason: str
    records: tuple[Record, ...] = ()
    evidence: tuple[str | None, ...] = ()
    release_id: str | None = None
    revokes: int | None = None
    sides: tuple[int, ...] = ()
    attribute: str | None = None
    value: str | None = None
    until: datetime | None = None
    act: int = 0
    item_id: str | None = None
    queue: str | None = None
    seconds: float | None = None
    probability: float | None = None

    def __post_init__(self) -> None:
        if not self.act:
            object.__setattr__(self, "act", self.id)

    @property
    def pair(self) -> Pair:
        """The two records of a decision about two."""
        left, right = self.records
        return left, right

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The pairs of records that it says something of, in their order: of a split, each of one side by the other."""
        if self.kind in ABOUT_PAIRS:
            return (self.pair,)
        if self.kind != "split":
            return ()
        sides = tuple(tuple(of for of, side in zip(self.records, self.sides, strict=True) if side == n) for n in (0, 1))
        return tuple(sorted(pair_of(one, other) for one in sides[0] for other in sides[1]))

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What it has the last word on until somebody says something else of that."""
        if self.kind == "pin":
            return (("pin", self.records[0], self.attribute or ""),)
        if self.kind == "placeholder":
            return (("placeholder", self.attribute or "", self.value or ""),)
        if self.kind == "not_a_customer":
            return (("record", self.records[0], ""),)
        return tuple(about_pair(pair) for pair in self.pairs)

    @property
    def told(self) -> str:
        """The entry as messages name it: who, when, and the beginning of why."""
        why = " ".join(self.reason.split())
        short = why if len(why) <= _TOLD else f"{why[: _TOLD - 1]}…"
        return f'{self.decided_by}, {self.decided_at:%Y-%m-%d}, "{short}"'


_TOLD = 60


def about_pair(pair: Pair) -> Subject:
    """Return the subject that a pair of records is."""
    return "pair", *pair


def pair_of(one: Record, other: Record) -> Pair:
    """Return the two records, the lesser first."""
    return (one, other) if one <= other else (other, one)


def written(record: Record) -> str:
    """Return the record as people write it."""
    return ":".join(record)


def entry_key(entry: Entry, revoked_key: str = "") -> str:
    """Return what makes an entry the same one in any log: a hash of what was said, by whom and when, not of its id.

    `revoked_key` is the key of the decision that a revocation takes back.
    """
    said: list[object] = [entry.kind, *entry.records, revoked_key]
    said += [entry.decided_by, entry.decided_at.isoformat(), entry.reason]
    if entry.kind in _SAY_MORE:
        until = entry.until.isoformat() if entry.until else None
        said += [list(entry.sides), entry.attribute, entry.value, until]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
