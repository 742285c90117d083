"""What a mapping made of some rows, attribute by attribute: how many have a value, and what could not be read.

READS: typed_row. WRITES: nothing. Keeps: rows that would be quarantined count like all others.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from connectors.mapping import expressions_of, is_mail, mapped_columns
from connectors.typed_columns import LISTS
from warehouse.settings.expressions import ConstantExpression

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from warehouse.settings import SourceSettings

_NAMED = {"identifier": "identifiers", "extra": "extras"}
_MOST_STATUSES = 40
_LISTS = {attribute: column for column, attribute in LISTS.items()}
"""The typed column of each attribute that may have several values."""


def attributes_seen(
    con: DuckDBPyConnection, source: SourceSettings, place: str, rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return each mapped attribute with its columns, its counts, and its first value as delivered and as read.

    `rows` are those of typed_row, with `raw`, `_detail` and the typed columns; values are JSON-ready.
    """
    unread = _unread(rows)
    found: dict[str, dict[str, Any]] = {}
    for key, expression in expressions_of(source, place):
        name = key.removeprefix(f"{place}.").removeprefix("fields.").removeprefix("activity.")
        if name in found:
            found[name]["columns"] += _columns(con, source, place, key)
            continue
        values = [_typed(row, name) for row in rows]
        filled = [(row, value) for row, value in zip(rows, values, strict=True) if value not in (None, [], "")]
        columns = _columns(con, source, place, key)
        found[name] = {
            "attribute": name,
            "columns": columns,
            "constant": expression.value if isinstance(expression, ConstantExpression) else None,
            "filled": len(filled),
            "unread": unread[name],
            "delivered": _delivered(filled[0][0]["raw"], columns) if filled else None,
            "read": filled[0][1] if filled else None,
            "unreadable": _first_unreadable(rows, name),
        }
    return list(found.values())


def unmapped_columns(
    con: DuckDBPyConnection, source: SourceSettings, place: str, names: Iterable[str]
) -> tuple[str, ...]:
    """Return the columns of the export that no part of the mapping names; none for mail, whose columns are ours."""
    if is_mail(source):
        return ()
    mapped = {
        name
        for column in mapped_columns(con, source, place)
        for name in (column.name, column.name.partition(".")[0] if column.kind == "path" else column.name)
    }
    folded = {column.name.lower() for column in mapped_columns(con, source, place) if column.kind == "sql"}
    return tuple(name for name in names if name not in mapped and name.lower() not in folded)


def statuses_seen(rows: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    """Return the statuses of the rows, and what each means; None for one whose meaning the mapping does not say."""
    found = {row["status"]: row["status_class"] for row in rows if row["status"] is not None}
    return dict(sorted(found.items())) if len(found) <= _MOST_STATUSES else {}


def _columns(con: DuckDBPyConnection, source: SourceSettings, place: str, key: str) -> list[str]:
    return [column.name for column in mapped_columns(con, source, place) if column.key == key]


def _unread(rows: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Return how often an attribute's text could not be read: the record's quarantine, or the cost of a birth date."""
    found: Counter[str] = Counter()
    for row in rows:
        if row["_detail"] and " from " in row["_detail"]:
            found[row["_detail"].partition(" from ")[0]] += 1
        found.update(member["attribute"] for member in row["unreadable"] or ())
    return found


def _first_unreadable(rows: Iterable[Mapping[str, Any]], name: str) -> str | None:
    """Return the first text that cost its record this attribute and nothing else."""
    members = (member for row in rows for member in row["unreadable"] or () if member["attribute"] == name)
    return next((member["value"] for member in members), None)


def _typed(row: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - any value of a typed column
    group, _, own = name.partition(".")
    if group in _NAMED:
        return [member["value"] for member in row[_NAMED[group]] or () if member["name"] == own]
    if group == "items":
        return next((member.get(own) for member in row["items"] or ()), None)
    if group.startswith("links"):
        return [f"{member['source']}:{member['source_record_id']}" for member in row["links"] or ()]
    return row[_LISTS.get(name, name)]


def _delivered(raw: str | None, columns: Iterable[str]) -> str | None:
    """Return the text of an attribute's columns in a row as it was delivered, of several lines the first."""
    try:
        row = json.loads(raw or "null")
    except ValueError:
        return None
    row = next(iter(row), None) if isinstance(row, list) else row
    if not isinstance(row, dict):
        return None
    texts = [_at(row, name) for name in columns]
    return " | ".join(text for text in texts if text) or None


def _at(row: Mapping[str, Any], name: str) -> str | None:
    if name in row:
        return row[name] if isinstance(row[name], str) else None
    first, _, inside = name.partition(".")
    try:
        value = json.loads(row[first])
    except (KeyError, TypeError, ValueError):
        return None
    for key in inside.split(".") if inside else ():
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) or value is None else json.dumps(value, ensure_ascii=False)
