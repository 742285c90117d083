"""SQL in joinedup.yaml: one DuckDB scalar over columns, and nothing that could be anything else.

DuckDB's own parser judges, so that what is checked is what runs. Keeps: no query, no aggregate, no parameter, and no
function that gives another value tomorrow or on another machine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from duckdb import DuckDBPyConnection

_REFUSED = {
    "SUBQUERY": "a query inside",
    "WINDOW": "a window function",
    "STAR": "*",
    "PARAMETER": "a parameter",
    "DEFAULT": "DEFAULT",
}
_SCALAR_MACROS = (
    "array_append",
    "array_prepend",
    "date_add",
    "days_in_month",
    "fdiv",
    "fmod",
    "if",
    "list_append",
    "list_prepend",
    "nullif",
    "split_part",
)
"""Macros of DuckDB that are plain scalars; the others look into the database or the session."""

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ScalarSql:
    """A scalar that has been judged: the tree DuckDB made of it, and the columns it names."""

    tree: Node
    columns: tuple[str, ...]

    def over(self, con: DuckDBPyConnection, resolve: Callable[[str], str]) -> str:
        """Return the scalar as SQL over the columns that `resolve` gives for those it names."""
        tree = json.loads(json.dumps(self.tree))
        for reference in _column_references(_expression(tree)):
            reference["column_names"] = [resolve(reference["column_names"][0])]
        row = con.execute("SELECT json_deserialize_sql(?::JSON)", [json.dumps(tree)]).fetchone()
        return str(row[0] if row else "").removeprefix("SELECT ")


def read_scalar(con: DuckDBPyConnection, sql: str, key: str) -> ScalarSql:
    """Return what `sql` is; `key` is where it stands in joinedup.yaml.

    Raises SettingsError for whatever is not one scalar over columns.
    """
    row = con.execute("SELECT json_serialize_sql(?)", [f"SELECT {sql}\n"]).fetchone()
    tree: Node = json.loads(row[0]) if row else {"error": True, "error_message": "empty"}
    if tree["error"]:
        raise _refusal(f"cannot be read: {tree['error_message']}", key)
    if len(tree["statements"]) != 1:
        raise _refusal("is more than one statement", key)
    node = tree["statements"][0]["node"]
    if node["type"] != "SELECT_NODE" or len(node.get("select_list", ())) != 1 or not _is_bare(node):
        raise _refusal("is not one scalar", key)
    for inner in _nodes(node["select_list"][0]):
        _judge(con, inner, key)
    names = tuple(dict.fromkeys(found["column_names"][0] for found in _column_references(_expression(tree))))
    return ScalarSql(tree, names)


def _is_bare(node: Node) -> bool:
    """Say whether a SELECT has nothing but its select list."""
    clauses = ("where_clause", "group_expressions", "having", "sample", "qualify", "modifiers")
    empty_from = node["from_table"]["type"] == "EMPTY"
    return empty_from and not any(node.get(clause) for clause in clauses) and not node["cte_map"]["map"]


def _judge(con: DuckDBPyConnection, node: Node, key: str) -> None:
    if node.get("class") in _REFUSED:
        raise _refusal(f"holds {_REFUSED[node['class']]}", key)
    if node.get("class") == "COLUMN_REF" and len(node["column_names"]) != 1:
        name = ".".join(node["column_names"])
        raise _refusal(f"names {name}; a column is one name, in double quotes where it is not a plain word", key)
    if node.get("class") == "FUNCTION" and not _is_plain_function(con, node["function_name"]):
        raise _refusal(
            f"calls {node['function_name']}, which is no scalar function, or gives another value each time", key
        )


def _is_plain_function(con: DuckDBPyConnection, name: str) -> bool:
    kinds = con.execute(
        "SELECT DISTINCT function_type, stability FROM duckdb_functions() WHERE lower(function_name) = lower(?)", [name]
    ).fetchall()
    if ("scalar", "CONSISTENT") in kinds:
        return not any(kind in {"aggregate", "table"} for kind, _ in kinds)
    return name.lower() in (*_SCALAR_MACROS, "row")  # "row" holds the names that a lambda binds


def _expression(tree: Node) -> Node:
    expression: Node = tree["statements"][0]["node"]["select_list"][0]
    return expression


def _nodes(value: Any) -> Iterator[Node]:  # noqa: ANN401 - any part of a parsed statement
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def _column_references(node: Any, bound: frozenset[str] = frozenset()) -> Iterator[Node]:  # noqa: ANN401 - see _nodes
    """Yield the references to columns; a name that a lambda binds is none."""
    if isinstance(node, list):
        for inner in node:
            yield from _column_references(inner, bound)
    if not isinstance(node, dict):
        return
    if node.get("class") == "LAMBDA":
        bound |= {name for found in _nodes(node["lhs"]) for name in found.get("column_names", ())}
        yield from _column_references(node["expr"], bound)
    elif node.get("class") == "COLUMN_REF":
        if node["column_names"][0] not in bound:
            yield node
    else:
        for inner in node.values():
            yield from _column_references(inner, bound)


def _refusal(what: str, key: str) -> SettingsError:
    return SettingsError(f"the sql {what}; allowed: one DuckDB scalar over the columns", key=key)
