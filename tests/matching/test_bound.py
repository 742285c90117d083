"""What stewards decided binds: nothing held apart is ever one, what must be one is, and nobody else notices."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matching.bench import open_bench
from matching.bound import Bound, bound_by, settled
from matching.bound_groups import Start, cut_apart, starting_merges
from matching.entities import EntityPass
from matching.model import tonights_model
from matching.resolve import prepare_pass
from tests.matching.standardised_night import (
    RUN,
    Row,
    clusters,
    decide,
    everything,
    matched,
    person,
    run_stages,
    together,
    town,
    warehouse,
)

if TYPE_CHECKING:
    import random

    from duckdb import DuckDBPyConnection

    from matching.arrays import Numbers

Pair = tuple[int, int]

NODES = 8
PAIRS = st.sampled_from(list(combinations(range(NODES), 2)))
SOME_PAIRS = st.lists(PAIRS, max_size=6)
WEIGHED = st.lists(st.tuples(PAIRS, st.integers(1, 30)), max_size=14, unique_by=lambda tie: tie[0])


def arrays(pairs: list[Pair]) -> tuple[Numbers, Numbers]:
    return tuple(np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))  # type: ignore[return-value]  # two sides


def weighed(ties: list[tuple[Pair, int]]) -> tuple[Numbers, Numbers, Any]:
    return *arrays([pair for pair, _ in ties]), np.array([float(bits) for _, bits in ties])


def groups(start: Start) -> Numbers:
    """Return the entity of each node after these merges."""
    entity = np.arange(NODES)
    for into, other, _ in start.merges:
        renamed = np.arange(NODES)
        renamed[other] = into
        entity = renamed[entity]
    return entity


@settings(max_examples=200)
@given(SOME_PAIRS, SOME_PAIRS, WEIGHED, WEIGHED)
def test_no_start_joins_what_is_held_apart_and_every_must_link_that_can_holds(
    must: list[Pair], apart: list[Pair], equal: list[tuple[Pair, int]], compared: list[tuple[Pair, int]]
) -> None:
    bound = Bound(*arrays(must), *arrays(apart))
    start = starting_merges(NODES, weighed(equal), bound, weighed(compared))
    entity = groups(start)
    assert not (entity[bound.apart_left] == entity[bound.apart_right]).any()
    holds = settled(
        [a for a, _ in must + apart], [b for _, b in must + apart], [True] * len(must) + [False] * len(apart)
    )
    assert all(entity[one] == entity[other] for (one, other), it in zip(must, holds[: len(must)], strict=True) if it)
    assert holds[len(must) :].all()
    # whatever is joined was tied, by the least node's name, and nobody is merged twice
    assert (entity <= np.arange(NODES)).all()
    merged = np.concatenate([other for _, other, _ in start.merges])
    assert len(merged) == len(set(merged.tolist()))
    if not apart:
        assert sorted(map(sorted, components([*must, *(pair for pair, _ in equal)]))) == sorted(
            sorted(np.flatnonzero(entity == name).tolist()) for name in set(entity.tolist())
        )


def components(pairs: list[Pair]) -> list[set[int]]:
    found = [{node} for node in range(NODES)]
    for one, other in pairs:
        left = next(part for part in found if one in part)
        right = next(part for part in found if other in part)
        if left is not right:
            found.remove(right)
            left |= right
    return found


@settings(max_examples=50)
@given(SOME_PAIRS, SOME_PAIRS, WEIGHED, WEIGHED, st.randoms(use_true_random=False))
def test_a_start_knows_no_order(
    must: list[Pair],
    apart: list[Pair],
    equal: list[tuple[Pair, int]],
    compared: list[tuple[Pair, int]],
    dice: random.Random,
) -> None:
    kept = consistent(must, apart)
    same, two = (dice.sample(some, len(some)) for some in (kept, apart))
    ties, seen = (dice.sample(some, len(some)) for some in (equal, compared))
    one = groups(starting_merges(NODES, weighed(equal), Bound(*arrays(kept), *arrays(apart)), weighed(compared)))
    other = groups(starting_merges(NODES, weighed(ties), Bound(*arrays(same), *arrays(two)), weighed(seen)))
    assert (one == other).all()


def consistent(must: list[Pair], apart: list[Pair]) -> list[Pair]:
    """Return the must-links that hold beside these."""
    every = must + apart
    holds = settled([a for a, _ in every], [b for _, b in every], [place < len(must) for place in range(len(every))])
    return [pair for pair, it in zip(must, holds, strict=False) if it]


@settings(max_examples=150)
@given(WEIGHED, PAIRS)
def test_the_cut_loses_no_more_than_the_best_of_all_cuts(ties: list[tuple[Pair, int]], pair: Pair) -> None:
    part = cut_apart(NODES, [(*ends, float(bits)) for ends, bits in ties], [pair])
    assert part[pair[0]] != part[pair[1]]
    assert lost(ties, part) == min(
        lost(ties, np.array(sides)) for sides in product((0, 1), repeat=NODES) if sides[pair[0]] != sides[pair[1]]
    )


def lost(ties: list[tuple[Pair, int]], part: Numbers) -> int:
    return sum(bits for (one, other), bits in ties if part[one] != part[other])


def test_the_oracle_catches_a_cut_beside_the_least() -> None:
    ties = [((0, 1), 9), ((1, 2), 2)]
    assert lost(ties, cut_apart(NODES, [(0, 1, 9.0), (1, 2, 2.0)], [(0, 2)])) == 2
    assert lost(ties, np.array([0, 1, 1, 1, 1, 1, 1, 1])) == 9


def test_weights_beyond_all_capacity_are_scaled_and_those_of_nothing_still_hold() -> None:
    ties = [(0, 1, 1e9), (1, 2, 1e-9), (2, 3, 1e9)]
    assert cut_apart(4, ties, [(0, 3)]).tolist() == [1, 1, 0, 0]
    assert cut_apart(2, [], [(0, 1)]).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("decided", "holds"),
    [
        (["0=1", "1=2", "0!2"], [False, True, True]),
        (["0!2", "0=1", "1=2"], [False, True, True]),
        (["0=1", "0!1", "0=1"], [True, False, True]),
        (["0=1", "0=1", "2!3", "1!3", "0!4"], [True] * 5),
        (["0!3", "1!3", "0=1", "2=3", "1=2"], [False, False, True, True, True]),
        (["0!0"], [False]),
    ],
)
def test_of_decisions_that_contradict_each_other_the_later_ones_hold(decided: list[str], holds: list[bool]) -> None:
    one, other = (np.array([int(said[place]) for said in decided]) for place in (0, -1))
    same = np.array(["=" in said for said in decided])
    assert settled(one.tolist(), other.tolist(), same.tolist()).tolist() == holds
    bound = bound_by(one, other, same)
    assert len(bound.overruled_left) == holds.count(False)
    assert len(bound.must_left) + len(bound.apart_left) == holds.count(True)


@pytest.fixture(scope="module")
def night() -> DuckDBPyConnection:
    return matched(town(25, seed=8)[0])


def fresh_pass(night: DuckDBPyConnection) -> tuple[EntityPass, Any, float]:
    model = tonights_model(night, RUN)
    threshold = model.entity_weight(model.merge_at)
    prepared = prepare_pass(night, open_bench(night, model), model)
    return prepared.entity_pass, prepared.equal, threshold


def violated(entity: Numbers, bound: Bound) -> int:
    together = entity[bound.apart_left] == entity[bound.apart_right]
    return int(together.sum() + (entity[bound.must_left] != entity[bound.must_right]).sum())


@settings(max_examples=8)
@given(st.data())
def test_no_pass_violates_a_decision_and_components_without_one_are_untouched(
    night: DuckDBPyConnection, data: st.DataObject
) -> None:
    entity_pass, equal, threshold = fresh_pass(night)
    left, right = entity_pass.left, entity_pass.right
    near = st.integers(0, len(left) - 1).map(lambda place: (int(left[place]), int(right[place])))
    decided = data.draw(st.lists(st.tuples(near, st.booleans()), max_size=25))
    one, other = arrays([pair for pair, _ in decided])
    bound = bound_by(one, other, np.array([same for _, same in decided], bool))
    free = entity_pass.run(threshold, equal).entity
    bound_pass, equal, _ = fresh_pass(night)
    resolution = bound_pass.run(threshold, equal, bound)
    entity = resolution.entity
    assert violated(entity, bound) == 0
    links = coo_array((np.ones(len(left)), (left, right)), shape=(len(entity), len(entity)))
    component = connected_components(links, directed=False)[1]
    touched = np.isin(component, component[np.concatenate([one, other])])
    assert (entity[~touched] == free[~touched]).all()
    held = {frozenset(pair) for pair in zip(entity[bound.apart_left], entity[bound.apart_right], strict=True)}
    assert not held & {frozenset(pair) for pair in zip(resolution.left, resolution.right, strict=True)}


def test_a_pass_that_forgets_what_is_held_apart_is_caught(
    night: DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    entity_pass, equal, threshold = fresh_pass(night)
    left, right = entity_pass.left, entity_pass.right
    free = entity_pass.run(threshold, equal).entity
    joined = np.flatnonzero(free[left] == free[right])[:20]
    bound = Bound(apart_left=left[joined], apart_right=right[joined])
    obedient, equal, _ = fresh_pass(night)
    assert violated(obedient.run(threshold, equal, bound).entity, bound) == 0
    monkeypatch.setattr(EntityPass, "_held_apart", lambda _, places, __: np.zeros(len(places), bool))
    forgetful, equal, _ = fresh_pass(night)
    assert violated(forgetful.run(threshold, equal, bound).entity, bound) > 5


# Father and son have one name, house, telephone and mailbox; an aunt lives there, a stranger does not.
FAMILY = {"place": "88 cedar", "postal_code": "98155", "phone": "2065557777", "email": "quincy.hartmann@mail.example"}
PEOPLE = [
    *(person(name, "quincy", "hartmann", **FAMILY) for name in ("father", "son", "order-1", "order-2")),
    person("bill", "quincy", "hartmann", email="quincy.hartmann@mail.example"),
    person("aunt", "wilhelmina", "hartmann", place="88 cedar", postal_code="98155", phone="2065557777"),
    person("stranger", "odile", "vanterpool", email="odile@mail.example", place="3 quay"),
]


def decided(rows: list[Row], *what: str) -> DuckDBPyConnection:
    """Return a night of these people in their town under what was decided."""
    con = warehouse([*(dict(row) for row in rows), *town(30, seed=9)[0]])
    decide(con, *what)
    run_stages(con)
    return con


def customer_of(con: DuckDBPyConnection, key: str) -> frozenset[str]:
    return next(cluster for cluster in clusters(con) if key in cluster)


def test_two_who_say_the_same_are_two_where_a_steward_says_so_and_the_rest_stays_together() -> None:
    con = decided(PEOPLE, "father!son")
    assert not together(con, "father", "son")
    assert together(con, "order-1", "order-2")
    assert customer_of(con, "order-1") & {"father", "son"}
    said = (
        "SELECT count(*), count(DISTINCT tuple_id), bool_or(stands_alone), sum(records) FROM matching.distinct_record"
    )
    assert con.execute(f"{said} WHERE given = 'quincy' AND phone IS NOT NULL").fetchall() == [(3, 1, False, 4)]


def test_what_is_tied_to_one_of_two_who_say_the_same_goes_with_that_one() -> None:
    con = decided(PEOPLE, "father!son", "father=order-1", "son=order-2", "aunt!son", "stranger=father")
    assert together(con, "father", "order-1", "stranger")
    assert together(con, "son", "order-2")
    assert not together(con, "father", "son")


def test_a_must_link_joins_what_nothing_else_joins_and_is_certain() -> None:
    con = decided(PEOPLE, "aunt=stranger")
    assert {"aunt", "stranger"} <= customer_of(con, "aunt")
    basis = dict(con.execute("SELECT source_record_id, basis FROM matching.cluster").fetchall())
    assert (basis["aunt"], basis["stranger"], basis["bill"]) == ("decision", "decision", "probabilistic")
    cohesion = "SELECT cohesion FROM matching.cluster_tie JOIN matching.cluster USING (cluster_id) WHERE"
    assert con.execute(f"{cohesion} source_record_id = 'aunt'").fetchall() == [(1.0,)]
    assert con.execute(f"{cohesion} source_record_id = 'bill'").fetchall()[0][0] < 1


def test_naming_a_record_changes_nothing_but_what_was_decided() -> None:
    """The record gets a node of its own, and what it says counts no more than it did before."""
    free = decided(PEOPLE)
    con = decided(PEOPLE, "order-1!stranger", "order-2=order-1")
    assert clusters(con) == clusters(free)
    for table in ("cluster_tie", "possible_match"):
        columns = "* EXCLUDE (distinct_records)" if table == "cluster_tie" else "*"
        told = f"SELECT {columns} FROM matching.{table} ORDER BY ALL"
        assert con.execute(told).fetchall() == free.execute(told).fetchall()


def test_what_is_revoked_is_as_if_it_had_never_been() -> None:
    con = decided(PEOPLE)
    before = everything(con)
    decide(con, "father!son", "aunt=stranger", "bill!order-1")
    run_stages(con, ("collapse", "score", "cluster"))
    assert everything(con)["matching.cluster"] != before["matching.cluster"]
    decide(con)
    run_stages(con, ("collapse", "score", "cluster"))
    assert everything(con) == before


def test_dormant_decisions_bind_nobody_and_those_to_confirm_again_do() -> None:
    con = decided(PEOPLE, "father!son", "aunt=stranger")
    con.execute("UPDATE matching.decision SET state = CASE decision WHEN 'same' THEN 'reconfirm' ELSE 'dormant' END")
    run_stages(con, ("collapse", "score", "cluster"))
    assert together(con, "father", "son")
    assert together(con, "aunt", "stranger")
