"""A JSON document: an array of objects, one object, or an array inside a document (`options.records`).

Keeps: every element is a row or a bad record, numbered from 1; all of the document is read, what stands around the
records too, so that a document that is cut off is not taken for a whole one.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from connectors.formats.batch import EmptyFile, FileFormat, UnreadableFile
from connectors.formats.json_rows import ObjectDecoder, json_batch
from connectors.formats.json_text import BrokenValue, JsonText, elements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.formats.batch import BadRecord, Batch
    from connectors.formats.json_rows import Row
    from warehouse.settings import SourceSettings

ROWS_PER_BATCH = 20_000
_TOO_DEEP = "it is nested too deeply to be read"
_SHOWN_KEYS = 40


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
    except BrokenValue as error:
        raise UnreadableFile(f"it is no JSON: {error}") from error
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


def _records(stream: io.TextIOWrapper, path: str | None) -> Iterator[Row | BadRecord]:
    text = JsonText(stream)
    text.skip_space()
    if not text.next():
        raise EmptyFile("it is empty")
    beginning = text.next()
    yield from _at(text, ObjectDecoder(), path.split(".") if path is not None else [], path)
    text.skip_space()
    if text.next():
        advice = "; where each line is an object of its own, its format is jsonl" if beginning == "{" else ""
        what = {"[": "the array", "{": "the object"}.get(beginning, "the value")
        raise UnreadableFile(f"it is no JSON: something follows the end of {what}{advice}")


def _at(text: JsonText, decoder: ObjectDecoder, keys: list[str], path: str | None) -> Iterator[Row | BadRecord]:
    """Yield the records of the value that comes next, or of what it has under `keys`, and go past it."""
    text.skip_space()
    if keys:
        yield from _under(text, decoder, keys, path)
    elif text.next() == "[":
        yield from elements(text, decoder)
    else:
        value, raw = text.value(decoder, "the document")
        if path is not None and not isinstance(value, dict):
            raise UnreadableFile(f"{path!r} (options.records) is neither a list nor an object")
        yield decoder.row(value, 1, raw)


def _under(text: JsonText, decoder: ObjectDecoder, keys: list[str], path: str | None) -> Iterator[Row | BadRecord]:
    """Yield the records under the first of `keys` in the object that comes next, and go past that object."""
    if text.next() != "{":
        raise UnreadableFile(f"it has no {path!r} (options.records); at {keys[0]!r} it has: no object")
    wanted, others = keys[0], list[str]()
    found = False
    for name in _names(text, decoder):
        if name != wanted:
            others.append(name)
            _pass_over(text, decoder)
        elif found:
            raise UnreadableFile(f"it gives the key {wanted!r} (options.records) more than once")
        else:
            found = True
            yield from _at(text, decoder, keys[1:], path)
    if not found:
        has = ", ".join(map(repr, others[:_SHOWN_KEYS]))
        raise UnreadableFile(f"it has no {path!r} (options.records); at {wanted!r} it has: {has}")


def _names(text: JsonText, decoder: ObjectDecoder) -> Iterator[str]:
    """Yield the keys of the object that starts here, each with its value to be gone past; go past its end."""
    text.at += 1
    text.skip_space()
    follows = text.next()
    while follows != "}":
        text.skip_space()
        if text.next() != '"':
            raise text.unexpected("in an object", "a key in double quotes")
        name, _ = text.value(decoder, "a key")
        text.past(":", "after a key")
        yield str(name)
        text.skip_space()
        follows = text.next()
        if follows not in (",", "}"):
            raise text.unexpected(f"after the value of {name!r}", "',' or '}'")
        text.at += follows == ","
    text.at += 1


def _pass_over(text: JsonText, decoder: ObjectDecoder) -> None:
    text.skip_space()
    if text.next() == "[":
        for _ in elements(text, decoder):
            pass
    else:
        text.value(decoder, "a value")


JSON_DOCUMENT = FileFormat("json", read, sparse=True)
