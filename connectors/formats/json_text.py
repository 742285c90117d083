"""JSON that is read piece by piece: its values one after another, with never more in memory than one of them.

Keeps: a value is decoded once it is whole. In an array, an element that is no JSON costs itself alone where the layout
says where it ends (each element begins on a line of its own, all of them equally far in, and what is inside them
further in); elsewhere the file ends there.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from connectors.formats.batch import BadRecord, UnfinishedFile, UnreadableFile
from connectors.formats.json_rows import ends_early, legible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from connectors.formats.json_rows import ObjectDecoder, Row

READ_AT_LEAST = 1 << 20
LONGEST_VALUE = 64 * 1024 * 1024
"""Characters; a longer value is no record."""
_NO_BEGINNING = ("", ",", ":", "]", "}")
_SPACE = re.compile(r"[ \t\n\r]*")


class BrokenValue(Exception):
    """What stands here is no JSON value; the message says what is wrong."""


class JsonText:
    """A text, the part of it that is held, and the place in that part that is read next."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.held = text.read(READ_AT_LEAST).removeprefix("\ufeff")
        self.at = 0

    def more(self) -> bool:
        """Read on, at least as much again as is held; return whether there was more."""
        self.held = self.held[self.at :]
        self.at = 0
        further = self._text.read(max(READ_AT_LEAST, len(self.held)))
        self.held += further
        return bool(further)

    def skip_space(self) -> str:
        """Go past white space and return it."""
        skipped = ""
        while True:
            space = _SPACE.match(self.held, self.at)
            if space:
                skipped += space[0]
                self.at = space.end()
            if self.at < len(self.held) or not self.more():
                return skipped

    def next(self) -> str:
        """Return the next character, "" at the end, without going past it."""
        if self.at == len(self.held):
            self.more()
        return self.held[self.at : self.at + 1]

    def past(self, character: str, where: str) -> None:
        """Go past this character, and white space before it; raises UnreadableFile where another one stands."""
        self.skip_space()
        found = self.next()
        if found != character:
            raise self.unexpected(where, repr(character))
        self.at += 1

    def unexpected(self, where: str, expected: str) -> UnreadableFile:
        """Return the error for the next character, which is not what JSON has there."""
        found = self.next()
        kind = UnreadableFile if found else UnfinishedFile
        return kind(f"it is no JSON: {where}, expected {expected}, found {found!r}")

    def value(self, decoder: ObjectDecoder, where: str) -> tuple[Any, str]:
        """Return the value that comes next, and its text; raises BrokenValue, and UnfinishedFile at the end."""
        if self.next() in _NO_BEGINNING:
            raise self.unexpected(where, "a value")
        while True:
            try:
                value, end = decoder.decode_from(self.held, self.at)
            except json.JSONDecodeError as error:
                if not ends_early(error):
                    raise BrokenValue(f"{error.msg} at its character {error.pos - self.at + 1}") from error
                self._check_length()
                if self.more():
                    continue
                raise UnfinishedFile(f"it is no JSON: it ends in the middle of {where}: {error.msg}") from error
            if end < len(self.held):
                raw, self.at = self.held[self.at : end], end
                return value, raw
            # A number at the very end of what is held may go on in what is not read yet.
            if not self.more():
                raw, self.at = self.held, len(self.held)
                return value, raw

    def _check_length(self) -> None:
        if len(self.held) - self.at > LONGEST_VALUE:
            raise UnreadableFile(
                f"it has a value of more than {LONGEST_VALUE:,} characters: a text that is never closed, or the list "
                "of its records is further inside: say where with options.records"
            )

    def find(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return where a pattern is found next, within the length that a value may have."""
        while True:
            found = pattern.search(self.held, self.at)
            # What was found may go on in what is not read yet.
            too_long = len(self.held) - self.at > LONGEST_VALUE
            if (found and found.end() < len(self.held)) or too_long or not self.more():
                return pattern.search(self.held, self.at)


def elements(text: JsonText, decoder: ObjectDecoder) -> Iterator[Row | BadRecord]:
    """Yield the elements of the array that starts here as rows or bad records, and go past its end."""
    layout = _Layout()
    text.at += 1
    number = 0
    while True:
        space = text.skip_space()
        if number == 0 and text.next() == "]":
            break
        number += 1
        try:
            value, raw = text.value(decoder, f"element {number}")
        except BrokenValue as problem:
            yield layout.broken(text, space, number, str(problem))
        else:
            yield decoder.row(value, number, raw)
            layout.look_at(space, raw)
        text.skip_space()
        follows = text.next()
        if follows not in (",", "]"):
            raise text.unexpected(f"after element {number}", "',' or ']'")
        if follows == "]":
            break
        text.at += 1
    text.at += 1


class _Layout:
    """How far in the elements of an array begin, as long as all of them are laid out alike."""

    def __init__(self) -> None:
        self._indent: str | None = None
        self._alike = True
        self._not_further_in = re.compile("")

    def look_at(self, space: str, raw: str) -> None:
        """Take an element: the white space before it, and its text."""
        if not self._alike:
            return
        if self._indent is None:
            self._indent = _indent(space)
            self._not_further_in = re.compile(rf"\n(?!{self._indent or ''}(?:[ \t]|[}}\]]+$))")
        self._alike = _indent(space) == self._indent is not None
        if self._alike and "\n" in raw:
            self._alike = self._not_further_in.search(raw) is None

    def broken(self, text: JsonText, space: str, number: int, problem: str) -> BadRecord:
        """Return the element that begins here as a bad record, and go past it; raises UnreadableFile."""
        end = None
        if self._alike and self._indent is not None and _indent(space) == self._indent and text.next() == "{":
            shorter = rf"[ \t]{{0,{len(self._indent) - 1}}}" if self._indent else ""
            end = text.find(re.compile(rf",?[ \t\r\n]*\n{self._indent}(?=\{{)|\s*\n{shorter}(?=\])"))
        if end is None:
            raise UnreadableFile(
                f"it is no JSON: element {number}: {problem}; where that element ends cannot be told for certain; mend "
                "it, or deliver JSON lines, where a broken record costs itself alone"
            )
        raw = text.held[text.at : end.start()]
        text.at = end.start()
        return BadRecord(number, "invalid_json", problem, raw, legible(raw))


def _indent(space: str) -> str | None:
    """Return how far in something begins that this white space stands before, None where its line has more."""
    return space.rpartition("\n")[2] if "\n" in space else None
