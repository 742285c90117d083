"""What is said within one transaction of the stewards' log: decisions, alone or together, and revocations.

Keeps this: what is added contradicts nothing that holds, ids grow without gaps, and what is said together stands in the
log whole or not at all.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from stewardship.accounts import chain
from stewardship.contradiction import Contradiction
from stewardship.entry import VERDICTS, Entry, entry_key, written
from stewardship.tables import DECISION_LOG, DECISION_RECORD, SAID
from warehouse.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from stewardship.entry import Kind, Pair, Record, Subject
    from stewardship.standing import Standing


@dataclass(frozen=True, slots=True)
class Said:
    """Who says something, when (naive UTC) and why; `release_id` is the release that was looked at."""

    decided_by: str
    decided_at: datetime
    reason: str
    release_id: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """The card that was answered: its item and queue, how long it was looked at, and what the model said of it."""

    item_id: str
    queue: str
    seconds: float | None = None
    probability: float | None = None


class Log:
    """The log in a transaction that alone may write; `standing` is what it says with what was added so far.

    `con` is the connection of the transaction: what is done on it is committed with the log, or not at all.
    """

    def __init__(self, con: sa.Connection, standing: Standing) -> None:
        self.con = con
        self.standing = standing
        self.replaced: list[Entry] = []
        """The decisions that what was added took something from."""
        self._rows: list[dict[str, object]] = []
        self._records: list[dict[str, object]] = []
        self._added: list[Entry] = []

    def decide(self, kind: Kind, pair: Pair, said: Said, evidence: tuple[str | None, str | None]) -> tuple[Entry, bool]:
        """Add a decision about two records, and return it; False where the log has had this very one already.

        Raises Contradiction where it cannot stand beside the decisions that hold.
        """
        ((entry, added),) = self.say([replace(draft(kind, said), records=pair, evidence=evidence)])
        return entry, added

    def say(self, drafts: Sequence[Entry], shown: Shown | None = None) -> list[tuple[Entry, bool]]:
        """Add decisions that are said together; return each, with False where the log has had it already.

        Their ids and their act are given here. Raises Refused where two of them say different things of the same, and
        where one cannot stand beside the others and the decisions that hold, then as Contradiction.
        """
        keys = [entry_key(each) for each in drafts]
        new = {key: each for key, each in zip(keys, drafts, strict=True) if key not in self.standing.keys}
        check_together(tuple(new.values()))
        unsaid = Counter(subject for entry in new.values() for subject in entry.subjects)
        act = self.standing.head + 1
        for key, entry in new.items():
            unsaid.subtract(entry.subjects)
            numbered = replace(entry, id=self.standing.head + 1, act=act, **(asdict(shown) if shown else {}))
            try:
                self.standing.check(numbered, {subject for subject, times in unsaid.items() if times})
            except Contradiction as error:
                raise error.placed(dict.fromkeys(range(act, numbered.id), "said with it")) from None
            self._add(numbered, key)
        decisions = self.standing.decisions
        return [(decisions[self.standing.keys[key]], key in new) for key in keys]

    def revoke(self, decision_id: int, said: Said, act: int = 0) -> tuple[Entry, bool]:
        """Add the revocation of a decision, and return it; False where the log has had this very one already.

        `act` is the one that it belongs to, its own where none is given. Raises Refused where there is no such
        decision, or it holds no more.
        """
        decision = self.standing.decisions.get(decision_id)
        if decision is None:
            message = f"no decision {decision_id}; `joinedup review list` shows which there are"
            raise Refused(message)
        entry = replace(draft("revoke", said), id=self.standing.head + 1, revokes=decision_id, act=act)
        key = entry_key(entry, entry_key(decision))
        if key in self.standing.keys:
            return replace(entry, id=self.standing.keys[key]), False
        ended = self.standing.ended.get(decision_id)
        if ended is not None:
            how = "was revoked" if ended.revokes else "was replaced by a later one"
            by = f"{ended.kind} {ended.id}: {ended.told}"
            message = f"decision {decision_id} holds no more: it {how} ({by}); there is nothing to revoke"
            raise Refused(message)
        self._add(entry, key)
        return entry, True

    def _add(self, entry: Entry, key: str) -> None:
        self._rows.append({name: getattr(entry, name) for name in SAID} | {"key": key})
        sides = entry.sides or (None,) * len(entry.records)
        about = zip(entry.records, entry.evidence, sides, strict=True)
        for place, ((source, record), evidence, side) in enumerate(about):
            row = {"source": source, "source_record_id": record, "evidence": evidence, "side": side}
            self._records.append({"log_id": entry.id, "place": place, **row})
        self._added.append(entry)
        self.replaced += self.standing.apply(entry, key)

    def write(self) -> None:
        """Insert what was added, and a row of the audit chain for each entry."""
        now = datetime.now(UTC).replace(tzinfo=None)
        chain.append_all(self.con, [audited(entry, now) for entry in self._added])
        if self._rows:
            self.con.execute(DECISION_LOG.insert(), self._rows)
        if self._records:
            self.con.execute(DECISION_RECORD.insert(), self._records)


def audited(entry: Entry, at: datetime) -> chain.Act:
    """Return an entry as the audit chain has it, written at a time: the log can be held against it by what it says."""
    about = {"decision_id": entry.id, "act": entry.act, "kind": entry.kind, "revokes": entry.revokes}
    return chain.Act(at, entry.decided_by, "revoked" if entry.revokes else "decided", about, said_in(entry))


def said_in(entry: Entry) -> str:
    """Return all that an entry says as one text, which the audit chain commits to."""
    said = [entry.decided_at, entry.records, entry.sides, entry.evidence]
    said += [entry.attribute, entry.value, entry.until, entry.reason]
    return json.dumps(said, ensure_ascii=False, default=str)


def draft(kind: Kind, said: Said) -> Entry:
    """Return the beginning of an entry that has no place in the log yet."""
    return Entry(0, kind, said.decided_by, said.decided_at, said.reason, release_id=said.release_id)


def check_together(drafts: Sequence[Entry]) -> None:
    """Raise Refused where two decisions that are to be said together say different things of the same subject."""
    words: dict[Subject, Entry] = {}
    nobody = {entry.records[0] for entry in drafts if entry.kind == "not_a_customer"}
    for entry in drafts:
        for record in entry.records:
            if record in nobody and entry.kind != "not_a_customer":
                message = f"{written(record)} cannot be no customer and have something else said of it ({entry.kind})"
                raise Refused(f"{message}: leave one of the two out")
        for subject in entry.subjects:
            before = words.setdefault(subject, entry)
            if _word(before) != _word(entry):
                message = f"{_spoken(subject)}: said to be {_named(before)} and {_named(entry)} at once"
                raise Refused(f"{message}; leave one of the two out")


def _word(entry: Entry) -> tuple[object, ...]:
    """Return what an entry says of each of its subjects."""
    return VERDICTS.get(entry.kind, entry.kind), entry.value, entry.until


def _named(entry: Entry) -> str:
    return f"{entry.kind} ({entry.value})" if entry.kind == "pin" else entry.kind


def _spoken(subject: Subject) -> str:
    kind, one, other = subject
    first = one if isinstance(one, str) else written(one)
    if kind == "pair":
        return f"{first} and {written(cast('Record', other))}"
    return f"{first} {other}".strip() if kind == "pin" else first
