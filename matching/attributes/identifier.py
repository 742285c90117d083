"""A shared number or handle: a loyalty number, a tax number, a user name; compared as name and value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from matching.attributes.characters import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

LABEL = "Identifier"

_FILLERS = frozenset(["none", "null", "nil", "unknown", "unk", "na", "n/a", "tbd", "test", "xxx", "pending"])
_NOT_ALNUM = re.compile(r"[^a-z0-9@._]")
_RUNS = ("01234567890123456789", "98765432109876543210")
_SHORT = 4


@dataclass(frozen=True, slots=True)
class Identifier:
    """A standardised identifier: `compared` is `name:value`; `reason` says why it is not used, or is None."""

    compared: str
    reason: str | None = None


def standardise_identifier(name: str, value: str) -> Identifier:
    """Return the identifier called `name`: its value folded, without spaces and separators; never raises."""
    compared = _NOT_ALNUM.sub("", fold(value).removeprefix("@"))
    identifier = f"{fold(name)}:{compared}"
    if not any(character.isalnum() for character in compared):
        return Identifier(identifier, "no letters and no digits")
    if compared in _FILLERS or (len(compared) > 1 and len(set(compared)) == 1) or compared == "0":
        return Identifier(identifier, "a placeholder")
    if len(compared) > _SHORT and any(compared in run for run in _RUNS):
        return Identifier(identifier, "a placeholder")
    return Identifier(identifier)


def identifier_table(pairs: Sequence[tuple[str, str]]) -> pa.Table:
    """Return one row per (name, value) in `pairs`. Columns: name, value, identifier (null where unused), reason."""
    found = [standardise_identifier(name, value) for name, value in pairs]
    return pa.table(
        {
            "name": pa.array([name for name, _ in pairs], pa.string()),
            "value": pa.array([value for _, value in pairs], pa.string()),
            "identifier": pa.array([None if entry.reason else entry.compared for entry in found], pa.string()),
            "reason": pa.array([entry.reason for entry in found], pa.string()),
        }
    )
