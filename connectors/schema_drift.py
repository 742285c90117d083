"""How the columns of tonight's files differ from those last accepted, and what was probably renamed.

READS: landing.file, landing.delivery, landing.lineage, landing.source_record (as delivered), raw_row. WRITES: nothing.
Keeps: a difference that the mapping does not depend on is told and stops nothing; no value of a record is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from connectors.column_names import listed, pointer_to, shown
from warehouse.connection import quote_identifier, quote_literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from duckdb import DuckDBPyConnection

    from connectors.raw_rows import RawRows

_COMPARED_COLUMNS = 30
_STORED_ROWS = 1_000
_DELIVERED_ROWS = 20_000
_ENOUGH_VALUES = 5
_LIKELY = 0.7
_SAME_PLACE = 0.1
_WHOLE = 100
_PLAIN_TEXT = re.compile(
    r"(large_)?(string|utf8)|u?int\d*|float|double|halffloat|(var)?char|text|dictionary<|(big|small|tiny)int|integer|real"
)


@dataclass(frozen=True, slots=True)
class Schema:
    """Names of columns in their order, and of some the type that their files declare."""

    columns: tuple[str, ...]
    types: dict[str, str]


@dataclass(frozen=True, slots=True)
class Renaming:
    """A column that is gone and one that is new and likely the same; `because` says why in words."""

    old: str
    new: str
    likelihood: float
    because: str


def schema_of(files: Iterable[tuple[Sequence[str], Sequence[str | None] | None]]) -> Schema:
    """Return the schema of files together, each given as its columns and their types."""
    columns, types = dict[str, None](), dict[str, str]()
    for names, declared in files:
        columns |= dict.fromkeys(names)
        types |= {name: kind for name, kind in zip(names, declared or (), strict=False) if kind is not None}
    return Schema(tuple(columns), types)


def last_accepted(con: DuckDBPyConnection, source: str) -> Schema | None:
    """Return the schema of the files that the base read last, None where it has read none."""
    rows = con.execute(
        "SELECT file.columns, file.types FROM landing.file AS file"
        " JOIN landing.delivery AS delivery USING (delivery_id)"
        " JOIN landing.lineage AS lineage ON lineage.run_id = delivery.run_id AND lineage.position >= 1"
        " WHERE file.source = ? AND len(file.columns) > 0"
        " QUALIFY lineage.position = min(lineage.position) OVER () ORDER BY file.path",
        [source],
    ).fetchall()
    return schema_of(rows) if rows else None


def differences(before: Schema, now: Schema, *, sparse: bool) -> list[str]:
    """Return in sentences what is different; of records that may leave columns out, one that is gone is no news."""
    gone = [] if sparse else [name for name in before.columns if name not in now.columns]
    new = [name for name in now.columns if name not in before.columns]
    told = []
    if new:
        told.append(f"columns that were not there before: {listed(new)}")
    if gone:
        told.append(f"columns that are gone, which the mapping does not need: {listed(gone)}")
    both = [name for name in before.columns if name in now.columns]
    if not sparse and both != [name for name in now.columns if name in before.columns]:
        told.append("the columns stand in another order than before, which changes nothing")
    changes = [f"{shown(name)} was {was}, is {now.types[name]}" for name, was in _retyped(before, now)]
    if changes:
        told.append(f"columns whose declared type changed: {'; '.join(changes[:_COMPARED_COLUMNS])}")
    return told


def respelt(before: Schema, now: Schema) -> list[tuple[str, str, str]]:
    """Return the columns (name, type before, type now) whose values are spelt otherwise, such as dates now times."""
    return [
        (name, was, now.types[name])
        for name, was in _retyped(before, now)
        if not (_PLAIN_TEXT.match(was.lower()) and _PLAIN_TEXT.match(now.types[name].lower()))
    ]


def _retyped(before: Schema, now: Schema) -> list[tuple[str, str]]:
    return [(name, was) for name, was in before.types.items() if name in now.types and now.types[name] != was]


def likely_renamings(con: DuckDBPyConnection, source: str, raw: RawRows, before: Schema, now: Schema) -> list[Renaming]:
    """Return which of the columns that are gone is likely which of the new ones, the likeliest first.

    What counts is how many of the values stored last are there again, how alike the names are, and the place.
    """
    gone = [name for name in before.columns if name not in now.columns][:_COMPARED_COLUMNS]
    new = [name for name in now.columns if name not in before.columns and name in raw.columns][:_COMPARED_COLUMNS]
    if not gone or not new:
        return []
    stored, delivered = _stored_values(con, source, gone), _delivered_values(con, raw, new)
    found = []
    for old in gone:
        for name in new:
            same = _overlap(stored[old], delivered[name])
            alike = _alike(old, name)
            placed = before.columns.index(old) == now.columns.index(name)
            because = f"{same:.0%} of its values are there again" if same >= alike else "the names are alike"
            found.append(Renaming(old, name, max(same, alike) + _SAME_PLACE * placed, because))
    found.sort(key=lambda each: (-each.likelihood, each.old, each.new))
    chosen: list[Renaming] = []
    for each in found:
        taken = any(each.old == other.old or each.new == other.new for other in chosen)
        if each.likelihood >= _LIKELY and not taken:
            chosen.append(each)
    return chosen


def _overlap(stored: set[str], delivered: set[str]) -> float:
    if len(stored) < _ENOUGH_VALUES:
        return 0.0
    return len(stored & delivered) / len(stored)


def _alike(old: str, new: str) -> float:
    left, right = (re.sub(r"[\W_]+", "", name).lower() for name in (old, new))
    return fuzz.ratio(left, right) / _WHOLE if left and right else 0.0


def _stored_values(con: DuckDBPyConnection, source: str, names: list[str]) -> dict[str, set[str]]:
    """Return for each column the values that records of the base had in it, of a sample."""
    first = "CASE WHEN json_type(record.raw) = 'ARRAY' THEN json_extract(record.raw, '/0') ELSE record.raw END"
    texts = ", ".join(f"json_extract_string({first}, {quote_literal(pointer_to(name))})" for name in names)
    rows = con.execute(
        f"SELECT {texts} FROM landing.source_record AS record JOIN landing.lineage AS lineage"
        " ON lineage.run_id = record.run_id AND lineage.position >= 1"
        " WHERE record.source = ? AND NOT record.deleted AND record.raw IS NOT NULL"
        " ORDER BY lineage.position, record.source_record_id LIMIT ?",
        [source, _STORED_ROWS],
    ).fetchall()
    return _by_column(names, rows)


def _delivered_values(con: DuckDBPyConnection, raw: RawRows, names: list[str]) -> dict[str, set[str]]:
    columns = ", ".join(quote_identifier(raw.columns[name]) for name in names)
    rows = con.execute(
        f"SELECT {columns} FROM raw_row WHERE _reason IS NULL ORDER BY _file, _line LIMIT ?", [_DELIVERED_ROWS]
    ).fetchall()
    return _by_column(names, rows)


def _by_column(names: list[str], rows: list[tuple[str | None, ...]]) -> dict[str, set[str]]:
    return {name: {row[place] for row in rows if row[place]} for place, name in enumerate(names)}  # type: ignore[misc]
