"""Labelled pairs: read, taught to the model, and what tonight's customers are worth by them."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.calibrate import LEAST_LABELS, calibrated, fit
from matching.compare_labels import compare_labels
from matching.comparisons import COMPARISONS
from matching.labels import Label, labels_hash, read_labels, with_decisions
from matching.measure_labels import wilson
from matching.model import find_model, tonights_model
from matching.shipped_model import ENTITY_SHIFT, ENTITY_SLOPE, SHIPPED
from matching.splink_settings import Comparing
from matching.train import Known, estimate
from tests.matching.standardised_night import RUN, STAGES, clusters, person, run_stages, spelled, town, warehouse
from tests.matching.test_model import MODEL, sample_of
from warehouse.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from matching.model import Model
    from tests.matching.standardised_night import Row
    from warehouse.run import Run

HEADING = "source_l,record_l,source_r,record_r,same\n"
FILE = "labels.csv"


def written(folder: Path, labels: Iterable[tuple[str, str, bool]]) -> Path:
    """Write labels of records of the source `s`."""
    rows = [f"s,{left},s,{right},{str(same).lower()}\n" for left, right, same in labels]
    (folder / FILE).write_text(HEADING + "".join(rows))
    return folder / FILE


def of_truth(truth: dict[str, str], count: int, seed: int = 5) -> list[tuple[str, str, bool]]:
    """Return so many pairs of one person, and as many of two people of one home."""
    dice = random.Random(seed)
    pairs = list(combinations(sorted(truth), 2))
    same = [(one, other, True) for one, other in pairs if truth[one] == truth[other]]
    apart = [
        (one, other, False)
        for one, other in pairs
        if truth[one] != truth[other] and truth[one].split("-")[0] == truth[other].split("-")[0]
    ]
    return dice.sample(same, count) + dice.sample(apart, count)


def in_folder(folder: Path, run: Run = RUN) -> Run:
    return replace(run, workspace=folder)


# ---------------------------------------------------------------------------------------------------- reading


def test_labels_are_read_in_any_order_and_form_as_the_same(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text(HEADING + "s,1,s,2,true\nt,x,s,9,no\n")
    labels = read_labels(path, FILE)
    assert labels == (Label(("s", "1"), ("s", "2"), same=True), Label(("s", "9"), ("t", "x"), same=False))
    path.write_text(
        '\ufeffnote,same,source_r,record_r,source_l,record_l\n,0,t,x,s,9\n"a, b",YES,s,1,s,2\n,Same,s,2,s,1\n'
    )
    assert read_labels(path, FILE) == labels
    assert labels_hash(labels) == labels_hash(labels[::-1])
    assert labels_hash(labels) != labels_hash([replace(labels[0], same=False), labels[1]])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "labels.csv:1: is empty and lacks source_l"),
        (
            "source_l,record_l,source_r,same\n",
            "labels.csv:1: has the columns source_l, record_l, source_r, same and lacks",
        ),
        (HEADING + "s,1,s,2,true\ns,1,s,3,maybe\n", "labels.csv:3: same is 'maybe'; allowed: true or false"),
        (HEADING + "s,1,s,,true\n", "labels.csv:2: record_r is empty"),
        (HEADING + "s,1,s\n", "labels.csv:2: record_r is empty"),
        (HEADING + "s,1,s,1,true\n", "labels.csv:2: names one record twice"),
        (HEADING + "s,1,s,2,1\n\ns,2,s,1,0\n", "labels.csv:4: says the opposite of line 2"),
        (HEADING + 's,1,"s,2,1\n', "cannot be read as csv"),
    ],
)
def test_what_is_no_label_is_named_by_its_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_labels(tmp_path / FILE, FILE)
    assert caught.value.key == "matching.labels"
    assert words in caught.value.message


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no file labels\.csv"):
        read_labels(tmp_path / FILE, FILE)
    (tmp_path / FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read as csv in UTF-8"):
        read_labels(tmp_path / FILE, FILE)


# ---------------------------------------------------------------------------------------------------- learning


def known_of(sample_gammas: dict[str, np.ndarray], same: bool) -> Known:
    count = len(sample_gammas["given"])
    places = np.zeros(count, np.int64)
    return Known(places, places, sample_gammas, np.full(count, same))


def test_labels_move_the_shares_of_their_class_and_not_the_priors() -> None:
    sample = sample_of((600, 300, 800), SHIPPED)
    unlike = {comparison.name: np.full(200, -1, np.int8) for comparison in COMPARISONS}
    unlike["phone"][:] = 0
    unlike["given"][:] = len(SHIPPED["given"]) - 1
    plain, prior_match, prior_household = estimate(sample, SHIPPED)
    taught, *priors = estimate(sample, SHIPPED, COMPARISONS, known_of(unlike, same=True))
    assert taught["phone"]["different"][0] > plain["phone"]["different"][0] + 0.1
    assert taught["phone"]["different"][1] == pytest.approx(plain["phone"]["different"][1], abs=0.02)
    assert priors == pytest.approx([prior_match, prior_household], abs=0.2)
    apart, *_ = estimate(sample, SHIPPED, COMPARISONS, known_of(unlike, same=False))
    assert apart["phone"]["different"][0] == pytest.approx(plain["phone"]["different"][0], abs=0.02)
    assert apart["given"]["exact"][1] > plain["given"]["exact"][1], "two of one household, with one given name"


def test_two_hundred_labels_do_not_overturn_a_hundred_thousand_pairs() -> None:
    sample = sample_of((60000, 20000, 40000), SHIPPED)
    unlike = {comparison.name: np.full(200, -1, np.int8) for comparison in COMPARISONS}
    unlike["phone"][:] = 0
    plain, *_ = estimate(sample, SHIPPED)
    taught, *_ = estimate(sample, SHIPPED, COMPARISONS, known_of(unlike, same=True))
    assert 0.005 < taught["phone"]["different"][0] - plain["phone"]["different"][0] < 0.03


def test_labelled_pairs_are_compared_though_no_rule_finds_them() -> None:
    rows = [
        person("1", "ada", "amsel", email="a@mail.example", phone="2065550001"),
        person("2", "zoe", "quill", email="z@post.example", phone="4258887766"),
        person("3", "ada", "amsel", email="a@mail.example", phone="2065550001"),
    ]
    con = warehouse(rows)
    run_stages(con, ["find_shared", "collapse"])
    scratch, _ = spelled(con)
    labels = [
        Label(("s", "1"), ("s", "2"), same=True),
        Label(("s", "1"), ("s", "3"), same=True),  # one tuple: nothing to learn
        Label(("s", "2"), ("s", "3"), same=True),  # the same pair of tuples again
        Label(("s", "2"), ("s", "99"), same=True),
    ]
    known = compare_labels(con, Comparing(scratch, SHIPPED), labels)
    assert known.same.tolist() == [True]
    assert {name: int(gammas[0]) for name, gammas in known.gammas.items()}["phone"] == 0
    contradicting = [*labels[:1], Label(("s", "2"), ("s", "3"), same=False)]
    assert len(compare_labels(con, Comparing(scratch, SHIPPED), contradicting).same) == 0


def prepared(con: DuckDBPyConnection, run: Run, *, threads: int = 2, **of_matching: object) -> Model:
    report = run_stages(con, ["prepare_model"], run=run, threads=threads, of_matching=of_matching)["prepare_model"]
    model = find_model(con, str(report.figures["model_version"]))
    assert model
    return model


def test_other_labels_make_another_model_and_none_the_old_one_again(tmp_path: Path) -> None:
    rows, truth = town(60)
    con = warehouse(rows)
    run_stages(con, ["find_shared", "collapse"])
    run = in_folder(tmp_path)
    before = prepared(con, run)
    right = of_truth(truth, 40)
    written(tmp_path, right)
    taught = prepared(con, run, labels=FILE)
    written(tmp_path, right[::-1])
    again = prepared(con, run, threads=1, labels=FILE)
    assert again.version == taught.version, "neither the order of rows nor the threads say anything"
    written(tmp_path, [(left, other, not same) for left, other, same in right])
    wrong = prepared(con, run, labels=FILE)
    assert len({before.version, taught.version, wrong.version}) == 3
    assert wrong.parameters["given"]["different"][0] > 2 * taught.parameters["given"]["different"][0]
    assert prepared(con, run).version == before.version


# ---------------------------------------------------------------------------------------------------- calibrating


@given(st.floats(-1, 6), st.floats(0.4, 1.2), st.integers(0, 3))
def test_enough_labels_find_the_posterior_they_were_drawn_from(shift: float, slope: float, seed: int) -> None:
    dice = np.random.default_rng(seed)
    weight = dice.uniform(-9, 6, 20000)
    same = dice.random(20000) < 1 / (1 + np.exp2(-(shift + slope * weight)))
    found_shift, found_slope = fit(weight, same, ENTITY_SHIFT, ENTITY_SLOPE)
    assert found_shift == pytest.approx(shift, abs=0.35)
    assert found_slope == pytest.approx(slope, abs=0.08)


def test_few_labels_stay_near_the_shipped_posterior() -> None:
    weight, same = np.array([-3.0, 2.0, 4.0]), np.array([True, False, True])
    shift, slope = fit(weight, same, ENTITY_SHIFT, ENTITY_SLOPE)
    assert abs(shift - ENTITY_SHIFT) < 1
    assert abs(slope - ENTITY_SLOPE) < 0.15


def namesakes(count: int) -> tuple[list[Row], list[tuple[str, str, bool]]]:
    """Return pairs of records that share a rare name and no address, every other of them labelled as one person."""
    rows, labels = town(60)[0], []
    for place in range(count):
        name = "nora", "".join(chr(97 + (7 * place + 3 * letter * place) % 26) for letter in range(1, 7))
        rows.append(person(f"a{place}", *name, place=f"{700 + place} aspen", postal_code="98001"))
        rows.append(person(f"b{place}", *name, place=f"{300 + place} maple", postal_code="98002"))
        labels.append((f"a{place}", f"b{place}", place % 2 == 0))
    return rows, labels


def test_posteriors_are_calibrated_where_labels_of_both_kinds_lie_near_the_threshold(tmp_path: Path) -> None:
    rows, labels = namesakes(2 * LEAST_LABELS + 20)
    con = warehouse(rows)
    run_stages(con, ["find_shared", "collapse"])
    run = in_folder(tmp_path)
    plain = prepared(con, run)
    written(tmp_path, labels[:LEAST_LABELS])
    few = prepared(con, run, labels=FILE)
    assert (
        (few.entity_shift, few.entity_slope) == (ENTITY_SHIFT, ENTITY_SLOPE) == (plain.entity_shift, plain.entity_slope)
    )
    written(tmp_path, labels)
    enough = prepared(con, run, labels=FILE)
    assert enough.entity_shift < plain.entity_shift - 1, "of what such a weight joins, half is wrong"
    set_by_hand = prepared(con, run, labels=FILE, merge_at=0.85)
    assert (set_by_hand.entity_shift, set_by_hand.entity_slope) == (ENTITY_SHIFT, ENTITY_SLOPE)


@pytest.mark.parametrize(
    ("weight", "same", "is_believed"),
    [
        ([-6.0] * 300 + [3.0] * 300, [False] * 300 + [True] * 300, True),
        ([-6.0] * 300 + [3.0] * 300, [True] * 300 + [False] * 300, False),
        ([-6.0] * 300 + [3.0] * 300, [False] * 300 + [True] * 40 + [False] * 260, False),
        ([-20.0] * 300 + [3.0] * 300, [False] * 300 + [True] * 300, False),
        ([-6.0] * 40 + [3.0] * 300, [False] * 40 + [True] * 300, False),
    ],
    ids=["plausible", "the wrong way round", "joined wrongly", "far from the threshold", "too few of a kind"],
)
def test_labels_are_believed_where_they_are_enough_and_make_sense(
    weight: list[float], same: list[bool], is_believed: bool
) -> None:
    found = calibrated(MODEL, np.array(weight), np.array(same))
    assert (found != (MODEL.entity_shift, MODEL.entity_slope)) == is_believed
    assert all(abs(number) < 10 for number in fit(np.array(weight), np.array(same), ENTITY_SHIFT, ENTITY_SLOPE))


# ---------------------------------------------------------------------------------------------------- measuring


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_interval_holds_the_share_and_narrows_with_the_tries(hits: int, misses: int) -> None:
    share, low, high = wilson(hits, hits + misses)
    if share is None or low is None or high is None:
        assert hits + misses == 0
        return
    assert 0 <= low <= share <= high <= 1
    _, lower, higher = wilson(4 * hits, 4 * (hits + misses))
    assert lower is not None
    assert higher is not None
    assert higher - lower < high - low


def test_the_interval_is_wilsons() -> None:
    assert wilson(9, 10) == pytest.approx((0.9, 0.596, 0.982), abs=1e-3)
    assert wilson(0, 0) == (None, None, None)


def measured(con: DuckDBPyConnection, folder: Path) -> dict[str, Any]:
    run_stages(con, ["measure_labels"], run=in_folder(folder), of_matching={"labels": FILE})
    found = con.execute("SELECT * FROM matching.label_measure")
    names = [column[0] for column in found.description or ()]
    (row,) = found.fetchall()
    return dict(zip(names, row, strict=True))


def test_customers_are_measured_by_the_labels_and_wrong_labels_show(tmp_path: Path) -> None:
    rows, truth = town(60)
    con = warehouse(rows)
    run_stages(con, STAGES)
    labels = of_truth(truth, 50)
    written(tmp_path, [*labels, ("nobody", labels[0][0], True)])
    told = measured(con, tmp_path)
    joined = {frozenset(pair) for cluster in clusters(con) for pair in combinations(sorted(cluster), 2)}
    assert told["same_joined"] == sum(frozenset((left, right)) in joined for left, right, same in labels if same)
    assert (told["labels"], told["unknown"], told["same"], told["different"]) == (101, 1, 50, 50)
    assert told["recall"] == told["same_joined"] / 50
    written(tmp_path, [(left, right, not same) for left, right, same in labels])
    wrong = measured(con, tmp_path)
    assert wrong["different_joined"] == told["same_joined"]
    assert wrong["precision"] < told["precision"]
    assert wrong["recall"] < told["recall"]
    assert wrong["labels_sha256"] != told["labels_sha256"]


def test_without_labels_nothing_is_measured() -> None:
    con = warehouse(town(5)[0])
    run_stages(con, [*STAGES, "measure_labels"])
    assert con.execute("SELECT count(*) FROM matching.label_measure").fetchall() == [(0,)]
    assert tonights_model(con, RUN).entity_shift == ENTITY_SHIFT


# ---------------------------------------------------------------------------------------------------- decisions


def decide(
    con: DuckDBPyConnection, labels: Iterable[tuple[str, str, bool]], *, state: str = "bound", place: int = 0
) -> None:
    """Write what stewards have decided into matching.decision."""
    (number,) = con.execute("SELECT coalesce(max(decision_id), 0) FROM matching.decision").fetchall()[0]
    for left, right, same in labels:
        number += 1
        con.execute(
            "INSERT INTO matching.decision BY NAME SELECT ? AS decision_id, ? AS place, ? AS decision,"
            " 's' AS source_l, ? AS source_record_id_l, 's' AS source_r, ? AS source_record_id_r, 'ann' AS decided_by,"
            " TIMESTAMP '2026-01-01' AS decided_at, ? AS state",
            [number, place, "same" if same else "different", *sorted((left, right)), state],
        )


def test_decisions_teach_as_labels_do_where_that_is_wanted(tmp_path: Path) -> None:
    rows, truth = town(60)
    con = warehouse(rows)
    run_stages(con, ["find_shared", "collapse"])
    run = in_folder(tmp_path)
    right = of_truth(truth, 40)
    written(tmp_path, right)
    labelled = prepared(con, run, labels=FILE)
    plain = prepared(con, run)
    decide(con, right)
    assert prepared(con, run) == plain, "nobody wants to learn from them"
    taught = prepared(con, run, learn_from_decisions=True)
    assert taught.parameters == labelled.parameters != plain.parameters
    assert taught.settings_hash == plain.settings_hash, "decisions alone make no model"
    again = run_stages(
        con, ["prepare_model"], run=replace(run, run_id="run-2"), of_matching={"learn_from_decisions": True}
    )
    assert again["prepare_model"].figures["labels"] == len(right)


def test_what_stewards_decide_stands_above_a_label_and_counts_once(tmp_path: Path) -> None:
    con = warehouse(town(10)[0])
    label = Label(("s", "1"), ("s", "2"), same=True)
    decide(con, [("1", "2", False), ("2", "3", True)])
    decide(con, [("4", "5", True)], state="reconfirm")
    decide(con, [("6", "7", False)], place=1)
    assert with_decisions(con, [label]) == (
        replace(label, same=False),
        Label(("s", "2"), ("s", "3"), same=True),
    )
    con.execute("DELETE FROM matching.decision")
    assert with_decisions(con, [label]) == (label,)
