"""An mbox: one row per message, with the line that its `From ` line stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from connectors.formats.batch import Batch, EmptyFile, FileFormat
from connectors.formats.mail_rows import LARGEST_MESSAGE, Found, mail_batch, mail_row
from connectors.mail.own_addresses import own_addresses
from connectors.mail.split_mbox import split_mbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.settings import SourceSettings

MESSAGES_PER_BATCH = 2_000
BYTES_PER_BATCH = 32 * 1024 * 1024


def read(stream: BinaryIO, source: SourceSettings) -> Iterator[Batch]:
    """Yield the messages of an mbox; raises EmptyFile where there is none."""
    own = own_addresses(source.own_addresses)
    found: list[Found] = []
    size = 0
    empty = True
    for raw in split_mbox(stream, LARGEST_MESSAGE):
        empty = False
        found.append(mail_row(raw.raw, own, line=raw.line, from_mbox=True, problem=raw.problem))
        size += len(raw.raw)
        if len(found) == MESSAGES_PER_BATCH or size >= BYTES_PER_BATCH:
            yield mail_batch(found)
            found, size = [], 0
    if empty:
        raise EmptyFile("it holds no message")
    yield mail_batch(found)


MBOX = FileFormat("mbox", read)
