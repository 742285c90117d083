"""A Maildir: folders in which each file of `cur` and `new` is one mail, also those of its subfolders (`.Sent/cur`)."""

from __future__ import annotations

from connectors.formats import eml
from connectors.formats.batch import FileFormat

_NOT_HIDDEN = "[!.]*"
"""What a delivery that was cut short leaves in `tmp`, and what other programs keep beside the mails, is no mail."""

MAILDIR = FileFormat(
    "maildir",
    eml.read,
    inside=(f"cur/{_NOT_HIDDEN}", f"new/{_NOT_HIDDEN}"),
    single=True,
)
