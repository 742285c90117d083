"""The text of one quarantined record, read again by its format's own reader under the options of tonight.

READS: texts. WRITES: nothing. Keeps: what it gives is what the record's file would give at that place; a text that does
not say enough by itself (a header's order, bytes that are no text) is not read again.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from connectors.formats import find_format
from connectors.formats.batch import BadRecord, UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from warehouse.settings import SourceSettings

    Row = dict[str, str | None]
    AsFile = Callable[[str, int, SourceSettings], bytes]

_FROM_LINE = "From - Thu Jan  1 00:00:00 1970\n"
_ALONE = {"encoding": "utf-8", "header": True, "skip_rows": 0, "skip_footer": 0, "records": None}
"""The options by which one record is a file of its own; what parts its fields stays as it is declared."""
_PRIVATE = 0xE000
"""Where the characters begin that Unicode leaves to others: a header made of them is no row of anybody's."""


def _below_a_header(text: str, _line: int, source: SourceSettings) -> bytes:
    delimiter = source.options.delimiter.replace("\\t", "\t")
    header = delimiter.join(chr(_PRIVATE + place) for place in range(len(source.options.columns)))
    return f"{header}\n{text}\n".encode()


def _as_a_line(text: str, _line: int, _source: SourceSettings) -> bytes:
    return f"{text}\n".encode()


def _as_an_element(text: str, _line: int, _source: SourceSettings) -> bytes:
    return f"[{text}]".encode()


def _as_a_mailbox(text: str, _line: int, _source: SourceSettings) -> bytes:
    return f"{_FROM_LINE}{text}\n".encode()  # the reader takes one blank line away, which stands after each message


def _as_a_mail(text: str, line: int, source: SourceSettings) -> bytes:
    """Give back the `From ` line that a file of one mail may begin with; the mail is then written as in a mailbox."""
    return _as_a_mailbox(text, line, source) if line > 1 else text.encode()


_AS_FILE: dict[str, AsFile] = {
    "csv": _below_a_header,
    "jsonl": _as_a_line,
    "json": _as_an_element,
    "mbox": _as_a_mailbox,
    "eml": _as_a_mail,
    "maildir": _as_a_mail,
}
"""By format: the bytes of a file that holds just this record, which stood on that line."""


def can_reread(source: SourceSettings) -> bool:
    """Say whether a record of the source's format can be read again from its text."""
    return source.format in _AS_FILE


def reread(
    text: str, line: int, columns: Sequence[str], source: SourceSettings
) -> Iterator[tuple[int, Row | BadRecord]]:
    """Yield what the text of a record gives, with the line of each; nothing where it gives neither row nor reason.

    `line` is where it began in its file, `columns` the names of that file's columns, in their order.
    """
    file_format = find_format(source.format)
    if file_format is None or not can_reread(source) or (source.format == "csv" and not columns):
        return
    options = source.options.model_copy(update={**_ALONE, "columns": source.options.columns or tuple(columns)})
    alone = source.model_copy(update={"options": options})
    found: list[tuple[int, Row | BadRecord]] = []
    try:
        for batch in file_format.read(BytesIO(_AS_FILE[source.format](text, line, alone)), alone):
            found += zip(map(int, batch.lines.to_numpy()), batch.rows.to_pylist(), strict=True)
            found += [(bad.line, bad) for bad in batch.bad]
    except UnreadableFile:
        return
    first = min((at for at, _ in found), default=0)
    yield from ((line + at - first, record) for at, record in found)
