"""A witness of a workspace's releases: sees each one when it is published, and says what is wrong with it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from golden.replay import Event, read_events, replay
from warehouse.connection import open_published
from warehouse.release.pointer import current_release_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

    from stewardship.entry import Entry
    from tests.pipelines.town import Record
    from warehouse.workspace import Workspace

    Customers = dict[str, set[Record]]
    """Golden id -> its records."""


@dataclass
class Witness:
    """What was seen so far: the records and customers of each release, every id, the log."""

    live_in: dict[str, set[Record]] = field(default_factory=dict)
    customers_in: dict[str, Customers] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    log: list[Event] = field(default_factory=list)

    def published(self, workspace: Workspace) -> set[Record]:
        """Return the records of the current release, none before the first."""
        return self.live_in.get(current_release_id(workspace) or "", set())

    def customers(self, workspace: Workspace) -> list[list[Record]]:
        """Return the records of each customer of the current release, all in order."""
        found = self.customers_in.get(current_release_id(workspace) or "", {})
        return sorted(sorted(records) for records in found.values())

    def see(
        self, workspace: Workspace, live: set[Record], base: str | None, decisions: Iterable[Entry] = ()
    ) -> list[str]:
        """Look at the current release, made on `base`; return what is wrong with it, `live` being the records of all.

        Every live record is somebody's or nobody's and no other is. The log goes on from where it was, and replayed it
        gives what is published. Every id ever published is a customer's or leads to one or to nobody. A customer keeps
        the id as long as the records are the same; an id never leaves all of its records while they are all there (one
        that is gone may be there under another key). No decision is violated.
        """
        release = current_release_id(workspace) or ""
        con = open_published(workspace.current / "golden.duckdb")
        try:
            customers = _customers(con)
            faults = [
                *_records_astray(con, live),
                *self._log_broken(read_events(con, "change")),
                *_replayed_otherwise(con, self.log),
                *self._ids_lost(con, customers),
                *_violated(decisions, customers),
                *_ids_moved(self.customers_in.get(base or "", {}), customers),
            ]
        finally:
            con.close()
        self.live_in[release] = live
        self.customers_in[release] = customers
        return faults

    def _log_broken(self, log: list[Event]) -> list[str]:
        faults = [] if log[: len(self.log)] == self.log else ["the log has changed what it said before"]
        self.log = log
        return faults

    def _ids_lost(self, con: DuckDBPyConnection, customers: Customers) -> list[str]:
        self.ids |= set(customers)
        leads_to = dict(con.execute("SELECT golden_id, current_golden_id FROM redirect").fetchall())
        faults = [f"{golden_id} leads nowhere" for golden_id in self.ids - set(customers) - set(leads_to)]
        faults += [f"{golden_id} lives and leads elsewhere" for golden_id in set(customers) & set(leads_to)]
        return faults + [f"{to} is led to and is no customer" for to in leads_to.values() if to and to not in customers]


def _customers(con: DuckDBPyConnection) -> Customers:
    customers: Customers = {}
    for golden_id, *record in con.execute("SELECT golden_id, source, source_record_id FROM crosswalk").fetchall():
        customers.setdefault(golden_id, set()).add((record[0], record[1]))
    return customers


def _records_astray(con: DuckDBPyConnection, live: set[Record]) -> list[str]:
    somebodys, nobodys = (
        {(source, key) for source, key in con.execute(f"SELECT source, source_record_id FROM {table}").fetchall()}
        for table in ("crosswalk", "excluded_record")
    )
    astray = {
        "is somebody's and nobody's": somebodys & nobodys,
        "is live and not accounted for": live - somebodys - nobodys,
        "is not live and published": (somebodys | nobodys) - live,
    }
    return [f"{record} {what}" for what, records in astray.items() for record in sorted(records)]


def _ids_moved(before: Customers, now: Customers) -> list[str]:
    somebodys = set().union(*now.values())
    faults = [
        f"{golden_id} has left all its records"
        for golden_id in set(before) & set(now)
        if before[golden_id] <= somebodys and not before[golden_id] & now[golden_id]
    ]
    held_by = {frozenset(records): golden_id for golden_id, records in now.items()}
    return faults + [
        f"{golden_id} lost its id, though it has the same records"
        for golden_id, records in before.items()
        if held_by.get(frozenset(records), golden_id) != golden_id
    ]


def _violated(decisions: Iterable[Entry], customers: Customers) -> list[str]:
    holder = {record: golden_id for golden_id, records in customers.items() for record in records}
    return [
        f"{entry.kind} of {entry.records} is violated"
        for entry in decisions
        if all(record in holder for record in entry.records)
        and (len({holder[record] for record in entry.records}) == 1) != (entry.kind == "same")
    ]


def _replayed_otherwise(con: DuckDBPyConnection, log: Iterable[Event]) -> list[str]:
    try:
        replayed = replay(log)
    except (KeyError, ValueError) as error:
        return [f"the log does not replay: {error!r}"]
    customers = con.execute("SELECT golden_id, to_json(customer)::VARCHAR FROM customer").fetchall()
    records = con.execute("SELECT source, source_record_id, to_json(crosswalk)::VARCHAR FROM crosswalk").fetchall()
    published: dict[Any, str] = dict(customers)
    published |= {(source, key): row for source, key, row in records}
    told: dict[Any, str] = {**replayed.customer, **replayed.crosswalk}
    if told.keys() != published.keys():
        return [f"the log tells otherwise of {sorted(map(str, told.keys() ^ published.keys()))}"]
    return [
        f"the log tells otherwise of {key}"
        for key, row in told.items()
        if json.loads(row) != json.loads(published[key])
    ]
