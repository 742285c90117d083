"""Some of a file's rows, by the reader that will land them: its first ones, and a few of those that follow.

READS a file. Keeps: memory is bounded whatever the file's size, and what was read is what a night would read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.databases import find_database
from connectors.databases.question import Question
from connectors.formats import find_format
from connectors.formats.batch import EmptyFile, UnreadableFile
from connectors.propose.file_bytes import open_bytes
from warehouse.settings import SourceSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from connectors.formats.batch import Batch

FIRST_ROWS = 4_000
"""Rows that are kept from the beginning of a file."""
_EVERY = 40
"""Of the rows after them one in so many is kept."""
KEPT_ROWS = 8_000
_READ_ROWS = 400_000
"""No more rows of a file are read than this."""
_LONGEST_VALUE = 4_000
_MOST_COLUMNS = 400


@dataclass(slots=True)
class Sample:
    """Rows of a source: each column's texts, in the order of the rows; None where a row has none.

    `unique` names the columns of which no two rows that were read had the same text, `read` counts these rows, and
    `bad` those that could not be read.
    """

    columns: dict[str, list[str | None]] = field(default_factory=dict)
    rows: int = 0
    read: int = 0
    bad: int = 0
    problem: str = ""
    seen: dict[str, set[int]] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)

    @property
    def unique(self) -> set[str]:
        """The columns in which every row has a text, and no two the same."""
        return {name for name, seen in self.seen.items() if name not in self.repeated and len(seen) == self.read}


def read_sample(paths: Sequence[Path], file_format: str, options: dict[str, Any]) -> Sample:
    """Return rows of the files, which are of one source; what stops the reading is the sample's `problem`."""
    document = {"holds": "order", "files": str(paths[0]), "format": file_format, "key": "x", "options": options}
    source = SourceSettings.model_validate(document)
    found = Sample()
    for path in _each_file(paths, file_format):
        try:
            _read(path, source, found, max(1, FIRST_ROWS // len(paths)))
        except EmptyFile:
            continue
        except UnreadableFile as error:
            found.problem = f"{path.name}: {error}"
    for name, texts in found.columns.items():
        found.columns[name] = texts + [None] * (found.rows - len(texts))
    return found


def _each_file(paths: Sequence[Path], file_format: str) -> Iterator[Path]:
    """Yield the files to read: in a Maildir, those of its folders."""
    known = find_format(file_format)
    for path in paths:
        if known is not None and known.inside and path.is_dir():
            inner = sorted(found for pattern in known.inside for found in path.glob(pattern) if found.is_file())
            yield from inner[:KEPT_ROWS]
        else:
            yield path


def _batches(path: Path, source: SourceSettings) -> Iterator[Batch]:
    if source.format == "sql":
        url = f"sqlite:///{quote(str(path))}"
        question = Question(source.options.query or "")
        yield from (answer.batch for answer in find_database(url).ask(url, path.parent, question))
        return
    file_format = find_format(source.format)
    if file_format is None:
        raise UnreadableFile(f"this version does not read {source.format}")
    with open_bytes(path) as stream:
        yield from file_format.read(stream, source)


def _read(path: Path, source: SourceSettings, found: Sample, first_rows: int) -> None:
    read = 0
    for batch in _batches(path, source):
        if batch.rows.num_columns > _MOST_COLUMNS:
            raise UnreadableFile(f"it has {batch.rows.num_columns} columns, at most {_MOST_COLUMNS} are looked at")
        columns = {name: batch.rows[name].to_pylist() for name in batch.rows.column_names}
        count = batch.rows.num_rows
        _remember(found, columns)
        wanted = [row for row in range(count) if read + row < first_rows or (read + row) % _EVERY == 0]
        _keep(found, columns, wanted)
        found.read += count
        found.bad += len(batch.bad)
        read += count
        if read >= _READ_ROWS or found.rows >= KEPT_ROWS:
            break


def _remember(found: Sample, columns: dict[str, list[str | None]]) -> None:
    """Note which columns have had no text twice."""
    for name, texts in columns.items():
        if name in found.repeated:
            continue
        seen = found.seen.setdefault(name, set())
        before = len(seen)
        seen.update(hash(text) for text in texts if text is not None and text.strip())
        if len(seen) - before < len(texts):
            found.repeated.add(name)
            found.seen[name] = set()


def _keep(found: Sample, columns: dict[str, list[str | None]], wanted: list[int]) -> None:
    for name, texts in columns.items():
        kept = found.columns.setdefault(name, [])
        kept += [None] * (found.rows - len(kept))
        for row in wanted:
            text = texts[row]
            kept.append(text if text is None else text[:_LONGEST_VALUE])
    found.rows += len(wanted)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sample, or what stands at a path in one: `expression` is how joinedup.yaml names it."""

    name: str
    expression: str | dict[str, Any]
    texts: tuple[str | None, ...]

    @property
    def filled(self) -> tuple[str, ...]:
        """The texts that are there."""
        return tuple(text for text in self.texts if text is not None and text.strip())

    @property
    def share_filled(self) -> float:
        """The share of rows that have a text."""
        return len(self.filled) / len(self.texts) if self.texts else 0.0

    @property
    def distinct(self) -> int:
        """How many different texts there are."""
        return len(set(self.filled))

    def written(self, **further: Any) -> Any:  # noqa: ANN401 - whatever YAML can say
        """Return the expression with further keys, as YAML says it."""
        if not further:
            return self.expression
        return ({"column": self.expression} if isinstance(self.expression, str) else self.expression) | further


def columns_of(sample: Sample, nulls: Sequence[str]) -> list[Column]:
    """Return a sample's columns; objects and lists in JSON are taken apart into the paths that lead into them."""
    empty = set(nulls)
    found: list[Column] = []
    for name, texts in sample.columns.items():
        kept = tuple(None if text is None or text in empty else text for text in texts)
        filled = [text for text in kept if text and text.strip()]
        nested = [text for text in filled if text[:1] in "{["]
        if filled and len(nested) == len(filled) and (inner := list(_inside(name, kept))):
            found += inner
        else:
            found.append(Column(name, name, kept))
    return found


def _inside(name: str, texts: Sequence[str | None]) -> Iterator[Column]:
    values = [_parsed(text) for text in texts]
    if not any(isinstance(value, dict | list) for value in values):
        return
    yield from _flattened(name, values)


def _flattened(path: str, values: list[Any]) -> Iterator[Column]:
    objects = [value for value in values if isinstance(value, dict)]
    lists = [value for value in values if isinstance(value, list)]
    if objects:
        for key in dict.fromkeys(key for value in objects for key in value):
            if key and "." not in key:
                yield from _flattened(
                    f"{path}.{key}", [value.get(key) if isinstance(value, dict) else None for value in values]
                )
    elif lists:
        members = [member for value in lists for member in value]
        if members and all(isinstance(member, dict) for member in members):
            yield from _of_members(path, values, members)
        elif not any(isinstance(member, dict | list) for member in members):
            texts = tuple(_text(value[0]) if isinstance(value, list) and value else None for value in values)
            yield Column(path, {"path": path}, texts)
    else:
        yield Column(path, {"path": path}, tuple(map(_text, values)))


def _of_members(path: str, values: list[Any], members: list[dict[str, Any]]) -> Iterator[Column]:
    """Yield columns of a list of objects: by what a field such as `type` says, where there are a few kinds of them."""
    keys = list(dict.fromkeys(key for member in members for key in member))
    kind = next((key for key in ("type", "kind", "label", "system") if key in keys), None)
    kinds = list(dict.fromkeys(str(member.get(kind)) for member in members)) if kind else []
    if kind is None or len(kinds) > _MOST_KINDS:
        for key in keys:
            yield Column(f"{path}.{key}", {"path": path, "take": key}, tuple(_member(v, key, {}) for v in values))
        return
    for value in kinds:
        for key in keys:
            if key != kind:
                where: dict[str, str] = {kind: value}
                name = f"{path}.{value}" if key in ("value", "number", "address", "id") else f"{path}.{value}.{key}"
                expression = {"path": path, "where": where, "take": key}
                yield Column(name, expression, tuple(_member(v, key, where) for v in values))


_MOST_KINDS = 12


def _member(value: Any, key: str, where: dict[str, str]) -> str | None:  # noqa: ANN401 - any JSON value
    for member in value if isinstance(value, list) else ():
        if all(str(member.get(name)) == wanted for name, wanted in where.items()):
            return _text(member.get(key))
    return None


def _parsed(text: str | None) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text, parse_float=str, parse_int=str) if text else None
    except (ValueError, RecursionError):
        return None


def _text(value: Any) -> str | None:  # noqa: ANN401 - any JSON value
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
