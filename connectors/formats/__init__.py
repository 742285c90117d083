"""Formats: bytes to rows of text, one module per value of `format:` in joinedup.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.formats.delimited import DELIMITED
from connectors.formats.eml import EML
from connectors.formats.json_document import JSON_DOCUMENT
from connectors.formats.jsonl import JSON_LINES
from connectors.formats.maildir import MAILDIR
from connectors.formats.mbox import MBOX
from connectors.formats.parquet import PARQUET
from connectors.formats.sql import SQL
from connectors.formats.xlsx import XLSX

if TYPE_CHECKING:
    from connectors.formats.batch import FileFormat

FORMATS: tuple[FileFormat, ...] = (DELIMITED, JSON_LINES, JSON_DOCUMENT, PARQUET, XLSX, MBOX, MAILDIR, EML, SQL)
"""Every format that can be read; a new one is one module and one entry here."""


def find_format(name: str) -> FileFormat | None:
    """Return the format called `name`, None where this version does not read it."""
    return next((known for known in FORMATS if known.name == name), None)
