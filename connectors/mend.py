"""The line of joinedup.yaml that mends a mapping whose column was renamed, ready to be pasted.

Keeps: everything else that the line says stays as it was written. An incremental source keeps records that were
delivered under the old name, so its line names both.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from connectors.mapping import expressions_of
from warehouse.settings.expressions import ColumnExpression, FirstExpression, JoinExpression, PathExpression
from warehouse.settings.sources import KeyHash, Status

if TYPE_CHECKING:
    from connectors.mapping import MappedColumn
    from warehouse.settings import SourceSettings
    from warehouse.settings.expressions import AnyExpression

_PLAIN = re.compile(r"[A-Za-z_][\w .-]*(?<! )")
_NOT_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off"})


def mending_line(source: SourceSettings, place: str, column: MappedColumn, new: str) -> str | None:
    """Return `key: value` with the column's name replaced by `new`; None where the mapping spells it within SQL.

    `place` is where the source stands in joinedup.yaml. A path keeps what comes after its first key.
    """
    old = column.name.partition(".")[0] if column.kind == "path" else column.name
    if column.kind == "sql":
        return None
    if column.key == f"{place}.key":
        return f"{column.key}: {_flow(_key(source, old, new))}"
    if column.key == f"{place}.deleted.column":
        return f"{column.key}: {_flow(new)}"
    both = source.load == "incremental"
    found = [
        _written(_renamed(expression, old, new, both=both))
        for key, expression in expressions_of(source, place)
        if key == column.key
    ]
    return f"{column.key}: {_flow(found[0] if len(found) == 1 else found)}"


def _key(source: SourceSettings, old: str, new: str) -> object:
    columns = source.key.hash if isinstance(source.key, KeyHash) else source.key
    names = [new if name == old else name for name in columns]
    if isinstance(source.key, KeyHash):
        return {"hash": names}
    return names[0] if len(names) == 1 else names


def _renamed(expression: AnyExpression, old: str, new: str, *, both: bool) -> AnyExpression:
    if isinstance(expression, JoinExpression):
        parts = tuple(_renamed(part, old, new, both=both) for part in expression.join)
        return expression.model_copy(update={"join": parts})
    if isinstance(expression, FirstExpression):
        flat: list[AnyExpression] = []
        for part in expression.first:
            renamed = _renamed(part, old, new, both=both)
            flat += renamed.first if isinstance(renamed, FirstExpression) else [renamed]
        return expression.model_copy(update={"first": tuple(flat)})
    changed = _one_renamed(expression, old, new)
    if changed is expression or not both or isinstance(expression, Status):
        return changed
    return FirstExpression(first=(changed, expression))


def _one_renamed(expression: AnyExpression, old: str, new: str) -> AnyExpression:
    if isinstance(expression, ColumnExpression) and expression.column == old:
        return expression.model_copy(update={"column": new})
    if isinstance(expression, PathExpression):
        first, dot, inside = expression.path.partition(".")
        if first == old:
            return expression.model_copy(update={"path": f"{new}{dot}{inside}"})
    return expression


def _written(expression: AnyExpression) -> object:
    """Return an expression as a person writes it: a column by its name alone where nothing else is said of it."""
    if isinstance(expression, FirstExpression):
        return {"first": [_written(part) for part in expression.first]}
    if isinstance(expression, JoinExpression):
        further = expression.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"join"})
        return {"join": [_written(part) for part in expression.join], **further}
    said: dict[str, Any] = expression.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    said = {name: value[0] if _is_one(value) else value for name, value in said.items()}
    said = {name: said[name] for name in sorted(said, key=lambda name: name not in ("column", "path"))}
    return said["column"] if list(said) == ["column"] else said


def _is_one(value: object) -> bool:
    return isinstance(value, list) and len(value) == 1


def _flow(value: object) -> str:
    """Return a value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(name)}: {_flow(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    return json.dumps(value)
