"""Databases: `connectors.databases` asks for their rows, and there are no bytes to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from connectors.formats.batch import Batch, FileFormat, UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.settings import SourceSettings


def read(stream: BinaryIO, source: SourceSettings) -> Iterator[Batch]:
    """Raise UnreadableFile: a file is no database, whatever it holds."""
    del stream, source
    raise UnreadableFile("a file is not read as `format: sql`; `files` is the URL of a database")


SQL = FileFormat("sql", read, dated=True)
