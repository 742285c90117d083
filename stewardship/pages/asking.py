"""What an answer on a card consists of: the statements behind a key, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stewardship.card.offers import chosen as offered
from stewardship.card.offers import nobody, pin, placeholder
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from stewardship.answer import Statement
    from stewardship.card.card import Card
    from stewardship.card.members import Column
    from stewardship.card.values import Cell, ValueRow

PIN, PLACEHOLDER, NOBODY = "P", "X", "C"
"""Answers about what is chosen on the sheet. They leave the case open: what is asked of it is not said by them."""
OF_THE_CHOSEN = (PIN, PLACEHOLDER, NOBODY)


@dataclass(frozen=True, slots=True)
class Pressed:
    """An answer that was pressed: its key, how it is called, what it says, and the statements that it makes.

    `settles` is whether the case is answered by it.
    """

    key: str
    label: str
    sentence: str
    statements: tuple[Statement, ...]
    settles: bool = True


def pressed(card: Card, key: str, cell: str = "", until: str = "") -> Pressed:
    """Return what a key means on a card; `cell` is the place of the chosen value, `row.column.value`, `until` a day.

    Raises UsageError for a key that the card does not offer, a value that cannot be pinned, and a day that is none.
    """
    if key == PIN:
        return _pin(card, cell, until)
    if key == PLACEHOLDER:
        return _placeholder(card, cell)
    if key == NOBODY:
        offer = nobody(card, _chosen(card, cell)[1].record)
        return Pressed(key, offer.label, offer.sentence, offer.statements, settles=False)
    offer = offered(card, key)
    if not offer.statements:
        raise UsageError(f"{offer.label} is said with a day on which to ask again.")
    return Pressed(key, offer.label, offer.sentence, offer.statements)


def leaves_apart(card: Card, meant: Pressed) -> bool:
    """Say whether an answer only keeps apart what is apart, or binds nothing: then nothing can move by it."""
    whose = {column.record: member.golden_id or column.record for member in card.members for column in member.columns}
    return all(
        statement.kind == "unsure"
        or (
            statement.kind in ("different", "household")
            and not card.blind
            and len({whose.get(record) for record in statement.records} - {None}) == len(statement.records)
        )
        for statement in meant.statements
    )


def _pin(card: Card, cell: str, until: str) -> Pressed:
    row, column, chosen, place = _chosen(card, cell)
    value = _at(chosen.pins, place, f"{row.label} of {column.label} holds no value that can be pinned")
    offer = pin(card, column.record, row.attribute, value, _day(until))
    return Pressed(PIN, offer.label, offer.sentence, offer.statements, settles=False)


def _placeholder(card: Card, cell: str) -> Pressed:
    row, column, chosen, place = _chosen(card, cell)
    value = _at(chosen.placeholders, place, f"{row.label} of {column.label} holds no value that could say nothing")
    offer = placeholder(card, row.attribute, value)
    return Pressed(PLACEHOLDER, offer.label, offer.sentence, offer.statements, settles=False)


def _at(values: tuple[str, ...], place: int, otherwise: str) -> str:
    if place >= len(values):
        raise UsageError(f"{otherwise}: choose another one.")
    return values[place]


def _chosen(card: Card, cell: str) -> tuple[ValueRow, Column, Cell, int]:
    try:
        row, column, place = (int(number) for number in cell.split("."))
        found = card.rows[row]
        return found, card.columns[column], found.cells[column], place
    except (ValueError, IndexError):
        raise UsageError("Choose a value on the sheet first, by the arrows or by a click.") from None


def _day(text: str) -> datetime | None:
    """Return the end of a day, naive UTC; None where none was given."""
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(hour=23, minute=59, second=59)  # noqa: DTZ007 - naive UTC
    except ValueError:
        raise UsageError(f"{text!r} is no day: write it as in 2027-01-31.") from None
    if day <= datetime.now(UTC).replace(tzinfo=None):
        raise UsageError(f"{text} is over: name a day to come, or none.")
    return day
