"""The stage: who is one customer, and who only looks like it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from matching.model import tonights_model
from tests.matching.standardised_night import (
    RUN,
    STAGES,
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
    from duckdb import DuckDBPyConnection


def home(place: str, phone: str, family: str) -> dict[str, Any]:
    """Return what everybody of a household shares, a mailbox included."""
    return {"place": place, "postal_code": "98101", "phone": phone, "email": f"the{family}s@mail.example"}


SMITHS = home("12 elm", "2065551234", "smith")
BAKERS = home("14 elm", "2065551235", "baker")
TAYLORS = home("16 elm", "2065551236", "taylor")
COOPERS = {"place": "18 elm", "middle": "q", "email": "john.cooper1@mail.example"}
COOPER = {"place": "18 elm", "middle": "r", "phone": "2065552222"}
ROBERT = {"place": "88 cedar", "postal_code": "98155", "phone": "2065557777"}
WANDA = {"email": "wanda.zimmer@mail.example", "place": "3 quay"}

CASES = [
    *(person(f"alone-{n}", "john", "smith") for n in range(50)),
    person("with-details", "john", "smith", **SMITHS),
    person("rare-1", "xerxes", "quillfeather", middle="z"),
    person("rare-2", "xerxes", "quillfeather", middle="z", email="xq@mail.example", place="77 quay"),
    *(person(f"{name}-{n}", name, "baker", **BAKERS) for name in ("ruth", "clark", "peter") for n in range(2)),
    *(person(f"sr-{n}", "john", "taylor", suffix="sr", birth_date="1950-01-02", **TAYLORS) for n in range(2)),
    *(person(f"jr-{n}", "john", "taylor", suffix="jr", birth_date="1980-03-04", **TAYLORS) for n in range(2)),
    person("john-1", "john", "cooper", phone="2065551111", **COOPERS),
    person("john-2", "john", "cooper", **COOPERS),
    person("bridge", "mary", "cooper", email="john.cooper1@mail.example", place="18 elm", phone="2065552222"),
    person("mary-1", "mary", "cooper", email="mary.cooper2@mail.example", **COOPER),
    person("mary-2", "mary", "cooper", **COOPER),
    person("robert", "robert", "vandermeer", email="robert.vandermeer@mail.example", **ROBERT),
    person("bob", "bob", "vandermeer", nicknames=["bob", "robert"], **ROBERT),
    person("r", "r", "vandermeer", email="robert.vandermeer@mail.example"),
    person("slip", "robert", "vandermer", email="robert.vandermeer@mail.example", place="88 cedar"),
    person("old", "iris", "hartmann", middle="w", email="iris.hartmann@mail.example", place="5 birch"),
    person("new", "iris", "hartmann", middle="w", email="iris.hartmann@mail.example", place="901 oak"),
    person("newer", "iris", "hartmann", middle="w", place="901 oak", phone="3605550000"),
    person("twin-1", "wanda", "zimmer", **WANDA),
    person("twin-2", "wanda", "zimmer", **WANDA),
    person("third", "wanda", "zimmer", email="wanda.zimmer@mail.example", phone="3605559999"),
    person("hermit", "ulf", "yngling", email="ulf.yngling@mail.example"),
]


@pytest.fixture(scope="module")
def night() -> DuckDBPyConnection:
    """Return a night of all the cases among a few hundred records of other people."""
    return matched([*CASES, *town(120, seed=5)[0]])


def test_fifty_records_that_say_only_john_smith_stay_apart(night: DuckDBPyConnection) -> None:
    alone = [f"alone-{n}" for n in range(50)]
    assert {frozenset([key]) for key in alone} <= clusters(night)
    assert len(clusters(matched(person(key, "john", "smith") for key in alone))) == 50


def test_a_name_that_nobody_else_has_may_carry_a_record(night: DuckDBPyConnection) -> None:
    assert together(night, "rare-1", "rare-2")


def test_a_family_with_one_place_phone_and_mailbox_stays_apart(night: DuckDBPyConnection) -> None:
    assert {frozenset([f"{name}-0", f"{name}-1"]) for name in ("ruth", "clark", "peter")} <= clusters(night)


def test_father_and_son_of_one_name_stay_apart_by_their_suffix(night: DuckDBPyConnection) -> None:
    assert {frozenset(["sr-0", "sr-1"]), frozenset(["jr-0", "jr-1"])} <= clusters(night)


def test_a_chain_is_not_closed_blindly(night: DuckDBPyConnection) -> None:
    """Mary's record with John's mailbox ties both of them together, yet they are two."""
    assert {frozenset(["john-1", "john-2"]), frozenset(["bridge", "mary-1", "mary-2"])} <= clusters(night)


def test_a_nickname_an_initial_and_a_slip_are_no_reason_to_part(night: DuckDBPyConnection) -> None:
    assert frozenset(["robert", "bob", "r", "slip"]) in clusters(night)


def test_somebody_who_moved_is_held_together_by_what_stayed(night: DuckDBPyConnection) -> None:
    assert frozenset(["old", "new", "newer"]) in clusters(night)


def test_basis_weight_and_cohesion_say_why_a_record_is_where_it_is(night: DuckDBPyConnection) -> None:
    rows = night.execute("""
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


def test_a_town_is_told_apart_and_the_uncertain_is_left_to_a_steward() -> None:
    rows, truth = town(120, seed=3)
    found = clusters(matched(rows))
    right = sum(len({truth[key] for key in cluster}) == 1 for cluster in found)
    assert right / len(found) > 0.97
    assert len(found) < 1.25 * len(set(truth.values()))
    con = matched(rows, merge_at=0.999, review_at=0.01)
    model = tonights_model(con, RUN)
    posteriors = con.execute("""
        SELECT match_probability, cluster_id_l < cluster_id_r, l.cluster_id IS NOT NULL AND r.cluster_id IS NOT NULL
        FROM matching.possible_match
        LEFT JOIN matching.cluster_tie AS l ON l.cluster_id = cluster_id_l
        LEFT JOIN matching.cluster_tie AS r ON r.cluster_id = cluster_id_r
    """).fetchall()
    assert posteriors
    assert all(model.review_at <= posterior < model.merge_at for posterior, *_ in posteriors)
    assert all(ordered and known for _, ordered, known in posteriors)
    assert len(clusters(con)) > len(found)


def test_every_record_is_in_one_cluster_named_by_its_least_record(night: DuckDBPyConnection) -> None:
    named = night.execute("""
        SELECT cluster_id, min(source || ':' || source_record_id), count(*) FROM matching.cluster GROUP BY cluster_id
    """).fetchall()
    assert all(cluster_id == least for cluster_id, least, _ in named)
    records = night.execute("SELECT count(*) FROM matching.standardised").fetchall()[0][0]
    assert sum(count for *_, count in named) == records
    ties = night.execute("SELECT cluster_id, records FROM matching.cluster_tie").fetchall()
    assert {(cluster_id, count) for cluster_id, _, count in named} == set(ties)


@pytest.mark.parametrize(("seed", "threads"), [(1, 1), (2, 2)])
def test_neither_order_nor_threads_matter(night: DuckDBPyConnection, seed: int, threads: int) -> None:
    rows = [*CASES, *town(120, seed=5)[0]]
    random.Random(seed).shuffle(rows)
    assert everything(matched(rows, threads=threads)) == everything(night)


def test_with_a_frozen_model_strangers_change_nobodys_customer() -> None:
    rows, _ = town(60, seed=11)
    con = matched(rows)
    before = clusters(con)
    version = tonights_model(con, RUN).version
    strangers = town(30, seed=12)[0]
    for row in strangers:
        row |= {"source": "elsewhere", "family": f"{row['family'][::-1]}q", "given": f"{row['given'][::-1]}x"}
        row |= {name: f"9{row[name][::-1]}" for name in ("email", "phone", "street", "postal_code") if row.get(name)}
        row |= {"emails": [row["email"]] if row.get("email") else [], "nicknames": [row["given"]]}
        row |= {"phones": [row["phone"]] if row.get("phone") else []}
    add_standardised(con, strangers)
    base = Base("r1", Path(), ("run-1",), datetime(2026, 1, 1, tzinfo=UTC), version)
    run_stages(con, STAGES, run=replace(RUN, run_id="run-2", base=base))
    assert {cluster for cluster in clusters(con) if any("-" in key for key in cluster)} >= before


def store(key: str, name: str, place: str, **known: str) -> dict[str, Any]:
    """Return a record of a branch: all branches of the chain share one telephone."""
    return person(key, organisation=name, place=place, phone="2065553333", **known)


WEST = {"place": "40 spruce", "postal_code": "98144", "phone": "2065554444"}
NAMESAKE = {"place": "42 spruce", "postal_code": "98144"}
LOOKALIKES = [
    *(store(f"first-{n}", name, "12 elm", postal_code="98101") for n, name in enumerate(["acme tools", "acme tool"])),
    *(store(f"second-{n}", "acme tools", "903 juniper", postal_code="98188") for n in range(2)),
    *(person(f"senior-{n}", "theodore", "winslow", suffix="sr", **NAMESAKE) for n in range(2)),
    *(person(f"junior-{n}", "theodore", "winslow", suffix="jr", **NAMESAKE) for n in range(2)),
    person("mary", "mary", "west", email="mwest@mail.example", **WEST),
    person("gary", "gary", "west", email="gwest@mail.example", **WEST),
    person("ordered", "robert", "castellane", email="robert.castellane@mail.example", place="7 quay"),
    person("turned", "castelane", "robret", email="robert.castellane@mail.example", place="7 quay"),
]


@pytest.fixture(scope="module")
def lookalikes() -> set[frozenset[str]]:
    """Return the customers of a night of people and firms that look alike, among records of others."""
    return clusters(matched([*LOOKALIKES, *town(60, seed=6)[0]]))


def test_branches_of_a_firm_stay_apart_and_spellings_of_one_branch_do_not(lookalikes: set[frozenset[str]]) -> None:
    """Both have one telephone; only the site tells them apart."""
    assert {frozenset(["first-0", "first-1"]), frozenset(["second-0", "second-1"])} <= lookalikes


def test_namesakes_at_one_address_stay_apart_by_their_suffix(lookalikes: set[frozenset[str]]) -> None:
    assert {frozenset(["senior-0", "senior-1"]), frozenset(["junior-0", "junior-1"])} <= lookalikes


def test_mary_and_gary_of_one_household_are_two(lookalikes: set[frozenset[str]]) -> None:
    """Their names and e-mails differ by a letter, and so would a slip's; but both names are common."""
    assert {frozenset(["mary"]), frozenset(["gary"])} <= lookalikes


def test_names_that_changed_places_with_a_slip_each_are_one_person(lookalikes: set[frozenset[str]]) -> None:
    assert frozenset(["ordered", "turned"]) in lookalikes
