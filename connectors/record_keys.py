r"""The key of a record, and the hash by which two deliveries of it are told apart: SQL over raw_row.

The key is text, byte for byte. Of several columns the values are joined by `|`, a `|` or `\` in a value standing after
a `\`. A key made by hashing is `sha256:` and the hash of each value with its length in bytes before it (`3:abc`),
joined by spaces, an absent value being an empty one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.connection import quote_literal
from warehouse.settings.sources import KeyHash

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from warehouse.settings import SourceSettings


def key_sql(source: SourceSettings, column: Callable[[str], str]) -> str:
    """Return SQL for the key of a row, null where a part of it is missing (of a hashed key: all of them).

    `column` gives the SQL for the text of a column.
    """
    if isinstance(source.key, KeyHash):
        parts = [column(name) for name in source.key.hash]
        lengths = ", ".join(f"concat(strlen(coalesce({part}, '')), ':', {part})" for part in parts)
        return f"CASE WHEN concat({', '.join(parts)}) <> '' THEN 'sha256:' || sha256(concat_ws(' ', {lengths})) END"
    parts = [f"nullif({column(name)}, '')" for name in source.key]
    if len(parts) == 1:
        return parts[0]
    return " || '|' || ".join(rf"replace(replace({part}, '\', '\\'), '|', '\|')" for part in parts)


def hash_sql(columns: Mapping[str, str]) -> str:
    """Return SQL for the sha256 of a row: of its columns that are not empty, by name, each as `name:length:value`.

    So neither another order of the columns nor a new column without values is a change.
    """
    parts = (
        f"CASE WHEN {column} <> '' THEN concat({quote_literal(name + ':')}, strlen({column}), ':', {column}) END"
        for name, column in sorted(columns.items())
    )
    return f"sha256(concat_ws(' ', {', '.join(parts)}))"


def raw_sql(columns: Mapping[str, str]) -> str:
    """Return SQL for a row as delivered: a JSON object of column -> text."""
    parts = ", ".join(f"{quote_literal(name)}, {column}" for name, column in columns.items())
    return f"CAST(json_object({parts}) AS VARCHAR)"
