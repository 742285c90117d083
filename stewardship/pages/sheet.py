"""The sheet of a card: a column for each customer, an attribute a row, in a cell each value that its records say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stewardship.card.attributes import folded
from stewardship.card.values import SYMBOLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stewardship.card.card import Card
    from stewardship.card.values import Cell, Mark, ValueRow


@dataclass(slots=True)
class Value:
    """What records of a customer say: its spellings as delivered, `clean` where that differs, and how many say so.

    `place` is where it is chosen, as `row.column.value` of the card; empty for one that cannot be. `mark` says how it
    stands to what the first customer says that says anything.
    """

    keys: frozenset[str]
    place: str
    mark: Mark
    spelled: dict[str, None] = field(default_factory=dict)
    clean: dict[str, None] = field(default_factory=dict)
    records: int = 0

    @property
    def symbol(self) -> str:
        """The sign of its mark."""
        return SYMBOLS[self.mark]


@dataclass(frozen=True, slots=True)
class SheetRow:
    """An attribute: for each customer the values that its records say, the most frequent first."""

    label: str
    cells: tuple[tuple[Value, ...], ...]
    tells: bool
    """Whether a customer says something of it that another one does not."""


def sheet(card: Card) -> tuple[SheetRow, ...]:
    """Return the rows of a card by customer."""
    return tuple(_row(card, number, row) for number, row in enumerate(card.rows))


def _row(card: Card, number: int, row: ValueRow) -> SheetRow:
    found: list[dict[frozenset[str], Value]] = []
    column = 0
    for member in card.members:
        values: dict[frozenset[str], Value] = {}
        for of_record in member.columns:
            for said in _values(row.cells[column], f"{number}.{column}"):
                value = values.setdefault(said.keys, said)
                value.spelled |= said.spelled
                value.clean |= said.clean
                value.records += 1 + of_record.alike
            column += 1
        found.append(values)
    leading = next((place for place, values in enumerate(found) if values), 0)
    known = {key for keys in found[leading] for key in keys}
    for place, values in enumerate(found):
        for value in values.values():
            if place == leading:
                value.mark = "leading"
            elif value.keys & known:
                value.mark = "agree"
            elif value.mark in ("agree", "leading"):
                value.mark = "differ"
    cells = tuple(tuple(sorted(values.values(), key=lambda value: -value.records)) for values in found)
    return SheetRow(row.label, cells, any(value.mark in ("near", "differ") for cell in cells for value in cell))


def _values(cell: Cell, place: str) -> Iterator[Value]:
    """Yield what one record says, value by value where each spelling has its standardised form."""
    choices = max(len(cell.pins), len(cell.placeholders))
    forms = cell.placeholders if len(cell.placeholders) == choices else cell.pins
    if choices > 1 and len(cell.raw) == choices:
        for number, (text, form) in enumerate(zip(cell.raw, forms, strict=True)):
            yield Value(frozenset((folded(form),)), f"{place}.{number}", cell.mark, {text: None})
    elif cell.raw or cell.standardised:
        keys = frozenset(folded(form) for form in forms) or frozenset(_words(text) for text in cell.raw)
        yield Value(keys, f"{place}.0" if choices else "", cell.mark, dict.fromkeys(cell.raw), _news(cell))


def _news(cell: Cell) -> dict[str, None]:
    """Return the standardised forms that say something else than what was delivered."""
    said = {folded(text) for text in cell.raw}
    return {text: None for text in cell.standardised if folded(text) not in said}


def _words(text: str) -> str:
    """Return the words of a name or address in one order: `Quist, Ada` says what `Ada Quist` does."""
    return " ".join(sorted(folded(word) for word in text.split()))
