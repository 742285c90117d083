"""An mbox: one row per message, as the plain columns that `connectors.mail` makes of it, with the line it starts on.

Keeps: every message is a row or a bad record; lists stand in their column as JSON.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO

from connectors.formats.batch import BadRecord, Batch, EmptyFile, FileFormat, line_numbers, text_table
from connectors.mail.columns import MAIL_COLUMNS, mail_columns
from connectors.mail.message import parse_message
from connectors.mail.own_addresses import own_addresses
from connectors.mail.split_mbox import split_mbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.mail.own_addresses import OwnAddresses
    from connectors.mail.split_mbox import RawMessage
    from warehouse.settings import SourceSettings

LARGEST_MESSAGE = 64 * 1024 * 1024
"""Bytes; a larger one is quarantined."""
MESSAGES_PER_BATCH = 2_000

_JSON = json.JSONEncoder(ensure_ascii=False)

Row = dict[str, str | None]


def read(stream: BinaryIO, source: SourceSettings) -> Iterator[Batch]:
    """Yield the messages of an mbox; raises EmptyFile where there is none."""
    own = own_addresses(source.own_addresses)
    found: list[tuple[int, Row | BadRecord]] = []
    empty = True
    for message in split_mbox(stream, LARGEST_MESSAGE):
        empty = False
        found.append((message.line, _row(message, own)))
        if len(found) == MESSAGES_PER_BATCH:
            yield _batch(found)
            found = []
    if empty:
        raise EmptyFile("it holds no message")
    yield _batch(found)


def _row(raw: RawMessage, own: OwnAddresses) -> Row | BadRecord:
    message = parse_message(raw.raw, from_mbox=True, problem=raw.problem)
    row = {name: value if value is None else _text(value) for name, value in mail_columns(message, own).items()}
    problem = row["problem"]
    if problem is None:
        return row
    return BadRecord(raw.line, "unreadable_mail", problem, raw.raw.decode(errors="replace"), row)


def _text(value: str | list[str]) -> str:
    text = value if isinstance(value, str) else _JSON.encode(value)
    return text.encode(errors="backslashreplace").decode() if not text.isascii() else text


def _batch(found: list[tuple[int, Row | BadRecord]]) -> Batch:
    rows = [(line, row) for line, row in found if isinstance(row, dict)]
    columns = [[row[name] for _, row in rows] for name in MAIL_COLUMNS]
    bad = tuple(record for _, record in found if isinstance(record, BadRecord))
    return Batch(text_table(MAIL_COLUMNS, columns), line_numbers([line for line, _ in rows]), bad)


MBOX = FileFormat("mbox", read)
