"""A JSON document: an array of objects, one object, or an array inside a document (`options.records`).

Keeps: every element is a row or a bad record, numbered from 1. An array at the top is read element by element; a
document with its records inside is held in memory as a whole.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, BinaryIO

from connectors.formats.batch import BadRecord, EmptyFile, FileFormat, UnfinishedFile, UnreadableFile
from connectors.formats.json_rows import ObjectDecoder, Row, ends_early, json_batch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from connectors.formats.batch import Batch
    from warehouse.settings import SourceSettings

ROWS_PER_BATCH = 20_000
_READ_AT_LEAST = 1 << 20
_SPACE = re.compile(r"[ \t\n\r]*")
_TOO_DEEP = "it is nested too deeply to be read"


def read(stream: BinaryIO, source: SourceSettings) -> Iterator[Batch]:
    """Yield the objects of a JSON document; raises UnreadableFile where it is none or lacks `options.records`."""
    text = io.TextIOWrapper(stream, encoding=source.options.encoding, newline="")
    try:
        yield from _batches(_records(text, source.options.records))
    except UnicodeDecodeError as error:
        message = (
            f"it cannot be decoded as {error.encoding}: {error.reason}; set options.encoding to what it is written in"
        )
        raise UnreadableFile(message) from error
    except RecursionError as error:
        raise UnreadableFile(_TOO_DEEP) from error
    finally:
        text.detach()  # the stream is its opener's to close


def _batches(records: Iterator[Row | BadRecord]) -> Iterator[Batch]:
    found: list[Row | BadRecord] = []
    first = 1
    for record in records:
        found.append(record)
        if len(found) == ROWS_PER_BATCH:
            yield json_batch(found, list(range(first, first + len(found))))
            first += len(found)
            found = []
    yield json_batch(found, list(range(first, first + len(found))))


def _records(text: TextIO, path: str | None) -> Iterator[Row | BadRecord]:
    decoder = ObjectDecoder()
    buffer = _Buffer(text)
    beginning = buffer.peek()
    if not beginning:
        raise EmptyFile("it is empty")
    if beginning == "[" and path is None:
        yield from _elements(buffer, decoder)
        return
    try:
        document = decoder.decode(buffer.rest())
    except ValueError as error:
        raise UnreadableFile(f"it is no JSON: {error}") from error
    found = _inside(document, path) if path is not None else document
    for number, value in enumerate(found if isinstance(found, list) else [found], 1):
        yield decoder.row(value, number)


def _inside(document: Any, path: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return what is at `path`, a list or an object."""
    found = document
    for part in path.split("."):
        if not isinstance(found, dict) or part not in found:
            keys = ", ".join(map(repr, found)) if isinstance(found, dict) else "no object"
            raise UnreadableFile(f"it has no {path!r} (options.records); at {part!r} it has: {keys}")
        found = found[part]
    if not isinstance(found, list | dict):
        raise UnreadableFile(f"{path!r} (options.records) is neither a list nor an object")
    return found


class _Buffer:
    """The part of a text that has been read but not yet used."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.held = text.read(_READ_AT_LEAST).removeprefix("\ufeff")
        self.at = 0

    def more(self) -> bool:
        """Read on, at least as much again as is held; return whether there was more."""
        self.held = self.held[self.at :]
        self.at = 0
        further = self._text.read(max(_READ_AT_LEAST, len(self.held)))
        self.held += further
        return bool(further)

    def peek(self) -> str:
        """Go past white space and return the next character, "" at the end."""
        while True:
            space = _SPACE.match(self.held, self.at)
            self.at = space.end() if space else self.at
            if self.at < len(self.held) or not self.more():
                return self.held[self.at : self.at + 1]

    def rest(self) -> str:
        """Return everything that has not been used."""
        return self.held[self.at :] + self._text.read()


def _elements(buffer: _Buffer, decoder: ObjectDecoder) -> Iterator[Row | BadRecord]:
    """Yield the elements of the array that starts here."""
    number, follows = 0, "["
    while follows != "]":
        buffer.at += 1
        if number == 0 and buffer.peek() == "]":
            break
        number += 1
        value, raw = _element(buffer, decoder, number)
        yield decoder.row(value, number, raw)
        follows = buffer.peek()
        if follows not in (",", "]"):
            kind = UnreadableFile if follows else UnfinishedFile
            raise kind(f"it is no JSON: after element {number}, expected ',' or ']', found {follows!r}")
    buffer.at += 1
    if buffer.peek():
        raise UnreadableFile("it is no JSON: something follows the end of the array")


def _element(buffer: _Buffer, decoder: ObjectDecoder, number: int) -> tuple[Any, str]:
    """Return the value that comes next, and its text."""
    while True:
        buffer.peek()
        try:
            value, end = decoder.decode_from(buffer.held, buffer.at)
        except ValueError as error:
            if buffer.more():
                continue
            kind = UnfinishedFile if ends_early(error) else UnreadableFile
            raise kind(f"it is no JSON: element {number}: {error}") from error
        if end < len(buffer.held):
            raw, buffer.at = buffer.held[buffer.at : end], end
            return value, raw
        # A number at the very end of what is held may go on in what is not read yet.
        if not buffer.more():
            raw, buffer.at = buffer.held, len(buffer.held)
            return value, raw


JSON_DOCUMENT = FileFormat("json", read, sparse=True)
