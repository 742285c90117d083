from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from matching.bench import open_bench
from matching.model import tonights_model
from matching.resolve import prepare_pass
from tests.matching.small_night import RUN, matched, people

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Near = dict[tuple[str, str], float]


@pytest.fixture(scope="module")
def night() -> DuckDBPyConnection:
    return matched(people(150, 3)[0])


def near_as_written(night: DuckDBPyConnection) -> Near:
    rows = night.execute("SELECT entity_l, entity_r, match_probability FROM matching.near_entity").fetchall()
    return {(left, right): probability for left, right, probability in rows}


def near_without_components(night: DuckDBPyConnection) -> Near:
    """Return what one pass over all pairs leaves apart though not clearly two, where it forms the same entities.

    Of these the ones that some pair of their nodes brings near by itself.
    """
    model = tonights_model(night, RUN)
    found = prepare_pass(night, open_bench(night, model), model, ties_at=-np.inf).run(
        model.entity_weight(model.merge_at)
    )
    ids = [
        row[0] for row in night.execute("SELECT distinct_record_id FROM matching.distinct_record ORDER BY 1").fetchall()
    ]
    entity_of = dict(night.execute("SELECT distinct_record_id, entity FROM matching.resolution").fetchall())
    assert {ids[node]: ids[entity] for node, entity in enumerate(found.entity)} == entity_of
    pairs = night.execute(
        "SELECT distinct_record_id_l, distinct_record_id_r FROM matching.pair WHERE match_weight >= ?",
        [model.entity_weight(model.review_at)],
    ).fetchall()
    brought_near = {tuple(sorted((entity_of[left], entity_of[right]))) for left, right in pairs}
    posterior = model.entity_posterior(found.weight)
    near = np.flatnonzero((posterior >= model.review_at) & (posterior < model.merge_at))
    named = {(ids[found.left[place]], ids[found.right[place]]): float(posterior[place]) for place in near}
    return {pair: probability for pair, probability in named.items() if pair in brought_near}


def test_near_misses_are_those_of_a_pass_that_knows_no_components(night: DuckDBPyConnection) -> None:
    written = near_as_written(night)
    assert written == pytest.approx(near_without_components(night))
    component_of = dict(night.execute("SELECT entity, component FROM matching.resolution").fetchall())
    across = [pair for pair in written if component_of[pair[0]] != component_of[pair[1]]]
    assert across, "no near miss lies across components: the test shows nothing"
