"""A file's bytes as lines of text: any codec, any of the three line ends, with exact line numbers.

Keeps: every line is given once with its line end; a byte that the declared encoding does not know stops the file.
"""

from __future__ import annotations

import io
import re
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from connectors.formats.batch import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES_PER_BLOCK = 50_000
_LINE_END = re.compile(r"\r\n|\n|\r")
_SHOWN_BYTES = 4


def text_blocks(stream: BinaryIO, encoding: str) -> Iterator[list[str]]:
    """Yield blocks of lines with their line ends; a byte order mark is left out.

    Raises UnreadableFile with the line of the first byte that is not in `encoding`.
    """
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    lines_before = 0
    try:
        while block := _block(text, lines_before):
            if lines_before == 0:
                block[0] = block[0].removeprefix("\ufeff")
            lines_before += len(block)
            yield block
    finally:
        text.detach()  # the stream is its opener's to close


def _block(text: io.TextIOWrapper, lines_before: int) -> list[str]:
    block: list[str] = []
    try:
        block.extend(islice(text, LINES_PER_BLOCK))
    except UnicodeDecodeError as error:
        raise UnreadableFile(_undecodable(error, lines_before + len(block))) from error
    return block


def without_footer(blocks: Iterator[list[str]], lines: int) -> Iterator[list[str]]:
    """Yield the blocks without the last `lines` lines that are not blank, nor what stands between and after them."""
    if lines == 0:
        yield from blocks
        return
    held: list[str] = []
    for block in blocks:
        held += block
        start = _start_of_footer(held, lines)
        if start:
            yield held[:start]
            held = held[start:]


def _start_of_footer(lines: list[str], wanted: int) -> int:
    """Return the index of the `wanted`-th line from the end that is not blank, 0 where there are fewer."""
    for index in range(len(lines) - 1, -1, -1):
        wanted -= bool(lines[index].strip())
        if wanted == 0:
            return index
    return 0


def _undecodable(error: UnicodeDecodeError, lines_before: int) -> str:
    before = error.object[: error.start].decode(error.encoding, "replace")
    line = lines_before + 1 + len(_LINE_END.findall(before))
    found = error.object[error.start : error.start + _SHOWN_BYTES].hex(" ")
    return (
        f"line {line} cannot be decoded as {error.encoding} (bytes {found}: {error.reason}); "
        "set options.encoding to what the export is written in"
    )
