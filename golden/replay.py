"""Replays `change` from the start: what customers and crosswalk look like after any number of events.

Invariant: over the whole log the result is exactly the published `customer` and `crosswalk`. This is also what a
system that follows the feed has to do, no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from golden.history import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

APPEARANCES = ("created", "unmerged", "revived")


class Event(NamedTuple):
    """The part of a row of `change` that moves something; `after` is JSON."""

    event: str
    golden_id: str
    source: str | None
    source_record_id: str | None
    after: str | None


class Replayed(NamedTuple):
    """The state after the events: the JSON row of each customer by golden id, of each record by its key."""

    customer: dict[str, str]
    crosswalk: dict[tuple[str, str], str]


def read_events(con: DuckDBPyConnection, change: str = "golden.change") -> list[Event]:
    """Return the events of a table shaped like golden.change, in their sequence."""
    rows = con.execute(
        f"SELECT event, golden_id, source, source_record_id, after FROM {change} ORDER BY sequence"
    ).fetchall()
    return [Event(*row) for row in rows]


def replay(events: Iterable[Event]) -> Replayed:
    """Return the state after `events`, which are in their sequence.

    created, unmerged, revived: the customer's row is `after`. attached: the record's row is `after`; detached: it has
    none. merged, retired, erased: the customer has no row. updated: the record's row, where one is named, otherwise
    the customer's, is `after`. split only says where a created customer came from.
    """
    state = Replayed({}, {})
    for event in events:
        _apply(state, event)
    return state


def _apply(state: Replayed, event: Event) -> None:
    if event.event in ENDINGS:
        del state.customer[event.golden_id]
    elif event.event == "detached":
        del state.crosswalk[_record(event)]
    elif event.event == "attached" or (event.event == "updated" and event.source is not None):
        state.crosswalk[_record(event)] = _after(event)
    elif event.event in APPEARANCES or event.event == "updated":
        state.customer[event.golden_id] = _after(event)


def _record(event: Event) -> tuple[str, str]:
    if event.source is None or event.source_record_id is None:
        message = f"the log is damaged: a {event.event} event of {event.golden_id} names no record"
        raise ValueError(message)
    return event.source, event.source_record_id


def _after(event: Event) -> str:
    if event.after is None:
        message = f"the log is damaged: a {event.event} event of {event.golden_id} carries no row"
        raise ValueError(message)
    return event.after
