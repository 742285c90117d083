"""A steward decides: what is written into the log, and what will come of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from stewardship.answer import Statement, answer
from stewardship.entry import ABOUT_ONE, Entry, Kind, Record, written
from stewardship.four_eyes import check_of_one
from stewardship.log import Said
from stewardship.look_up import customers, look_up
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from stewardship.store import Store
    from warehouse.read import Release

Effect = Literal["merges", "parts", "publishes", "excludes", "leaves_out", "nothing", "waits"]
"""What the next night does by a decision: join customers, part one, publish a pinned value, take a record out, leave a
value out of the comparison, leave all as it is, or wait for a record."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was written; `replaced` are those that held until now, and lost a word to it.

    `customers` are those that it is about, with what hangs on them; empty where a record is not in the release.
    """

    entry: Entry
    replaced: tuple[Entry, ...]
    effect: Effect
    customers: tuple[dict[str, Any], ...]

    def document(self) -> dict[str, Any]:
        """Return the decision as JSON-ready data; `replaces` is the first of those it replaced, or null."""
        replaced = [entry_document(entry) for entry in self.replaced]
        return {
            **entry_document(self.entry),
            "replaces": replaced[0] if replaced else None,
            "replaced": replaced,
            "effect": self.effect,
            "customers": list(self.customers),
        }


def entry_document(entry: Entry) -> dict[str, Any]:
    """Return an entry of the log as JSON-ready data."""
    return {
        "decision_id": entry.id,
        "decision": entry.kind,
        "records": [written(record) for record in entry.records],
        "sides": list(entry.sides),
        "attribute": entry.attribute,
        "value": entry.value,
        "until": f"{entry.until.isoformat()}Z" if entry.until else None,
        "decided_by": entry.decided_by,
        "decided_at": f"{entry.decided_at.isoformat()}Z",
        "reason": entry.reason,
        "release_id": entry.release_id,
        "revokes": entry.revokes,
        "act": entry.act,
        "item_id": entry.item_id,
        "queue": entry.queue,
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
    """Write what is said of two records; see `decide_on`."""
    return decide_on(store, release, Statement(kind, (one, other)), said, anyway=anyway)


def decide_on(
    store: Store, release: Release | None, statement: Statement, said: Said, *, anyway: bool = False
) -> Decided:
    """Write one statement, and return what will come of it.

    Before the first release nothing is known of any record, and the decision is taken as it stands. Raises UsageError
    for a statement that is none; Refused for a record that the release does not know or that is nobody's, unless
    `anyway`; Contradiction where the decision cannot stand beside those that hold.
    """
    answered = answer(store, release, [statement], said, anyway=anyway)
    (entry,) = answered.entries
    known = look_up(release, entry.records) if release and entry.records else {}
    golden_ids = [found.golden_id if (found := known.get(record)) else None for record in entry.records]
    hanging = tuple(customers(release, filter(None, golden_ids))) if release else ()
    return Decided(entry, answered.replaced, _effect(entry, golden_ids, release), hanging)


def revoke(store: Store, decision_id: int, said: Said) -> tuple[Entry, Entry]:
    """Write that a decision holds no more; return the revocation and the decision.

    Raises Refused where there is no such decision, it holds no more already, or two people have confirmed it.
    """
    with store.writing() as log:
        decision = log.standing.decisions.get(decision_id)
        if decision is not None and decision_id not in log.standing.ended:
            check_of_one(log, (decision,))
        entry, _ = log.revoke(decision_id, said)
        return entry, log.standing.decisions[decision_id]


def _effect(entry: Entry, golden_ids: list[str | None], release: Release | None) -> Effect:
    """Return what comes of an entry; `golden_ids` are the customers of its records, None where one has none."""
    if entry.kind in ("unsure", "placeholder"):
        return "nothing" if entry.kind == "unsure" else "leaves_out"
    if entry.kind in ABOUT_ONE:
        return _effect_on_one(entry, golden_ids[0], release)
    whose = dict(zip(entry.records, golden_ids, strict=True))
    of_one = {whose[left] == whose[right] for left, right in entry.pairs if whose[left] and whose[right]}
    if not of_one:
        return "waits"
    is_same = entry.kind == "same"
    if (not is_same) not in of_one:
        return "nothing"
    return "merges" if is_same else "parts"


def _effect_on_one(entry: Entry, golden_id: str | None, release: Release | None) -> Effect:
    if golden_id is None or release is None:
        return "waits"
    if entry.kind == "not_a_customer":
        return "excludes"
    published = (release.customer(golden_id) or {}).get(entry.attribute or "")
    return "nothing" if published is not None and str(published) == entry.value else "publishes"
