"""A steward decides: what is written into the log, and what will come of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from stewardship.answer import Statement, prepare, write
from stewardship.entry import Entry, Kind, Record, written
from stewardship.log import Said
from stewardship.look_up import customers, look_up
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from stewardship.store import Store
    from warehouse.read import Release

Effect = Literal["merges", "parts", "nothing", "waits"]
"""What the next night does by a decision: join two customers, part one, leave all as it is, or wait for a record."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was written; `replaces` is the one on the same pair that held until now.

    `customers` are those that it is about, with what hangs on them; empty where a record is not in the release.
    """

    entry: Entry
    replaces: Entry | None
    effect: Effect
    customers: tuple[dict[str, Any], ...]

    def document(self) -> dict[str, Any]:
        """Return the decision as JSON-ready data."""
        return {
            **entry_document(self.entry),
            "replaces": entry_document(self.replaces) if self.replaces else None,
            "effect": self.effect,
            "customers": list(self.customers),
        }


def entry_document(entry: Entry) -> dict[str, Any]:
    """Return an entry of the log as JSON-ready data."""
    return {
        "decision_id": entry.id,
        "decision": entry.kind,
        "records": [written(record) for record in entry.records],
        "decided_by": entry.decided_by,
        "decided_at": f"{entry.decided_at.isoformat()}Z",
        "reason": entry.reason,
        "release_id": entry.release_id,
        "revokes": entry.revokes,
    }


def say(decided_by: str, reason: str, release: Release | None = None) -> Said:
    """Return who says something now, and why. Raises UsageError where a name or a reason lacks."""
    now = datetime.now(UTC).replace(tzinfo=None)
    by = plain_text(decided_by, "--as", "name who decides")
    why = plain_text(reason, "--reason", "say in a few words why: it is what others will go by")
    return Said(by, now, why, release.release_id if release else None)


def plain_text(text: str, what: str, advice: str) -> str:
    """Return the text without blanks around it. Raises UsageError for one that is empty, or that no store can keep."""
    found = text.strip()
    if not found:
        raise UsageError(f"{what} is empty: {advice}")
    if "\0" in found or any("\ud800" <= character <= "\udfff" for character in found):
        raise UsageError(f"{what} holds characters that are no text: {advice}")
    return found


def decide(  # noqa: PLR0913 - what a decision consists of, and `anyway` by name
    store: Store,
    release: Release | None,
    kind: Kind,
    one: Record,
    other: Record,
    said: Said,
    *,
    anyway: bool = False,
) -> Decided:
    """Write that two records are the same customer, or different ones.

    Before the first release nothing is known of any record, and the decision is taken as it stands. Raises UsageError
    for one record given twice; Refused for a record that the release does not know or that is nobody's, unless
    `anyway`; Contradiction where the decision cannot stand beside those that hold.
    """
    drafts = prepare(release, [Statement(kind, (one, other))], said, anyway=anyway)
    with store.writing() as log:
        replaced = log.standing.on(drafts[0].pair)
        (entry,) = write(log, drafts).entries
    known = look_up(release, entry.pair) if release else {}
    golden_ids = [found.golden_id for record in entry.pair if (found := known.get(record)) and found.golden_id]
    hanging = tuple(customers(release, golden_ids)) if release else ()
    return Decided(entry, replaced, _effect(kind, golden_ids), hanging)


def revoke(store: Store, decision_id: int, said: Said) -> tuple[Entry, Entry]:
    """Write that a decision holds no more; return the revocation and the decision.

    Raises Refused where there is no such decision, or it holds no more already.
    """
    with store.writing() as log:
        entry, _ = log.revoke(decision_id, said)
        return entry, log.standing.decisions[decision_id]


def _effect(kind: Kind, golden_ids: list[str]) -> Effect:
    if len(golden_ids) < 2:  # noqa: PLR2004 - a pair
        return "waits"
    one = len(set(golden_ids)) == 1
    if kind == "same":
        return "nothing" if one else "merges"
    return "parts" if one else "nothing"
