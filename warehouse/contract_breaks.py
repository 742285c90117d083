"""Says what a new data contract breaks for who reads by an earlier one: a break takes another major version.

    breaks                                             does not
    ─────────────────────────────────────────────────  ──────────────────────────────────────────────────────────
    a table or column that is gone; renamed is gone    a new table, a new column
    a type that holds less, or reads otherwise         a wider type: INTEGER to BIGINT, more digits, a new struct part
    a column that may be null and never was            a column that is never null any more
    a value taken out of a closed list; the list gone  a new value, a new list
    a new event of a feed
    another key, a relation or a promise that is gone  a new relation, promise or rule
    a column that holds personal data and did not      one that holds none any more

Renaming is dropping for a reader. A value that a closed list loses is one that somebody's rule waits for; one that
it gains is `other` until they know it, but for the events of the feeds, which nobody can follow without knowing them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from duckdb.sqltypes import DuckDBPyType

from warehouse.connection import open_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from duckdb import DuckDBPyConnection

    Document = Mapping[str, Any]

SEALED = (("change", "event"), ("signal_change", "event"))
"""Closed lists to which a new value is a break: (table, column)."""

_WHOLE = ("tinyint", "smallint", "integer", "bigint", "hugeint")
_WIDER = ({name: rank for rank, name in enumerate(_WHOLE)}, {"float": 0, "double": 1})


def find_breaks(before: Document, now: Document) -> list[str]:
    """Return what of `now` breaks a reader of `before`, in sentences; both are documents of `data_contract()`."""
    with open_memory() as con:
        found = [*_breaks_of_tables(con, _by_name(before["schema"]), _by_name(now["schema"]))]
    kept = {promise["property"] for promise in now["customProperties"]}
    return found + [
        f"the promise {promise['property']} is gone"
        for promise in before["customProperties"]
        if promise["property"] not in kept
    ]


def is_allowed(before: Document, now: Document) -> bool:
    """Say whether the contract's version says enough: another major one where something breaks."""
    return _major(now) > _major(before) or not find_breaks(before, now)


def _major(document: Document) -> int:
    return int(str(document["version"]).split(".", maxsplit=1)[0])


def _by_name(entries: list[Document]) -> dict[str, Document]:
    return {entry["name"]: entry for entry in entries}


def _breaks_of_tables(
    con: DuckDBPyConnection, before: Mapping[str, Document], now: Mapping[str, Document]
) -> Iterator[str]:
    for name, table in before.items():
        if name not in now:
            yield f"the table {name} is gone"
            continue
        columns, columns_now = _by_name(table["properties"]), _by_name(now[name]["properties"])
        for column, said in columns.items():
            if column not in columns_now:
                yield f"{name}.{column} is gone"
            else:
                yield from _breaks_of_column(con, name, said, columns_now[column])
        if _key(columns) != _key(columns_now):
            yield f"{name} has another key: {', '.join(_key(columns_now))}, not {', '.join(_key(columns))}"
        for relation in table.get("relationships", []):
            if relation not in now[name].get("relationships", []):
                yield f"{name}: {relation['from']} need not lead to {relation['to']} any more"


def _key(columns: Mapping[str, Document]) -> list[str]:
    return sorted(
        (name for name in columns if columns[name].get("primaryKey")),
        key=lambda name: int(columns[name]["primaryKeyPosition"]),
    )


def _breaks_of_column(con: DuckDBPyConnection, table: str, before: Document, now: Document) -> Iterator[str]:
    place = f"{table}.{before['name']}"
    if not _holds(con.sqltype(now["physicalType"]), con.sqltype(before["physicalType"])):
        yield f"{place} is {now['physicalType']}, which was {before['physicalType']}"
    if before["required"] and not now["required"]:
        yield f"{place} may be null"
    if now["classification"] == "personal" != before["classification"]:
        yield f"{place} holds personal data"
    listed, listed_now = _values(before), _values(now)
    if listed and not listed_now:
        yield f"{place} has no closed list any more"
    elif listed:
        for value in sorted(listed - listed_now):
            yield f"{place} is never {value} any more"
    if (table, before["name"]) in SEALED:
        for value in sorted(listed_now - listed):
            yield f"{place} may be {value}, which nobody can follow who does not know it"


def _values(column: Document) -> set[str]:
    return {
        value
        for rule in column.get("quality", [])
        if rule.get("metric") == "invalidValues"
        for value in rule["arguments"]["validValues"]
    }


def _holds(now: DuckDBPyType, before: DuckDBPyType) -> bool:
    """Say whether every value of the type before is one of the type now, and is read in the same way."""
    if now == before:
        return True
    for order in _WIDER:
        if before.id in order and now.id in order:
            return order[now.id] >= order[before.id]
    if now.id != before.id or now.id not in {"decimal", "list", "map", "struct"}:
        return False
    parts, parts_now = dict(before.children), dict(now.children)
    if now.id == "decimal":
        return parts["scale"] == parts_now["scale"] and _number(parts_now["precision"]) >= _number(parts["precision"])
    return all(
        isinstance(part, DuckDBPyType)
        and isinstance(there := parts_now.get(name), DuckDBPyType)
        and _holds(there, part)
        for name, part in parts.items()
    )


def _number(part: object) -> int:
    return int(str(part))
