"""What every format gives: rows as text in batches, with the line each came from, and the records it could not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa

if TYPE_CHECKING:
    from warehouse.settings import SourceSettings

MAX_COLUMNS = 4096
"""More columns than this are no table: most often keys that are data, such as `{"4711": {…}, "4712": {…}}`."""


class UnreadableFile(Exception):
    """A file as a whole cannot be read; the message says where and why, without the file's name."""


class EmptyFile(UnreadableFile):
    """A file holds nothing at all, not even a header."""


class UnfinishedFile(UnreadableFile):
    """A file is not whole: it ends in the middle of a record, or changes while it is read. Later it may be."""


@dataclass(frozen=True, slots=True)
class BadRecord:
    """One record that could not be read: where it starts, a short code, what was found, and how it was delivered.

    `fields` holds what could be read of it all the same, so that its key may be known. `cut_off` says that the file
    ends within it: something of it is missing, and after it stands not even a line end.
    """

    line: int
    reason: str
    detail: str
    raw: str
    fields: Mapping[str, str | None] = field(default_factory=dict)
    whole: bool = True
    cut_off: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records of a file, in its order.

    `rows` has one text column per column of the file; `lines` the first line (or row number) of each, from 1. Names may
    be missing from some batches and stand in another order, but not twice in one. `note` tells what of the
    file is not read at all.
    """

    rows: pa.Table
    lines: pa.Int64Array
    bad: tuple[BadRecord, ...] = ()
    note: str = ""


Reader = Callable[[BinaryIO, "SourceSettings"], Iterator[Batch]]
"""Reads a file's bytes; raises UnreadableFile. Where files name their columns, a batch comes even without rows."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One value of `format:` in joinedup.yaml.

    `sparse`: a record may leave out columns that it has no value for. `inside`: what `files` names are folders, and
    their files are those that one of these patterns, of a folder and its files, finds below. `single`: each file is one
    record, an empty one too. `dated`: dates and times are kept as such and come as ISO 8601, whatever the mapping says
    of those kept as text.
    """

    name: str
    read: Reader
    sparse: bool = False
    inside: tuple[str, ...] = ()
    single: bool = False
    dated: bool = False


def text_table(names: Sequence[str], columns: Sequence[Sequence[str | None]]) -> pa.Table:
    """Return text columns as an Arrow table; raises UnreadableFile for more columns than a table can have."""
    if len(names) > MAX_COLUMNS:
        message = f"it has {len(names)} columns, at most {MAX_COLUMNS} are read: check its format and options"
        raise UnreadableFile(message)
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.Table.from_arrays(arrays, names=list(names))


def line_numbers(lines: Sequence[int]) -> pa.Int64Array:
    """Return line numbers as an Arrow array."""
    return pa.array(lines, pa.int64())
