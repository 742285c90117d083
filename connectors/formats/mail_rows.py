"""Mails as rows: the plain columns that `connectors.mail` makes of each, with the line it starts on.

Keeps: every message is a row or a bad record; lists stand in their column as JSON.
"""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import TYPE_CHECKING

from connectors.formats.batch import BadRecord, Batch, line_numbers, text_table
from connectors.mail.columns import MAIL_COLUMNS, mail_columns
from connectors.mail.message import parse_message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.mail.own_addresses import OwnAddresses

LARGEST_MESSAGE = 64 * 1024 * 1024
"""Bytes; a larger one is quarantined."""

Row = dict[str, str | None]
Found = tuple[int, Row | BadRecord]
"""The line that a message starts on, and what it gave."""


def mail_row(
    raw: bytes, own: OwnAddresses, *, line: int = 1, from_mbox: bool = False, problem: str | None = None
) -> Found:
    """Return a message's line with its row, or with a bad record where it cannot be read or has a `problem` already."""
    message = parse_message(raw, from_mbox=from_mbox, problem=problem)
    row = {name: value if value is None else _text(value) for name, value in mail_columns(message, own).items()}
    found = row["problem"]
    if found is None:
        return line, row
    text = raw.decode(errors="replace")
    whole = problem is None and text.encode() == raw
    return line, BadRecord(line, "unreadable_mail", found, text, row, whole)


def mail_batch(found: Sequence[Found]) -> Batch:
    """Return messages as one batch."""
    rows = [(line, row) for line, row in found if isinstance(row, dict)]
    columns = [[row[name] for _, row in rows] for name in MAIL_COLUMNS]
    bad = tuple(record for _, record in found if isinstance(record, BadRecord))
    return Batch(text_table(MAIL_COLUMNS, columns), line_numbers([line for line, _ in rows]), bad)


def _text(value: str | list[str]) -> str:
    text = value if isinstance(value, str) else f"[{', '.join(map(encode_basestring, value))}]"
    return text.encode(errors="backslashreplace").decode() if not text.isascii() else text
