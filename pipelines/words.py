"""What the looking commands print for a person: plain text, aligned, no colour that a pipe would carry along."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Row = dict[str, Any]

LINE = 100
"""The width that pages keep to, but for keys at the end of a line: a cut key could not be pasted into a command."""


def table(rows: Iterable[Sequence[object]], *, indent: str = "  ") -> list[str]:
    """Return the rows as lines with aligned columns; the last column is not padded."""
    texts = [[text(cell) for cell in row] for row in rows]
    if not texts:
        return []
    widths = [max(len(row[index]) for row in texts) for index in range(len(texts[0]))]
    return [
        (indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()
        for row in texts
    ]


def aligned(rows: Iterable[tuple[object, ...]], *, right: set[int] | None = None) -> list[str]:
    """Return the rows as aligned lines, the columns `right` (by default all after the first) to the right."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in texts) for place in range(len(texts[0]))]
    turned = right if right is not None else set(range(1, len(widths)))
    return [
        (
            "  "
            + "  ".join(
                cell.rjust(width) if place in turned else cell.ljust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        ).rstrip()
        for row in texts
    ]


def text(value: object) -> str:
    """Return a value as people read it: no nulls, no seconds that are zero, no trailing zeros of money."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    return str(value)


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return `no cases`, `1 case` or `2 cases`; `plural` where it is not made with an s."""
    return f"1 {noun}" if count == 1 else f"{format(count, ',') if count else 'no'} {plural or noun + 's'}"


def clipped(told: str, width: int = LINE) -> str:
    """Return the text on one line, cut with an ellipsis where it is longer than `width`."""
    line = " ".join(told.split())
    return line if len(line) <= width else f"{line[: width - 1].rstrip()}…"


def found_customers(rows: list[Row]) -> str:
    """Return the customers that a search found, one a line."""
    if not rows:
        return "No customer found: try part of a name or e-mail, a whole phone number, or an order number."
    return "\n".join(
        table(
            (
                (row["golden_id"], row["full_name"] or row["organisation"], row["email"], row["phone"], row["city"])
                for row in rows
            ),
            indent="",
        )
    )
