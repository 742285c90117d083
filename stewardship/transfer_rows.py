"""What stands in a file of decisions: its rows, read with care, each as an entry that has no place in the log yet."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from stewardship.answer import Statement, drafted
from stewardship.decide import plain_text
from stewardship.entry import ABOUT_PAIRS, DECISIONS, Entry
from stewardship.log import Said, Shown, draft
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stewardship.entry import Kind, Record

NEEDED = ("decision", "source_l", "record_l", "source_r", "record_r", "decided_by", "decided_at", "reason")
"""The columns of every file; what a kind does not say is empty: a revocation has no records."""
OF_LOG = ("id", "revokes", "evidence_l", "evidence_r", "release_id")
"""What an export says too: the id in the log it came from, and the id there of what a revocation takes back."""
OF_KINDS = ("attribute", "value", "until", "split")
"""What some kinds say: `split` is a JSON list of [source, record, side, evidence]."""
OF_ACT = ("act", "item_id", "queue", "seconds", "probability")
"""What was said together has the same act, the id of its first row; the others are of the card that was answered."""
FURTHER = (*OF_LOG, *OF_KINDS, *OF_ACT)
_DECISION = {*DECISIONS, "revoke"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file; `line` is where it stands, `id`, `revokes` and `act` are of the log that it comes from."""

    line: int
    entry: Entry
    id: int | None
    revokes: int | None
    act: int | None
    shown: Shown | None


def read_rows(path: Path, country: str) -> Iterator[Row]:
    """Yield the rows of a file, csv unless its name ends in .jsonl; phones are of `country` where they have no code.

    Raises UsageError naming file and line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(f"no file {path}: name a csv or jsonl file of decisions") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as text in UTF-8: {error}") from error
    rows = _json_rows(text, path) if path.suffix.lower() in (".jsonl", ".ndjson") else _csv_rows(text, path)
    for line, values in rows:
        try:
            yield _row(line, values, country)
        except UsageError as error:
            raise UsageError(f"{path.name}:{line}: {error}; nothing was imported") from None


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


def _row(line: int, values: dict[str, Any], country: str) -> Row:
    cells = {name: _cell(values, name) for name in (*NEEDED, *FURTHER)}
    kind = cells["decision"].strip().lower()
    if kind not in _DECISION:
        raise UsageError(f"decision is {cells['decision']!r}; allowed: {', '.join(sorted(_DECISION))}")
    by = plain_text(cells["decided_by"], "decided_by", "it names who decided")
    reason = plain_text(cells["reason"], "reason", "it says why, as in `imported from the old CRM`")
    said = Said(by, _moment(cells, "decided_at"), reason, cells["release_id"] or None)
    number, act = _number(cells, "id"), _number(cells, "act")
    if kind == "revoke":
        revokes = _number(cells, "revokes")
        if revokes is None:
            raise UsageError("revokes is empty: it is the id of the row that is revoked")
        return Row(line, draft("revoke", said), number, revokes, act, None)
    entry = _entry(cast("Kind", kind), cells, said, country)
    return Row(line, entry, number, None, act, _shown(cells))


def _entry(kind: Kind, cells: dict[str, str], said: Said, country: str) -> Entry:
    until = _moment(cells, "until") if cells["until"] else None
    attribute, value = cells["attribute"].strip() or None, cells["value"] or None
    if kind == "split":
        sided = _sided(cells["split"])
    else:
        names = "" if kind == "placeholder" else "lr" if kind in ABOUT_PAIRS else "l"
        sided = [(_record(cells, side), 0, cells[f"evidence_{side}"] or None) for side in names]
    records = tuple(record for record, _, _ in sided)
    sides = tuple(side for _, side, _ in sided) if kind == "split" else ()
    entry = drafted(Statement(kind, records, sides, attribute, value, until), said, country)
    evidence = {record: known for record, _, known in sided}
    return replace(entry, evidence=tuple(evidence[record] for record in entry.records))


def _sided(text: str) -> list[tuple[Record, int, str | None]]:
    """Return the records of a split, each with its side and evidence."""
    problem = 'split names its records, as [["billing","B1",0,null],["orders","SO-2",1,null]]'
    try:
        given = json.loads(text or "null")
        found = [((source, record), side, evidence) for source, record, side, evidence in given]
    except (ValueError, TypeError, RecursionError) as error:
        raise UsageError(problem) from error
    for (source, record), _, evidence in found:
        if not isinstance(evidence, str | None) or not all(isinstance(part, str) and part for part in (source, record)):
            raise UsageError(problem)
        plain_text(source, "a source in split", problem)
        plain_text(record, "a record in split", problem)
    return found


def _shown(cells: dict[str, str]) -> Shown | None:
    if not cells["item_id"]:
        return None
    return Shown(cells["item_id"], cells["queue"], _measure(cells, "seconds"), _measure(cells, "probability"))


def _cell(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UsageError(f"{name} is {json.dumps(value, ensure_ascii=False)}; allowed: a text")
    text = str(value)
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise UsageError(f"{name} holds characters that are no text")
    return text


def _record(cells: dict[str, str], side: str) -> Record:
    advice = "a decision names two records, each by source and key"
    for name in (f"source_{side}", f"record_{side}"):
        plain_text(cells[name], name, advice)
    return cells[f"source_{side}"].strip(), cells[f"record_{side}"]


def _moment(cells: dict[str, str], name: str) -> datetime:
    text = cells[name]
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        message = f"{name} is {text!r}; allowed: a time such as 2026-01-31T09:30:00Z or 2026-01-31, UTC without a zone"
        raise UsageError(message) from error


def _number(cells: dict[str, str], name: str) -> int | None:
    text = cells[name].strip()
    if text and not (text.isascii() and text.isdigit()):
        raise UsageError(f"{name} is {text!r}; allowed: the number of an entry")
    return int(text) if text else None


def _measure(cells: dict[str, str], name: str) -> float | None:
    text = cells[name].strip()
    try:
        number = float(text) if text else None
    except ValueError as error:
        raise UsageError(f"{name} is {text!r}; allowed: a number") from error
    if number is not None and not math.isfinite(number):
        raise UsageError(f"{name} is {text!r}; allowed: a number")
    return number
