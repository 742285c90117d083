"""What a steward sees first: what waits for them, and what became of what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stewardship.decide import entry_document
from stewardship.entry import VERDICTS
from stewardship.evidence import states_query
from stewardship.look_up import Known, look_up
from stewardship.queue_overview import queue_overview
from stewardship.waiting import possible_matches, spoken_of, taken_apart
from warehouse.release.manifest import WORKINGS

if TYPE_CHECKING:
    from datetime import datetime

    from stewardship.entry import Entry, Record
    from stewardship.standing import Bound, Standing
    from stewardship.store import Store
    from warehouse.read import Release


def overview(store: Store, release: Release | None, *, limit: int, state: str | None = None) -> dict[str, Any]:
    """Return the decisions and the pairs that wait, as JSON-ready data; given a state, those decisions alone.

    A decision's `state` is what it is on the release that is published now: null where there is none, or it does not
    keep its workings any more; `in_release` says whether that release has taken it into account. Those that hold no
    more are listed where their state is asked for.
    """
    standing = store.read()
    active = standing.active()
    states = {**_states_of_rulings(release, active), **_states(release, tuple(standing.bound()))}
    head = release.manifest.decisions_head or 0 if release else 0
    listed = [
        entry_document(entry) | {"state": states.get(entry.id), "in_release": entry.id <= head} for entry in active
    ]
    if state in ("revoked", "replaced"):
        listed = _ended(standing, state)
    elif state is not None:
        listed = [decision for decision in listed if decision["state"] == state]
    document: dict[str, Any] = {
        "release_id": release.release_id if release else None,
        "head": standing.head,
        "decisions": listed,
    }
    if state is None:
        waiting, pairs = possible_matches(release.con, spoken_of(standing), limit) if release else (0, [])
        document |= {"waiting": waiting, "pairs": pairs, "taken_apart": _taken_apart(release)}
        document["queue"] = queue_overview(release, store, limit) if release else None
    return document


def _states(release: Release | None, bound: tuple[Bound, ...]) -> dict[int, str]:
    """Return the state of each decision that binds pairs: of many pairs, what is to be looked at before what binds."""
    if release is None or not bound or not _has_workings(release):
        return {}
    query, parameters = states_query(bound)
    with release.workings() as con:
        rows = con.execute(f"SELECT decision_id, state FROM ({query})", parameters).fetchall()
    found: dict[int, set[str]] = {}
    for decision_id, state in rows:
        found.setdefault(decision_id, set()).add(state)
    return {
        number: next(each for each in ("reconfirm", "bound", "dormant") if each in of) for number, of in found.items()
    }


def _states_of_rulings(release: Release | None, active: tuple[Entry, ...]) -> dict[int, str]:
    """Return the state of each decision that binds no pair."""
    rulings = [entry for entry in active if entry.kind not in VERDICTS]
    if release is None or not rulings or not _has_workings(release):
        return {}
    known = look_up(release, {record for entry in rulings for record in entry.records})
    return {entry.id: _state_of(entry, known, release.manifest.as_of) for entry in rulings}


def _state_of(entry: Entry, known: dict[Record, Known], as_of: datetime) -> str:
    if entry.until is not None and entry.until <= as_of:
        return "expired"
    found = [known.get(record) for record in entry.records]
    if entry.kind == "not_a_customer":
        return "bound" if found[0] else "dormant"
    evidence = [each.evidence if each else None for each in found]
    if None in evidence:
        return "dormant"
    then = zip(evidence, entry.evidence, strict=True)
    return "reconfirm" if any(said is not None and said != now for now, said in then) else "bound"


def _taken_apart(release: Release | None) -> list[dict[str, Any]]:
    if release is None or not _has_workings(release):
        return []
    with release.workings() as con:
        return taken_apart(con)


def _has_workings(release: Release) -> bool:
    return (release.directory / WORKINGS).exists()


def _ended(standing: Standing, state: str) -> list[dict[str, Any]]:
    return [
        entry_document(standing.decisions[decision_id]) | {"state": state, "ended_by": entry_document(by)}
        for decision_id, by in sorted(standing.ended.items())
        if (by.revokes is not None) == (state == "revoked")
    ]
