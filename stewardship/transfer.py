"""The log in a file, as csv or JSON Lines: written out whole, and taken in again, here or elsewhere.

An import is all or nothing, in the order of its rows, each held against the decisions before it. An entry that the log
has had already, by the same person at the same time, is passed over: the same file twice changes nothing. So an export
into an empty store says what the first one said, revocations and all.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from stewardship.contradiction import Contradiction
from stewardship.decide import plain_text
from stewardship.entry import Entry, Kind, Pair, pair_of, written
from stewardship.look_up import Known, look_up
from stewardship.store import Said
from warehouse.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stewardship.entry import Record
    from stewardship.store import Log, Store
    from warehouse.read import Release

NEEDED = ("decision", "source_l", "record_l", "source_r", "record_r", "decided_by", "decided_at", "reason")
"""What every row of an import says; a revocation has no records."""
FURTHER = ("id", "revokes", "evidence_l", "evidence_r", "release_id")
"""What an export says too: the id in the log it came from, and the id there of what a revocation takes back."""
COLUMNS = ("id", *NEEDED, *FURTHER[1:])
_DECISION = {"same", "different", "revoke"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file; `line` is where it stands, `id` and `revokes` are ids of the log that it was exported from."""

    line: int
    kind: Kind
    said: Said
    pair: Pair | None
    evidence: tuple[str | None, str | None]
    id: int | None
    revokes: int | None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: rows read, entries written, those the log had already, decisions that were replaced.

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


def import_file(store: Store, release: Release | None, path: Path) -> Imported:
    """Write what a file says into the log, all of it or nothing.

    Raises UsageError, naming file and line, for what is no such file or row; Refused for a row that contradicts the
    decisions that hold, or is older than the one on its pair.
    """
    rows = tuple(read_rows(path))
    records = {record for row in rows if row.pair for record in row.pair}
    known = look_up(release, records) if release and records else {}
    ids: dict[int, int] = {}
    lines: dict[int, int] = {}
    replaced = 0
    with store.writing() as log:
        for row in rows:
            before = log.standing.on(row.pair) if row.pair else None
            try:
                entry, added = _write(log, row, known, ids)
            except Refused as error:
                told = _with_lines(error, lines)
                raise Refused(f"{path.name}:{row.line}: {told}; nothing was imported") from error
            if row.id is not None:
                ids[row.id] = entry.id
            if added:
                lines[entry.id] = row.line
                replaced += before is not None
    unknown = tuple(written(record) for record in sorted(records - known.keys())) if release else ()
    return Imported(len(rows), len(lines), len(rows) - len(lines), replaced, unknown)


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a file, csv unless its name ends in .jsonl. Raises UsageError naming file and line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(f"no file {path}: name a csv or jsonl file of decisions") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as text in UTF-8: {error}") from error
    rows = _json_rows(text, path) if path.suffix.lower() in (".jsonl", ".ndjson") else _csv_rows(text, path)
    for line, values in rows:
        try:
            yield _row(line, values)
        except UsageError as error:
            raise UsageError(f"{path.name}:{line}: {error}; nothing was imported") from None


def _with_lines(error: Refused, lines: dict[int, int]) -> Refused:
    """Let a contradiction name entries of the file by their lines: they never got the ids that they would have had."""
    places = {entry_id: f"line {line}" for entry_id, line in lines.items()}
    return error.placed(places) if isinstance(error, Contradiction) else error


def _write(log: Log, row: Row, known: dict[Record, Known], ids: dict[int, int]) -> tuple[Entry, bool]:
    if row.pair is None:
        revoked = ids.get(cast("int", row.revokes))
        if revoked is None:
            raise Refused(f"it revokes {row.revokes}, and no row before has that id")
        return log.revoke(revoked, row.said)
    evidence = tuple(
        given or (known[record].evidence if record in known else None)
        for given, record in zip(row.evidence, row.pair, strict=True)
    )
    before = log.standing.on(row.pair)
    entry, added = log.decide(row.kind, row.pair, row.said, (evidence[0], evidence[1]))
    if added and before and before.decided_at > row.said.decided_at:
        left, right = map(written, row.pair)
        since = f"{before.kind} in decision {before.id} ({before.told})"
        raise Refused(f"{left} and {right} were decided since, as {since}: leave this row out")
    return entry, added


def _csv_rows(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    names: list[str] = []
    line = 1
    try:
        for cells in reader:
            if not names:
                names = _check_head(cells, path)
            elif cells and len(cells) != len(names):
                problem = f"{len(cells)} cells for {len(names)} columns; quote what holds a comma"
                raise UsageError(f"{path.name}:{line}: {problem}; nothing was imported")
            elif cells:
                yield line, dict(zip(names, cells, strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(f"{path.name}:{line}: no csv: {error}; nothing was imported") from error
    if not names:
        _check_head([], path)


def _check_head(given: list[str], path: Path) -> list[str]:
    if missing := [column for column in NEEDED if column not in given]:
        has = f"has the columns {', '.join(given)}" if given else "is empty"
        problem = f"{has} and lacks {', '.join(missing)}; allowed: {', '.join((*NEEDED, *FURTHER))}"
        raise UsageError(f"{path.name}:1: {problem}")
    return given


def _json_rows(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, written_row in enumerate(text.split("\n"), start=1):
        if not written_row.strip():
            continue
        try:
            values = json.loads(written_row)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{path.name}:{line}: no JSON: {error}; a line is one JSON object") from error
        if not isinstance(values, dict):
            raise UsageError(f"{path.name}:{line}: found {type(values).__name__}; a line is one JSON object")
        yield line, values


def _row(line: int, values: dict[str, Any]) -> Row:
    cells = {name: _cell(values, name) for name in (*NEEDED, *FURTHER)}
    kind = cells["decision"].strip().lower()
    if kind not in _DECISION:
        raise UsageError(f"decision is {cells['decision']!r}; allowed: {', '.join(sorted(_DECISION))}")
    by = plain_text(cells["decided_by"], "decided_by", "it names who decided")
    reason = plain_text(cells["reason"], "reason", "it says why, as in `imported from the old CRM`")
    said = Said(by, _moment(cells["decided_at"]), reason, cells["release_id"] or None)
    if kind == "revoke":
        revokes = _number(cells, "revokes")
        if revokes is None:
            raise UsageError("revokes is empty: it is the id of the row that is revoked")
        return Row(line, "revoke", said, None, (None, None), _number(cells, "id"), revokes)
    sides = [(_record(cells, side), cells[f"evidence_{side}"] or None) for side in "lr"]
    (one, _), (other, _) = sides
    if one == other:
        raise UsageError(f"names {written(one)} twice; a decision is about two records")
    pair = pair_of(one, other)
    evidence = dict(sides)
    return Row(line, cast("Kind", kind), said, pair, (evidence[pair[0]], evidence[pair[1]]), _number(cells, "id"), None)


def _cell(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UsageError(f"{name} is {json.dumps(value, ensure_ascii=False)}; allowed: a text")
    return str(value)


def _record(cells: dict[str, str], side: str) -> Record:
    advice = "a decision names two records, each by source and key"
    for name in (f"source_{side}", f"record_{side}"):
        plain_text(cells[name], name, advice)
    return cells[f"source_{side}"].strip(), cells[f"record_{side}"]


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        message = (
            f"decided_at is {text!r}; allowed: a time such as 2026-01-31T09:30:00Z or 2026-01-31, UTC without a zone"
        )
        raise UsageError(message) from error


def _number(cells: dict[str, str], name: str) -> int | None:
    text = cells[name].strip()
    if text and not (text.isascii() and text.isdigit()):
        raise UsageError(f"{name} is {text!r}; allowed: the number of an entry")
    return int(text) if text else None


def _cells(entry: Entry) -> list[str | int | None]:
    left, right = entry.records or ((None, None), (None, None))
    evidence = entry.evidence or (None, None)
    at = f"{entry.decided_at.isoformat()}Z"
    said = [entry.kind, *left, *right, entry.decided_by, at, entry.reason]
    return [entry.id, *said, entry.revokes, *evidence, entry.release_id]
