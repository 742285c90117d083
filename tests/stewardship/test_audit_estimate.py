"""The formulas of the audit: intervals hold their estimate, narrow with judgements, and vanish where all is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stewardship.audit_estimate import LEAST_JUDGED, Stratum, exact, precision, recall, share_of, stewards_error


@st.composite
def strata(draw: st.DrawFn) -> list[Stratum]:
    """Return some strata of which enough is judged."""
    found = []
    for _ in range(draw(st.integers(1, 5))):
        judged = draw(st.integers(LEAST_JUDGED, 200))
        same = draw(st.integers(0, judged))
        found.append(Stratum(judged + draw(st.integers(0, 10**6)), judged, same, draw(st.floats(0, 1))))
    return found


@given(strata(), strata())
def test_an_interval_holds_its_estimate(together: list[Stratum], apart: list[Stratum]) -> None:
    for found in (precision(together), recall(together, apart)):
        assert found is not None
        assert 0 <= found.low <= found.value <= found.high <= 1


@given(strata())
def test_more_judgements_of_the_same_narrow_it(together: list[Stratum]) -> None:
    before = precision(together)
    many = [Stratum(4 * s.pairs, 4 * s.judged, 4 * s.same, s.expected) for s in together]
    after = precision(many)
    assert before is not None
    assert after is not None
    assert after.high - after.low <= before.high - before.low + 2e-6


@given(strata(), strata())
def test_what_was_judged_whole_is_known(together: list[Stratum], apart: list[Stratum]) -> None:
    whole = [[Stratum(s.judged, s.judged, s.same, 0.5) for s in side] for side in (together, apart)]
    found = precision(whole[0])
    assert found is not None
    right = sum(s.same for s in whole[0])
    assert found.low == found.value == found.high == pytest.approx(right / sum(s.pairs for s in whole[0]), abs=1e-6)
    missed = recall(*whole)
    assert missed is not None
    if right:
        known = right / (right + sum(s.same for s in whole[1]))
        assert (missed.low, missed.value, missed.high) == pytest.approx((known,) * 3, abs=1e-5)


@given(strata(), st.permutations(range(5)))
def test_the_order_of_strata_is_nothing(together: list[Stratum], order: list[int]) -> None:
    found, other = precision(together), precision([together[place] for place in order if place < len(together)])
    assert found is not None
    assert other is not None
    assert (found.value, found.low, found.high) == pytest.approx((other.value, other.low, other.high), abs=2e-6)


def test_an_error_counts_for_all_the_pairs_it_stands_for() -> None:
    small, large = Stratum(100, 50, 50, 0.9), Stratum(9_900, 50, 49, 0.99)
    found = precision([small, large])
    assert found is not None
    assert found.value == pytest.approx(1 - 0.99 / 50)
    assert found.low < 0.91


def test_no_error_found_is_not_no_error() -> None:
    found = precision([Stratum(1_000_000, 100, 100, 0.99)])
    assert found is not None
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(1 - 0.0362, abs=1e-3), "three in a hundred could have stayed unseen"


def test_of_what_nobody_looked_at_nothing_is_known() -> None:
    assert (share_of(Stratum(10, 0, 0, 0.7)).low, share_of(Stratum(10, 0, 0, 0.7)).high) == (0.0, 1.0)
    found = precision([Stratum(1000, 60, 60, 0.9), Stratum(1000, 0, 0, 0.7)])
    assert found is not None
    assert found.value == pytest.approx(0.85)
    assert found.low < 0.5


def test_too_few_judgements_tell_nothing() -> None:
    few, enough = Stratum(1000, LEAST_JUDGED - 1, 20, 0.9), Stratum(1000, LEAST_JUDGED, 20, 0.9)
    assert precision([few]) is None
    assert precision([]) is None
    assert recall([enough], [few]) is None
    assert recall([few], [enough]) is None
    assert recall([enough], []) == recall([enough], [Stratum(0, 0, 0, 0.0)])
    assert precision([Stratum(5, 5, 4, 0.9)]) is not None, "all of five is all there is"


def test_nothing_found_right_leaves_recall_open() -> None:
    found = recall([Stratum(1000, 50, 0, 0.9)], [Stratum(1000, 50, 10, 0.1)])
    assert found is not None
    assert (found.value, found.low, found.high) == (0.0, 0.0, 1.0)


def test_the_interval_is_clopper_and_pearsons() -> None:
    assert exact(0, 10) == pytest.approx((0, 0.3085), abs=1e-4)
    assert exact(9, 10) == pytest.approx((0.5550, 0.9975), abs=1e-4)
    assert exact(50, 50) == pytest.approx((0.9289, 1), abs=1e-4)


def test_disagreement_tells_how_often_one_of_two_errs() -> None:
    assert stewards_error(0, 0) is None
    assert stewards_error(100, 0) == 0
    assert stewards_error(1000, 95) == pytest.approx(0.05, abs=1e-6)
    assert stewards_error(10, 9) == 0.5
