"""Checks of one source: what its parts say together has to make sense."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from warehouse.settings.expression_checks import check_expressions
from warehouse.settings.messages import Mistake, nearest
from warehouse.settings.place_checks import check_place
from warehouse.settings.sources import IDENTITY_ATTRIBUTES, LIST_ATTRIBUTES, OPEN_ATTRIBUTES
from warehouse.tables.care import CHANNELS, PURPOSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.settings.sources import SourceSettings

READ_NOW = ("csv", "jsonl", "json", "parquet", "xlsx", "mbox", "maildir", "eml", "sql")
MAIL = ("mbox", "maildir", "eml")
NOBODYS = ("campaign", "inventory", "known_issue")
"""What may stand without any field that says whose it is."""
OPTIONS = {
    "csv": ("delimiter", "quote", "escape", "encoding", "header", "skip_rows", "skip_footer", "nulls", "columns"),
    "jsonl": ("encoding", "nulls"),
    "json": ("encoding", "nulls", "records"),
    "parquet": ("nulls",),
    "xlsx": ("header", "skip_rows", "skip_footer", "nulls", "columns", "sheets"),
    "mbox": (),
    "maildir": (),
    "eml": (),
    "sql": ("query", "watermark", "look_back", "nulls"),
}
"""The options that a format has; what is read from a file at a URL has `storage` too."""
_CONSENT = "extra.consent_"
_CONSENTS = tuple(f"{_CONSENT}{purpose}_{channel}" for purpose in PURPOSES for channel in CHANNELS)
_SOURCE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_OPEN_NAME = re.compile(r"[A-Za-z0-9_]+")


def check_source(name: str, source: SourceSettings, sources: tuple[str, ...]) -> Iterator[Mistake]:
    """Yield the mistakes of one source, with paths in it; `sources` are the names of all."""
    if not _SOURCE_NAME.fullmatch(name):
        yield Mistake((), f"'{name}' is no name for a source; allowed: letters, digits and _, a letter first")
    if source.format not in READ_NOW:
        listed = ", ".join(READ_NOW)
        yield Mistake(("format",), f"this version reads {listed}, and not yet {source.format}: export one of those")
        return
    yield from _check_options(source)
    yield from check_place(source)
    yield from _check_key(source)
    yield from _check_fields(source)
    yield from check_expressions(source)
    yield from _check_status(source)
    for index, link in enumerate(source.links):
        if link.source not in sources:
            yield Mistake(("links", index, "source"), f"no source {link.source}; {nearest(link.source, sources)}")


def _check_options(source: SourceSettings) -> Iterator[Mistake]:
    allowed = OPTIONS[source.format]
    for name in sorted(source.options.model_fields_set):
        if name not in allowed and (name != "storage" or source.format == "sql"):
            listed = ", ".join(allowed) or "none"
            yield Mistake(("options", name), f"{source.format} has no such option; allowed: {listed}")
    try:
        "".encode(source.options.encoding)
        codecs.lookup(source.options.encoding)
    except (LookupError, UnicodeError):
        problem = f"'{source.options.encoding}' is no encoding; allowed: such as utf-8, cp1252, latin-1, utf-16"
        yield Mistake(("options", "encoding"), problem)
    if source.format in ("csv", "xlsx") and not source.options.header and not source.options.columns:
        yield Mistake(("options", "header"), "without a header, name the columns, as in columns: [id, name]")


def _check_key(source: SourceSettings) -> Iterator[Mistake]:
    if source.format in MAIL:
        for name in ("key", "updated_at", "deleted"):
            if name in source.model_fields_set:
                yield Mistake((name,), "a mail is known by its Message-ID and never changes; take the key out")
        if source.rows == "lines":
            yield Mistake(("rows",), "a mail is one record; take the key out")
        return
    columns = source.key if isinstance(source.key, tuple) else source.key.hash
    if not columns:
        yield Mistake(
            ("key",), "missing: name the column that knows a record, a list of columns, or {hash: [column, …]}"
        )
    if len(set(columns)) < len(columns):
        yield Mistake(("key",), "a column is named twice")


def _check_fields(source: SourceSettings) -> Iterator[Mistake]:
    for name, expressions in source.fields.items():
        prefix = next((prefix for prefix in OPEN_ATTRIBUTES if name.startswith(prefix)), None)
        if prefix and not _OPEN_NAME.fullmatch(name.removeprefix(prefix)):
            yield Mistake(("fields", name), f"'{name}' is no name; allowed after {prefix}: letters, digits and _")
        if name.startswith(_CONSENT) and _is_mistaken_consent(name.lower()):
            yield Mistake(("fields", name), f"no such consent; {nearest(name, _CONSENTS)}")
        if not prefix and name not in IDENTITY_ATTRIBUTES:
            problem = nearest(name, (*IDENTITY_ATTRIBUTES, "identifier.<name>", "extra.<name>"))
            yield Mistake(("fields", name), f"unknown attribute; {problem}")
        if not expressions:
            yield Mistake(("fields", name), "found an empty list; allowed: a column's name or an expression")
        if len(expressions) > 1 and not prefix and name not in LIST_ATTRIBUTES:
            listed = ", ".join(LIST_ATTRIBUTES)
            problem = f"only {listed} may be a list; allowed: one column or expression, such as {{first: [a, b]}}"
            yield Mistake(("fields", name), problem)
    tied = source.fields or source.links or source.activity.about
    if not tied and source.format not in MAIL and source.holds not in NOBODYS:
        problem = f"missing: say whose a record is ({', '.join(IDENTITY_ATTRIBUTES[:8])}, …), or give `links`"
        yield Mistake(("fields",), problem)


def _is_mistaken_consent(name: str) -> bool:
    """Return whether a name is meant to say what customers agree to, by its purpose or channel, and says it wrongly."""
    words = name.removeprefix(_CONSENT).split("_")
    known = name in _CONSENTS or (len(words) == 1 and words[0] in PURPOSES)
    return not known and (words[0] in PURPOSES or words[-1] in CHANNELS)


def _check_status(source: SourceSettings) -> Iterator[Mistake]:
    status = source.activity.status
    if status is None:
        return
    seen: dict[str, str] = {}
    for name in ("open", "closed", "cancelled"):
        for value in getattr(status, name):
            folded = value.strip().lower()
            if seen.setdefault(folded, name) != name:
                yield Mistake(("activity", "status", name), f"'{value}' is under {seen[folded]} too; keep one of them")
