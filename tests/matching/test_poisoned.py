"""What came out as one customer and cannot be one is taken apart, flagged and asked about; everybody else is let be."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from matching import cluster, poisoned
from matching.entities import Resolution
from matching.explain import explain
from matching.model import tonights_model
from matching.score import MOST_ALIKE
from tests.matching.nights import Nights
from tests.matching.standardised_night import (
    RUN,
    Row,
    add_standardised,
    clusters,
    decide,
    everything,
    person,
    run_stages,
    together,
    town,
    warehouse,
)
from warehouse.run import Base, Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

STORM = 10_000
GIVEN = ("john", "jon", "johnny", "jack", "jonathan", "joan", "johan", "j")
FAMILY = ("smith", "smyth", "smithe", "smit", "smithson", "s")
PHONE = "2065550100"
DICE = random.Random(1)

SHAPES: dict[str, Callable[[int], Row]] = {
    "a few spellings": lambda n: person(f"x{n}", DICE.choice(GIVEN), DICE.choice(FAMILY), phone=PHONE),
    "a rare name": lambda n: person(f"x{n}", DICE.choice(GIVEN), "quillfeather", phone=PHONE),
    "streets": lambda n: person(f"x{n}", DICE.choice(GIVEN), DICE.choice(FAMILY), phone=PHONE, place=f"{n % 300} elm"),
    "mailboxes": lambda n: person(f"x{n}", "john", DICE.choice(FAMILY), phone=PHONE, email=f"john{n}@mail.example"),
    "slips": lambda n: person(f"x{n}", _slipped("bartholomew"), _slipped("featherstone"), phone=PHONE),
    "only names": lambda n: person(f"x{n}", f"{DICE.choice(GIVEN)}x", f"{DICE.choice(FAMILY)}y"),
    "a chain": lambda n: person(
        f"x{n}", "xerxes", "quill", email=f"e{n // 2}x@mail.example", phone=f"206{n + 1 >> 1:07d}"
    ),
}

GIANTS = ("a few spellings", "a rare name")
"""The shapes that come out as a giant; the others never become one."""


def _slipped(word: str) -> str:
    letters = list(word)
    for _ in range(DICE.randint(0, 2)):
        letters[DICE.randrange(1, len(word))] = DICE.choice("abcdefghijklmnopqrstuvwxyz")
    return "".join(letters)


@pytest.fixture(scope="module")
def base() -> tuple[DuckDBPyConnection, Run]:
    """Return a night of ordinary people, and the run of the night after it, which takes over its model."""
    con = warehouse(town(500, seed=1)[0])
    run_stages(con)
    version = tonights_model(con, RUN).version
    return con, replace(
        RUN, run_id="run-2", base=Base("r1", Path(), ("run-1",), datetime(2026, 1, 1, tzinfo=UTC), version)
    )


@pytest.mark.parametrize(
    "shape", [shape if shape in GIANTS else pytest.param(shape, marks=pytest.mark.soak) for shape in SHAPES]
)
def test_no_storm_of_placeholders_becomes_one_customer(base: tuple[DuckDBPyConnection, Run], shape: str) -> None:
    """The model is the base's, to which what the storm says is as rare as can be."""
    con, run = base
    con.execute("DELETE FROM matching.standardised WHERE source_record_id LIKE 'x%'")
    add_standardised(con, [SHAPES[shape](number) for number in range(STORM)])
    run_stages(con, run=run)
    sizes = Counter(dict(con.execute("SELECT cluster_id, records FROM matching.cluster_tie").fetchall()))
    largest, distinct = con.execute("SELECT max(records), max(distinct_records) FROM matching.cluster_tie").fetchall()[
        0
    ]
    assert largest < STORM / 2
    assert distinct <= poisoned.MOST_DISTINCT_RECORDS
    assert sum(sizes.values()) == con.execute("SELECT count(*) FROM matching.standardised").fetchall()[0][0]
    # the night ends in time: a record has as many pairs as blocking allows, however many bear the value
    assert con.execute("SELECT count(*) FROM matching.pair").fetchall()[0][0] < 100 * STORM
    asked = con.execute(
        "SELECT whole, count(*) FROM matching.poisoned WHERE asked_with IS NOT NULL GROUP BY 1"
    ).fetchall()
    assert all(count <= poisoned.MOST_ASKED for _, count in asked)
    reasons = con.execute("SELECT DISTINCT reason FROM matching.poisoned").fetchall()
    assert reasons == ([("giant",)] if shape in GIANTS else [])


def crowd(name: str, size: int) -> list[Row]:
    return [person(f"{name}{number}", name, "quillfeather") for number in range(size)]


def test_crowds_that_say_too_little_meet_nobody_and_small_ones_do() -> None:
    for size, meets in ((MOST_ALIKE, True), (MOST_ALIKE + 1, False)):
        con = warehouse([*crowd("xerxes", size), *crowd("xerxas", 2), *town(20)[0]])
        run_stages(con)
        across = con.execute("""
            SELECT count(*) FROM matching.pair
            JOIN matching.distinct_record AS l ON l.distinct_record_id = distinct_record_id_l
            JOIN matching.distinct_record AS r ON r.distinct_record_id = distinct_record_id_r
            WHERE l.given IN ('xerxes', 'xerxas') AND r.given IN ('xerxes', 'xerxas') AND l.given <> r.given
        """).fetchall()[0][0]
        assert across == (2 * size if meets else 0)
        told = explain(con, ("s", "xerxes0"), ("s", "xerxas0"))
        assert told.was_compared is meets
        never = f"They were never compared: {size} records say just what one of them says"
        assert any(sentence.startswith(never) for sentence in told.words()) is not meets
        assert (told.verdict == "too_common") is not meets


# One customer of six records that hang together firmly, and two more that do so less.
KNOWN = {"place": "88 cedar", "postal_code": "98155", "phone": "2065557777"}
ONE = [
    *(person(f"a{n}", "quincy", "hartmann", middle="abc"[n], email="quincy@mail.example", **KNOWN) for n in range(2)),
    *(person(f"a{n}", "quincy", "hartmann", email=f"q{n}@mail.example", **KNOWN) for n in (2, 3)),
    *(person(f"a{n}", "quincy", "hartmann", birth_date=f"1980-01-0{n}", phone="2065557777") for n in (4, 5)),
]
KEYS = {row["source_record_id"] for row in ONE}


def night(*decided: str) -> DuckDBPyConnection:
    con = warehouse([*(dict(row) for row in ONE), *town(12, seed=9)[0]])
    decide(con, *decided)
    run_stages(con)
    return con


@pytest.fixture
def small_giants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poisoned, "MOST_DISTINCT_RECORDS", 4)


def parts(con: DuckDBPyConnection) -> set[frozenset[str]]:
    return {cluster for cluster in clusters(con) if cluster & KEYS}


def test_without_a_limit_that_it_breaks_it_is_one_customer() -> None:
    con = night()
    assert max(len(part) for part in parts(con)) > 4
    assert con.execute("SELECT count(*) FROM matching.poisoned").fetchall() == [(0,)]


@pytest.mark.usefixtures("small_giants")
def test_a_giant_is_taken_apart_flagged_and_asked_about() -> None:
    con = night()
    found = parts(con)
    assert max(len(part) for part in found) <= 4
    rows = con.execute("SELECT * FROM matching.poisoned ORDER BY distinct_records DESC").fetchall()
    assert len(rows) > 1
    assert {row[1:3] for row in rows} == {(rows[0][1], "giant")}
    assert sum(row[3] for row in rows) == rows[0][5]
    assert sum(row[7] is not None for row in rows) == len(rows) - 1
    asked = con.execute(
        "SELECT count(*) FROM matching.possible_match WHERE reason LIKE 'taken apart: together%'"
    ).fetchall()
    assert asked == [(len(rows) - 1,)]
    assert {cluster for cluster in clusters(con) if not cluster & KEYS} == {
        cluster for cluster in clusters(night()) if not cluster & KEYS
    }
    left, right = (next(iter(sorted(part))) for part in sorted(found, key=min)[:2])
    told = explain(con, ("s", left), ("s", right))
    assert told.verdict == "taken_apart"
    assert told.words()[1].startswith("Their records came out as one customer of ")
    assert "a steward's decision that two of their records are one customer" in told.words()[2]


@pytest.mark.usefixtures("small_giants")
def test_what_a_steward_says_is_one_stays_one_even_in_a_giant() -> None:
    con = night("a0=a1", "a1=a2", "a2=a3", "a4!a5")
    assert together(con, "a0", "a1", "a2", "a3")
    assert not together(con, "a4", "a5")


@pytest.mark.usefixtures("small_giants")
def test_a_giant_of_many_records_is_one_too_unless_all_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poisoned, "MOST_DISTINCT_RECORDS", 100)
    monkeypatch.setattr(poisoned, "MOST_RECORDS", 4)
    assert max(len(part) for part in parts(night())) <= 4
    same = warehouse([*(person(f"a{n}", "quincy", "hartmann", **KNOWN) for n in range(6)), *town(12)[0]])
    run_stages(same)
    assert parts(same) == {frozenset(KEYS)}


def test_of_conflicting_decisions_the_later_one_holds_and_the_customer_is_flagged() -> None:
    con = night("a0=a4", "a4=a5", "a0!a5")
    assert not together(con, "a0", "a5")
    assert together(con, "a4", "a5")
    assert con.execute("SELECT DISTINCT reason FROM matching.poisoned").fetchall() == [("decisions_conflict",)]
    asked = con.execute(
        "SELECT count(*) FROM matching.possible_match WHERE reason LIKE 'taken apart: what was decided%'"
    )
    assert asked.fetchall()[0][0] == con.execute("SELECT count(*) - 1 FROM matching.poisoned").fetchall()[0][0]
    decide(con, "a4=a5")
    run_stages(con, ("collapse", "score", "cluster"))
    assert con.execute("SELECT count(*) FROM matching.poisoned").fetchall() == [(0,)]


@pytest.mark.usefixtures("small_giants")
def test_neither_order_nor_company_decides_about_the_parts() -> None:
    rows = [*ONE, *town(12, seed=9)[0]]
    con = night()
    shuffled = warehouse(random.Random(3).sample([dict(row) for row in rows], len(rows)), threads=1)
    run_stages(shuffled, threads=1)
    assert everything(shuffled) == everything(con)
    told = "SELECT * FROM matching.poisoned ORDER BY ALL"
    assert shuffled.execute(told).fetchall() == con.execute(told).fetchall()
    giants = (
        "SELECT round, count(*) FROM matching.merge WHERE other IN (SELECT entity FROM matching.poisoned) GROUP BY 1"
    )
    assert con.execute(giants).fetchall() == []


def like_in_full(nights: Nights, rows: list[Row]) -> bool:
    """Say whether a night that builds on the base gives what a full one gives; publish it."""
    expected = nights.anew([dict(row) for row in rows])
    nights.night([dict(row) for row in rows])
    return nights.results() == expected


def heavy_from(most: int, query: str) -> str:
    assert f"> {poisoned.MOST_RECORDS}" in query
    return query.replace(f"> {poisoned.MOST_RECORDS}", f"> {most}")


@pytest.mark.usefixtures("small_giants")
def test_night_by_night_giants_come_and_go_as_in_full_nights(tmp_path: Path) -> None:
    nights, others = Nights(tmp_path), town(6)[0]
    found = []
    for rows in (ONE[:4], ONE, ONE[1:], ONE[:3]):
        assert like_in_full(nights, [*rows, *others])
        found.append(len({whole for (whole,) in nights.con.execute("SELECT whole FROM matching.poisoned").fetchall()}))
    assert found == [0, 1, 1, 0]


@pytest.mark.parametrize("forgets", [False, True])
def test_that_more_records_say_what_others_said_may_make_a_giant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, forgets: bool
) -> None:
    """Nothing that is compared changes; a night that looks at nothing else would leave the giant be."""
    never = 1000
    monkeypatch.setattr(cluster, "_STALE_SQL", heavy_from(never if forgets else 8, vars(cluster)["_STALE_SQL"]))
    monkeypatch.setattr(poisoned, "MOST_RECORDS", 8)
    again = [row | {"source_record_id": f"again{number}"} for row in ONE[:1] for number in range(6)]
    nights, others = Nights(tmp_path), town(6)[0]
    nights.night([dict(row) for row in [*ONE, *others]])
    assert like_in_full(nights, [*ONE, *again, *others]) is not forgets


def test_the_links_asked_about_are_a_strongest_tree() -> None:
    weights = {(0, 1): 3.0, (1, 2): 2.0, (0, 2): 1.0, (3, 4): 9.0}
    left, right = (np.array([pair[side] for pair in weights]) for side in (0, 1))
    resolution = Resolution(np.arange(6), np.full(6, np.inf), left, right, np.array(list(weights.values())), 0, ())
    links = poisoned.spanning([0, 1, 2, 3, 4, 5], resolution)
    assert links == {1: (0, 3.0), 2: (1, 2.0), 3: (0, None), 4: (3, 9.0), 5: (0, None)}
