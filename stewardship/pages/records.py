"""Records as people type them."""

from stewardship.entry import Record
from warehouse.errors import UsageError


def record_of(text: str) -> Record:
    """Return (source, source_record_id) for `SOURCE:ID`. Raises UsageError for any other text."""
    source, _, key = text.strip().partition(":")
    if not source or not key:
        raise UsageError("a record is written SOURCE:ID, as in orders:SO-1")
    return source, key
