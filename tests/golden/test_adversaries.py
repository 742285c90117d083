"""Histories that would wear an identity out: what a system that keeps golden ids finds after each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from golden import unmerge
from golden.ids import golden_id

if TYPE_CHECKING:
    from tests.golden.conftest import History, Record

ANN = {"full_name": "Ann Quist", "emails": ["ann@mail.example"]}
BEN = {"full_name": "Ben Quist", "emails": ["ben@mail.example"]}


def golden_rows(history: History) -> list[tuple[object, ...]]:
    """Return tonight's golden records without the release that last changed them."""
    return history.rows("SELECT * EXCLUDE (changed_in) FROM golden.customer ORDER BY golden_id")


def test_three_customers_become_one_in_one_night(history: History) -> None:
    first = history.night([["a"], ["b", "c"], ["d", "e", "f"]]).publish().ids()
    ids = history.night([["a", "b", "c", "d", "e", "f"]]).publish().ids()
    assert set(ids.values()) == {first["d"]}
    assert set(history.events("r2")) == {("merged", first["a"], first["d"]), ("merged", first["b"], first["d"])}
    assert history.redirects() == {first["a"]: first["d"], first["b"]: first["d"]}
    assert history.night([["a"], ["b", "c"], ["d", "e", "f"]]).ids() == first


def test_a_merge_and_a_split_of_one_customer_in_one_night(history: History) -> None:
    first = history.night([["a", "b", "c"], ["d", "e", "f"]]).publish().ids()
    ids = history.night([["a", "b", "d", "e", "f"], ["c"]]).publish().ids()
    assert history.events("r2") == [
        ("created", ids["c"], None),
        ("split", ids["c"], first["a"]),
        ("merged", first["a"], first["d"]),
    ]
    assert history.redirects() == {first["a"]: first["d"]}


def test_redirects_lead_on_through_ten_nights(history: History) -> None:
    keys = "abcdefghijk"
    first = history.night([[key] for key in keys]).publish().ids()
    gathered = [keys[0]]
    for key in keys[1:]:  # each night all that is gathered joins a customer that has grown greater
        grown = [key, *(f"{key}{number}" for number in range(len(gathered)))]
        history.night([gathered, grown, *([other] for other in keys[keys.index(key) + 1 :])]).publish()
        gathered += grown
        history.night([gathered, *([other] for other in keys[keys.index(key) + 1 :])]).publish()
    assert set(history.ids().values()) == {first["k"]}
    assert history.redirects() == {first[key]: first["k"] for key in keys[:-1]}


def test_an_id_comes_back_after_the_one_it_merged_into_has_ended_too(history: History) -> None:
    first = history.night([["a", "b"], ["c", "d", "e"], ["f", "g", "h", "i", "j", "k"]]).publish().ids()
    history.night([["a", "b", "c", "d", "e"], ["f", "g", "h", "i", "j", "k"]]).publish()
    history.night([["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"]]).publish()
    ids = history.night([["a", "b"], ["c", "d", "e", "f", "g", "h", "i", "j", "k"]]).publish().ids()
    assert (ids["a"], ids["c"]) == (first["a"], first["f"])
    assert history.redirects() == {first["c"]: first["f"]}
    assert history.night([["a", "b"], ["c", "d", "e"], ["f", "g", "h", "i", "j", "k"]]).ids() == first


def test_all_that_was_merged_one_into_the_other_comes_apart_again(history: History) -> None:
    apart = [["a"], ["b"], ["c"], ["d", "e", "f", "g"]]
    first = history.night(apart).publish().ids()
    rows = golden_rows(history)
    history.night([["a", "b", "c"], ["d", "e", "f", "g"]]).publish()
    history.night([["a", "b", "c", "d", "e", "f", "g"]]).publish()
    assert history.night(apart).ids() == first
    assert golden_rows(history) == rows


LATER = [f"o{number}" for number in range(9)]
"""Orders that came after a merge, most of them for the one who lost his id in it."""


def unmerged_later(history: History) -> tuple[dict[str, str], dict[str, str]]:
    """Return the ids before a merge, and those after it was taken back with orders of both sides in between."""
    first = history.night([["a", "b"], ["c", "d", "e"]]).publish().ids()
    history.night([["a", "b", "c", "d", "e"]]).publish()
    history.night([["a", "b", "c", "d", "e", *LATER]]).publish()
    return first, history.night([["a", "b", *LATER[:8]], ["c", "d", "e", *LATER[8:], "new"]]).publish().ids()


def test_orders_since_the_merge_do_not_decide_who_was_who(history: History) -> None:
    first, ids = unmerged_later(history)
    assert {key: ids[key] for key in first} == first
    assert {ids[key] for key in LATER[:8]} == {first["a"]}
    assert ids[LATER[8]] == ids["new"] == first["c"]
    assert history.events("r4") == [("unmerged", first["a"], first["c"])]
    assert history.redirects() == {}


def test_without_that_the_id_would_go_with_the_orders(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what taking back a merge is for."""
    monkeypatch.setattr(unmerge, "take_back", lambda _votes: {})
    first, ids = unmerged_later(history)
    assert ids["a"] == first["c"]


def test_a_customer_that_lives_is_not_ended_for_one_that_came_back(history: History) -> None:
    first = history.night([["a", "b"], ["c", "d", "e"], ["f"]]).publish().ids()
    history.night([["a", "b", "c", "d", "e"], ["f"]]).publish()
    assert history.night([["c", "d", "e"], ["f", "a", "b"]]).ids()["a"] == first["f"]


def test_all_records_of_a_customer_move_between_two_others(history: History) -> None:
    first = history.night([["a", "b"], ["c", "d", "e"], ["f", "g", "h"]]).publish().ids()
    ids = history.night([["a", "c", "d", "e"], ["b", "f", "g", "h"]]).publish().ids()
    assert (ids["a"], ids["b"]) == (first["c"], first["f"])
    assert history.events("r2") == [("merged", first["a"], min(first["c"], first["f"]))]  # as old as each other
    assert history.redirects() == {first["a"]: min(first["c"], first["f"])}


def test_a_corrected_key_keeps_its_customer(history: History, record: type[Record]) -> None:
    first = history.night([[record("a", delivered=ANN)], [record("b", delivered=BEN)]]).publish().ids()
    ids = history.night([[record("a2", delivered=ANN)], [record("b", delivered=BEN)]]).publish().ids()
    assert ids == {"a2": first["a"], "b": first["b"]}
    assert history.events("r2") == []
    # whoever gets the old key later is somebody else, who is founded by it for the second time
    two = [[record("a2", delivered=ANN)], [record("a", delivered=BEN)], [record("b", delivered=BEN)]]
    assert history.night(two).ids() == {**ids, "a": golden_id("joinedup", "s", "a", 1)}


def test_a_source_under_another_name_keeps_its_customers(history: History, record: type[Record]) -> None:
    first = history.night([[record("a", delivered=ANN)], [record("b", delivered=BEN)]]).publish().ids()
    renamed = [[record("a", "crm", delivered=ANN)], [record("b", "crm", delivered=BEN)]]
    assert history.night(renamed).ids() == first


@pytest.mark.parametrize(
    ("gone", "come"),
    [
        ([{"full_name": "Ann Quist"}], [{"full_name": "Ann Quist"}]),  # too little to single her out
        ([ANN], [ANN | {"street": "9 Alder St"}]),
        ([ANN, ANN], [ANN]),  # two customers said it: nobody knows whose it is
    ],
    ids=["too little", "something else", "two customers"],
)
def test_a_new_key_that_may_be_anybodys_founds_a_customer(
    history: History, record: type[Record], gone: list[dict[str, object]], come: list[dict[str, object]]
) -> None:
    first = history.night([[record(f"a{n}", delivered=said)] for n, said in enumerate(gone)]).publish().ids()
    ids = history.night([[record(f"z{n}", delivered=said)] for n, said in enumerate(come)]).ids()
    assert not set(ids.values()) & set(first.values())


def test_a_record_that_is_back_unchanged_is_the_same_customer(history: History, record: type[Record]) -> None:
    ann, ben = record("a", delivered=ANN), record("b", delivered=BEN)
    first = history.night([[ann], [ben]]).publish().ids()
    history.night([[ben]]).publish()
    assert history.redirects() == {first["a"]: None}
    assert history.night([[ann, "new"], [ben]]).publish().ids() == {**first, "new": first["a"]}
    assert history.events("r3") == [("revived", first["a"], None)]
    assert history.redirects() == {}


def test_everybody_vanishes_and_is_back(history: History, record: type[Record]) -> None:
    everybody = [[record("a", delivered=ANN)], [record("b", delivered=BEN)]]
    first = history.night(everybody).publish().ids()
    assert history.night([]).publish().redirects() == dict.fromkeys(first.values())
    assert history.night(everybody).ids() == first


def test_a_key_that_is_back_for_somebody_else_is_somebody_else(history: History, record: type[Record]) -> None:
    first = history.night([[record("a", delivered=ANN)], ["b"]]).publish().ids()
    history.night([["b"]]).publish()
    history.night([[record("a", delivered=BEN)], ["b"]]).publish()
    second = history.ids()["a"]
    assert second == golden_id("joinedup", "s", "a", 1) != first["a"]
    history.night([["b"]]).publish()  # and of the two customers it had, the last one is back
    assert history.night([[record("a", delivered=BEN)], ["b"]]).ids()["a"] == second


def test_the_founder_is_deleted_and_back(history: History, record: type[Record]) -> None:
    ann = record("a", delivered=ANN)
    first = history.night([[ann, "b"], ["c"]]).publish().ids()
    history.night([["b"], ["c"]]).publish()
    assert history.night([[ann, "b"], ["c"]]).publish().ids() == first
    history.night([["b"], ["c"]]).publish()
    apart = history.night([[ann], ["b"], ["c"]]).publish().ids()
    assert apart["b"] == first["b"]
    assert apart["a"] == golden_id("joinedup", "s", "a", 1)


def test_a_rollback_between_merge_and_unmerge(history: History) -> None:
    first = history.night([["a", "b"], ["c", "d", "e"]]).publish().ids()
    history.night([["a", "b", "c", "d", "e"]]).publish()
    history.night([["a", "b", "c", "d", "e"], ["f"]]).publish()
    history.roll_back("r2").night([["a", "b", "c", "d", "e"], ["f"]]).publish()
    history.night([["a", "b"], ["c", "d", "e"], ["f"]]).publish()
    assert {key: history.ids()[key] for key in first} == first
    history.roll_back("r1").night([["a", "b", "c", "d", "e"]]).publish()
    assert history.redirects()[first["a"]] == first["c"]
    assert history.night([["a", "b"], ["c", "d", "e"]]).ids() == first
