"""Any change of the records or decisions: a night that builds on the base gives what a full one gives, row by row."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from matching import changed_records, delta, yesterday
from matching.cluster import cluster
from matching.score import score
from tests.matching.deltas import NARROW, Story
from tests.matching.nights import Nights
from tests.matching.standardised_night import FAMILY, GIVEN, person, town

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    from tests.matching.standardised_night import Row

cluster_stage, score_stage = (sys.modules[stage.__module__] for stage in (cluster, score))

FEW, MANY = 2, 100
NIGHTS = 3
EVERYBODYS = {"email": "info@shop.example", "emails": ["info@shop.example"]}


def first_difference(folder: Path, seed: int, nights: int = NIGHTS) -> tuple[int, list[str]] | None:
    """Live through a story; return the first night, and its tables, that a full night would have made otherwise."""
    dice = random.Random(seed)
    story = Story.begun(folder / f"story-{seed}", dice, homes=dice.choice((4, 12, 30)))
    for night in range(nights):
        story.go_on()
        if tables := story.differences():
            return night, tables
        if dice.random() < 0.7:
            story.publish()
    return None


@pytest.mark.parametrize("seed", range(FEW))
def test_any_change(seed: int, tmp_path: Path) -> None:
    assert first_difference(tmp_path, seed, nights=2) is None


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(FEW, FEW + MANY))
def test_many_changes(seed: int, tmp_path: Path) -> None:
    assert first_difference(tmp_path, seed) is None


@dataclass(frozen=True)
class Evening:
    """A published night, the records and decisions after it, and what a full night makes of them."""

    nights: Nights
    rows: list[Row]
    expected: dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    """Let one of each thing happen by which a night may differ from the one before.

    A record of three who are one person goes; one is corrected; another one's place is taken by so many that their
    block is too large; an e-mail address turns out to be nobody's; two who say the same are held apart.
    """
    nights = Nights(tmp_path_factory.mktemp("evening"), of_matching=NARROW)
    one = [person(f"one-{number}", "ada", "amsel", email="a@mail.example", place="7 elm") for number in range(3)]
    one = [row | {"middle": middle} for row, middle in zip(one, "abc", strict=True)]
    same = [person(f"same-{number}", "bruno", "ibsen", email="b@mail.example") for number in range(2)]
    crowd = [
        person(f"crowd-{number:02d}", "clara", "jansen", place="1 elm", middle="abcdefghijklmn"[number])
        for number in range(14)
    ]
    strangers = [person(f"stranger-{number:02d}", given, FAMILY[number % 10]) for number, given in enumerate(GIVEN)]
    others, _ = town(8)
    told_of_everybody = [row | EVERYBODYS for row in strangers]
    nights.night([*one, *same, *crowd[:2], *told_of_everybody[:2], *others])
    nights.decide(("different", "same-0", "same-1"))
    rows = [
        *one[1:],
        *same,
        *crowd,
        *told_of_everybody,
        others[0] | {"given": "zoe"},
        *others[1:],
    ]
    return Evening(nights, rows, nights.anew(rows))


def test_one_of_each_change(evening: Evening) -> None:
    assert evening.nights.anew(evening.rows, full=False) == evening.expected


def test_a_decision_of_another_log_is_another_one(tmp_path: Path) -> None:
    """A log that was lost and begun anew gives its numbers again."""
    nights = Nights(tmp_path)
    rows = [person(f"{name}-{number}", name, "ibsen", email=f"{name}@mail.example") for name in "ab" for number in "01"]
    nights.decide(("different", "a-0", "a-1"))
    nights.night(rows)
    nights.decide(("different", "b-0", "b-1"))
    assert nights.anew(rows, full=False) == nights.anew(rows)


def without(query: str, part: str, instead: str = "") -> str:
    """Return the query without this part, which it must have."""
    assert part in query
    return query.replace(part, instead)


DEFECTS: dict[str, tuple[ModuleType, str, Callable[[str], str]]] = {
    "the pairs of what is gone stay": (
        delta,
        "_RENEWED_SQL",
        lambda query: without(
            query, "UNION\nSELECT distinct_record_id FROM matching.node_change WHERE change <> 'members'"
        ),
    ),
    "pairs of what has changed stay": (
        delta,
        "_RENEWED_SQL",
        lambda query: query[: query.index("DELETE FROM matching.pair")],
    ),
    "what hung together with what is gone is forgotten": (
        cluster_stage,
        "_STALE_SQL",
        lambda query: query[: query.rindex("UNION\nSELECT distinct_record_id FROM matching.resolution")],
    ),
    "a block that has become too large stands": (
        delta,
        "_RESCORED_SQL",
        lambda query: query[: query.index("UNION")],
    ),
    "records that are gone are not seen": (
        changed_records,
        "_STANDARDISED_SQL",
        lambda query: query[: query.index("UNION ALL")],
    ),
    "a value that has become everybody's is not seen": (
        changed_records,
        "_TURNED_SQL",
        lambda _: "CREATE OR REPLACE TEMP TABLE turned_value (attribute VARCHAR, value VARCHAR)",
    ),
    "a decision is not seen": (
        changed_records,
        "_DECIDED_SQL",
        lambda query: f"SELECT * FROM ({query}) WHERE false",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_night_that_forgets_something_is_found(
    evening: Evening, monkeypatch: pytest.MonkeyPatch, defect: str
) -> None:
    module, name, sow = DEFECTS[defect]
    monkeypatch.setattr(module, name, sow(getattr(module, name)))
    found = evening.nights.anew(evening.rows, full=False)
    assert [table for table, rows in evening.expected.items() if found[table] != rows]


def test_a_night_that_builds_on_what_was_held_is_found(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    """The warehouse holds what the last attempt has left, here nothing; it is not what the base came to."""
    for module in (yesterday, score_stage):
        monkeypatch.setattr(module, "holds_base", lambda *_: True)
    assert evening.nights.anew(evening.rows, full=False) != evening.expected
