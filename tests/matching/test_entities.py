"""The pass of entities against entities: what it keeps up to date is what it would find anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from matching.bench import open_bench
from matching.model import tonights_model
from matching.resolve import prepare_pass
from tests.matching.standardised_night import RUN, matched, person, town

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from matching.entities import EntityPass, Resolution


def resolved(con: DuckDBPyConnection) -> tuple[EntityPass, Resolution]:
    model = tonights_model(con, RUN)
    threshold = model.entity_weight(model.merge_at)
    prepared = prepare_pass(con, open_bench(con, model), model)
    return prepared.entity_pass, prepared.run(threshold)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_rounds_of_merges_leave_is_what_one_merge_of_all_leaves(seed: int) -> None:
    rows, _ = town(80, seed=seed)
    con = matched([*rows, *(person(f"xq{n}", "xerxes", "quillfeather", middle="z") for n in range(3))])
    _, by_rounds = resolved(con)
    assert by_rounds.rounds > 2
    model = tonights_model(con, RUN)
    at_once = prepare_pass(con, open_bench(con, model), model).entity_pass
    other = np.flatnonzero(by_rounds.entity != np.arange(len(by_rounds.entity)))
    found = at_once.run(np.inf, (by_rounds.entity[other], other, np.zeros(len(other))))
    assert found.rounds == 0
    assert (found.entity == by_rounds.entity).all()
    left = {(a, b): w for a, b, w in zip(by_rounds.left, by_rounds.right, by_rounds.weight, strict=True)}
    assert {(a, b): w for a, b, w in zip(found.left, found.right, found.weight, strict=True)} == pytest.approx(left)
    assert len(left) > 15


def test_when_it_ends_no_pair_is_left_that_should_merge() -> None:
    con = matched(town(60, seed=4)[0])
    model = tonights_model(con, RUN)
    _, resolution = resolved(con)
    assert (resolution.weight < model.entity_weight(model.merge_at)).all()
    merged = np.unique(resolution.entity, return_counts=True)
    alone = merged[0][merged[1] == 1]
    assert np.isinf(resolution.weakest[alone]).all()
    assert np.isfinite(resolution.weakest[merged[0][merged[1] > 1]]).all()


def test_the_consensus_is_the_commonest_value_and_an_initial_only_for_want_of_better() -> None:
    home = {"place": "88 cedar", "postal_code": "98155"}
    rows = [
        person(f"{place}", given, "vandermeer", email="robert.vandermeer@mail.example", **home | {"phone": phone})
        for place, (given, phone) in enumerate(
            [("robert", "2065550001"), ("robert", "2065550002"), ("robret", "2065550003"), ("r", "2065550004")]
        )
    ]
    entity_pass, resolution = resolved(matched(rows + town(40)[0]))
    observed = entity_pass.observed
    node = int(
        np.flatnonzero(observed.coded["family"].codes == observed.coded["family"].values.index("vandermeer").as_py())[0]
    )
    entity = resolution.entity[node]
    assert (resolution.entity == entity).sum() == 4
    given = observed.coded["given"].values[int(observed.consensus["given"][entity])].as_py()
    assert (given, observed.support["given"][entity], observed.named[entity]) == ("robert", 2, 4)
    assert (observed.distinct["phone"][entity], observed.seen["phone"][entity]) == (4, 4)
    assert (observed.distinct["email"][entity], observed.seen["email"][entity]) == (1, 4)
