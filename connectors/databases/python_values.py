"""Values as Python's database drivers give them, as text that loses nothing: ISO times, plain decimals, JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.databases.question import Answer
from connectors.databases.watermark import Watermark, greatest, kind_of, later
from connectors.formats.batch import BadRecord, Batch, line_numbers, text_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_WHOLE_UP_TO = 2**53


class Undecodable(bytes):
    """Text of the database that is none in the encoding it declares."""

    __slots__ = ()


def answers(
    names: Sequence[str], batches: Iterator[Sequence[Sequence[object]]], watermark: str | None
) -> Iterator[Answer]:
    """Yield rows of Python values as answers; the first one has no rows, and names the columns."""
    yield Answer(Batch(text_table(names, [[] for _ in names]), line_numbers([])))
    place = None if watermark is None else list(names).index(watermark)
    first = 1
    for rows in batches:
        numbered = list(enumerate(rows, start=first))
        good = [(number, row) for number, row in numbered if not any(isinstance(value, Undecodable) for value in row)]
        bad = tuple(
            _undecodable(number, names, row)
            for number, row in numbered
            if any(isinstance(value, Undecodable) for value in row)
        )
        columns = [[value_text(row[column]) for _, row in good] for column in range(len(names))]
        newest = None if place is None else _newest([row[place] for _, row in numbered])
        yield Answer(Batch(text_table(names, columns), line_numbers([number for number, _ in good]), bad), newest)
        first += len(rows)


def value_text(value: object) -> str | None:
    """Return a value as text, None for null; a whole float is written without its point, bytes in hexadecimal."""
    if value is None or isinstance(value, str):
        return value
    return next((written(value) for python, written in _WRITTEN if isinstance(value, python)), str(value))


def _float_text(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < _WHOLE_UP_TO else repr(value)


def _datetime_text(value: datetime) -> str:
    return value.isoformat() if value.tzinfo is None else f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def _bytes_text(value: bytes | bytearray | memoryview) -> str:
    return bytes(value).hex()


def _nested_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_inner_text)


def _inner_text(value: object) -> str | None:
    return str(value) if isinstance(value, timedelta) else value_text(value)


_WRITTEN: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (float, _float_text),
    (Decimal, lambda value: format(value, "f")),
    (datetime, _datetime_text),
    ((date, time), lambda value: str(value.isoformat())),
    ((bytes, bytearray, memoryview), _bytes_text),
    ((dict, list, tuple), _nested_text),
)
"""How the values of a type are written, the first type that fits; all others as Python writes them."""


def _newest(values: Sequence[object]) -> Watermark | None:
    """Return the greatest watermark of some rows; raises UnreadableFile for values that have no common order."""
    by_kind: dict[str, Watermark | None] = {}
    for kind in dict.fromkeys(kind_of(value) for value in values if value is not None):
        of_kind = (value for value in values if value is not None and kind_of(value) == kind)
        by_kind[kind] = greatest(kind, map(_exact_text, of_kind))
    newest = None
    for mark in by_kind.values():
        newest = later(newest, mark)
    return newest


def _exact_text(value: object) -> str | None:
    return repr(value) if isinstance(value, float) else value_text(value)


def _undecodable(number: int, names: Sequence[str], row: Sequence[object]) -> BadRecord:
    """Return a row in which a text cannot be decoded, with the values that can be read."""
    broken = [name for name, value in zip(names, row, strict=True) if isinstance(value, Undecodable)]
    fields = {
        name: value_text(value) for name, value in zip(names, row, strict=True) if not isinstance(value, Undecodable)
    }
    shown = {
        name: value.decode(errors="backslashreplace") if isinstance(value, Undecodable) else value_text(value)
        for name, value in zip(names, row, strict=True)
    }
    raw = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    return BadRecord(number, "bad_encoding", f"{', '.join(broken)}: its bytes are no UTF-8", raw, fields, whole=False)
