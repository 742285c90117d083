"""The audit on a town whose truth is known: what is counted and drawn, and whether the intervals cover the truth."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from stewardship.audit_draw import MOST, Source, draw, in_order, item_id, source_of
from stewardship.audit_judged import Judged
from stewardship.audit_strata import ANY, count_cells, with_strata
from stewardship.measure import measured
from tests.stewardship.town_of_pairs import Town, judge, town, warehouse_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from stewardship.audit_draw import Drawn
    from stewardship.audit_strata import Cell

AUDITS, JUDGED, WANTED = 100, 200, 93


@pytest.fixture(scope="module")
def made() -> Town:
    return town(300, 7)


@pytest.fixture(scope="module")
def con(made: Town) -> Iterator[DuckDBPyConnection]:
    with warehouse_of(made) as opened:
        yield opened


@pytest.fixture(scope="module")
def cells(con: DuckDBPyConnection) -> tuple[Cell, ...]:
    return count_cells(con)


def audit(con: DuckDBPyConnection, cells: tuple[Cell, ...], seed: str) -> list[Drawn]:
    return in_order(draw(con, cells, seed, ()), cells, {})


def test_every_pair_is_counted_once(made: Town, cells: tuple[Cell, ...]) -> None:
    together = Counter(
        tuple(sorted((one[0], other[0])))
        for one, other in combinations(made.cluster, 2)
        if made.cluster[one] == made.cluster[other]
    )
    size = Counter(made.cluster.values())
    apart = sum(size[one] * size[other] for one, other in made.near)
    counted: Counter[tuple[str, ...]] = Counter()
    for cell in cells:
        if cell.is_together:
            counted[cell.source_l, cell.source_r] += cell.pairs
    assert counted == together
    assert sum(cell.pairs for cell in cells if not cell.is_together) == apart


def test_a_stratum_is_of_its_sources_where_these_matter(cells: tuple[Cell, ...]) -> None:
    assert {cell.stratum.split()[0] for cell in cells} == {"together", "apart"}
    alone = [cell for cell in cells if ANY not in cell.stratum]
    assert alone
    assert all(cell.stratum.endswith(f"{cell.source_l} {cell.source_r}") for cell in alone)
    assert with_strata(reversed(cells)) == cells


def test_who_draws_cannot_choose(con: DuckDBPyConnection, cells: tuple[Cell, ...], made: Town) -> None:
    drawn = audit(con, cells, "m1")
    assert len(drawn) == MOST
    assert len({found.pair for found in drawn}) == MOST
    assert drawn == audit(con, cells, "m1")
    assert {found.pair for found in drawn} != {found.pair for found in audit(con, cells, "m2")}
    near = set(made.near)
    for found in drawn:
        clusters = [made.cluster[record] for record in found.pair]
        assert found.is_together is (clusters[0] == clusters[1])
        assert found.is_together or tuple(sorted(clusters)) in near


def test_what_was_judged_is_not_asked_again_and_the_rest_stays(
    con: DuckDBPyConnection, cells: tuple[Cell, ...]
) -> None:
    drawn = audit(con, cells, "m1")
    judged = {found.pair for found in drawn[:100]}
    strata = Counter(found.stratum for found in drawn[:100])
    later = in_order(draw(con, cells, "m1", judged), cells, strata)
    assert not judged & {found.pair for found in later}
    assert {found.pair for found in drawn[100:180]} <= {found.pair for found in later}


def test_any_first_so_many_are_shared_out_as_all_are(con: DuckDBPyConnection, cells: tuple[Cell, ...]) -> None:
    matter: dict[tuple[bool, str], float] = defaultdict(float)
    for cell in cells:
        matter[cell.is_together, cell.stratum] += cell.matter
    drawn = audit(con, cells, "m1")
    for first in (40, 120, 240):
        asked = Counter((found.is_together, found.stratum) for found in drawn[:first])
        assert sum(count for (is_together, _), count in asked.items() if is_together) == first // 2
        for (is_together, stratum), weight in matter.items():
            side = sum(other for (of, _), other in matter.items() if of is is_together)
            share = weight / side * first / 2
            assert abs(asked[is_together, stratum] - share) <= 1.5


def test_the_id_keeps_what_was_the_case_and_tells_nobody(con: DuckDBPyConnection, cells: tuple[Cell, ...]) -> None:
    for found in audit(con, cells, "m1")[:40]:
        source = Source(found.is_together, found.band, 1)
        asked = item_id("m1", source, found.pair)
        assert source_of(asked, "m1", found.pair) == source
        assert source_of(item_id("m1", source._replace(look=2), found.pair), "m1", found.pair) == (*source[:2], 2)
        assert source_of(asked, "m2", found.pair) is None


def test_most_intervals_cover_the_truth(con: DuckDBPyConnection, cells: tuple[Cell, ...], made: Town) -> None:
    precision, recall = made.truth()
    assert 0.95 < precision < 0.999
    assert 0.8 < recall < 0.99
    covers: Counter[str] = Counter()
    for number in range(AUDITS):
        found = measured(cells, judge(audit(con, cells, f"m{number}")[:JUDGED], made.is_same), 0).whole
        assert found.precision is not None
        assert found.recall is not None
        covers["precision"] += found.precision.low <= precision <= found.precision.high
        covers["recall"] += found.recall.low <= recall <= found.recall.high
    assert min(covers["precision"], covers["recall"]) >= WANTED, covers


def test_a_steward_who_errs_makes_the_release_look_worse(
    con: DuckDBPyConnection, cells: tuple[Cell, ...], made: Town
) -> None:
    """The control of the test above: intervals are of what was judged, and cannot know of mistakes."""
    precision, _ = made.truth()
    dice = random.Random(1)
    covers = 0
    for number in range(20):
        drawn = audit(con, cells, f"m{number}")[:JUDGED]
        found = measured(cells, judge(drawn, lambda pair: made.is_same(pair) is not (dice.random() < 0.15)), 0).whole
        assert found.precision is not None
        covers += found.precision.low <= precision <= found.precision.high
    assert covers <= 5


def test_two_sources_are_told_where_enough_of_them_was_judged(
    con: DuckDBPyConnection, cells: tuple[Cell, ...], made: Town
) -> None:
    drawn = audit(con, cells, "m1")
    assert measured(cells, judge(drawn[:20], made.is_same), 0).whole.precision is None
    found = measured(cells, judge(drawn, made.is_same), 0)
    assert found.parts
    for part in found.parts:
        assert part.judged < found.whole.judged
        assert sorted(part.sources.split()) == part.sources.split()


def test_the_unsure_count_for_nothing_but_themselves(
    con: DuckDBPyConnection, cells: tuple[Cell, ...], made: Town
) -> None:
    judged = judge(audit(con, cells, "m1"), made.is_same)
    unsure = [found._replace(same=None) for found in judged[200:]]
    found = measured(cells, [*judged[:200], *unsure], 9)
    assert (found.whole.judged, found.whole.unsure, found.head) == (200, 100, 9)
    assert found.whole.precision == measured(cells, judged[:200], 9).whole.precision


def test_pairs_judged_twice_tell_how_often_stewards_err(cells: tuple[Cell, ...]) -> None:
    pair = (("billing", "1"), ("orders", "2"))
    source = Source(is_together=True, band=0.99, look=1)
    twice = [Judged(pair, source, same=True, again=True, looks=(True, number > 0)) for number in range(10)]
    found = measured(cells, twice, 0)
    assert (found.judged_twice, found.disagreed) == (10, 1)
    assert found.stewards_error == pytest.approx(0.0528, abs=1e-3)
