"""The stewards' log: read as it stands, and added to, never changed.

    store = open_store(settings, workspace)
    with store.writing() as log:
        log.decide("same", pair, …)

READS and WRITES: the database that `stewardship.database` names. Keeps this: what was committed is never lost nor
changed; ids grow without gaps in the order of the commits; the decisions that hold contradict each other nowhere.
"""

from __future__ import annotations

import threading
import weakref
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING

import sqlalchemy as sa

from stewardship.database import Place, find_place, make_engine, reading, writing
from stewardship.entry import Entry
from stewardship.log import Log, Said
from stewardship.shape import KINDS, NEWEST, bring_up_to_date, found_shape
from stewardship.standing import Standing
from stewardship.tables import DECISION_LOG, DECISION_RECORD, SAID, SINCE_KINDS
from stewardship.turn import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from warehouse.settings import Settings

__all__ = ["Log", "Said", "Store", "head", "open_store"]


class Store:
    """The log of one workspace, for any number of threads; who reads or writes reads only what came since."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._engine = make_engine(place)
        weakref.finalize(self, self._engine.dispose)
        self._turn = Turn()
        self._up_to_date = False
        self._standing = Standing()
        self._looked = threading.Lock()
        self._seen = Standing()

    def head(self) -> int:
        """Return the id of the log's last entry, 0 where there is none."""
        with self.looking() as con:
            return con.execute(sa.select(sa.func.max(DECISION_LOG.c.id))).scalar() or 0 if con else 0

    def read(self, until: int | None = None) -> Standing:
        """Return the log as it stands now, in one look, or as it stood after its entry `until`; empty without a store.

        It is the caller's own. What was added never changes, so the past is the beginning of the log, and of what was
        read before only a copy is made.
        """
        if until is not None:
            return _gone_on(Standing(), ((entry, key) for entry, key in self._entries(0) if entry.id <= until))
        with self._looked, self._looking() as (con, shape):
            seen, self._seen = self._seen if con else Standing(), Standing()  # until it is read to its end
            self._seen = _gone_on(seen, _entries(con, seen.head, shape)) if con else seen
            return self._seen.copy()

    @contextmanager
    def seen_on(self, con: sa.Connection) -> Iterator[Standing]:
        """Give the log as it stands on an open connection: to look at within the block, and neither keep nor change."""
        with self._looked:
            seen, self._seen = self._seen, Standing()
            self._seen = _gone_on(seen, _entries(con, seen.head))
            yield self._seen

    def entries(self) -> tuple[Entry, ...]:
        """Return the whole log in its order, revocations too; empty where there is no store."""
        return tuple(entry for entry, _ in self._entries(0))

    def _entries(self, after: int) -> tuple[tuple[Entry, str], ...]:
        with self._looking() as (con, shape):
            return tuple(_entries(con, after, shape)) if con else ()

    @contextmanager
    def looking(self) -> Iterator[sa.Connection | None]:
        """Give a connection to read, None where there is no store; a file that is not there is not made.

        A store that nobody has written since an older version has the tables of that version.
        """
        with self._looking() as (con, _):
            yield con

    @contextmanager
    def _looking(self) -> Iterator[tuple[sa.Connection | None, str]]:
        if self.place.file is not None and not self.place.file.exists():
            yield None, ""
            return
        with reading(self._engine, self.place) as con:
            shape = found_shape(con, self.place)
            yield (con, shape) if shape else (None, "")

    @contextmanager
    def changing(self) -> Iterator[sa.Connection]:
        """Give a connection that alone writes the store, without a look at the log; it commits at the block's end.

        Makes the store where there is none, and brings an older one up to date.
        """
        with self._turn, self._changing() as con:
            yield con

    @contextmanager
    def writing(self) -> Iterator[Log]:
        """Give the log to add to; what the block adds is committed at its end, all of it or nothing.

        `log.con` is the connection of the transaction, as `changing` gives it.
        """
        with self._turn:
            standing, self._standing = self._standing, Standing()  # until it is known what was committed
            with self._changing() as con:
                log = Log(con, _gone_on(standing, _entries(con, standing.head)))
                yield log
                log.write()
            self._standing = log.standing

    @contextmanager
    def _changing(self) -> Iterator[sa.Connection]:
        if self.place.file is not None:
            self.place.file.parent.mkdir(parents=True, exist_ok=True)
        with writing(self._engine, self.place) as con:
            if not self._up_to_date:
                bring_up_to_date(con, self.place)
            yield con
        self._up_to_date = True


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


def _entries(con: sa.Connection, after: int, shape: str = NEWEST) -> Iterator[tuple[Entry, str]]:
    """Yield the entries after an id with their keys, in their order; one statement, so all of one moment.

    `shape` is the step that the store has taken last.
    """
    log, record = DECISION_LOG.c, DECISION_RECORD.c
    lacking = SINCE_KINDS if shape < KINDS else ()
    columns = [*log, record.source, record.source_record_id, record.evidence, record.side]
    found = con.execute(
        sa.select(*(sa.null().label(each.name) if each.name in lacking else each for each in columns))
        .select_from(DECISION_LOG.outerjoin(DECISION_RECORD, record.log_id == log.id))
        .where(log.id > after)
        .order_by(log.id, record.place)
    )
    for _, rows in groupby(found, key=lambda row: row.id):
        first, *rest = rows
        about = [row for row in (first, *rest) if row.source is not None]
        said = {name: getattr(first, name) for name in SAID if name != "act"}
        entry = Entry(
            **said,
            records=tuple((row.source, row.source_record_id) for row in about),
            evidence=tuple(row.evidence for row in about),
            sides=tuple(row.side for row in about if row.side is not None),
            act=first.act or 0,
        )
        yield entry, first.key
