"""One entry of the stewards' log: a decision about source records, or a revocation of one."""

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
Kind = Literal["same", "different", "revoke"]

DECISIONS: tuple[Kind, ...] = ("same", "different")
"""What can be decided of two records."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log, for ever as it was written.

    `id` grows without gaps. `records` are those that it is about, the lesser first, none for a revocation. `evidence`
    holds, for each of them, the hash of what was compared of it when it was decided, None where it was not known.
    `decided_at` is naive UTC. `release_id` is the release that was looked at. `revokes` is the id of the decision that
    a revocation takes back.
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

    @property
    def pair(self) -> Pair:
        """The two records of a decision."""
        left, right = self.records
        return left, right

    @property
    def told(self) -> str:
        """The entry as messages name it: who, when, and the beginning of why."""
        why = " ".join(self.reason.split())
        short = why if len(why) <= _TOLD else f"{why[: _TOLD - 1]}…"
        return f'{self.decided_by}, {self.decided_at:%Y-%m-%d}, "{short}"'


_TOLD = 60


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
    said = [entry.kind, *entry.records, revoked_key, entry.decided_by, entry.decided_at.isoformat(), entry.reason]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
