"""The weight of a pair: by hand, against Splink's own, and what it must not do."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from splink import DuckDBAPI, Linker

from matching.blocking import make_candidates, make_keys
from matching.compare_contacts import PHONE
from matching.comparisons import COMPARISONS
from matching.features import FREQUENCY_ATTRIBUTES
from matching.shipped_model import SHIPPED
from matching.splink_settings import compare, quiet_splink, splink_settings
from matching.weights import all_level_weights, combine, pair_evidence, probability
from tests.matching.standardised_night import run_stages, spelled, town, warehouse

WEIGHTS = st.floats(-50, 50)


def test_a_pairs_evidence_is_the_sum_of_its_levels_and_the_rarity_of_what_is_equal() -> None:
    said = {comparison.name: np.array([-1], np.int8) for comparison in COMPARISONS}
    said["given"][0] = len(SHIPPED["given"]) - 1  # exact
    said["phone"][0] = 0  # different
    bits = {name: np.array([9.0, 0.0]) for name in FREQUENCY_ATTRIBUTES}
    match, household = pair_evidence(all_level_weights(SHIPPED), said, bits, np.array([0]))
    exact, different = SHIPPED["given"]["exact"], SHIPPED["phone"]["different"]
    assert match[0] == pytest.approx(log2(exact[0]) + 9 + log2(different[0] / different[2]))
    assert household[0] == pytest.approx(log2(exact[1]) + 9 + log2(different[1] / different[2]))


def test_each_level_counts_the_rarity_of_its_own_attribute() -> None:
    phone = all_level_weights(SHIPPED)["phone"]
    gamma = {level.name: len(PHONE.levels) - 1 - place for place, level in enumerate(PHONE.levels)}
    attributes = {"exact": "phone", "other_area": "phone_line"}
    assert {name: phone.attribute(of) for name, of in gamma.items()} == dict.fromkeys(gamma) | attributes
    assert phone.attribute(-1) is None
    bits = {"phone": np.array([9.0, 12.0]), "phone_line": np.array([5.0, 6.0])}
    levels = np.array([gamma["exact"], gamma["other_area"], gamma["typo"], -1, gamma["exact"]], np.int8)
    assert phone.rarity(levels, bits, np.array([0, 0, 1, 1, 1])).tolist() == [9, 5, 0, 0, 12]


@given(WEIGHTS, WEIGHTS)
def test_three_classes_weigh_match_against_both_others(match: float, household: float) -> None:
    weight = float(combine(np.array([match]), np.array([household]))[0])
    assert weight == pytest.approx(log2(2**match / (2**household + 1)), abs=1e-6)
    assert weight <= match


def test_a_household_undoes_shared_contacts() -> None:
    assert combine(np.array([20.0]), np.array([-30.0]))[0] == pytest.approx(20)
    assert combine(np.array([20.0]), np.array([25.0]))[0] == pytest.approx(-5)


@given(WEIGHTS)
def test_probability_is_the_posterior_of_log2_odds(weight: float) -> None:
    posterior = float(probability(np.array([weight]))[0])
    assert 0 < posterior < 1 or abs(weight) > 49
    assert posterior == pytest.approx(2**weight / (1 + 2**weight), abs=1e-9)


def test_match_against_random_is_splinks_own_weight() -> None:
    con = warehouse(town(30)[0])
    run_stages(con, ["collapse"])
    scratch, tuples = spelled(con)
    make_keys(scratch)
    make_candidates(scratch)
    chunk = next(compare(scratch, SHIPPED))
    # Splink is told no frequencies: every equal value is as rare as the level's own share of random pairs
    of_persons = [comparison for comparison in COMPARISONS if comparison.name not in ("firm", "site", "switchboard")]
    shares = {level.frequency: SHIPPED[c.name][level.name][2] for c in of_persons for level in c.levels}
    flat = {name: np.full(tuples, -log2(shares[name])) for name in FREQUENCY_ATTRIBUTES}
    match, _ = pair_evidence(all_level_weights(SHIPPED), chunk.gammas, flat, chunk.left)
    with quiet_splink():
        api = DuckDBAPI(scratch)
        settings = splink_settings(SHIPPED, probability_of_match=0.5)
        predicted = Linker(api.register("feature"), settings, log_level=None).inference.predict(warning_mode="never")
    theirs = {
        (left, right): weight
        for left, right, weight in scratch.execute(
            f"SELECT tuple_no_l, tuple_no_r, match_weight FROM {predicted.physical_name}"
        ).fetchall()
    }
    compared = 0
    for place, pair in enumerate(zip(chunk.left, chunk.right, strict=True)):
        # one flat rarity cannot stand for the shares of three kinds of equal e-mails
        if chunk.gammas["email"][place] <= 4 and pair in theirs:
            assert match[place] == pytest.approx(theirs[pair], abs=2e-2)
            compared += 1
    assert compared > 30
