"""One JSON object to one row of text: numbers keep the digits they were written with, what is nested stays JSON.

Keeps: nothing is read two ways. A key given twice, NaN, Infinity and half a surrogate pair make a bad record, wherever
in the object they stand.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from connectors.formats.batch import BadRecord, Batch, line_numbers, text_table
from connectors.formats.long_values import without_long_values

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, str | None]


_PAIR = re.compile(r'(?:\A\s*\{|\s*,)\s*("(?:[^"\\\x00-\x1f]|\\.)*")\s*:\s*')
"""What stands before a value in an object."""
_LONGEST_ESCAPE = len(r"\uD83D") + 1
_WORDS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")
_BEGUN_NUMBERS = (".", "e", "E", "e+", "e-", "E+", "E-")
"""What is left of a number that goes on behind the end of the text, once what could be read of it was."""


def ends_early(error: ValueError) -> bool:
    """Say whether what is wrong with a JSON text is that it ends too early."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    rest = error.doc[error.pos :]
    if error.msg.startswith("Unterminated") or not rest.strip():
        return True
    if error.msg.startswith("Invalid \\"):
        return len(rest) <= _LONGEST_ESCAPE
    return rest in _BEGUN_NUMBERS or any(word.startswith(rest) for word in _WORDS)


class ObjectDecoder:
    """Decodes JSON, and remembers which of the decoded objects are not what JSON allows or can be read two ways."""

    def __init__(self) -> None:
        # By the object's id; the object is kept beside its problem, so that no other one can get its id.
        self._problems: dict[int, tuple[str, dict[str, Any]]] = {}
        self._twice: dict[int, set[str]] = {}
        self._constants = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_float=str, parse_int=str, parse_constant=self._constant
        )

    def decode(self, text: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return the value that `text` is; raises ValueError or RecursionError where it is none."""
        self._forget()
        return self._decoder.decode(text)

    def decode_from(self, text: str, start: int) -> tuple[Any, int]:
        """Return the value that starts at `start`, and where it ends; raises ValueError or RecursionError."""
        self._forget()
        return self._decoder.raw_decode(text, start)

    def row(self, value: Any, line: int, raw: str | None = None) -> Row | BadRecord:  # noqa: ANN401 - any JSON value
        """Return a value of the last decoding as a row, or the reason why it is none."""
        problem = self._problem_in(value)
        if problem is None and not isinstance(value, dict):
            detail = f"found {_kind(value)}, expected an object"
            return BadRecord(line, "not_an_object", detail, _printable(raw or _compact(value)), whole=raw is not None)
        row = {name: _text(field) for name, field in value.items()} if isinstance(value, dict) else {}
        problem = problem or _surrogate(row)
        if problem is None:
            return row
        twice = self._twice.get(id(value), ())
        fields = {name: field for name, field in row.items() if name not in twice and _surrogate({name: field}) is None}
        # Without the text as it stood there, what was ambiguous is lost: `raw` has one of the two ways to read it.
        return BadRecord(line, "ambiguous_json", problem, _printable(raw or _compact(value)), fields, raw is not None)

    def _forget(self) -> None:
        self._problems.clear()
        self._twice.clear()
        self._constants = False

    def _constant(self, literal: str) -> str:
        self._constants = True
        return _Constant(literal)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        row = dict(pairs)
        problem = None
        if len(row) != len(pairs):
            names = Counter(name for name, _ in pairs)
            twice = [name for name, count in names.items() if count > 1]
            problem = f"the key {_printable(twice[0])!r} is given more than once"
            self._twice[id(row)] = set(twice)
        elif self._problems or self._constants:
            problem = next(filter(None, map(self._problem_in, row.values())), None)
        if problem is not None:
            self._problems[id(row)] = (problem, row)
        return row

    def _problem_in(self, value: Any) -> str | None:  # noqa: ANN401 - any JSON value
        if isinstance(value, _Constant):
            return f"{value} is no JSON number"
        if isinstance(value, dict):
            return self._problems.get(id(value), (None,))[0]
        if isinstance(value, list):
            return next(filter(None, map(self._problem_in, value)), None)
        return None


class _Constant(str):
    """NaN, Infinity or -Infinity, as it was written."""

    __slots__ = ()


def json_batch(found: list[Row | BadRecord], lines: list[int]) -> Batch:
    """Return rows and bad records, found on these lines, as a batch; its columns are the keys that the rows have."""
    rows = [(row, line) for row, line in zip(found, lines, strict=True) if isinstance(row, dict)]
    names = list(dict.fromkeys(name for row, _ in rows for name in row))
    columns = [[row.get(name) for row, _ in rows] for name in names]
    bad = tuple(record for record in found if isinstance(record, BadRecord))
    return without_long_values(Batch(text_table(names, columns), line_numbers([line for _, line in rows]), bad))


def legible(text: str) -> dict[str, str | None]:
    """Return what can be read of a broken object, up to where it breaks; of a key given twice nothing."""
    found: dict[str, str | None] = {}
    twice: set[str] = set()
    decoder, start = ObjectDecoder(), 0
    try:
        while (name := _PAIR.match(text, start)) is not None:
            value, start = decoder.decode_from(text, name.end())
            if start == len(text) and text[-1] not in '"]}':
                break  # a number may have been longer
            key = json.loads(name[1])
            twice |= {key} & found.keys()
            found[key] = _text(value)
    except (ValueError, RecursionError):
        pass  # here it breaks
    return {name: value for name, value in found.items() if name not in twice and _surrogate({name: value}) is None}


def _text(value: Any) -> str | None:  # noqa: ANN401 - any JSON value
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _compact(value)


def _compact(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _surrogate(row: Mapping[str, str | None]) -> str | None:
    try:
        "".join([*row, *filter(None, row.values())]).encode()
    except UnicodeEncodeError:
        pass
    else:
        return None
    for name, value in row.items():
        try:
            f"{name}{value}".encode()
        except UnicodeEncodeError:
            return f"the value of {_printable(name)!r} holds half of a surrogate pair, which is no character"
    return None


def _printable(text: str) -> str:
    """Return the text with what is no character written as an escape."""
    return text.encode(errors="backslashreplace").decode()


def _kind(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if value is None:
        return "null"
    return {str: "a text or a number", bool: "true or false"}.get(type(value), "a list")
