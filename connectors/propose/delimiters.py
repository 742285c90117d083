"""The dialect of delimited text: delimiter, quotes, escapes, and which lines at both ends are no rows."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.propose.file_bytes import beginning_of, encoding_of
from connectors.propose.header import meanings
from connectors.propose.value_kinds import looks_like_data

if TYPE_CHECKING:
    from pathlib import Path

DELIMITERS = (",", ";", "\t", "|", "^", "~", "\x1f", "\x01")
_TAIL = 1 << 16
_MOST_AT_END = 5
_MOST_AT_START = 30
_ENOUGH_ROWS = 3


@dataclass(slots=True)
class Guess:
    """A proposed dialect: `options` as joinedup.yaml says them, with what is unsure about each."""

    options: dict[str, Any] = field(default_factory=dict)
    unsure: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Split:
    """What one delimiter makes of the lines: (line it starts on, fields) of each row, and how alike these are."""

    delimiter: str
    quote: str
    escape: str
    rows: tuple[tuple[int, list[str]], ...]
    width: int
    share: float


def propose_dialect(path: Path) -> Guess:
    """Return the dialect that makes a file's lines rows of one width."""
    guess = Guess()
    encoding, instead = encoding_of(path)
    if encoding != "utf-8":
        guess.options["encoding"] = encoding
        if instead:
            guess.unsure["encoding"] = f"read so without an error; it may be {instead}: look at letters with accents"
    text = _text(path, encoding)
    best = max(
        (_split(text, delimiter, quote) for delimiter in DELIMITERS for quote in _quotes(text, delimiter)),
        key=lambda split: (split.width > 1, round(split.share, 1), split.width, split.share),
    )
    if best.delimiter != ",":
        guess.options["delimiter"] = best.delimiter
    if best.quote != '"':
        guess.options["quote"] = best.quote
    if best.escape:
        guess.options["escape"] = best.escape
    _propose_ends(path, encoding, best, guess)
    _propose_header(best, guess)
    return guess


def _text(path: Path, encoding: str) -> str:
    """Return the beginning of a file as text, cut after its last whole line; null characters are no text."""
    found = beginning_of(path)
    text = found.decode(encoding, "ignore").removeprefix("\ufeff").replace("\0", "")
    return text if len(found) < (1 << 20) else text[: text.rfind("\n") + 1]


def _quotes(text: str, delimiter: str) -> tuple[str, ...]:
    """Return the quotes that a file may use: single ones only where fields begin and end with them."""
    inside = text.count(f"'{delimiter}'") + text.count("\n'")
    found = ("'",) if inside > text.count("\n") // 2 and text.count(f'"{delimiter}') < inside else ()
    lonely = text.count('"') % 2 and not text.count(f'"{delimiter}') and not text.count(f'{delimiter}"')
    return (*found, *(("",) if lonely else ()), '"')


def _split(text: str, delimiter: str, quote: str) -> _Split:
    escape = "\\" if quote and text.count(f"\\{quote}") > text.count(quote * 2 + delimiter) else ""
    options: dict[str, Any] = {"delimiter": delimiter, "quoting": csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE}
    if quote:
        options["quotechar"] = quote
    if escape:
        options |= {"escapechar": escape, "doublequote": False}
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), **options)
    start = 0
    try:
        for row in reader:
            rows += [(start, row)] if row else []
            start = reader.line_num
    except csv.Error:
        pass  # what was read so far tells, if little
    widths = Counter(len(row) for _, row in rows)
    width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0))
    return _Split(delimiter, quote, escape, tuple(rows), width, count / len(rows) if rows else 0.0)


def _propose_ends(path: Path, encoding: str, best: _Split, guess: Guess) -> None:
    """Propose how many lines at the top and at the end are no rows."""
    before = next((place for place, (_, row) in enumerate(best.rows) if len(row) == best.width), 0)
    if 0 < before <= _MOST_AT_START and best.width > 1:
        guess.options["skip_rows"] = best.rows[before][0]
        guess.unsure["skip_rows"] = f"the lines before have not {best.width} fields; they are left out"
    tail = _tail(path, encoding)
    if tail is None or best.width == 1:
        return
    rows = [row for _, row in _split(tail, best.delimiter, best.quote).rows]
    short = 0
    while short < min(_MOST_AT_END, len(rows)) and _is_footer(rows[-1 - short], best.width):
        short += 1
    if 0 < short < min(_MOST_AT_END, len(rows)):
        guess.options["skip_footer"] = short
        guess.unsure["skip_footer"] = f"the last lines have not {best.width} fields; they are left out"


def _is_footer(row: list[str], width: int) -> bool:
    return len(row) != width


def _tail(path: Path, encoding: str) -> str | None:
    """Return the end of a file as text, None where it can only be read from its beginning."""
    if path.name.endswith(".gz"):
        return None
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _TAIL) // 4 * 4)
        text = stream.read().decode(encoding, "ignore")
    lines = text.split("\n")
    return "\n".join(lines if size <= _TAIL else lines[1:])


def _propose_header(best: _Split, guess: Guess) -> None:
    rows = [row for _, row in best.rows if len(row) == best.width]
    if not rows:
        return
    first = [cell.strip() for cell in rows[0]]
    if is_header(first, rows[1:]):
        twice = {name for name, count in Counter(first).items() if count > 1 and name}
        if twice:
            guess.options["columns"] = _made_different(first)
            guess.unsure["columns"] = f"the header names {', '.join(sorted(twice))} more than once"
        return
    guess.options["header"] = False
    guess.options["columns"] = [f"column_{place}" for place in range(1, best.width + 1)]
    guess.unsure["header"] = "the first row looks like the others; rename the columns here as you like"


def is_header(first: list[str], rows: list[list[str]]) -> bool:
    """Say whether a row names the columns: what looks like data does not, nor what stands in the column again."""
    named = [cell for cell in first if cell]
    if not named or any(map(looks_like_data, named)):
        return False
    known = sum(bool(meanings(cell)) for cell in named)
    if known * 4 >= len(named) or len(rows) < _ENOUGH_ROWS:
        return True
    again = sum(cell in {row[place].strip() for row in rows} for place, cell in enumerate(first) if cell)
    numeric = any(
        place < len(first) and all(looks_like_data(row[place].strip()) for row in rows[:50] if row[place].strip())
        for place in range(len(first))
        if any(row[place].strip() for row in rows[:50])
    )
    return not again and (known > 0 or numeric)


def _made_different(names: list[str]) -> list[str]:
    """Return the names with a number behind those that came before."""
    seen: Counter[str] = Counter()
    found = []
    for place, name in enumerate(names, 1):
        name = name or f"column_{place}"  # noqa: PLW2901 - a name that lacks is made, here and nowhere else
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return found
