"""Changes to comparisons and blocking rules: what they do, that they travel with the model, and what is refused."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.blocking import BLOCKING_RULES
from matching.check_matching import OF_A_PERSON, check_matching
from matching.compare_contacts import ADDRESS, PHONE
from matching.comparisons import COMPARISONS
from matching.definitions import SHIPPED_DEFINITIONS
from matching.evidence import levels_of, model_in_use, tuple_numbers, workbench
from matching.model import find_model, model_from, tonights_model
from matching.observations import SINGLE
from matching.overrides import effective_definitions, is_off, start_parameters
from matching.shares import hold
from matching.shipped_model import SHIPPED
from matching.weights import all_level_weights
from tests.matching.standardised_night import RUN, clusters, matched, person, run_stages, settings, town, warehouse
from warehouse.errors import SettingsError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from matching.comparison import Comparison
    from matching.definitions import Definitions

LAST_FOUR = {
    "sql": "right(phone_l, 4) = right(phone_r, 4)",
    "words": "the same last four digits",
    "above": "different",
    "match": 0.02,
    "household": 0.003,
    "random": 0.0003,
}


def changed(**comparisons: object) -> Definitions:
    return effective_definitions(settings(comparisons=comparisons))


def compared(definitions: Definitions, name: str) -> Comparison:
    return next(comparison for comparison in definitions.comparisons if comparison.name == name)


def levels(definitions: Definitions, comparison: str) -> dict[str, str]:
    return {level.name: level.sql for level in compared(definitions, comparison).levels}


def test_no_change_is_the_shipped_definitions() -> None:
    assert changed() == SHIPPED_DEFINITIONS
    assert changed(blocking={}) == SHIPPED_DEFINITIONS
    assert start_parameters(SHIPPED, COMPARISONS) == SHIPPED


def test_a_level_gets_other_sql_and_keeps_its_place() -> None:
    found = changed(phone={"levels": {"typo": "levenshtein(phone_l, phone_r) <= 2"}})
    assert levels(found, "phone")["typo"] == "levenshtein(phone_l, phone_r) <= 2"
    assert list(levels(found, "phone")) == [level.name for level in PHONE.levels]
    assert [c for c in found.comparisons if c.name != "phone"] == [c for c in COMPARISONS if c.name != "phone"]


def test_what_is_off_keeps_its_place_and_its_gammas() -> None:
    found = changed(family={"levels": {"near": "off"}}, organisation="off")
    assert levels(found, "family")["near"] == "false"
    assert [c.name for c in found.comparisons if is_off(c)] == ["organisation"]
    assert [(c.name, [level.name for level in c.levels]) for c in found.comparisons] == [
        (c.name, [level.name for level in c.levels]) for c in COMPARISONS
    ]


def test_a_comparison_that_is_off_weighs_nothing_whatever_two_records_show() -> None:
    found = changed(phone="off")
    start = start_parameters(SHIPPED, found.comparisons)
    weights = all_level_weights(start, found.comparisons)["phone"]
    assert not weights.match.any()
    assert not weights.household.any()
    assert not weights.rarities
    assert all_level_weights(start, found.comparisons)["email"].match.any()


def test_a_further_level_stands_before_the_one_it_names() -> None:
    found = changed(phone={"levels": {"last_four": LAST_FOUR}})
    assert list(levels(found, "phone")) == [
        "exact",
        "listed",
        "other_area",
        "typo",
        "last_four",
        "different",
    ]
    assert start_parameters(SHIPPED, found.comparisons)["phone"]["last_four"] == (0.02, 0.003, 0.0003)


def test_shares_given_for_one_class_leave_the_others_to_be_estimated() -> None:
    found = changed(address={"levels": {"exact": {"match": 0.7}}})
    exact = compared(found, "address").levels[1]
    assert (exact.given, exact.frequency) == ((0.7, None, None), "place")
    by_hand = changed(address={"levels": {"exact": {"random": 0.0001}}})
    assert compared(by_hand, "address").levels[1].frequency is None


def test_blocking_rules_are_changed_added_and_left_out() -> None:
    mine = {"key": "family || '|' || postal_code", "narrower": "given_initial", "limit": 30}
    found = changed(blocking={"birth_date": "off", "email": {"limit": 20}, "mine": mine}).rules
    by_name = {rule.name: rule for rule in found}
    assert "birth_date" not in by_name
    assert (by_name["email"].limit, by_name["email"].each) == (20, "emails")
    assert (found[-1].key, found[-1].narrower, found[-1].limit) == tuple(mine.values())
    assert len(found) == len(BLOCKING_RULES)


@given(
    st.lists(st.floats(0.001, 1), min_size=len(ADDRESS.levels), max_size=len(ADDRESS.levels)),
    st.dictionaries(st.sampled_from([level.name for level in ADDRESS.levels[:-1]]), st.floats(0.00001, 0.1)),
)
def test_shares_of_a_class_make_one_with_any_of_them_given(shares: list[float], by_hand: dict[str, float]) -> None:
    given_levels = {name: {"match": share} for name, share in by_hand.items()}
    comparison = compared(changed(address={"levels": given_levels}), "address") if by_hand else ADDRESS
    column = np.array(shares) / sum(shares)
    held = hold(comparison, np.stack([column, column, column], axis=1))
    assert held[:, 0].sum() == pytest.approx(1)
    assert held[:, 1] == pytest.approx(column)
    told = dict(zip([level.name for level in comparison.levels[::-1]], held[:, 0], strict=True))
    assert {name: told[name] for name in by_hand} == by_hand


def prepared(con: DuckDBPyConnection, **comparisons: object) -> str:
    report = run_stages(con, ["prepare_model"], of_matching={"comparisons": comparisons})["prepare_model"]
    return str(report.figures["model_version"])


def test_a_change_makes_another_model_and_taking_it_back_the_old_one_again() -> None:
    con = warehouse(town(25)[0])
    run_stages(con, ["find_shared", "collapse"])
    before = prepared(con)
    versions = {
        prepared(con, phone={"levels": {"typo": "levenshtein(phone_l, phone_r) <= 2"}}),
        prepared(con, family={"levels": {"near": "off"}}),
        prepared(con, organisation="off"),
        prepared(con, address={"levels": {"exact": {"match": 0.7}}}),
        prepared(con, blocking={"birth_date": "off"}),
    }
    assert len(versions - {before}) == 5
    assert prepared(con) == before


def test_shares_given_by_hand_are_the_models() -> None:
    con = warehouse(town(60)[0])
    run_stages(con, ["find_shared", "collapse"])
    by_hand = {"match": 0.7, "household": 0.8, "random": 0.0001}
    model = find_model(con, prepared(con, address={"levels": {"exact": by_hand}}))
    shipped = find_model(con, prepared(con))
    assert model
    assert shipped
    held = model.parameters["address"]
    assert held["exact"] == (0.7, 0.8, 0.0001)
    for column in (0, 1):
        assert sum(shares[column] for shares in held.values()) == pytest.approx(1, abs=1e-4)
    assert shipped.parameters["address"]["exact"] != (0.7, 0.8, 0.0001)


def test_a_model_knows_what_it_was_made_with() -> None:
    comparisons = {
        "phone": {"levels": {"last_four": LAST_FOUR, "typo": "off"}},
        "given": {"levels": {"near": "given_initial_l = given_initial_r"}},
        "blocking": {"birth_date": "off", "mine": {"key": "family || postal_code"}},
    }
    con = matched(town(40)[0], comparisons=comparisons)
    model = tonights_model(con, RUN)
    assert model_from(model.content).definitions == changed(**comparisons) == model.definitions
    rules = {rule.name for rule in model.definitions.rules}
    assert {key for (key,) in con.execute("SELECT DISTINCT match_key FROM matching.pair").fetchall()} <= rules | {
        "same_attributes"
    }
    rows = con.execute("SELECT distinct_record_id_l, distinct_record_id_r, gammas FROM matching.pair LIMIT 200")
    stored = rows.fetchall()
    place = [c.name for c in COMPARISONS].index("phone")
    assert {row[2][place] for row in stored} >= {-1, 0, 5}
    assert 2 not in {row[2][place] for row in stored}, "the level that is off"
    con.execute("CREATE SCHEMA landing")
    con.execute("CREATE TABLE landing.lineage AS SELECT 'run-1' AS run_id, 0 AS position")
    assert model_in_use(con) == model
    with workbench(con, [name for row in stored for name in row[:2]], model) as scratch:
        tuples = tuple_numbers(scratch)
        for left, right, gammas in stored:
            assert levels_of(scratch, model, tuples[left], tuples[right]) == tuple(gammas)


def recall(con: DuckDBPyConnection, truth: dict[str, str]) -> float:
    """Return the share of pairs of one person that are in one cluster."""
    cluster_of = {record: number for number, cluster in enumerate(clusters(con)) for record in cluster}
    pairs = [(one, other) for one, other in combinations(sorted(truth), 2) if truth[one] == truth[other]]
    return sum(cluster_of[one] == cluster_of[other] for one, other in pairs) / len(pairs)


def test_a_phone_that_says_nothing_finds_fewer() -> None:
    rows, truth = town(120)
    numbers = {name: f"42555{place * 7919 % 100000:05d}" for place, name in enumerate(dict.fromkeys(truth.values()))}
    known_by = [  # a name and a telephone, and now and then an initial of the name
        person(row["source_record_id"], row["given"], row["family"], phone=numbers[truth[row["source_record_id"]]])
        for row in rows
    ]
    without = {"phone": "off", "blocking": {"phone": "off"}}
    useless = {"phone": {"levels": {"exact": "false", "listed": "false", "typo": "false"}}}
    shipped = recall(matched(known_by), truth)
    assert shipped > 0.9
    assert recall(matched(known_by, comparisons=without), truth) < shipped - 0.1
    assert recall(matched(known_by, comparisons=useless), truth) < shipped - 0.1


def test_attributes_of_a_person_are_spelled_by_their_beginnings() -> None:
    for comparison in COMPARISONS:
        of_a_person = all(column.startswith(OF_A_PERSON) for column in comparison.columns)
        assert of_a_person == (comparison.name in SINGLE), comparison.name


COMPUTABLE: list[dict[str, Any]] = [
    {},
    {"phone": {"levels": {"typo": "levenshtein(phone_l, phone_r) <= 2"}}, "organisation": "off"},
    {"phone": {"levels": {"listed": "list_has_any(phones_l, list_transform(phones_r, lambda p: '1' || p))"}}},
    {"given": {"levels": {"near": "given_initial_l = given_initial_r"}}},
    {"blocking": {"tails": {"key": "right(element, 4)", "each": "phones", "narrower": "family"}}},
]


@pytest.mark.parametrize("comparisons", COMPUTABLE)
def test_what_can_be_computed_passes(comparisons: dict[str, Any]) -> None:
    check_matching(settings(comparisons=comparisons), Path())


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"phon": "off"}, "phon", "no such comparison; did you mean phone? allowed: given, "),
    (
        {"phone": {"levels": {"tpyo": "off"}}},
        "phone.levels.tpyo",
        "no such level; did you mean typo? allowed: exact",
    ),
    ({"phone": {"levels": {"tpyo": {"match": 0.1}}}}, "phone.levels.tpyo", "no such level; did you mean typo?"),
    ({"phone": {"levels": {"different": "off"}}}, "phone.levels.different", "it cannot be off"),
    ({"phone": {"levels": {"different": "true"}}}, "phone.levels.different", "it takes no SQL"),
    ({"phone": {"levels": {"typo": {"above": "exact"}}}}, "phone.levels.typo", "has its place"),
    (
        {"phone": {"levels": {"mine": LAST_FOUR | {"above": "diferent"}}}},
        "phone.levels.mine",
        "did you mean different?",
    ),
    (
        {"phone": {"levels": {"mine": {"above": "different", "sql": "true", "match": 0.1}}}},
        "phone.levels.mine",
        "lacks household, random",
    ),
    ({"phone": {"levels": {"Mine": LAST_FOUR}}}, "phone.levels.Mine", "small letters"),
    ({"suffix": {"levels": {"mine": LAST_FOUR}}}, "suffix.levels.mine", "takes no further level"),
    (
        {"phone": {"levels": {"exact": {"match": 0.9}, "typo": {"match": 0.2}}}},
        "phone.levels",
        "match given by hand add up to 1.1",
    ),
    (
        {"phone": {"levels": {"typo": "levenshtein(phon_l, phone_r) <= 2"}}},
        "phone.levels.typo",
        '"phon_l" not found in FROM clause; the columns are given, middle',
    ),
    (
        {"phone": {"levels": {"typo": "levenshtein(phone_l, phone_r)"}}},
        "phone.levels.typo",
        "gives BIGINT; allowed: a condition",
    ),
    ({"phone": {"levels": {"typo": "levenshtein(phone_l"}}}, "phone.levels.typo", "cannot be read"),
    ({"phone": {"levels": {"typo": "true -- always"}}}, "phone.levels.typo", "Parser Error"),
    ({"phone": {"levels": {"typo": "random() < 0.1"}}}, "phone.levels.typo", "calls random"),
    ({"phone": {"levels": {"typo": "(SELECT true)"}}}, "phone.levels.typo", "a query inside"),
    (
        {"phone": {"levels": {"typo": "[p for p in phones_l if list_contains(phones_r, p)][1] = phone_l"}}},
        "phone",
        "Splink cannot compare by it",
    ),
    ({"given": {"levels": {"exact": "phone_l = phone_r"}}}, "given.levels.exact", "the columns are given, middle"),
    ({"blocking": {"birthdate": "off"}}, "blocking.birthdate", "no such rule; did you mean birth_date?"),
    ({"blocking": {"birthdate": {"limit": 9}}}, "blocking.birthdate", "a further rule has a `key`"),
    ({"blocking": {"same_attributes": {"key": "given"}}}, "blocking.same_attributes", "is no name for it"),
    ({"blocking": {rule.name: "off" for rule in BLOCKING_RULES}}, "blocking", "0 blocking rules are left"),
    ({"blocking": {"email": {"key": "nope"}}}, "blocking.email.key", "the columns are element, given"),
    ({"blocking": {"email": {"narrower": "tuple_no"}}}, "blocking.email.narrower", '"tuple_no" not found'),
    (
        {"blocking": {"mine": {"key": "element", "each": "given"}}},
        "blocking.mine.each",
        "gives VARCHAR; allowed: a list",
    ),
]


@pytest.mark.parametrize(("comparisons", "key", "words"), REFUSED, ids=lambda value: str(value)[:50])
def test_what_cannot_be_computed_is_refused_by_its_key(comparisons: dict[str, Any], key: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        check_matching(settings(comparisons=comparisons), Path())
    assert caught.value.key == f"matching.comparisons.{key}"
    assert words in caught.value.message
