"""Values that are longer than any field of a record: their rows become bad records.

Keeps: what a format reads into memory is cut there; no longer value goes on to where all rows of a source lie together.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow.compute

from connectors.formats.batch import BadRecord
from connectors.formats.delimited import LONGEST_RAW
from connectors.formats.dialect import LONGEST_FIELD

if TYPE_CHECKING:
    from connectors.formats.batch import Batch

_SHOWN_CHARACTERS = 1000

pc: Any = pyarrow.compute  # its stubs know too few of the types that its functions take


def without_long_values(batch: Batch) -> Batch:
    """Return the batch with rows that have a value of more than LONGEST_FIELD bytes among its bad records.

    Of bad records that are longer than LONGEST_RAW the beginning is kept.
    """
    batch = replace(batch, bad=tuple(map(_shortened, batch.bad)))
    keep = None
    for column in batch.rows.columns:
        lengths = pc.binary_length(column)
        if (pc.max(lengths).as_py() or 0) > LONGEST_FIELD:
            fits = pc.fill_null(pc.less_equal(lengths, LONGEST_FIELD), fill_value=True)
            keep = fits if keep is None else pc.and_(keep, fits)
    if keep is None:
        return batch
    long = pc.invert(keep)
    rows, lines = batch.rows.filter(long).to_pylist(), batch.lines.filter(long).to_pylist()
    bad = [_bad(line, row) for line, row in zip(lines, rows, strict=True)]
    together = tuple(sorted((*batch.bad, *bad), key=lambda record: record.line))
    return replace(batch, rows=batch.rows.filter(keep), lines=batch.lines.filter(keep), bad=together)


def _shortened(bad: BadRecord) -> BadRecord:
    if len(bad.raw) <= LONGEST_RAW:
        return bad
    detail = f"{bad.detail}; of its {len(bad.raw):,} characters the first {LONGEST_RAW:,} are kept here"
    fields = {name: None if value and len(value) > LONGEST_RAW else value for name, value in bad.fields.items()}
    return replace(bad, detail=detail, raw=bad.raw[:LONGEST_RAW], fields=fields, whole=False)


def _bad(line: int | None, row: dict[str, str | None]) -> BadRecord:
    names = [name for name, value in row.items() if value and len(value.encode()) > LONGEST_FIELD]
    fields = {name: None if name in names else value for name, value in row.items()}
    detail = f"the value of {names[0]!r} has more than {LONGEST_FIELD:,} bytes; shorten it in the export"
    shown = {name: value and value[:_SHOWN_CHARACTERS] for name, value in row.items()}
    return BadRecord(line or 0, "field_too_long", detail, json.dumps(shown, ensure_ascii=False), fields, whole=False)
