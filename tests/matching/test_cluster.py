"""The stage: who is one customer, and who only looks like it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.model import tonights_model
from tests.matching.standardised_night import (
    RUN,
    STAGES,
    Row,
    add_standardised,
    clusters,
    everything,
    matched,
    person,
    run_stages,
    together,
    town,
)
from warehouse.run import Base

if TYPE_CHECKING:
    import random

    from duckdb import DuckDBPyConnection

SMITHS: dict[str, Any] = {
    "place": "12 elm",
    "postal_code": "98101",
    "phone": "2065551234",
    "email": "smiths@mail.example",
}


@pytest.fixture(scope="module")
def neighbours() -> tuple[Row, ...]:
    """Return a few hundred records of other people, so that names and contacts have frequencies."""
    return tuple(town(120, seed=5)[0])


def among(neighbours: tuple[Row, ...], *rows: Row) -> DuckDBPyConnection:
    return matched([*rows, *map(dict, neighbours)])


def test_fifty_records_that_say_only_john_smith_stay_apart(neighbours: tuple[Row, ...]) -> None:
    smiths = [person(f"js{n}", "john", "smith") for n in range(50)]
    assert len(clusters(matched(smiths))) == 50
    con = among(neighbours, *smiths, person("known", "john", "smith", **SMITHS))
    assert {frozenset([row["source_record_id"]]) for row in smiths} <= clusters(con)


def test_a_name_that_nobody_else_has_may_carry_a_record(neighbours: tuple[Row, ...]) -> None:
    con = among(
        neighbours,
        person("1", "xerxes", "quillfeather", middle="z"),
        person("2", "xerxes", "quillfeather", middle="z", email="xq@mail.example", place="77 quay"),
    )
    assert together(con, "1", "2")


def test_a_family_with_one_place_phone_and_mailbox_stays_apart(neighbours: tuple[Row, ...]) -> None:
    names = ("john", "mary", "peter")
    con = among(neighbours, *(person(f"{name}{n}", name, "smith", **SMITHS) for name in names for n in range(2)))
    for name in names:
        assert frozenset([f"{name}0", f"{name}1"]) in clusters(con)


def test_father_and_son_of_one_name_stay_apart_by_their_suffix(neighbours: tuple[Row, ...]) -> None:
    father = {key: value for key, value in SMITHS.items() if key != "email"}
    con = among(
        neighbours,
        *(
            person(f"sr{n}", "john", "smith", suffix="sr", middle="a", birth_date="1950-01-02", **father)
            for n in range(2)
        ),
        *(
            person(f"jr{n}", "john", "smith", suffix="jr", middle="b", birth_date="1980-03-04", **father)
            for n in range(2)
        ),
    )
    assert together(con, "sr0", "sr1")
    assert together(con, "jr0", "jr1")
    assert not together(con, "sr0", "jr0")


def test_a_chain_is_not_closed_blindly(neighbours: tuple[Row, ...]) -> None:
    """Mary's record with John's mailbox ties both of them together, yet they are two."""
    john = {"phone": "2065551111", "place": "12 elm"}
    mary = {"phone": "2065552222", "place": "12 elm"}
    con = among(
        neighbours,
        *(person(f"john{n}", "john", "smith", email="john.smith1@mail.example", middle="q", **john) for n in range(1)),
        person("john-2", "john", "smith", email="john.smith1@mail.example", middle="q", place="12 elm"),
        person("bridge", "mary", "smith", email="john.smith1@mail.example", **mary),
        person("mary-1", "mary", "smith", email="mary.smith2@mail.example", middle="r", **mary),
        person("mary-2", "mary", "smith", middle="r", **mary),
    )
    assert together(con, "john0", "john-2")
    assert together(con, "bridge", "mary-1", "mary-2")
    assert not together(con, "john0", "mary-1")


def test_a_nickname_an_initial_and_a_slip_are_no_reason_to_part(neighbours: tuple[Row, ...]) -> None:
    home: dict[str, Any] = {"place": "88 cedar", "postal_code": "98155", "phone": "2065557777"}
    con = among(
        neighbours,
        person("1", "robert", "vandermeer", email="robert.vandermeer@mail.example", **home),
        person("2", "bob", "vandermeer", nicknames=["bob", "robert"], **home),
        person("3", "r", "vandermeer", email="robert.vandermeer@mail.example"),
        person("4", "robert", "vandermer", email="robert.vandermeer@mail.example", place="88 cedar"),
    )
    assert together(con, "1", "2", "3", "4")


def test_somebody_who_moved_is_held_together_by_what_stayed(neighbours: tuple[Row, ...]) -> None:
    con = among(
        neighbours,
        person("old", "iris", "hartigan", middle="w", email="iris.hartigan@mail.example", place="5 birch"),
        person(
            "new",
            "iris",
            "hartigan",
            middle="w",
            email="iris.hartigan@mail.example",
            place="901 oak",
            phone="3605550000",
        ),
        person("newer", "iris", "hartigan", middle="w", place="901 oak", phone="3605550000"),
    )
    assert together(con, "old", "new", "newer")


def test_a_town_is_told_apart() -> None:
    rows, truth = town(150, seed=3)
    found = clusters(matched(rows))
    right = sum(len({truth[key] for key in cluster}) == 1 for cluster in found)
    assert right / len(found) > 0.97
    assert len(found) < 1.25 * len(set(truth.values()))


def test_basis_weight_and_cohesion_say_why_a_record_is_where_it_is(neighbours: tuple[Row, ...]) -> None:
    con = among(
        neighbours,
        person("twin-1", "wanda", "zimmer", email="wanda.zimmer@mail.example", place="3 quay"),
        person("twin-2", "wanda", "zimmer", email="wanda.zimmer@mail.example", place="3 quay"),
        person("third", "wanda", "zimmer", email="wanda.zimmer@mail.example", phone="3605559999"),
        person("hermit", "ulf", "yngling", email="ulf.yngling@mail.example"),
    )
    rows = con.execute("""
        SELECT source_record_id, basis, match_weight, cohesion, records, distinct_records, cluster_id
        FROM matching.cluster JOIN matching.cluster_tie USING (cluster_id)
        WHERE source_record_id IN ('twin-1', 'twin-2', 'third', 'hermit')
    """).fetchall()
    told = {row[0]: row[1:] for row in rows}
    assert told["hermit"] == ("single", None, 1.0, 1, 1, "s:hermit")
    assert told["twin-1"][0] == told["twin-2"][0] == "identical"
    assert told["third"][0] == "probabilistic"
    assert told["third"][1] > 5
    assert 0.85 < told["third"][2] < 1
    assert told["third"][3:] == (3, 2, "s:third")


def test_every_record_is_in_one_cluster_named_by_its_least_record() -> None:
    rows, _ = town(60, seed=9)
    con = matched(rows)
    named = con.execute("""
        SELECT cluster_id, min(source || ':' || source_record_id), count(*) FROM matching.cluster GROUP BY cluster_id
    """).fetchall()
    assert all(cluster_id == least for cluster_id, least, _ in named)
    assert sum(count for *_, count in named) == len(rows)
    ties = con.execute("SELECT cluster_id, records FROM matching.cluster_tie").fetchall()
    assert {(cluster_id, count) for cluster_id, _, count in named} == set(ties)


def test_uncertain_pairs_are_left_to_a_steward() -> None:
    rows, _ = town(150, seed=3)
    con = matched(rows, merge_at=0.999, review_at=0.01)
    model = tonights_model(con, RUN)
    found = con.execute("""
        SELECT match_probability, cluster_id_l < cluster_id_r, l.cluster_id IS NOT NULL AND r.cluster_id IS NOT NULL
        FROM matching.possible_match
        LEFT JOIN matching.cluster_tie AS l ON l.cluster_id = cluster_id_l
        LEFT JOIN matching.cluster_tie AS r ON r.cluster_id = cluster_id_r
    """).fetchall()
    assert found
    assert all(model.review_at <= posterior < model.merge_at for posterior, *_ in found)
    assert all(ordered and known for _, ordered, known in found)
    assert len(clusters(con)) > len(clusters(matched(rows)))


@settings(max_examples=4)
@given(st.randoms(use_true_random=False), st.sampled_from([1, 2]))
def test_neither_order_nor_threads_matter(dice: random.Random, threads: int) -> None:
    rows, _ = town(40, seed=7)
    rows += [person(f"js{n}", "john", "smith") for n in range(9)]
    expected = everything(matched(rows))
    assert everything(matched(dice.sample(rows, len(rows)), threads=threads)) == expected


def test_with_a_frozen_model_strangers_change_nobodys_customer() -> None:
    rows, _ = town(60, seed=11)
    con = matched(rows)
    before = clusters(con)
    version = tonights_model(con, RUN).version
    strangers = town(30, seed=12)[0]
    for row in strangers:
        row |= {"source": "elsewhere", "family": f"{row['family']}sson", "given": f"{row['given']}x"}
        row |= {name: f"9{row[name]}" for name in ("email", "phone", "street", "postal_code") if row.get(name)}
        row |= {"emails": [row["email"]] if row.get("email") else [], "nicknames": [row["given"]]}
        row |= {"phones": [row["phone"]] if row.get("phone") else []}
    add_standardised(con, strangers)
    base = Base("r1", Path(), ("run-1",), datetime(2026, 1, 1, tzinfo=UTC), version)
    run_stages(con, STAGES, run=replace(RUN, run_id="run-2", base=base))
    assert {cluster for cluster in clusters(con) if any("-" in key for key in cluster)} >= before
