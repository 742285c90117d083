"""A steward answers: one act of one or more statements, written whole or not at all, and taken back whole.

answered = answer(store, release, [Statement("split", (a, b, c), (0, 1, 1))], said)
undo(store, answered.act, said)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from stewardship.entry import ABOUT_ONE, ABOUT_PAIRS, Entry, Kind, Record, pair_of, written
from stewardship.four_eyes import check_not_of_two, check_of_one
from stewardship.log import Log, Said, Shown, draft
from stewardship.look_up import Known, look_up
from stewardship.values import pinned_value, placeholder_value
from warehouse.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from stewardship.store import Store
    from warehouse.read import Release

__all__ = ["Answered", "Shown", "Statement", "answer", "prepare", "undo"]

MOST_PAIRS = 10_000
"""The most pairs of records that one split parts; a customer of more records than that is no customer."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that is said, and of what.

    Of a pair of records: same, different, unsure, household. Of one record: pin, not_a_customer. Of many: split, with
    the side of each, 0 or 1. Of a value: placeholder.
    """

    kind: Kind
    records: tuple[Record, ...] = ()
    sides: tuple[int, ...] = ()
    attribute: str | None = None
    value: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What was written: the act's number, its entries, and the decisions that lost a word to it, wholly or in part."""

    act: int
    entries: tuple[Entry, ...]
    replaced: tuple[Entry, ...]


def answer(
    store: Store,
    release: Release | None,
    statements: Sequence[Statement],
    said: Said,
    shown: Shown | None = None,
    *,
    anyway: bool = False,
) -> Answered:
    """Write what is said as one act, in one transaction; `shown` is the card that was answered.

    Raises UsageError for a statement that is none; Refused for records that the release does not know or that are
    nobody's, unless `anyway`, and for statements that cannot stand beside each other; Contradiction where they cannot
    stand beside the decisions that hold, or would take the word from what two people have confirmed. Then nothing is
    written.
    """
    drafts = prepare(release, statements, said, anyway=anyway)
    with store.writing() as log:
        check_not_of_two(log, drafts)
        return write(log, drafts, shown)


def prepare(
    release: Release | None, statements: Sequence[Statement], said: Said, *, anyway: bool = False
) -> tuple[Entry, ...]:
    """Return the statements as entries without a place in the log, with the evidence of their records; see `answer`."""
    if not statements:
        raise UsageError("nothing was said: an answer has one statement at least")
    country = country_of(release)
    drafts = [drafted(statement, said, country) for statement in statements]
    records = {record for each in drafts for record in each.records}
    known = look_up(release, records) if release and records else {}
    if release and not anyway:
        check_known(release, sorted(records), known)
    return tuple(replace(each, evidence=evidence_for(each.records, known)) for each in drafts)


def write(log: Log, drafts: Sequence[Entry], shown: Shown | None = None) -> Answered:
    """Say it in the open transaction of a log; what stood there already, word for word, is not of this act."""
    before = len(log.replaced)
    said = log.say(drafts, shown)
    entries = tuple(dict.fromkeys(entry for entry, _ in said))
    act = next((entry.act for entry, added in said if added), entries[0].act)
    lost = {entry.id: entry for entry in log.replaced[before:] if entry.act != act}
    return Answered(act, entries, tuple(lost.values()))


def undo(store: Store, act: int, said: Said) -> Answered:
    """Revoke what still holds of an act, in one transaction; `replaced` is what was revoked.

    Raises Refused where nothing of it holds, there is no such act, or two people have confirmed it: then
    `proposals.take_back` proposes to.
    """
    with store.writing() as log:
        held = held_of(log, act)
        check_of_one(log, held)
        return revoke_all(log, held, said)


def held_of(log: Log, act: int) -> tuple[Entry, ...]:
    """Return what still holds of an act. Raises Refused where nothing does, or there is no such act."""
    entries = []
    decision_id = act
    while (entry := log.standing.decisions.get(decision_id)) is not None and entry.act == act:
        entries.append(entry)
        decision_id += 1
    if not entries:
        message = f"no act {act}: an act is named by its first decision"
        raise Refused(message)
    held = tuple(entry for entry in entries if entry.id not in log.standing.ended)
    if not held:
        by = log.standing.ended[entries[-1].id]
        message = f"nothing of act {act} holds any more ({by.kind} {by.id}: {by.told}); there is nothing to undo"
        raise Refused(message)
    return held


def revoke_all(log: Log, held: Sequence[Entry], said: Said) -> Answered:
    """Revoke decisions as one act in the open transaction of a log; `replaced` is what was revoked."""
    undone = log.standing.head + 1
    revocations = tuple(log.revoke(entry.id, said, undone)[0] for entry in held)
    return Answered(undone, revocations, tuple(held))


def evidence_for(records: Collection[Record], known: dict[Record, Known]) -> tuple[str | None, ...]:
    """Return the evidence of each record, None where it is not known."""
    return tuple(found.evidence if (found := known.get(record)) else None for record in records)


def check_known(release: Release, records: Collection[Record], known: dict[Record, Known]) -> None:
    """Raise Refused for a record that the release does not know, or that is nobody's in it."""
    hint = "to write the decision down for when that changes, add --anyway"
    for record in records:
        found = known.get(record)
        if found is None:
            raise Refused(f"no such record {written(record)} in {release.release_id}: correct it; {hint}")
        if found.excluded_reason:
            problem = f"is nobody's in {release.release_id} ({found.excluded_reason}), and cannot be bound"
            raise Refused(f"{written(record)} {problem}; {hint}")


def country_of(release: Release | None) -> str:
    """Return the country whose phone numbers are written without a code, as the release was made."""
    return str((release.manifest.deciding or {}).get("country", "US")) if release else "US"


def drafted(statement: Statement, said: Said, country: str) -> Entry:
    """Return a statement as an entry without a place in the log and without evidence. Raises UsageError."""
    kind, records = statement.kind, statement.records
    entry = draft(kind, said)
    if kind in ABOUT_PAIRS:
        return replace(entry, records=_two(kind, records))
    if kind == "split":
        return _split(entry, statement)
    if kind in ABOUT_ONE and len(records) != 1:
        raise UsageError(f"{kind} is about one record; found {len(records)}")
    if kind == "not_a_customer":
        return replace(entry, records=records)
    if kind not in ("pin", "placeholder"):
        raise UsageError(f"{kind} is nothing that an answer says")
    if kind == "placeholder" and records:
        raise UsageError("a placeholder is about a value, and names no record")
    attribute, value = statement.attribute or "", statement.value or ""
    if kind == "placeholder":
        return replace(entry, attribute=attribute, value=placeholder_value(attribute, value, country))
    if statement.until is not None and statement.until <= said.decided_at:
        raise UsageError(f"a pin until {statement.until:%Y-%m-%d %H:%M} would never hold: name a time to come")
    pinned = pinned_value(attribute, value, country)
    return replace(entry, records=records, attribute=attribute, value=pinned, until=statement.until)


def _two(kind: Kind, records: tuple[Record, ...]) -> tuple[Record, ...]:
    if len(records) != 2:  # noqa: PLR2004 - a pair
        raise UsageError(f"{kind} is about two records; found {len(records)}")
    one, other = records
    if one == other:
        raise UsageError(f"{written(one)} is given twice: a decision is about two records")
    return pair_of(one, other)


def _split(entry: Entry, statement: Statement) -> Entry:
    """Return the split with its records sorted, the side of the least being 0, so that it is one however it is said."""
    if len(statement.sides) != len(statement.records) or set(statement.sides) != {0, 1}:
        raise UsageError("a split names a side, 0 or 1, for each of its records, and some on either side")
    sided = sorted(zip(statement.records, statement.sides, strict=True))
    records = tuple(record for record, _ in sided)
    if twice := next((one for one, other in pairwise(records) if one == other), None):
        raise UsageError(f"{written(twice)} is given twice: a record stands on one side of a split")
    sides = tuple(int(side != sided[0][1]) for _, side in sided)
    pairs = sum(sides) * (len(sides) - sum(sides))
    if pairs > MOST_PAIRS:
        raise UsageError(f"a split parts {MOST_PAIRS:,} pairs of records at most; this one would part {pairs:,}")
    return replace(entry, records=records, sides=sides)
