r"""How the fields of delimited text are told apart, as `options` in joinedup.yaml declare it; nothing is guessed.

Keeps: what Python's csv module can be told of a dialect is told, the rest (delimiters of several characters, an escape
that stands before something that needs none, as in `C:\new` and `\N`) is put into a form it knows, line by line.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from warehouse.settings.sources import FormatOptions

LONGEST_FIELD = 4 * 1024 * 1024
"""Characters; a longer field is most often an opening quote that was never closed."""

_STAND_IN = "\ufdd0"
"""A character that Unicode keeps out of texts: stands for a delimiter of several characters."""

csv.field_size_limit(LONGEST_FIELD)


@dataclass(frozen=True, slots=True)
class Dialect:
    """A declared dialect: what the csv module is told, and what is done to each line before it."""

    delimiter: str
    quote: str | None
    escape: str | None
    prepare: Callable[[str], str] | None
    spelt_delimiter: str

    def csv_options(self) -> dict[str, Any]:
        """Return the arguments for `csv.reader`."""
        return {
            "delimiter": self.delimiter,
            "quotechar": self.quote,
            "quoting": csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            "doublequote": True,
            "escapechar": self.escape,
            "strict": True,
        }

    def stands_in(self, text: str) -> bool:
        """Say whether a text holds the character that stands in for the delimiter."""
        return self.delimiter == _STAND_IN and _STAND_IN in text

    def restore(self, field: str) -> str:
        """Return a field with the delimiter as it was spelt, which it may hold between quotes."""
        return field.replace(_STAND_IN, self.spelt_delimiter) if self.delimiter == _STAND_IN else field


def dialect_of(options: FormatOptions, key: str) -> Dialect:
    """Return the dialect that `options` declare; `key` is where they stand in joinedup.yaml.

    Raises SettingsError for an option that declares no dialect.
    """
    delimiter = options.delimiter.replace("\\t", "\t")
    quote = options.quote or None
    # Unless something else is declared a quote is escaped by doubling it, whatever the quote is.
    declared = "escape" in options.model_fields_set
    escape = options.escape if declared and options.escape not in ("", options.quote) else None
    for name, value in (("quote", quote), ("escape", escape)):
        if value is not None and len(value) != 1:
            problem = f"{value!r} is {len(value)} characters; allowed: one character, or '' for none"
            raise SettingsError(problem, key=f"{key}.{name}")
    if not delimiter or delimiter in {quote, escape} or set(delimiter) & {"\r", "\n"}:
        problem = f"{options.delimiter!r} cannot part fields; allowed: any text but line ends and the quote character"
        raise SettingsError(problem, key=f"{key}.delimiter")
    one = delimiter if len(delimiter) == 1 else _STAND_IN
    return Dialect(one, quote, escape, _prepare(delimiter, one, quote, escape), delimiter)


def _prepare(delimiter: str, one: str, quote: str | None, escape: str | None) -> Callable[[str], str] | None:
    replaced = None if delimiter == one else lambda line: line.replace(delimiter, one)
    if escape is None:
        return replaced
    needed = {one, quote, escape, "\r", "\n"}
    pattern = re.compile(rf"{re.escape(escape)}(?s:(.))")

    def kept(found: re.Match[str]) -> str:
        # The csv module drops every escape; one that nothing needs is part of the value, and is escaped itself.
        return found[0] if found[1] in needed else escape + found[0]

    def escaped(line: str) -> str:
        line = replaced(line) if replaced else line
        return pattern.sub(kept, line) if escape in line else line

    return escaped
