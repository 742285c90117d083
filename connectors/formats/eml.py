"""Mails in files of their own: one row per file, a bad record for a file that is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from connectors.formats.batch import Batch, FileFormat
from connectors.formats.mail_rows import LARGEST_MESSAGE, mail_batch, mail_row
from connectors.mail.own_addresses import own_addresses
from connectors.mail.split_mbox import read_single

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.settings import SourceSettings


def read(stream: BinaryIO, source: SourceSettings) -> Iterator[Batch]:
    """Yield the one message of a file."""
    own = own_addresses(source.own_addresses)
    single = read_single(stream, LARGEST_MESSAGE)
    yield mail_batch([mail_row(single.raw, own, from_mbox=single.line > 1, problem=single.problem)])


EML = FileFormat("eml", read, single=True)
