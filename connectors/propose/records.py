"""Where in a JSON document its list of records is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from connectors.propose.file_bytes import beginning_of

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 64 << 20
"""Bytes of a document that is looked through for its records."""
_DEEPEST = 4


def find_records(path: Path, encoding: str) -> str:
    """Return the keys, with dots, that lead to the longest list of objects; empty where the list is the document."""
    try:
        document = json.loads(beginning_of(path, _LARGEST).decode(encoding).removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    lists = dict(_lists(document, (), 0))
    if not lists:
        return ""
    longest, _ = max(lists.items(), key=lambda found: (found[1], -len(found[0])))
    return ".".join(longest)


def _lists(value: Any, keys: tuple[str, ...], depth: int) -> list[tuple[tuple[str, ...], int]]:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return [(keys, len(value))] if value and isinstance(value[0], dict) else []
    if not isinstance(value, dict) or depth == _DEEPEST:
        return []
    return [found for key, inner in value.items() if "." not in key for found in _lists(inner, (*keys, key), depth + 1)]
