"""Checks of where a source's records are: what a database is asked, and what an object store is given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from warehouse.settings.messages import Mistake, show
from warehouse.settings.secrets import SECRET, mask_url
from warehouse.settings.sources import KeyHash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.settings.sources import SourceSettings

_SELECT = re.compile(r"(\s|--[^\n]*\n|/\*.*?\*/|\()*(select|with|values|table)\b", re.IGNORECASE | re.DOTALL)


def check_place(source: SourceSettings) -> Iterator[Mistake]:
    """Yield the mistakes in what says where the records are, and from where on they are new."""
    is_url = "://" in source.files or SECRET.match(source.files) is not None
    if source.format == "sql":
        if not is_url:
            example = "postgresql://reader:${SHOP_PASSWORD}@db.example/shop or sqlite:///exports/shop.db"
            yield Mistake(
                ("files",), f"found {show(mask_url(source.files))}; allowed: a database's URL, as in {example}"
            )
        if source.take == "latest":
            yield Mistake(("take",), "a query's rows are one delivery; take the key out")
        yield from _check_query(source)
    elif source.options.storage and not is_url:
        yield Mistake(("options", "storage"), "it is for files at a URL, as in s3://bucket/orders*.csv; take it out")


def _check_query(source: SourceSettings) -> Iterator[Mistake]:
    options = source.options
    if options.query is None:
        yield Mistake(("options", "query"), "missing: the SELECT whose rows are the records")
    elif not _SELECT.match(options.query):
        yield Mistake(("options", "query"), f"found {show(options.query)}; allowed: one SELECT")
    if options.watermark is None:
        if options.look_back is not None:
            yield Mistake(
                ("options", "look_back"), "it is from the watermark that one looks back; name `watermark` too"
            )
        return
    if source.load == "full":
        problem = "a full load reads all rows; allowed with load: incremental"
        yield Mistake(("options", "watermark"), problem)
    if source.rows == "lines" and isinstance(source.key, KeyHash):
        problem = (
            "with rows: lines, all lines of a record are read again by its key; allowed: key as a column or columns"
        )
        yield Mistake(("options", "watermark"), problem)
