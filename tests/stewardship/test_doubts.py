"""What agents doubt is kept as they said it, until a steward has looked at it; on either database."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from stewardship.desk_tables import DOUBT
from stewardship.doubts import LONGEST_NOTE, open_doubts, raise_doubt, settle
from warehouse.errors import Refused, SurroundingsError, UsageError

if TYPE_CHECKING:
    from tests.stewardship.conftest import Desk

NOON = datetime(2026, 2, 1, 12)  # noqa: DTZ001 - naive UTC by design
CUSTOMER, OTHER = "cus_AAAAAAAAAAAAAAAA", "cus_BBBBBBBBBBBBBBBB"


def test_a_doubt_stays_open_until_somebody_looked_at_it(desk: Desk) -> None:
    assert open_doubts(desk.store) == ()
    told = raise_doubt(desk.store, CUSTOMER, "  never lived there ", "adam", record=("billing", "A1"), now=NOON)
    other = raise_doubt(desk.store, OTHER, "x" * (LONGEST_NOTE + 1), "adam", now=NOON)
    assert (told.note, told.record, told.at) == ("never lived there", ("billing", "A1"), NOON)
    assert (other.record, len(other.note or "")) == (None, LONGEST_NOTE)
    assert open_doubts(desk.another()) == (told, other)
    assert open_doubts(desk.store, [CUSTOMER]) == (told,)
    settle(desk.store, told.id, "ann", now=NOON)
    assert open_doubts(desk.store) == (other,)
    with pytest.raises(Refused, match="ann looked at this on 2026-02-01"):
        settle(desk.store, told.id, "bo", now=NOON)
    with pytest.raises(Refused, match="there is no doubt 99"):
        settle(desk.store, 99, "bo")


def test_a_doubt_says_something(desk: Desk) -> None:
    for note in ("", "  ", "a\0b"):
        with pytest.raises(UsageError):
            raise_doubt(desk.store, CUSTOMER, note, "adam")
    assert open_doubts(desk.store) == ()


def test_doubts_only_grow_but_for_a_note_that_is_erased(desk: Desk) -> None:
    told = raise_doubt(desk.store, CUSTOMER, "never lived there", "adam", now=NOON)
    for statement in (DOUBT.delete(), DOUBT.update().values(said_by="bo"), DOUBT.update().values(note="something")):
        with pytest.raises(SurroundingsError, match="only grow"), desk.store.changing() as con:
            con.execute(statement)
    assert open_doubts(desk.store) == (told,)
    with desk.store.changing() as con:
        con.execute(DOUBT.update().values(note=None))
    assert [doubt.note for doubt in open_doubts(desk.store)] == [None]
