"""The log as people page through it: decisions with what became of each, the newest first, by state, kind and person.

READS: the stewards' log as it stands, matching.standardised of the release. WRITES: nothing.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, get_args

from stewardship.evidence import states_query
from stewardship.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stewardship.entry import Entry
    from stewardship.standing import Bound
    from stewardship.store import Store
    from stewardship.web.releases import Pinned

State = Literal["new", "bound", "reconfirm", "dormant", "expired", "revoked", "replaced"]
"""What became of a decision: `new` was decided since the release, `expired` is a pin whose time is over; the others are
those of `joinedup review list`."""
STATES: tuple[State, ...] = get_args(State)
_ENDED: tuple[State, ...] = ("revoked", "replaced")
_WORST: tuple[State, ...] = ("reconfirm", "dormant", "bound")
"""Of the pairs of one decision, whose state is told."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A decision with what became of it; `ended_by` is what revoked or replaced it, None while it holds."""

    entry: Entry
    state: State
    ended_by: Entry | None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of decisions, and how many there are in all; `people` are all who ever decided."""

    rows: tuple[Listed, ...]
    total: int
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which decisions: of a state (None: those that hold), a kind, a person, or one card's; None: whichever."""

    state: State | None = None
    kind: str | None = None
    by: str | None = None
    item_id: str | None = None


class Reading:
    """The log as it stands now, read anew only when something was added; for any number of threads, who only read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._standing = Standing()

    def now(self) -> Standing:
        """Return the log as it stands."""
        with self._lock:
            if self._standing.head != self._store.head():
                self._standing = self._store.read()
            return self._standing


def list_decisions(
    standing: Standing, pinned: Pinned | None, wanted: Wanted, *, limit: int = 50, offset: int = 0
) -> Listing:
    """Return the decisions that are wanted, the newest first, `limit` of them from the `offset`-th on."""
    people = tuple(sorted({entry.decided_by for entry in standing.decisions.values()}))
    found = [entry for entry in reversed(standing.decisions.values()) if _is_wanted(entry, standing, wanted)]
    if wanted.state is None or wanted.state in _ENDED:
        shown = tuple(_listed(found[offset : offset + limit], standing, pinned))
        return Listing(shown, len(found), people)
    of_state = [listed for listed in _listed(found, standing, pinned) if listed.state == wanted.state]
    return Listing(tuple(of_state[offset : offset + limit]), len(of_state), people)


def _is_wanted(entry: Entry, standing: Standing, wanted: Wanted) -> bool:
    ended = standing.ended.get(entry.id)
    if wanted.state in _ENDED:
        if ended is None or (ended.revokes is not None) != (wanted.state == "revoked"):
            return False
    elif ended is not None:
        return False
    told = ((wanted.kind, entry.kind), (wanted.by, entry.decided_by), (wanted.item_id, entry.item_id))
    return all(asked is None or asked == is_ for asked, is_ in told)


def _listed(entries: Iterable[Entry], standing: Standing, pinned: Pinned | None) -> Iterator[Listed]:
    rows = list(entries)
    states = _states([entry for entry in rows if entry.id not in standing.ended], standing, pinned)
    head = (pinned.manifest.decisions_head or 0) if pinned else 0
    now = datetime.now(UTC).replace(tzinfo=None)
    for entry in rows:
        ended = standing.ended.get(entry.id)
        if ended is not None:
            state: State = "revoked" if ended.revokes is not None else "replaced"
        elif entry.until is not None and entry.until <= now:
            state = "expired"
        elif entry.id > head:
            state = "new"
        else:
            state = states.get(entry.id, "bound")
        yield Listed(entry, state, ended)


def _states(entries: list[Entry], standing: Standing, pinned: Pinned | None) -> dict[int, State]:
    """Return the states of decisions about pairs, by what the release says of their records."""
    ids = {entry.id for entry in entries}
    bound: list[Bound] = [each for each in standing.bound() if each.entry.id in ids] if ids else []
    if not bound or pinned is None or not pinned.has_workings:
        return {}
    query, parameters = states_query(bound)
    with pinned.workings() as con:
        rows = con.execute(f"SELECT decision_id, state FROM ({query})", parameters).fetchall()
    states: dict[int, State] = {}
    for decision_id, state in rows:
        states[decision_id] = min(state, states.get(decision_id, state), key=_WORST.index)
    return states
