"""The cells of a card: what each record says of each attribute, and how it stands to the leading record.

The leading record of a row is the first one that says anything of it; the first column, wherever that does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stewardship.card.attributes import (
    ATTRIBUTES,
    CLEAN_COLUMNS,
    RAW_COLUMNS,
    Attribute,
    Said,
    folded,
    identifiers_of,
    said_of,
    texts,
)
from stewardship.card.near import are_near
from stewardship.card.reading import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from stewardship.card.reading import Row
    from stewardship.entry import Record

Mark = Literal["leading", "agree", "near", "differ", "missing"]

SYMBOLS: dict[Mark, str] = {"leading": "", "agree": "=", "near": "≈", "differ": "≠", "missing": "∅"}
"""Beside the colour, so that nobody has to tell colours apart."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a record says of an attribute: `raw` as delivered, `standardised` only where that differs.

    `pins` are the values that can be pinned, `placeholders` those that can be declared to say nothing about anybody.
    """

    raw: tuple[str, ...]
    standardised: tuple[str, ...]
    mark: Mark
    pins: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()

    @property
    def symbol(self) -> str:
        """The sign of its mark."""
        return SYMBOLS[self.mark]


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One attribute, a cell for each column of the card; `differs` is whether any two columns do not agree."""

    attribute: str
    label: str
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        """Whether a cell says something else than the leading one."""
        return any(cell.mark in ("near", "differ") for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was read of the shown records: rows of landing.source_record and of matching.standardised."""

    raw: Mapping[Record, Row]
    clean: Mapping[Record, Row]


def read_spoken(workings: DuckDBPyConnection, records: Sequence[Record]) -> Spoken:
    """Return what the records say, as delivered and standardised."""
    return Spoken(
        rows_of(workings, "landing.source_record", RAW_COLUMNS, records),
        rows_of(workings, "matching.standardised", CLEAN_COLUMNS, records),
    )


def value_rows(spoken: Spoken, records: Sequence[Record]) -> tuple[ValueRow, ...]:
    """Return the rows of the attributes that any of the records says something of, a cell for each record."""
    nicknames = [set(texts(spoken.clean.get(record, {}).get("nicknames"))) for record in records]
    rows = []
    for attribute in ATTRIBUTES:
        said = [said_of(attribute, spoken.raw.get(record, {}), spoken.clean.get(record, {})) for record in records]
        rows.append(_row(attribute, said, nicknames if attribute.name == "given_name" else None))
    identifiers = [identifiers_of(spoken.raw.get(record, {}), spoken.clean.get(record, {})) for record in records]
    for name in sorted({name for said in identifiers for name in said}):
        attribute = Attribute(
            f"identifier.{name}", name.replace("_", " ").capitalize(), "code", (), pin=False, placeholder=True
        )
        rows.append(_row(attribute, [said.get(name, Said()) for said in identifiers], None))
    return tuple(row for row in rows if any(cell.raw or cell.standardised for cell in row.cells))


def _row(attribute: Attribute, said: Sequence[Said], nicknames: Sequence[set[str]] | None) -> ValueRow:
    leading = next((place for place, one in enumerate(said) if one.compared), None)
    cells = []
    for place, one in enumerate(said):
        if leading is None or not (one.compared or one.raw):
            mark: Mark = "missing" if not one.raw else "leading"
        elif place == leading:
            mark = "leading"
        else:
            stands_for = nicknames is not None and bool(nicknames[leading] & nicknames[place])
            mark = _mark(attribute, said[leading], one, stands_for=stands_for)
        cells.append(_cell(attribute, one, mark))
    return ValueRow(attribute.name, attribute.label, tuple(cells))


def _mark(attribute: Attribute, leading: Said, said: Said, *, stands_for: bool) -> Mark:
    if not said.compared:
        return "missing"
    if set(leading.compared) & set(said.compared):
        return "agree"
    near = stands_for or any(
        are_near(attribute.kind, one, other) for one in leading.compared for other in said.compared
    )
    return "near" if near else "differ"


def _cell(attribute: Attribute, said: Said, mark: Mark) -> Cell:
    delivered = {folded(value) for value in said.raw}
    shown = tuple(value for value in said.clean if not _is_said(folded(value), delivered, attribute.name))
    placeholders = said.compared if attribute.placeholder else ()
    return Cell(said.raw, shown, mark, said.clean if attribute.pin else (), placeholders)


def _is_said(value: str, delivered: set[str], attribute: str) -> bool:
    """Say whether a standardised value only spells what was delivered; a phone's country is no news."""
    if attribute == "phone":
        return any(value.endswith(one) for one in delivered if one)
    return value in delivered
