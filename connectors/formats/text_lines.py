"""A file's bytes as lines of text: any codec, any of the three line ends, with exact line numbers.

Keeps: every line is given once with its line end; a byte that the declared encoding does not know stops the file; at
most one block and one line are in memory.
"""

from __future__ import annotations

import codecs
import io
from typing import TYPE_CHECKING, BinaryIO

from connectors.formats.batch import UnfinishedFile, UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BLOCK_BYTES = 8 * 1024 * 1024
LONGEST_LINE = 64 * 1024 * 1024
"""Characters; what is longer has most likely no line ends at all."""
_CUT_OFF = ("unexpected end of data", "truncated data", "incomplete multibyte sequence")
"""What Python's codecs say of bytes that end within a character."""
_SHOWN_BYTES = 4
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""The longer first: the mark of utf-32-le begins like that of utf-16-le."""
_PACKED = (
    (b"\x1f\x8b", "it is packed by gzip: let its name end in .gz"),
    (b"PK\x03\x04", "it is a zip archive or a workbook: unpack it, or say what it is with `format`"),
    (b"PAR1\x15", "it is a Parquet file: say so with `format: parquet`"),
)
_WITHOUT_MARK = {"utf-16": ("utf-16-le", "utf-16-be"), "utf-32": ("utf-32-le", "utf-32-be")}


def text_blocks(stream: BinaryIO, encoding: str) -> Iterator[list[str]]:
    """Yield lists of lines with their line ends; a byte order mark is left out.

    Raises UnreadableFile with the line of the first byte that is not in `encoding`, and for a line without end.
    """
    return map(split_lines, whole_lines(stream, encoding))


def whole_lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield texts of many whole lines each, like `text_blocks`."""
    begun: list[str] = []
    lines_before = 0
    for text, error in _decoded(stream, encoding):
        cut = _end_of_lines(text)
        if cut:
            block = "".join([*begun, text[:cut]])
            begun = []
            lines_before += count_lines(block)
            yield block
        begun.append(text[cut:])
        if error is not None:
            line = lines_before + count_lines("".join(begun) + ".")
            if isinstance(error, UnicodeDecodeError) and error.reason in _CUT_OFF:
                message = (
                    f"line {line} cannot be decoded as {encoding}: it ends in the middle of a character, so it is cut "
                    "off or still being written"
                )
                raise UnfinishedFile(message) from error
            raise UnreadableFile(_undecodable(error, encoding, line)) from error
        if sum(map(len, begun)) > LONGEST_LINE:
            message = (
                f"line {lines_before + 1} is longer than {LONGEST_LINE:,} characters: check that its format and "
                "encoding are as joinedup.yaml says, and ask for an export with one record per line"
            )
            raise UnreadableFile(message)
    if rest := "".join(begun):
        yield rest


def split_lines(text: str) -> list[str]:
    r"""Return the lines of a text, each with its end: `\n`, `\r\n` or `\r`."""
    return io.StringIO(text, newline="").readlines()


def count_lines(text: str) -> int:
    """Return how many lines `split_lines` would give."""
    ends = text.count("\n")
    if "\r" in text:
        ends += text.count("\r") - text.count("\r\n")
    return ends + (not text.endswith(("\n", "\r"))) if text else 0


def without_footer(blocks: Iterable[str], lines: int) -> Iterator[str]:
    """Yield the blocks without the last `lines` lines that are not blank, nor what stands between and after them."""
    if lines == 0:
        yield from blocks
        return
    held: list[str] = []
    for block in blocks:
        held += split_lines(block)
        start = _start_of_footer(held, lines)
        if start:
            yield "".join(held[:start])
            held = held[start:]


def _decoded(stream: BinaryIO, encoding: str) -> Iterator[tuple[str, UnicodeError | None]]:
    """Yield decoded texts; the last one with what is wrong behind it, where something is."""
    first = stream.read(BLOCK_BYTES)
    codec = _checked_encoding(first, encoding)
    decoder = codecs.getincrementaldecoder(codec)()
    chunk, is_first = first, True
    while True:
        ahead = stream.read(BLOCK_BYTES) if chunk else b""
        text = ""
        try:
            text = decoder.decode(chunk, final=not ahead)
            if not codec.lower().startswith("utf-8"):
                text.encode()  # some codecs, such as utf-7, give halves of characters
        except UnicodeDecodeError as error:
            yield error.object[: error.start].decode(codec, "replace").removeprefix("\ufeff"), error
            return
        except UnicodeError as error:
            yield text[: error.start] if isinstance(error, UnicodeEncodeError) else "", error
            return
        yield text.removeprefix("\ufeff") if is_first else text, None
        if not ahead:
            return
        chunk, is_first = ahead, False


def _checked_encoding(first: bytes, encoding: str) -> str:
    """Return the codec to read with; raises UnreadableFile where the first bytes say that it is another one."""
    for magic, what in _PACKED:
        if first.startswith(magic):
            raise UnreadableFile(what)
    family = codecs.lookup(encoding).name
    mark = next((name for bytes_, name in _MARKS if first.startswith(bytes_)), None)
    if mark is not None and not family.startswith(mark):
        message = (
            f"line 1 cannot be decoded as {encoding}: the file begins with the byte order mark of {mark}; "
            f"set options.encoding to {mark}"
        )
        raise UnreadableFile(message)
    if mark is None and family in _WITHOUT_MARK:
        # Of the two orders the right one has the zeros of its ASCII characters in the high bytes.
        width = 2 if family == "utf-16" else 4
        little, big = _WITHOUT_MARK[family]
        return big if first[0::width].count(0) > first[width - 1 :: width].count(0) else little
    return encoding


def _end_of_lines(text: str) -> int:
    r"""Return where the last whole line ends; a `\r` at the very end may be half of a line end."""
    return max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)) + 1


def _start_of_footer(lines: list[str], wanted: int) -> int:
    """Return the index of the `wanted`-th line from the end that is not blank, 0 where there are fewer."""
    for index in range(len(lines) - 1, -1, -1):
        wanted -= bool(lines[index].strip())
        if wanted == 0:
            return index
    return 0


def _undecodable(error: UnicodeError, encoding: str, line: int) -> str:
    found = str(error)
    if isinstance(error, UnicodeDecodeError):
        found = f"bytes {error.object[error.start : error.start + _SHOWN_BYTES].hex(' ')}: {error.reason}"
    return (
        f"line {line} cannot be decoded as {encoding} ({found}); set options.encoding to what the export is written in"
    )
