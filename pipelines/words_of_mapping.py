"""What `joinedup check` prints: the first records of each source, as the mapping understands them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.words import clipped, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SHOWN_RECORDS = 2
_NAME = 19
_VALUE = 76
_TOLD_ELSEWHERE = ("name_order", "status_class", "conversation")
"""What repeats another line, or says nothing to somebody who reads a mapping."""


def mapping_page(sources: Sequence[dict[str, Any]], settings_file: str) -> str:
    """Return the page for what `connectors.preview` found in each source, as its documents."""
    return "\n".join([f"{settings_file} is in order.", *(line for found in sources for line in _source(found))])


def _source(found: dict[str, Any]) -> Iterator[str]:
    yield ""
    first, *others = found["files"] or ["no file yet"]
    more = f" and {counted(len(others), 'further file')}" if others else ""
    yield f"{found['source']} ({found['holds']}): {counted(found['rows'], 'record')} looked at in {first}{more}"
    for record in found["records"][:_SHOWN_RECORDS]:
        yield f"  {record['source_record_id']}"
        yield from _typed(record["typed"])
    unshown = len(found["records"]) - _SHOWN_RECORDS
    if unshown > 0:
        yield f"  … and {counted(unshown, 'record')} more; --json shows all"
    for bad in found["quarantined"]:
        yield f"  would be quarantined: {bad['path']}:{bad['line']}: {bad['reason']}: {bad['detail']}"


def _typed(values: dict[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if name == "items":
            yield from (f"    {'item':<{_NAME}} {clipped(_item(item), _VALUE)}" for item in value)
        elif name not in _TOLD_ELSEWHERE:
            said = _number(value) if name == "amount" else _said(value)
            kind = values.get("status_class", said) if name == "status" else said
            means = f", which means {kind}" if kind != said else ""
            yield f"    {name:<{_NAME}} {clipped(said, _VALUE)}{means}"


def _said(value: Any) -> str:  # noqa: ANN401 - any value of a typed column
    if isinstance(value, list):
        return "; ".join(_said(member) for member in value)
    if isinstance(value, dict):
        return " ".join(str(member) for name, member in value.items() if name != "exclusive")
    return str(value)


def _item(item: dict[str, Any]) -> str:
    """Return a line of an order as `2 of MG-1, Mug, 29.00`."""
    quantity, *others = (item.get(name) for name in ("quantity", "sku", "description", "amount"))
    *told, amount = others
    parts = [*told, _number(amount) if amount else None]
    count = f"{_number(quantity)} of " if quantity else ""
    return count + ", ".join(str(part) for part in parts if part is not None)


def _number(text: str) -> str:
    """Return a number without the zeros at its end that say nothing."""
    whole, point, fraction = text.partition(".")
    return f"{whole}{point}{fraction.rstrip('0'):0<2}" if fraction.rstrip("0") else whole
