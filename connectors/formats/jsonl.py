"""JSON lines: one object per line, as text, with its line number.

Keeps: every line that is not blank is a row or a bad record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from connectors.formats.batch import BadRecord, EmptyFile, FileFormat
from connectors.formats.json_rows import ObjectDecoder, Row, ends_early, json_batch, legible
from connectors.formats.text_lines import text_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.formats.batch import Batch
    from warehouse.settings import SourceSettings


def read(stream: BinaryIO, source: SourceSettings) -> Iterator[Batch]:
    """Yield the objects of JSON lines; raises UnreadableFile where bytes cannot be decoded."""
    decoder = ObjectDecoder()
    first_line = 1
    for block in text_blocks(stream, source.options.encoding):
        lines = [(number, line) for number, line in enumerate(block, first_line) if not line.isspace()]
        found = [_row(decoder, line, number) for number, line in lines]
        yield json_batch(found, [number for number, _ in lines])
        first_line += len(block)
    if first_line == 1:
        raise EmptyFile("it is empty")


def _row(decoder: ObjectDecoder, delivered: str, number: int) -> Row | BadRecord:
    line = delivered.rstrip("\r\n")
    try:
        return decoder.row(decoder.decode(line), number, line)
    except ValueError as error:
        detail = str(error).replace("line 1 column", "column")
        cut_off = line == delivered and ends_early(error)
        return BadRecord(number, "invalid_json", detail, line, legible(line), cut_off=cut_off)
    except RecursionError:
        return BadRecord(number, "invalid_json", "nested too deeply to be read", line, legible(line))


JSON_LINES = FileFormat("jsonl", read, sparse=True)
