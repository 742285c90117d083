"""The columns that an export has, and what a name in joinedup.yaml means among them.

READS: landing.file, landing.delivery, landing.lineage (the headers that the base has seen). WRITES: nothing.
Keeps: a column that is mapped but not there is never taken for null, except in objects that may leave keys out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rapidfuzz import process

from warehouse.errors import SettingsError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from connectors.mapping import MappedColumn

_SHOWN_NEAREST = 3
_SHOWN_COLUMNS = 40
_NEAR_ENOUGH = 60
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """The names in an export, each with the column of raw_row that holds its text."""

    columns: Mapping[str, str] = field(default_factory=dict)

    def plain(self, name: str) -> str | None:
        """Return the column that is called exactly so; space around a name is none of it, in a header as here."""
        return self.columns.get(name, self.columns.get(name.strip()))

    def in_sql(self, name: str) -> str | None:
        """Return the column that SQL takes for `name`: called so, else the only one that differs in case alone."""
        if name in self.columns:
            return self.columns[name]
        alike = [column for known, column in self.columns.items() if known.lower() == name.lower()]
        return alike[0] if len(alike) == 1 else None

    def of_path(self, path: str) -> tuple[str, str] | None:
        """Return the column that a path starts in, and the JSON pointer from there, "" for the column itself."""
        first, _, inside = path.partition(".")
        if first in self.columns:
            return self.columns[first], json_pointer(inside)
        return (self.columns[path], "") if path in self.columns else None

    def has(self, mapped: MappedColumn) -> bool:
        """Say whether a mapped column is there."""
        look_up = {"plain": self.plain, "sql": self.in_sql, "path": self.of_path}[mapped.kind]
        return look_up(mapped.name) is not None


def json_pointer(path: str) -> str:
    """Return `a.b` as the JSON pointer `/a/b`, "" for an empty path."""
    return "".join(map(pointer_to, path.split("."))) if path else ""


def pointer_to(name: str) -> str:
    """Return the JSON pointer to the member called `name`, whatever is in its name."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def names_of(columns: Iterable[str]) -> ColumnNames:
    """Return names without columns of raw_row, to look names up in a header."""
    return ColumnNames({name: name for name in columns})


def known_before(con: DuckDBPyConnection, source: str) -> ColumnNames:
    """Return the names that files of the source had in the base."""
    rows = con.execute(
        "SELECT DISTINCT unnest(file.columns) FROM landing.file AS file"
        " JOIN landing.delivery AS delivery USING (delivery_id)"
        " JOIN landing.lineage AS lineage ON lineage.run_id = delivery.run_id AND lineage.position >= 1"
        " WHERE file.source = ?",
        [source],
    ).fetchall()
    return names_of(name for (name,) in rows)


def missing_from(mapped: Iterable[MappedColumn], found: ColumnNames) -> Iterator[MappedColumn]:
    """Yield the mapped columns that are not among those found."""
    return (column for column in mapped if not found.has(column))


def unknown_column(column: MappedColumn, found: Iterable[str], where: str) -> SettingsError:
    """Return the error for a mapped column that never was; `where` names the file."""
    names = sorted(found)
    near = [
        name for name, score, _ in process.extract(column.name, names, limit=_SHOWN_NEAREST) if score >= _NEAR_ENOUGH
    ]
    hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    problem = f"{where} has no column {column.name!r}; {hint}it has: {listed(names)}"
    return SettingsError(problem, key=column.key)


def lost_columns(source: str, lost: Sequence[MappedColumn], found: Iterable[str], where: str, hint: str) -> SourceError:
    """Return the error for mapped columns that the source used to have; `hint` says what to do about it."""
    names = {column.name: [each.key for each in lost if each.name == column.name] for column in lost[:_SHOWN_COLUMNS]}
    which = "; ".join(f"{name!r}, which {' and '.join(keys)} maps" for name, keys in names.items())
    noun = "the column" if len(names) == 1 else f"{len(names)} columns:"
    problem = f"{where} lost {noun} {which}; it has: {listed(sorted(found))}; {hint}"
    return SourceError(source, problem)


def listed(names: Sequence[str]) -> str:
    """Return names for people, the first ones of many."""
    told = ", ".join(map(shown, names[:_SHOWN_COLUMNS])) or "no columns"
    return told if len(names) <= _SHOWN_COLUMNS else f"{told} and {len(names) - _SHOWN_COLUMNS} more"


def shown(name: str) -> str:
    """Return a name as it is, or escaped and cut where it is none that people would write."""
    told = name if name.isprintable() else repr(name)
    return told if len(told) <= _LONGEST_NAME else f"{told[:_LONGEST_NAME]}…"
