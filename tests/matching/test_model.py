"""The model: named by its content, reused night after night, made anew only for a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.comparisons import COMPARISONS
from matching.features import FREQUENCY_ATTRIBUTES
from matching.model import Model, model_from, tonights_model
from matching.shipped_model import SHIPPED
from matching.splink_settings import Comparing
from matching.train import PSEUDO_PAIRS, Sample, count_random, estimate
from tests.matching.standardised_night import RUN, person, run_stages, settings, spelled, town, warehouse
from warehouse.errors import JoinedupError, SettingsError
from warehouse.run import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

    from matching.arrays import Levels

MODEL = Model(
    parameters=SHIPPED,
    prior_match=-11.25,
    prior_household=-12.5,
    entity_shift=3.5,
    entity_slope=0.65,
    merge_at=0.85,
    review_at=0.2,
    records={"given": 1000, "email": 0},
    frequencies_hash="f",
    hot_keys_hash="k",
    settings_hash="s",
)


def made(
    con: DuckDBPyConnection,
    run_id: str = "run-1",
    *,
    base: str | None = None,
    retrain: bool = False,
    of_matching: Mapping[str, object] | None = None,
) -> tuple[str, int]:
    """Prepare a model in the run `run_id` on the base release's model; return its version and how many were made."""
    release = Base("r1", Path(), (), datetime(2026, 1, 1, tzinfo=UTC), base) if base else None
    run = replace(RUN, run_id=run_id, base=release, retrain=retrain)
    report = run_stages(con, ["prepare_model"], run=run, of_matching=of_matching)["prepare_model"]
    assert tonights_model(con, run).version == report.figures["model_version"]
    return str(report.figures["model_version"]), int(report.figures["made"])


def collapsed(households: int = 20) -> DuckDBPyConnection:
    con = warehouse(town(households)[0])
    run_stages(con, ["find_shared", "collapse"])
    return con


def test_a_model_is_read_back_as_it_was_written() -> None:
    assert model_from(MODEL.content).content == MODEL.content
    assert model_from(MODEL.content).version == MODEL.version
    assert MODEL.version[0] == "m"
    assert len(MODEL.version) == 13


def test_any_number_makes_another_version_but_not_beyond_six_decimals() -> None:
    assert replace(MODEL, prior_match=-11.250001).version != MODEL.version
    assert replace(MODEL, frequencies_hash="g").version != MODEL.version
    assert replace(MODEL, hot_keys_hash="l").version != MODEL.version
    assert replace(MODEL, prior_match=-11.2500000001).version == MODEL.version


@given(st.floats(0.001, 0.999))
def test_posteriors_and_weights_of_entities_are_each_others_inverse(posterior: float) -> None:
    weight = np.array([MODEL.entity_weight(posterior)])
    assert MODEL.entity_posterior(weight)[0] == pytest.approx(posterior, abs=1e-6)


def test_an_unseen_value_is_as_rare_as_one_among_the_records() -> None:
    assert MODEL.rarest("given") == 0.001
    assert MODEL.rarest("email") == 1.0


def test_the_first_night_makes_a_model_and_the_next_reuses_it() -> None:
    con = collapsed()
    version, count = made(con)
    assert count == 1
    con.execute("DELETE FROM matching.distinct_record WHERE given = 'ada'")
    assert made(con, "run-2", base=version) == (version, 0)
    again, count = made(con, "run-3", base=version, retrain=True)
    assert (again != version, count) == (True, 1)


def test_other_thresholds_need_another_model() -> None:
    con = collapsed(5)
    version, _ = made(con)
    stricter, count = made(con, "run-2", base=version, of_matching={"merge_at": 0.97, "review_at": 0.5})
    assert (stricter != version, count) == (True, 1)
    found = con.execute("SELECT content FROM matching.model WHERE model_version = ?", [stricter]).fetchall()[0][0]
    assert (model_from(found).merge_at, model_from(found).review_at) == (0.97, 0.5)


def test_a_base_whose_model_is_not_in_the_warehouse_gets_a_new_one() -> None:
    assert made(collapsed(5), base="m000000000000")[1] == 1


def test_equal_records_make_an_equal_model_and_keep_it_once() -> None:
    con = collapsed(5)
    first, _ = made(con, "run-1")
    second, _ = made(con, "run-2")
    assert first == second
    assert con.execute("SELECT model_version, run_id FROM matching.model").fetchall() == [(first, "run-2")]
    keys = con.execute("SELECT count(*), count(DISTINCT (attribute, value)) FROM matching.model_frequency").fetchall()
    assert keys[0][0] == keys[0][1] > 0


def test_without_a_model_nothing_can_be_scored() -> None:
    with pytest.raises(JoinedupError, match="prepare_model has not run"):
        tonights_model(warehouse([]), RUN)


@pytest.mark.parametrize(("key", "value"), [("labels", "labels.csv"), ("engine", "spark")])
def test_what_cannot_be_honoured_is_refused(key: str, value: object) -> None:
    assert getattr(settings(**{key: value}).matching, key) == value
    with pytest.raises(SettingsError, match=rf"matching\.{key}: "):
        run_stages(warehouse([]), ["prepare_model"], of_matching={key: value})


def test_no_records_and_one_record_make_a_model_too() -> None:
    for rows in ([], [person("1", "ada", "amsel", email="a@mail.example")]):
        con = warehouse(rows)
        run_stages(con, ["find_shared", "collapse"])
        assert made(con)[1] == 1


def drawn(dice: np.random.Generator, pairs: int, column: int, shares: dict[str, dict[str, Any]]) -> dict[str, Levels]:
    """Draw levels of so many pairs of one class: 0 match, 1 household, 2 random."""
    return {
        comparison.name: dice.choice(
            len(comparison.levels),
            size=pairs,
            p=(p := np.array([shares[comparison.name][level.name][column] for level in comparison.levels[::-1]]))
            / p.sum(),
        ).astype(np.int8)
        for comparison in COMPARISONS
    }


def sample_of(counts: tuple[int, int, int], shares: dict[str, dict[str, Any]]) -> Sample:
    dice = np.random.default_rng(7)
    classes = [drawn(dice, count, column, shares) for column, count in enumerate(counts)]
    gammas = {c.name: np.concatenate([drawn_[c.name] for drawn_ in classes]) for c in COMPARISONS}
    for name in ("identifier", "reference", "suffix", "organisation", "firm", "site", "switchboard"):
        gammas[name][:] = -1
    bits = {name: np.array([10.0]) for name in FREQUENCY_ATTRIBUTES}
    bits |= {name: np.array([12.0]) for name in ("email", "phone", "phone_line", "place")}
    return Sample(np.zeros(sum(counts), np.int64), gammas, bits, tuples=4000, all_pairs=4000 * 3999 / 2)


def test_training_finds_the_shares_that_the_pairs_were_drawn_from() -> None:
    other = {name: dict(levels) for name, levels in SHIPPED.items()}
    other["phone"]["exact"], other["phone"]["different"] = (0.5, 0.01, 0.00015), (0.45, 0.99, 0.999)
    parameters, prior_match, prior_household = estimate(sample_of((6000, 3000, 8000), other), SHIPPED)
    assert parameters["phone"]["exact"][0] == pytest.approx(0.5, abs=0.03)
    assert parameters["phone"]["exact"][1] == pytest.approx(0.01, abs=0.02)
    assert parameters["given"]["exact"][0] == pytest.approx(SHIPPED["given"]["exact"][0], abs=0.03)
    assert 0 < parameters["phone"]["exact"][2] < SHIPPED["phone"]["exact"][2]
    assert parameters["suffix"] == SHIPPED["suffix"]
    assert prior_match == pytest.approx(log2(6000 / 7998000), abs=0.1)
    assert prior_household == pytest.approx(log2(3000 / 7998000), abs=0.15)


def test_random_pairs_are_counted_where_the_shipped_shares_do_not_fit() -> None:
    rows = [
        person(f"p{n}", "xavier", f"family{n}", email=f"x{n}@mail.example", postal_code="98101") for n in range(300)
    ]
    con = warehouse(rows)
    run_stages(con, ["find_shared", "collapse"])
    scratch, tuples = spelled(con)
    counted = count_random(Comparing(scratch, SHIPPED), SHIPPED, tuples)
    assert counted["given"]["exact"][2] > 0.5 > 20 * SHIPPED["given"]["exact"][2]
    assert counted["given"]["exact"][:2] == SHIPPED["given"]["exact"][:2]
    assert counted["phone"] == {level: pytest.approx(shares) for level, shares in SHIPPED["phone"].items()}


def test_few_pairs_leave_the_shipped_shares_nearly_as_they_are() -> None:
    few = PSEUDO_PAIRS // 20
    parameters, _, _ = estimate(sample_of((few, few, few), SHIPPED), SHIPPED)
    for name, levels in SHIPPED.items():
        for level, shares in levels.items():
            assert parameters[name][level] == pytest.approx(shares, abs=0.06), (name, level)
