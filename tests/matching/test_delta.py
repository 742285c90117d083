"""A night that builds on the one before gives what a full one gives, row by row."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.matching.nights import Nights
from tests.matching.standardised_night import person, town

if TYPE_CHECKING:
    from pathlib import Path

    from tests.matching.standardised_night import Row


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def as_anew(nights: Nights, rows: list[Row]) -> None:
    """Hold what the last night came to, built on the base `nights` had before it, against a full night's."""
    expected, found = nights.anew(rows), nights.results()
    for table, expected_rows in expected.items():
        assert found[table] == expected_rows, table


def test_a_night_of_changes_gives_what_a_full_one_gives(nights: Nights) -> None:
    rows, _ = town(60, seed=1)
    nights.night(rows)
    dice = random.Random(2)
    for _ in range(3):
        gone = set(dice.sample(range(len(rows)), 4))
        rows = [dict(row) for number, row in enumerate(rows) if number not in gone]
        for row in dice.sample(rows, 4):
            row["middle"] = dice.choice("abcdefgh")
        rows += [row | {"source_record_id": f"new-{dice.random()}"} for row in dice.sample(town(60, seed=1)[0], 4)]
        rows += [person(f"alone-{dice.random()}", "ada", "amsel")]
        nights.night(rows, publish=False)
        changes = nights.con.execute("SELECT DISTINCT change FROM matching.node_change").fetchall()
        assert len(changes) >= 3
        as_anew(nights, rows)
        nights.night(rows)
