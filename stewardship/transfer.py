"""The log in a file, as csv or JSON Lines: written out whole, and taken in again, here or elsewhere.

An import is all or nothing, in the order of its rows, each held against the decisions before it; rows that were said
together are held against them together. An entry that the log has had already, by the same person at the same time, is
passed over: the same file twice changes nothing. So an export into an empty store says what the first one said,
revocations and all.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

from stewardship.accounts import chain
from stewardship.answer import country_of
from stewardship.contradiction import Contradiction
from stewardship.entry import Entry, written
from stewardship.log import Said
from stewardship.look_up import Known, look_up
from stewardship.transfer_rows import FURTHER, NEEDED, Row, read_rows
from warehouse.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from stewardship.entry import Record
    from stewardship.log import Log
    from stewardship.store import Store
    from warehouse.read import Release

COLUMNS = ("id", *NEEDED, *FURTHER[1:])


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: rows read, entries written, those the log had already, those that replaced decisions.

    `unknown` are records that the release does not know; their decisions bind once they are delivered.
    """

    read: int
    written: int
    had: int
    replaced: int
    unknown: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return what was done as JSON-ready data."""
        return asdict(self)


def export_text(entries: tuple[Entry, ...], *, as_csv: bool) -> str:
    """Return the entries as csv or JSON Lines, a line each."""
    rows = [dict(zip(COLUMNS, _cells(entry), strict=True)) for entry in entries]
    if not as_csv:
        return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def import_file(store: Store, release: Release | None, path: Path, actor: str) -> Imported:
    """Write what a file says into the log, all of it or nothing; that the actor did so stands in the audit chain.

    Raises UsageError, naming file and line, for what is no such file or row; Refused for a row that contradicts the
    decisions that hold, or is older than what it would replace.
    """
    rows = tuple(read_rows(path, country_of(release)))
    records = {record for row in rows for record in row.entry.records}
    known = look_up(release, records) if release and records else {}
    with store.writing() as log:
        taking = _Taking(log, known)
        for _, together in groupby(rows, key=_said_together):
            act = tuple(together)
            try:
                taking.take(act)
            except Refused as error:
                told = taking.with_lines(error)
                raise Refused(f"{path.name}:{act[0].line}: {told}; nothing was imported") from error
        if taking.lines:
            about = {"entries": len(taking.lines), "first": min(taking.lines), "last": max(taking.lines)}
            chain.append(log.con, datetime.now(UTC).replace(tzinfo=None), actor, "imported", about, path.name)
    unknown = tuple(written(record) for record in sorted(records - known.keys())) if release else ()
    return Imported(len(rows), len(taking.lines), len(rows) - len(taking.lines), taking.replaced, unknown)


def _said_together(row: Row) -> tuple[object, ...]:
    """Return what rows have in common that were said together, one after the other."""
    return (row.act, row.revokes is None, row.shown) if row.act is not None else (row.line,)


@dataclass
class _Taking:
    """An import on its way: the rows that it took, by what they became."""

    log: Log
    known: dict[Record, Known]
    ids: dict[int, int] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)
    replaced: int = 0

    def take(self, act: Sequence[Row]) -> None:
        """Say what the rows of one act say."""
        standing = self.log.standing
        before = {subject: standing.last_word(subject) for row in act for subject in row.entry.subjects}
        if act[0].revokes is not None:
            done = self._revoked(act)
        else:
            done = self.log.say([self._with_evidence(row.entry) for row in act], act[0].shown)
        for row, (entry, added) in zip(act, done, strict=True):
            if row.id is not None:
                self.ids[row.id] = entry.id
            if not added:
                continue
            self.lines[entry.id] = row.line
            replaced = {by.id: by for subject in entry.subjects if (by := before.get(subject))}
            self.replaced += bool(replaced)
            for by in replaced.values():
                if by.decided_at > entry.decided_at:
                    about = " and ".join(map(written, entry.records)) or f"{entry.attribute} {entry.value}"
                    since = f"{by.kind} in decision {by.id} ({by.told})"
                    raise Refused(f"{about} were decided since, as {since}: leave this row out")

    def _revoked(self, act: Sequence[Row]) -> list[tuple[Entry, bool]]:
        done: list[tuple[Entry, bool]] = []
        for row in act:
            revoked = self.ids.get(cast("int", row.revokes))
            if revoked is None:
                raise Refused(f"it revokes {row.revokes}, and no row before has that id")
            first = next((entry.id for entry, added in done if added), 0)
            done.append(
                self.log.revoke(
                    revoked,
                    Said(row.entry.decided_by, row.entry.decided_at, row.entry.reason, row.entry.release_id),
                    first,
                )
            )
        return done

    def _with_evidence(self, entry: Entry) -> Entry:
        """Return the entry with the evidence that the file gives, else that of the release."""
        found = (self.known.get(record) for record in entry.records)
        now = (each.evidence if each else None for each in found)
        return replace(entry, evidence=tuple(then or each for then, each in zip(entry.evidence, now, strict=True)))

    def with_lines(self, error: Refused) -> Refused:
        """Let a contradiction name entries by their lines: they never got the ids that they would have had."""
        places = {entry_id: f"line {line}" for entry_id, line in self.lines.items()}
        return error.placed(places) if isinstance(error, Contradiction) else error


def _cells(entry: Entry) -> list[str | int | float | None]:
    """Return an entry by COLUMNS."""
    few = entry.kind != "split"
    left, right, *_ = (*(entry.records if few else ()), (None, None), (None, None))
    evidence = (*(entry.evidence if few else ()), None, None)
    at = f"{entry.decided_at.isoformat()}Z"
    until = f"{entry.until.isoformat()}Z" if entry.until else None
    parts = zip(entry.records, entry.sides, entry.evidence, strict=False)
    split = json.dumps([[*record, side, known] for record, side, known in parts], ensure_ascii=False)
    said = [entry.kind, *left, *right, entry.decided_by, at, entry.reason]
    of_log = [entry.revokes, *evidence[:2], entry.release_id]
    of_kind = [entry.attribute, entry.value, until, None if few else split]
    return [entry.id, *said, *of_log, *of_kind, entry.act, entry.item_id, entry.queue, entry.seconds, entry.probability]
