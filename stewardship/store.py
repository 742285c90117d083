"""The stewards' log: read as it stands, and added to, never changed.

    store = open_store(settings, workspace)
    with store.writing() as log:
        log.decide("same", pair, …)

READS and WRITES: the database that `stewardship.database` names. Keeps this: what was committed is never lost nor
changed; ids grow without gaps in the order of the commits; the decisions that hold contradict each other nowhere.
"""

from __future__ import annotations

import weakref
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

import sqlalchemy as sa

from stewardship.database import Place, find_place, make_engine, reading, writing
from stewardship.entry import Entry, entry_key
from stewardship.shape import bring_up_to_date, found_shape
from stewardship.standing import Standing
from stewardship.tables import DECISION_LOG, DECISION_RECORD
from stewardship.turn import Turn
from warehouse.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from stewardship.entry import Kind, Pair
    from warehouse.settings import Settings


@dataclass(frozen=True, slots=True)
class Said:
    """Who says something, when (naive UTC) and why; `release_id` is the release that was looked at."""

    decided_by: str
    decided_at: datetime
    reason: str
    release_id: str | None = None


class Log:
    """The log in a transaction that alone may write; `standing` is what it says with what was added so far."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self._rows: list[dict[str, object]] = []
        self._records: list[dict[str, object]] = []

    def decide(self, kind: Kind, pair: Pair, said: Said, evidence: tuple[str | None, str | None]) -> tuple[Entry, bool]:
        """Add a decision, and return it; False where the log has had this very one already, and nothing was added.

        Raises Contradiction where it cannot stand beside the decisions that hold.
        """
        entry = _entry(self.standing.head + 1, kind, said)
        entry = replace(entry, records=pair, evidence=evidence)
        key = entry_key(entry)
        if key in self.standing.keys:
            return self.standing.decisions[self.standing.keys[key]], False
        self.standing.check(kind, pair)
        self._add(entry, key)
        return entry, True

    def revoke(self, decision_id: int, said: Said) -> tuple[Entry, bool]:
        """Add the revocation of a decision, and return it; False where the log has had this very one already.

        Raises Refused where there is no such decision, or it holds no more.
        """
        decision = self.standing.decisions.get(decision_id)
        if decision is None:
            message = f"no decision {decision_id}; `joinedup review list` shows which there are"
            raise Refused(message)
        entry = replace(_entry(self.standing.head + 1, "revoke", said), revokes=decision_id)
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
        said = ("id", "kind", "decided_by", "decided_at", "reason", "release_id", "revokes")
        self._rows.append({name: getattr(entry, name) for name in said} | {"key": key})
        for place, ((source, record), evidence) in enumerate(zip(entry.records, entry.evidence, strict=True)):
            about = {"source": source, "source_record_id": record, "evidence": evidence}
            self._records.append({"log_id": entry.id, "place": place, **about})
        self.standing.apply(entry, key)

    def write(self, con: sa.Connection) -> None:
        """Insert what was added."""
        if self._rows:
            con.execute(DECISION_LOG.insert(), self._rows)
        if self._records:
            con.execute(DECISION_RECORD.insert(), self._records)


class Store:
    """The log of one workspace, for any number of threads; a writer reads only what came since it last wrote."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._engine = make_engine(place)
        weakref.finalize(self, self._engine.dispose)
        self._turn = Turn()
        self._up_to_date = False
        self._standing = Standing()

    def head(self) -> int:
        """Return the id of the log's last entry, 0 where there is none."""
        with self._reading() as con:
            return con.execute(sa.select(sa.func.max(DECISION_LOG.c.id))).scalar() or 0 if con else 0

    def read(self, until: int | None = None) -> Standing:
        """Return the log as it stands now, in one look, or as it stood after its entry `until`; empty without a store.

        What was added never changes, so the past is the beginning of the log.
        """
        entries = self._entries()
        return _gone_on(Standing(), ((entry, key) for entry, key in entries if until is None or entry.id <= until))

    def entries(self) -> tuple[Entry, ...]:
        """Return the whole log in its order, revocations too; empty where there is no store."""
        return tuple(entry for entry, _ in self._entries())

    def _entries(self) -> tuple[tuple[Entry, str], ...]:
        with self._reading() as con:
            return tuple(_entries(con, 0)) if con else ()

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection | None]:
        """Give a connection to read, None where there is no store; a file that is not there is not made."""
        if self.place.file is not None and not self.place.file.exists():
            yield None
            return
        with reading(self._engine, self.place) as con:
            yield con if found_shape(con, self.place) else None

    @contextmanager
    def writing(self) -> Iterator[Log]:
        """Give the log to add to; what the block adds is committed at its end, all of it or nothing.

        Makes the store where there is none, and brings an older one up to date.
        """
        if self.place.file is not None:
            self.place.file.parent.mkdir(parents=True, exist_ok=True)
        with self._turn:
            try:
                with writing(self._engine, self.place) as con:
                    if not self._up_to_date:
                        bring_up_to_date(con, self.place)
                    log = Log(_gone_on(self._standing, _entries(con, self._standing.head)))
                    yield log
                    log.write(con)
                self._up_to_date = True
            except BaseException:
                self._standing = Standing()  # it may hold what was not committed
                raise


def open_store(settings: Settings, workspace: Path) -> Store:
    """Return the store of the workspace; it is made when something is first written. Raises SettingsError."""
    return Store(find_place(settings.stewardship.database, workspace))


def head(settings: Settings, workspace: Path) -> int:
    """Return the id of the last entry of the stewards' log, 0 where there is none.

    Raises SurroundingsError where the store is out of reach, SettingsError for a URL that is none.
    """
    return open_store(settings, workspace).head()


def _gone_on(standing: Standing, entries: Iterable[tuple[Entry, str]]) -> Standing:
    for entry, key in entries:
        standing.apply(entry, key)
    return standing


def _entry(entry_id: int, kind: Kind, said: Said) -> Entry:
    return Entry(entry_id, kind, said.decided_by, said.decided_at, said.reason, release_id=said.release_id)


def _entries(con: sa.Connection, after: int) -> Iterator[tuple[Entry, str]]:
    """Yield the entries after an id with their keys, in their order; one statement, so all of one moment."""
    log, record = DECISION_LOG.c, DECISION_RECORD.c
    found = con.execute(
        sa.select(DECISION_LOG, record.source, record.source_record_id, record.evidence)
        .select_from(DECISION_LOG.outerjoin(DECISION_RECORD, record.log_id == log.id))
        .where(log.id > after)
        .order_by(log.id, record.place)
    )
    for _, rows in groupby(found, key=lambda row: row.id):
        first, *rest = rows
        about = [row for row in (first, *rest) if row.source is not None]
        entry = Entry(
            id=first.id,
            kind=first.kind,
            decided_by=first.decided_by,
            decided_at=first.decided_at,
            reason=first.reason,
            records=tuple((row.source, row.source_record_id) for row in about),
            evidence=tuple(row.evidence for row in about),
            release_id=first.release_id,
            revokes=first.revokes,
        )
        yield entry, first.key
