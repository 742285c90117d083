"""Reads bytes in a format as one list of rows."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from connectors.formats import find_format
from warehouse.settings.sources import SourceSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.formats.batch import BadRecord

    ReadBytes = Callable[..., "Found"]


@dataclass
class Found:
    """What a file gave: its columns in order, its rows with their lines, and its bad records."""

    columns: list[str] = field(default_factory=list)
    rows: list[dict[str, str | None]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    bad: list[BadRecord] = field(default_factory=list)
    note: str = ""

    def values(self) -> list[list[str | None]]:
        return [[row.get(column) for column in self.columns] for row in self.rows]


def _read(
    content: bytes,
    file_format: str = "csv",
    *,
    own_addresses: tuple[str, ...] = (),
    key: object = (),
    **options: object,
) -> Found:
    about = {"holds": "order", "files": "x", "format": file_format, "key": key, "own_addresses": own_addresses}
    source = SourceSettings.model_validate({**about, "options": options})
    known = find_format(file_format)
    assert known is not None
    found = Found()
    for batch in known.read(io.BytesIO(content), source):
        found.columns = list(dict.fromkeys([*found.columns, *batch.rows.column_names]))
        found.rows += batch.rows.to_pylist() or [{} for _ in batch.lines]
        found.lines += [line.as_py() for line in batch.lines]
        found.bad += batch.bad
        found.note = batch.note
    return found


@pytest.fixture(scope="session")
def read_bytes() -> ReadBytes:
    return _read
