"""Whose id is it tomorrow: the cases that the contract names, each as a few nights."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from golden.ids import golden_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.golden.conftest import History, Record


def test_an_id_is_made_of_its_founding_record(history: History) -> None:
    ids = history.night([["b", "a"], ["c"]]).ids()
    assert ids == {
        "a": golden_id("joinedup", "s", "a", 0),
        "b": golden_id("joinedup", "s", "a", 0),
        "c": golden_id("joinedup", "s", "c", 0),
    }
    assert history.reports["identify"].figures == {"ids_kept": 0, "ids_returned": 0, "ids_founded": 2}


def test_ids_stay_and_records_remember_since_when_they_belong(history: History) -> None:
    first = history.night([["a", "b"], ["c"]]).publish().ids()
    second = history.night([["a", "b", "d"], ["c"]]).ids()
    assert {key: second[key] for key in first} == first
    assert second["d"] == first["a"]
    since = history.rows("SELECT source_record_id, attached_in FROM golden.crosswalk ORDER BY ALL")
    assert since == [("a", "r1"), ("b", "r1"), ("c", "r1"), ("d", "r2")]


def test_an_attempt_that_was_not_published_leaves_no_trace(history: History) -> None:
    history.night([["a", "b"], ["c"]]).publish()
    held = history.night([["a", "b", "c"], ["d"]]).rows("FROM golden.crosswalk ORDER BY ALL")
    assert history.night([["a", "b", "c"], ["d"]]).rows("FROM golden.crosswalk ORDER BY ALL") == held


def test_the_id_stays_with_most_of_its_records(history: History) -> None:
    first = history.night([["a", "b", "c"]]).publish().ids()["a"]
    ids = history.night([["a"], ["b", "c"]]).ids()
    assert ids["b"] == ids["c"] == first
    assert ids["a"] == golden_id("joinedup", "s", "a", 1)  # the founder, split off, founds a second customer


def test_a_tie_goes_to_the_part_with_the_founder(history: History) -> None:
    first = history.night([["b", "a"]]).publish().ids()["a"]
    ids = history.night([["a"], ["b"]]).ids()
    assert ids["a"] == first != ids["b"]


def test_of_two_customers_that_become_one_the_greater_lives_on(history: History) -> None:
    first = history.night([["a"], ["b", "c"]]).publish().ids()
    assert set(history.night([["a", "b", "c"]]).ids().values()) == {first["b"]}


def test_of_two_alike_the_older_lives_on(history: History) -> None:
    older = history.night([["z"]]).publish().ids()["z"]
    history.night([["z"], ["a"]]).publish()
    assert set(history.night([["a", "z"]]).ids().values()) == {older}


def test_an_id_that_lost_most_of_its_records_does_not_live_on_in_the_rest(history: History) -> None:
    first = history.night([["a", "b", "c"], ["d", "e", "f", "g"]]).publish().ids()
    ids = history.night([["a", "b", "d", "e", "f", "g"], ["c"]]).ids()
    assert ids["a"] == first["d"]
    assert ids["c"] not in first.values()
    assert history.redirects() == {first["a"]: first["d"]}


def test_two_customers_that_swap_records_keep_their_ids(history: History) -> None:
    first = history.night([["a", "b", "c"], ["d", "e", "f"]]).publish().ids()
    ids = history.night([["a", "b", "f"], ["d", "e", "c"]]).ids()
    assert (ids["a"], ids["f"], ids["d"], ids["c"]) == (first["a"], first["a"], first["d"], first["d"])


def test_two_customers_that_swap_half_their_records_both_live_on(history: History) -> None:
    first = history.night([["a", "b"], ["c", "d"]]).publish().ids()
    ids = history.night([["a", "c"], ["b", "d"]]).ids()
    assert ids["a"] == ids["c"] == first["a"]
    assert ids["b"] == ids["d"] == first["c"]


def test_the_founder_may_leave(history: History) -> None:
    first = history.night([["a", "b"]]).publish().ids()["a"]
    assert history.night([["b"]]).publish().ids() == {"b": first}


def test_a_founder_that_comes_back_is_somebody_else(history: History) -> None:
    first = history.night([["a", "b"], ["c"]]).publish().ids()["a"]
    history.night([["b"], ["c"]]).publish()
    assert history.night([["a"], ["b"], ["c"]]).publish().ids() == {
        "a": golden_id("joinedup", "s", "a", 1),
        "b": first,
        "c": golden_id("joinedup", "s", "c", 0),
    }


def test_a_customer_that_was_deleted_does_not_come_back(history: History) -> None:
    first = history.night([["a"], ["b"]]).publish().ids()["a"]
    history.night([["b"]]).publish()
    back = history.night([["a"], ["b"]]).publish().ids()["a"]
    assert back == golden_id("joinedup", "s", "a", 1) != first
    assert history.redirects() == {first: None}


def test_an_unmerge_brings_the_id_back(history: History) -> None:
    first = history.night([["a", "b"], ["c", "d", "e"]]).publish().ids()
    history.night([["a", "b", "c", "d", "e"]]).publish()
    assert history.redirects() == {first["a"]: first["c"]}
    assert history.night([["a", "b"], ["c", "d", "e"]]).publish().ids() == first
    assert history.redirects() == {}


def test_an_unmerge_years_later_brings_the_id_back_to_what_is_left_of_it(history: History) -> None:
    first = history.night([["a", "b"], ["c", "d", "e"]]).publish().ids()
    history.night([["a", "b", "c", "d", "e", "f"]]).publish()
    history.night([["b", "c", "d", "e", "f", "g"]]).publish()
    ids = history.night([["b"], ["c", "d", "e", "f", "g"]]).publish().ids()
    assert ids["b"] == first["a"]


def test_the_lesser_part_of_a_merged_customer_does_not_get_its_id(history: History) -> None:
    first = history.night([["a", "b", "c"], ["d", "e", "f", "g"]]).publish().ids()
    history.night([["a", "b", "c", "d", "e", "f", "g"]]).publish()
    ids = history.night([["a"], ["b", "c", "d", "e", "f", "g"]]).publish().ids()
    assert ids["a"] not in first.values()


def test_records_that_were_away_since_the_merge_do_not_bring_the_id_back(history: History) -> None:
    first = history.night([["a", "b"], ["c", "d", "e"]]).publish().ids()
    history.night([["a", "b", "c", "d", "e"]]).publish()
    history.night([["c", "d", "e"]]).publish()
    ids = history.night([["a", "b"], ["c", "d", "e"]]).publish().ids()
    assert ids["a"] == golden_id("joinedup", "s", "a", 1) != first["a"]
    assert history.redirects() == {first["a"]: first["c"]}


def test_records_away_in_the_night_of_the_merge_do_not_speak_for_it(history: History) -> None:
    first = history.night([["a", "b", "x"], ["c", "d", "e"]]).publish().ids()
    history.night([["b", "c", "d", "e"]]).publish()
    ids = history.night([["a", "x"], ["b", "c", "d", "e"]]).publish().ids()
    assert ids["a"] not in first.values()


def test_after_a_rollback_the_base_decides(history: History) -> None:
    first = history.night([["a"], ["b", "c"]]).publish().ids()
    history.night([["a", "b", "c"], ["d"]]).publish()
    history.roll_back("r1")
    ids = history.night([["a"], ["b", "c"]]).publish().ids()
    assert ids == first
    since = history.rows("SELECT DISTINCT attached_in FROM golden.crosswalk")
    assert since == [("r1",)]


def test_what_the_feed_has_seen_keeps_its_id_through_a_rollback(history: History) -> None:
    history.night([["a"]]).publish()
    second = history.night([["a"], ["b"]]).publish().ids()
    history.roll_back("r1")
    assert history.night([["a"], ["b"]]).ids() == second


def test_what_a_rollback_takes_away_counts_as_founded(history: History) -> None:
    history.night([["a"]]).publish()
    history.night([["a"], ["b"]]).publish()
    history.roll_back("r1")
    history.night([["a"]]).publish()
    assert history.night([["a"], ["b"]]).ids()["b"] == golden_id("joinedup", "s", "b", 1)


def test_the_oldest_record_founds(history: History, record: type[Record]) -> None:
    young = record("a", at=datetime(2025, 5, 5), updated_at=datetime(2020, 1, 1))  # noqa: DTZ001 - naive UTC
    old = record("b", at=datetime(2024, 5, 5), updated_at=datetime(2026, 1, 1))  # noqa: DTZ001 - naive UTC
    timeless = record("0")
    ids = history.night([[timeless, young, old]]).ids()
    assert ids["a"] == golden_id("joinedup", "s", "b", 0)


def test_the_salt_is_the_users(new_history: Callable[..., History], with_settings: Callable[..., object]) -> None:
    ids = new_history(settings=with_settings(identity={"salt": "ours"})).night([["a"]]).ids()
    assert ids == {"a": golden_id("ours", "s", "a", 0)}


def test_excluded_records_are_nobodys_and_have_a_reason(history: History) -> None:
    history.night([["a"]], excluded={"n": "newsletter"})
    assert history.rows("FROM golden.excluded_record") == [("s", "n", "newsletter")]
    assert history.ids().keys() == {"a"}
