"""Blocking: every rule lets its pairs meet, hot keys are cut, and Splink would block the same pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from splink import DuckDBAPI, Linker

from matching.blocking import BLOCKING_RULES, count_key_pairs, make_candidates, make_keys
from matching.shipped_model import SHIPPED
from matching.splink_settings import quiet_splink, splink_settings
from tests.matching.standardised_night import Row, person, run_stages, spelled, town, warehouse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

Met = dict[frozenset[str], str]

MEETING: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "email": (
        {"email": "a1@mail.example"},
        {"email": "b@mail.example", "emails": ["a1@mail.example", "b@mail.example"]},
    ),
    "phone": ({"phone": "2065551234"}, {"phone": "5551234"}),
    "name": ({"given": "ada", "family": "amsel", "suffix": "jr"}, {"given": "ada", "family": "amsel"}),
    "reference": ({"quoted": ["R1", "R2"]}, {"quoted": ["R2"]}),
    "identifier": ({"identifiers": ["loyalty:1"]}, {"identifiers": ["card:2", "loyalty:1"]}),
    "place_given": ({"given": "ada", "place": "1 elm"}, {"given": "anna", "place": "1 elm"}),
    "place_family": ({"family": "amsel", "place": "1 elm"}, {"family": "adler", "place": "1 elm"}),
    "number_family": ({"family": "amsel", "place": "1 elm"}, {"family": "amsel", "place": "1 ellm"}),
    "street_family": ({"family": "amsel", "place": "1 elm"}, {"family": "amsel", "place": "2 elm"}),
    "street_given": ({"given": "ada", "place": "1 elm"}, {"given": "ada", "place": "2 elm"}),
    "birth_date": ({"birth_date": "1980-02-01"}, {"birth_date": "1980-02-01", "given": "ada"}),
    "skeleton_code": (
        {"given": "ada", "family": "amsel", "postal_code": "98101"},
        {"given": "anna", "family": "amsil", "postal_code": "98101"},
    ),
    "skeleton_given": ({"given": "ada", "family": "amsel"}, {"given": "ada", "family": "amsil"}),
    "nickname": (
        {"given": "bob", "family": "amsel", "nicknames": ["bob", "robert"]},
        {"given": "robert", "family": "amsel"},
    ),
    "given_middle": (
        {"given": "ada", "family": "amsel", "middle": "q"},
        {"given": "ada", "family": "adler", "middle": "q"},
    ),
    "family_middle": (
        {"given": "ada", "family": "amsel", "middle": "q"},
        {"given": "anna", "family": "amsel", "middle": "q"},
    ),
    "email_letters": (
        {"given": "ada", "email": "ada.amsel1@mail.example"},
        {"given": "ada", "email": "adaamsel2@post.example"},
    ),
    "email_local": ({"email": "sunny77@mail.example"}, {"email": "sunny77@post.example"}),
    "code_number": ({"place": "1 elm", "postal_code": "98101"}, {"place": "1 oak", "postal_code": "98101"}),
    "code_given": ({"given": "ada", "postal_code": "98101"}, {"given": "ada", "postal_code": "98101", "middle": "q"}),
    "code_family": (
        {"given": "ada", "family": "amsel", "postal_code": "98101"},
        {"given": "bruno", "family": "amsel", "postal_code": "98101"},
    ),
    "given_birth_month": (
        {"given": "ada", "birth_date": "1980-02-01"},
        {"given": "ada", "birth_date": "1980-02-09"},
    ),
    "family_birth_year": (
        {"family": "amsel", "birth_date": "1980-02-01"},
        {"family": "amsel", "birth_date": "1980-05-09"},
    ),
    "firm_code": (
        {"organisation": "acme", "postal_code": "98101"},
        {"organisation": "acme", "postal_code": "98101", "email": "x9@mail.example"},
    ),
    "code": ({"given": "ada", "postal_code": "98101"}, {"family": "falkner", "postal_code": "98101"}),
    "city_given": ({"given": "ada", "city": "kent"}, {"given": "ada", "city": "kent", "middle": "q"}),
    "city_family": ({"family": "amsel", "city": "kent"}, {"given": "bruno", "family": "amsel", "city": "kent"}),
    "city_birth_year": (
        {"city": "kent", "birth_date": "1980-02-01"},
        {"city": "kent", "birth_date": "1980-05-09"},
    ),
    "given_birth_year": (
        {"given": "ada", "birth_date": "1980-02-01"},
        {"given": "ada", "birth_date": "1980-05-09"},
    ),
    "skeleton": ({"given": "ada", "family": "amsel"}, {"given": "anna", "family": "amsil"}),
    "beginnings": ({"given": "ada", "family": "amsel"}, {"given": "adrian", "family": "amstutz"}),
}


def collapsed(rows: Iterable[Row]) -> DuckDBPyConnection:
    con = warehouse(rows)
    run_stages(con, ["collapse"])
    return con


def blocked(con: DuckDBPyConnection) -> tuple[DuckDBPyConnection, int]:
    scratch, _ = spelled(con)
    make_keys(scratch)
    return scratch, make_candidates(scratch)


def met(rows: list[Row]) -> Met:
    """Return the pairs of records (each its own tuple) that meet, with the name of the first rule."""
    con = collapsed(rows)
    scratch, _ = blocked(con)
    key_of = dict(con.execute("SELECT distinct_record_id, source_record_id FROM matching.member").fetchall())
    record = {number: key_of[node] for node, number, _ in scratch.execute("SELECT * FROM node").fetchall()}
    pairs = scratch.execute("SELECT tuple_no_l, tuple_no_r, rules FROM candidate WHERE rules > 0").fetchall()
    return {frozenset((record[left], record[right])): BLOCKING_RULES[first(bits)].name for left, right, bits in pairs}


def first(bits: int) -> int:
    """Return the place of the lowest bit."""
    return (bits & -bits).bit_length() - 1


def known(key: str, told: dict[str, Any]) -> Row:
    return person(key, **told)


@pytest.mark.parametrize("rule", [rule.name for rule in BLOCKING_RULES])
def test_every_rule_lets_its_pairs_meet(rule: str) -> None:
    left, right = MEETING[rule]
    stranger = person("3", "zoe", "zeller", email="zz@zz.example", phone="4255559999", place="9 yew", middle="z")
    assert met([known("1", left), known("2", right), stranger]) == {frozenset("12"): rule}


def test_a_hot_key_counts_only_with_its_narrower_key() -> None:
    rows = [person(f"{n}", "ada", "amsel", middle="ab"[n % 2], suffix=f"s{n}") for n in range(100)]
    pairs = met(rows)
    assert len(pairs) == 2 * 50 * 49 / 2
    assert all(len({int(key) % 2 for key in pair}) == 1 for pair in pairs)


def test_a_key_that_stays_hot_is_left_out() -> None:
    rows = [person(f"{n}", "ada", "amsel", suffix=f"s{n}") for n in range(100)]
    assert met(rows) == {}
    assert len(met(rows[:60])) == 60 * 59 / 2


def test_what_stands_alone_several_times_is_a_candidate_of_itself() -> None:
    scratch, candidates = blocked(collapsed([person(str(n), "john", "smith") for n in range(5)]))
    assert candidates == 1
    assert scratch.execute("SELECT * FROM candidate").fetchall() == [(0, 0, 0)]


def test_pairs_of_keys_are_counted_and_a_sample_takes_whole_left_tuples() -> None:
    scratch, candidates = blocked(collapsed(town(60)[0]))
    assert count_key_pairs(scratch) >= candidates > 100
    everything = set(scratch.execute("SELECT tuple_no_l, tuple_no_r FROM candidate").fetchall())
    make_candidates(scratch, per_mille=40)
    sample = set(scratch.execute("SELECT tuple_no_l, tuple_no_r FROM candidate WHERE rules > 0").fetchall())
    assert sample == {pair for pair in everything if pair[0] < 40 and pair[0] != pair[1]}


def test_splink_blocks_the_same_pairs_where_no_key_is_hot() -> None:
    scratch, _ = blocked(collapsed(town(40)[0]))
    with quiet_splink():
        linker = Linker(DuckDBAPI(scratch).register("feature"), splink_settings(SHIPPED), log_level=None)
        by_splink = linker.inference.compute_blocked_pairs_for_predict()
    theirs = scratch.execute(f"SELECT join_key_l, join_key_r FROM {by_splink.physical_name}").fetchall()
    ours = scratch.execute("SELECT tuple_no_l, tuple_no_r FROM candidate WHERE rules > 0").fetchall()
    assert set(theirs) == set(ours)
    assert len(ours) > 50


RICH = {"email": "ada7@mail.example"}, {"phone": "2065551234"}


@pytest.mark.parametrize("rule", [rule.name for rule in BLOCKING_RULES if rule.sparse_only])
def test_a_sparse_rule_lets_two_meet_if_one_has_no_contact(rule: str) -> None:
    left, right = MEETING[rule]
    one, other = known("1", left), known("2", right)
    rich, rich_too = known("1", left | RICH[0]), known("2", right | RICH[1])
    assert met([one, rich_too]) == met([rich, other]) == {frozenset("12"): rule}
    assert met([rich, rich_too]) == {}


def test_a_slip_of_a_common_name_meets_by_its_root_and_a_name_turned_round_too() -> None:
    many = [
        person(f"m{n}", given, "castellan", phone=f"20655500{n:02d}")
        for n, given in enumerate(("bruno", "clara", "dario", "elin", "farid"))
    ]
    slip = person("1", "clara", "castelan", email="one@mail.example")
    turned = person("2", "castellan", "clara", email="other@mail.example")
    pairs = met([*many, slip, turned])
    assert pairs[frozenset(["1", "m1"])] == pairs[frozenset(["2", "m1"])] == pairs[frozenset("12")] == "name"


def test_a_given_name_alone_is_no_name_to_meet_by() -> None:
    assert met([person(f"{n}", "ada", phone=f"206555123{n}", middle="q") for n in range(3)]) == {}
