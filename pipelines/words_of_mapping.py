"""What `joinedup check` prints: each source's mapping by attribute, its first values as delivered and as read.

The same page twice: aligned text for pipes, and tables that fill the width of a terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from pipelines.words import clipped, counted, table
from warehouse.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

_FROM, _VALUE, _REASON = 30, 34, 96
_SHOWN_BAD = 5
_SHOWN_COLUMNS = 30
_HEADINGS = ("attribute", "from", "filled", "unread", "first as delivered", "as read")


@dataclass(frozen=True, slots=True)
class _Row:
    """An attribute: its cells, whether something of it could not be read, and whether no row has a value."""

    cells: tuple[str, ...]
    unread: bool
    empty: bool


def mapping_page(sources: Sequence[dict[str, Any]], settings_file: str) -> str:
    """Return the page for what `connectors.preview` found in each source, as its documents."""
    lines = [f"{settings_file} is in order."]
    for found in sources:
        lines += ["", _title(found)]
        rows = [row.cells for row in _rows(found, _FROM, _VALUE)]
        lines += table([_HEADINGS, *rows]) if rows else []
        lines += [f"  {line}" for line in _remarks(found)]
    return "\n".join(lines)


def show_mapping(sources: Sequence[dict[str, Any]], settings_file: str, console: Console) -> None:
    """Print the page as tables on a terminal; what files hold cannot command it."""
    console.print(Text.assemble(("✓ ", "green"), f"{visible(settings_file)} is in order."))
    for found in sources:
        console.print()
        console.print(Group(*_tables(found)))


def _tables(found: dict[str, Any]) -> Iterator[RenderableType]:
    yield Text(visible(_title(found)), style="bold")
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", expand=False)
    for heading in _HEADINGS:
        grid.add_column(heading, justify="right" if heading in ("filled", "unread") else "left", overflow="fold")
    for row in _rows(found, _VALUE, 2 * _VALUE):
        style = "red" if row.unread else "dim" if row.empty else ""
        grid.add_row(*(Text(visible(cell), style=style) for cell in row.cells))
    if grid.row_count:
        yield grid
    for line in _remarks(found):
        bad = line.startswith(("would be quarantined", "  "))
        yield Text(f"  {visible(line)}", style="red" if bad else "dim" if line.startswith("not mapped") else "yellow")


def _title(found: dict[str, Any]) -> str:
    if not found["files"]:
        return f"{found['source']} ({found['holds']}): no file matches `files` yet; correct it, or let the export run"
    first, *others = found["files"]
    more = f" and {counted(len(others), 'further file')}" if others else ""
    return f"{found['source']} ({found['holds']}): {counted(found['rows'], 'record')} looked at in {first}{more}"


def _rows(found: dict[str, Any], width_from: int, width: int) -> Iterator[_Row]:
    """Yield a row for each attribute, the record's key first."""
    first = next(iter(found["records"]), None)
    if first is not None:
        keyed = f"{len(found['records']):,}"
        yield _Row(("(key)", "", keyed, "", "", clipped(first["source_record_id"], width)), unread=False, empty=False)
    for seen in found["attributes"]:
        origin = ", ".join(seen["columns"]) or ("a constant" if seen["constant"] is not None else "sql")
        delivered = seen["delivered"] or ""
        cells = (
            seen["attribute"],
            clipped(origin, width_from),
            f"{seen['filled']:,}" if seen["filled"] else "none",
            f"{seen['unread']:,}" if seen["unread"] else "",
            clipped(delivered, width),
            clipped(_read(seen, found), width),
        )
        yield _Row(cells, unread=bool(seen["unread"]), empty=not seen["filled"])


def _read(seen: dict[str, Any], found: dict[str, Any]) -> str:
    value = seen["read"]
    if value is None:
        return ""
    said = _number(value) if seen["attribute"].rpartition(".")[2] in ("amount", "quantity") else _said(value)
    meaning = found["statuses"].get(value) if seen["attribute"] == "status" else None
    return f"{said}, which means {meaning}" if meaning and meaning != said else said


def _remarks(found: dict[str, Any]) -> Iterator[str]:
    unknown = [status for status, meaning in found["statuses"].items() if meaning is None]
    if unknown:
        yield clipped(f"no meaning is given to the status {', '.join(unknown)}", _REASON)
    for seen in found["attributes"]:
        if seen["unreadable"] is not None:
            example = clipped(seen["unreadable"], _VALUE)
            count = counted(seen["unread"], "record")
            yield f"{seen['attribute']} of {count} cannot be read, such as '{example}'; the rest of them counts"
    names = found["unmapped"]
    if names:
        more = f" and {len(names) - _SHOWN_COLUMNS} more" if len(names) > _SHOWN_COLUMNS else ""
        yield f"not mapped: {', '.join(clipped(name, _VALUE) for name in names[:_SHOWN_COLUMNS])}{more}"
    if found["not_read"]:
        yield clipped(f"not read: {found['not_read']}", _REASON)
    bad = found["quarantined"]
    if bad:
        yield f"would be quarantined: {counted(len(bad), 'record')}"
        for each in bad[:_SHOWN_BAD]:
            where = f"{each['path']}:{each['line']}"
            yield f"  {where}: {each['reason']}: {clipped(each['detail'], 2 * _REASON)}"
        if len(bad) > _SHOWN_BAD:
            yield f"  … and {len(bad) - _SHOWN_BAD:,} more; --json shows all"


def _said(value: Any) -> str:  # noqa: ANN401 - any value of a typed column
    if isinstance(value, list):
        return "; ".join(_said(member) for member in value)
    if isinstance(value, dict):
        return " ".join(str(member) for name, member in value.items() if name != "exclusive")
    return str(value)


def _number(text: str) -> str:
    """Return a number without the zeros at its end that say nothing."""
    whole, point, fraction = text.partition(".")
    return f"{whole}{point}{fraction.rstrip('0'):0<2}" if fraction.rstrip("0") else whole
