"""Splits an mbox into its messages, byte for byte, as a stream.

READS a binary stream. WRITES nothing. Keeps: every byte after the first `From ` line is in exactly one message, is a
`From ` line, or is the one blank line that ends a message; memory is bounded by the cap on one message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_READ_AT_MOST = 65_536
_KEEP_OF_OVERSIZE = 65_536
_LONGEST_FROM_LINE = 512
_LOOK_AHEAD = 2 * _LONGEST_FROM_LINE
"""Bytes behind the beginning of a `From ` line that decide on it: the line itself, and the name of a field after it."""
_LOOK_BEHIND = 3
"""Bytes before it that do: the end of a line and a blank line; before the first line they are made up."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WEEKDAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_TIME = rb"\d{1,2}:\d{2}(?::\d{2})?"
_ZONE = rb"(?: +[A-Z]{1,5}| +[+-]\d{4})?"
_DATED = re.compile(
    rb"From \S.*? +"
    + (rb"(?:%b,? +%b +\d{1,2} +%b%b +\d{4}%b" % (_WEEKDAY, _MONTH, _TIME, _ZONE, _ZONE))
    + (rb"|%b,? +\d{1,2} +%b +\d{4} +%b%b)" % (_WEEKDAY, _MONTH, _TIME, _ZONE))
    + rb"(?: remote from \S+)?[ \t]*\r?\n?\Z",
    re.IGNORECASE,
)
_UNDATED = re.compile(rb"From (?:\S+@\S+|-)[ \t]*\r?\n?\Z")
_HEADER_FIELD = re.compile(rb"[!-9;-~]{1,76}:")
_CONTENT_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,10})[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_BLANK_LINES = re.compile(rb"(?:\r?\n){0,2}")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message as it stands in its file.

    `line` is the number of its `From ` line (from 1), `size` its length in bytes. Where `problem` is set the message
    cannot be landed: `raw` then holds its beginning only (if it was too large), enough to read its header.
    """

    line: int
    raw: bytes
    size: int
    problem: str | None = None


@dataclass(slots=True)
class _Collector:
    """The message that is being read; stops keeping bytes once it is larger than allowed."""

    line: int
    max_bytes: int
    stray: bool = False
    size: int = 0
    chunks: list[bytes] = field(default_factory=list)

    def add(self, chunk: bytes) -> None:
        """Take the next bytes of the message."""
        if self.size <= self.max_bytes < self.size + len(chunk):
            head = b"".join([*self.chunks, chunk])
            self.chunks = [head[: min(_KEEP_OF_OVERSIZE, self.max_bytes)]]
        elif self.size <= self.max_bytes:
            self.chunks.append(chunk)
        self.size += len(chunk)

    def finish(self) -> RawMessage:
        """Return the message, less the blank line that an mbox puts after each."""
        raw = b"".join(self.chunks)
        if self.size > self.max_bytes:
            problem = f"message of {self.size} bytes is larger than the {self.max_bytes} bytes allowed"
            return RawMessage(self.line, raw, self.size, problem)
        raw = _without_last_blank_line(raw)
        return RawMessage(self.line, raw, len(raw), "text before the first 'From ' line" if self.stray else None)


def split_mbox(stream: BinaryIO, max_bytes: int) -> Iterator[RawMessage]:
    """Yield each message of an mbox without its `From ` line, in the order of the file.

    A line that begins with `From ` starts a message when it is the first line, or follows a blank line and either ends
    in a date or names an address and stands before a header field; not within the Content-Length of a message, as long
    as every message's is right. A message of more than `max_bytes` bytes is yielded
    with a problem and its beginning only. Text before the first `From ` line is yielded as a message with a problem.
    """
    current: _Collector | None = None
    line = 1
    for content, from_line in _stretches(stream, max_bytes):
        if current is not None:
            current.add(content)
        elif said := content.lstrip():
            blank = content[: content.rfind(b"\n", 0, len(content) - len(said)) + 1]
            current = _Collector(line + blank.count(b"\n"), max_bytes, stray=True)
            current.add(content[len(blank) :])
        line += content.count(b"\n")
        if from_line:
            if current is not None:
                yield current.finish()
            current = _Collector(line, max_bytes)
            line += from_line.count(b"\n")
    if current is not None:
        yield current.finish()


def read_single(stream: BinaryIO, max_bytes: int) -> RawMessage:
    """Return the one message of a file; a `From ` line before it, which some programs write there too, is left out.

    `line` is then 2, and the message as an mbox has it. A file that goes on with a further `From ` line has a problem.
    """
    raw = stream.read(max_bytes + 1)
    if len(raw) > max_bytes:
        problem = f"message is larger than the {max_bytes} bytes allowed"
        return RawMessage(1, raw[: min(_KEEP_OF_OVERSIZE, max_bytes)], len(raw), problem)
    if not raw.removeprefix(_BYTE_ORDER_MARK).startswith(b"From "):
        return RawMessage(1, raw, len(raw), None if raw else "it is empty: 0 bytes")
    messages = list(split_mbox(BytesIO(raw), max_bytes))
    if len(messages) > 1:
        problem = f"it is an mbox of {len(messages)} messages: give the file to a source of format mbox"
        return RawMessage(1, raw, len(raw), problem)
    return RawMessage(2, messages[0].raw, messages[0].size, messages[0].problem)


def unquote_from_lines(raw: bytes) -> bytes:
    """Take back what an mbox writer does to lines that begin with `From `: one `>` before them goes (mboxrd)."""
    return _QUOTED_FROM.sub(rb"\1", raw) if b">From " in raw else raw


def _stretches(stream: BinaryIO, max_bytes: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield (bytes, the separating `From ` line that ends them); it is empty where a block ends and they go on.

    Blocks are searched as a whole: to look at each line of a large mailbox takes longer than all else done here. Where
    every message says how long it is (mboxcl), no line within that length separates.
    """
    block = stream.read(_READ_AT_MOST)
    data, done, at_start = b"\n" * _LOOK_BEHIND + block.removeprefix(_BYTE_ORDER_MARK), _LOOK_BEHIND, True
    said, trusted = 0, True
    while True:
        until = len(data) - (_LOOK_AHEAD if block else 0)
        looked_at = done
        while 0 < (start := data.find(b"\nFrom ", max(looked_at, said) - 1) + 1) < until:
            looked_at = data.find(b"\n", start) + 1 or len(data)
            if (at_start and start == _LOOK_BEHIND) or _separates(data, start, looked_at):
                yield data[done:start], data[start:looked_at]
                done, at_start = looked_at, False
                if trusted and (said := _said_end(data, done, max_bytes)):
                    if (lacking := said + _LOOK_AHEAD - len(data)) > 0 and block:
                        block = stream.read(max(lacking, _READ_AT_MOST))
                        data += block
                        until = len(data) - (_LOOK_AHEAD if block else 0)
                    trusted = _ends_at(data, said, at_end=not block)
                    said = said if trusted else 0
        if done < until:
            yield data[done:until], b""
            done, at_start = until, False
        if not block:
            return
        block = stream.read(_READ_AT_MOST)
        said = max(0, said - done + _LOOK_BEHIND)
        data, done = data[done - _LOOK_BEHIND :] + block, _LOOK_BEHIND


def _said_end(data: bytes, start: int, max_bytes: int) -> int:
    """Where the message from `start` on ends by its Content-Length; 0: it has none, -1: none may be that long."""
    lf = data.find(b"\n\n", start)
    crlf = data.find(b"\n\r\n", start, lf if lf >= 0 else len(data))
    empty = crlf if crlf >= 0 else lf
    found = _CONTENT_LENGTH.search(data, start, empty + 1) if data.find(b"ength:", start, empty) >= 0 else None
    if found is None:
        return 0
    length = int(found[1])
    return data.index(b"\n", empty + 1) + 1 + length if length <= max_bytes else -1


def _ends_at(data: bytes, end: int, *, at_end: bool) -> bool:
    """Whether a message does end there: before a dated `From ` line, or with the file."""
    place = _BLANK_LINES.match(data, end) if 0 < end <= len(data) else None
    if place is None:
        return False
    following = data[place.end() : data.find(b"\n", place.end()) + 1]
    return _DATED.match(following) is not None or (at_end and place.end() == len(data))


def _separates(data: bytes, start: int, end: int) -> bool:
    """Whether the line from `start` to `end`, which begins with `From `, starts a message."""
    if end - start > _LONGEST_FROM_LINE or not data[start - _LOOK_BEHIND : start].endswith((b"\n\n", b"\n\r\n")):
        return False
    line = data[start:end]
    return bool(_DATED.match(line) or (_UNDATED.match(line) and _HEADER_FIELD.match(data, end)))


def _without_last_blank_line(raw: bytes) -> bytes:
    for blank in (b"\r\n", b"\n"):
        if raw == blank or (raw.endswith(blank) and raw[: -len(blank)].endswith(b"\n")):
            return raw[: -len(blank)]
    return raw
