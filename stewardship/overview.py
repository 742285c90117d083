"""What a steward sees first: what waits for them, and what became of what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stewardship.decide import entry_document
from stewardship.evidence import states_query
from stewardship.waiting import possible_matches, spoken_of, taken_apart
from warehouse.release.manifest import WORKINGS

if TYPE_CHECKING:
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
    bound = tuple(standing.bound())
    states = _states(release, bound)
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
    return document


def _states(release: Release | None, bound: tuple[Bound, ...]) -> dict[int, str]:
    """Return the state of each decision that binds pairs: of many pairs, what is to be looked at before what binds."""
    if release is None or not bound or not _has_workings(release):
        return {}
    query, parameters = states_query(bound)
    with release.workings() as con:
        rows = con.execute(
            f"""
            SELECT decision_id, CASE WHEN bool_or(state = 'reconfirm') THEN 'reconfirm'
                WHEN bool_or(state = 'bound') THEN 'bound' ELSE 'dormant' END
            FROM ({query}) GROUP BY decision_id""",
            parameters,
        ).fetchall()
    return dict(rows)


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
