"""Exports as people spoil them: the same rows written in many broken or unusual ways, each with its dialect declared.

What is made is known, so that what is read of it can be held against it, cell by cell; the same each time.
"""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("id", "name", "e-mail", "city", "note", "amount")
ROWS = 40
_GIVEN = ("Ann", "Bob", "Chloé", "Dörte", "Eve", "Frank", "Zoë", "Łukasz")
_FAMILY = ("O'Hara", "Smith", "Müller", "García", "van Dijk", "Nguyen")
_CITIES = ("Springfield, IL", "Köln", "São Paulo", "Reno", "St. John's", "")
_NOTES = ("", "none", 'says "hello"', "two\nlines", "a, b; c | d", "00123", "=1+1", 'called "Max", left', "-5%")
_LATIN = str.maketrans({"Ł": "L"})

Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class Polluted:
    """A file: its bytes, the options that declare it, the rows that are in it, and the ids of rows spoilt for good."""

    content: bytes
    options: dict[str, Any]
    rows: Rows
    spoilt: frozenset[str] = field(default_factory=frozenset)


def make(kind: str, seed: int) -> Polluted:
    """Return the file of a kind that a seed gives."""
    return KINDS[kind](_rows(random.Random(seed)), random.Random(f"{kind} {seed}"))


def _rows(chance: random.Random) -> Rows:
    return [
        [
            f"{number:05d}",
            f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}",
            f"user{number}@mail{chance.randrange(9)}.example",
            chance.choice(_CITIES),
            chance.choice(_NOTES),
            f"{chance.randrange(100_000) / 100:.2f}",
        ]
        for number in range(1, ROWS + 1)
    ]


def _written(rows: Rows, *, header: bool = True, **dialect: Any) -> str:  # noqa: ANN401 - what csv.writer takes
    out = io.StringIO()
    writer = csv.writer(out, **({"lineterminator": "\n"} | dialect))
    writer.writerows([list(NAMES), *rows] if header else rows)
    return out.getvalue()


def _dialect(options: dict[str, Any], **dialect: Any) -> Callable[[Rows, random.Random], Polluted]:  # noqa: ANN401
    return lambda rows, _: Polluted(_written(rows, **dialect).encode(), options, rows)


def _encoded(encoding: str, declared: str, mark: str = "") -> Callable[[Rows, random.Random], Polluted]:
    def polluted(rows: Rows, _chance: random.Random) -> Polluted:
        rows = [[value.translate(_LATIN) for value in row] for row in rows] if encoding == "cp1252" else rows
        return Polluted((mark + _written(rows)).encode(encoding), {"encoding": declared}, rows)

    return polluted


def _respelt(change: Callable[[str, random.Random], str], **options: Any) -> Callable[[Rows, random.Random], Polluted]:  # noqa: ANN401
    """Change the whole text; what is in it stays."""
    return lambda rows, chance: Polluted(change(_written(rows), chance).encode(), options, rows)


def _line_changed(change: Callable[[list[str], random.Random], str]) -> Callable[[Rows, random.Random], Polluted]:
    """Spoil a few rows, each on a line of its own and written by `change`."""

    def polluted(rows: Rows, chance: random.Random) -> Polluted:
        chosen = set(chance.sample(range(len(rows)), 2))
        plain = [[value.replace("\n", " ") for value in row] for row in rows]
        lines = [
            change(row, chance) + "\n" if place in chosen else _written([row], header=False)
            for place, row in enumerate(plain)
        ]
        spoilt = frozenset(plain[place][0] for place in chosen)
        return Polluted((",".join(NAMES) + "\n" + "".join(lines)).encode(), {}, plain, spoilt)

    return polluted


def _line(row: list[str]) -> str:
    return _written([row], header=False).rstrip("\n")


def _too_many(row: list[str], chance: random.Random) -> str:
    return _line([*row[: (place := chance.randrange(1, 5))], "more", *row[place:]])


def _too_few(row: list[str], chance: random.Random) -> str:
    return _line([*row[: (place := chance.randrange(1, 5))], *row[place + 1 :]])


def _unclosed(row: list[str], _: random.Random) -> str:
    return f'{row[0]},"{row[1]},{row[2]},here,,{row[5]}'


def _other_delimiter(row: list[str], _: random.Random) -> str:
    return ";".join([*row[:3], "here", "", row[5]])


def _text_behind_quote(row: list[str], _: random.Random) -> str:
    return f'{row[0]},"{row[1]}" Jr.,{row[2]},here,,{row[5]}'


def _mixed_ends(text: str, chance: random.Random) -> str:
    return "".join(line + chance.choice(["\n", "\r\n", "\r"]) for line in _records(text))


def _records(text: str) -> list[str]:
    """Return a text's records without their ends; a line end between quotes parts none."""
    records, begun = [], ""
    for line in text.splitlines():
        begun += line
        if begun.count('"') % 2:
            begun += "\n"
            continue
        records.append(begun)
        begun = ""
    return records


def _blank_lines(text: str, chance: random.Random) -> str:
    return "".join(record + "\n" * chance.choice([1, 1, 1, 2, 3]) for record in _records(text))


def _header_again(text: str, chance: random.Random) -> str:
    header, *records = _records(text)
    records.insert(chance.randrange(1, len(records)), header)
    return "\n".join([header, *records, ""])


def _header_reordered(rows: Rows, chance: random.Random) -> Polluted:
    order = chance.sample(range(len(NAMES)), len(NAMES))
    half = len(rows) // 2
    behind = [[row[place] for place in order] for row in rows[half:]]
    text = _written(rows[:half]) + _written([[NAMES[place] for place in order], *behind], header=False)
    return Polluted(text.encode(), {}, rows)


def _several(rows: Rows, separator: str) -> Polluted:
    text = "\n".join(
        separator.join('"' + value.replace('"', '""') + '"' for value in row) for row in [list(NAMES), *rows]
    )
    return Polluted(text.encode(), {"delimiter": separator}, rows)


def _nulls(rows: Rows, chance: random.Random) -> Polluted:
    spoilt = [[*row[:4], row[4] + "\x00" * chance.randrange(2), row[5]] for row in rows]
    return Polluted(_written(spoilt).encode(), {}, spoilt)


def _stray_quotes(rows: Rows, chance: random.Random) -> Polluted:
    notes = ("", "", '5" pipe', 'about 6"')
    plain = [[*row[:3], "Reno", chance.choice(notes), row[5]] for row in rows]
    text = "\n".join(",".join(row) for row in [list(NAMES), *plain])
    return Polluted(text.encode(), {}, plain)


def _without_quotes(rows: Rows, _: random.Random) -> Polluted:
    plain = [[value.replace("\n", " ").replace("\t", " ") for value in row] for row in rows]
    text = "".join("\t".join(row) + "\r\n" for row in [list(NAMES), *plain])
    return Polluted(text.encode(), {"delimiter": "\\t", "quote": ""}, plain)


def _headless(rows: Rows, _: random.Random) -> Polluted:
    return Polluted(_written(rows, header=False).encode(), {"header": False, "columns": list(NAMES)}, rows)


def _surplus(text: str, _: random.Random) -> str:
    header, *records = _records(text)
    return "\n".join([header, *(f"{record}," for record in records)])


def _spaced_names(text: str, _: random.Random) -> str:
    records = _records(text)[1:]
    return "\n".join([" , ".join(NAMES), *records])


KINDS: dict[str, Callable[[Rows, random.Random], Polluted]] = {
    "UTF-8 with a byte order mark": _encoded("utf-8", "utf-8", "\ufeff"),
    "UTF-16 with a byte order mark": _encoded("utf-16", "utf-16"),
    "UTF-16 without a byte order mark": _encoded("utf-16-be", "utf-16"),
    "Windows code page 1252": _encoded("cp1252", "cp1252"),
    "GB 18030": _encoded("gb18030", "gb18030"),
    "semicolons": _dialect({"delimiter": ";"}, delimiter=";"),
    "delimiter of two characters": lambda rows, _: _several(rows, "||"),
    "comma and space": lambda rows, _: _several(rows, ", "),
    "tabs, and no quotes at all": _without_quotes,
    "single quotes": _dialect({"quote": "'"}, quotechar="'"),
    "backslash escapes": _dialect({"escape": "\\"}, doublequote=False, escapechar="\\"),
    "carriage returns alone": _respelt(lambda text, _: "\r".join([*_records(text), ""])),
    "line ends of all three kinds": _respelt(_mixed_ends),
    "NUL bytes": _nulls,
    "quotes within bare fields": _stray_quotes,
    "preamble": _respelt(lambda text, _: f'Export of "all"\n1,2,3\n\n{text}', skip_rows=3),
    "footer": _respelt(lambda text, _: f"{text}\nTotal,{ROWS}\n\n", skip_footer=1),
    "blank lines": _respelt(_blank_lines),
    "no line end at the end": _respelt(lambda text, _: text.rstrip("\n")),
    "no header": _headless,
    "header again in the middle": _respelt(_header_again),
    "header again in another order": _header_reordered,
    "space around the names": _respelt(_spaced_names),
    "delimiter at the end of every row": _respelt(_surplus),
    "rows with a field too many": _line_changed(_too_many),
    "rows with a field too few": _line_changed(_too_few),
    "quotes never closed": _line_changed(_unclosed),
    "rows with another delimiter": _line_changed(_other_delimiter),
    "text behind a closing quote": _line_changed(_text_behind_quote),
}
"""What the files are spoilt by, in words, and how each is made."""
