"""The stage that fills the queue: what is asked, in which item, in which queue, and what it is worth."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.definitions import SHIPPED_DEFINITIONS
from matching.write_resolution import TAKEN_APART
from stewardship.drafts import Customer, Draft, draft_together
from stewardship.evidence import evidence_of
from stewardship.items import MOST_CUSTOMERS, Tie, customers_of, form_items
from stewardship.patterns import LEAST_ALIKE, patterns
from stewardship.priority import (
    SHIPPED_COUNTS_AS,
    SHIPPED_ERROR,
    Hanging,
    Pace,
    any_of,
    error_rate,
    priority,
    removed,
    within_budget,
)
from stewardship.questions import Question
from stewardship.queue_review import queue_review
from tests.stewardship.conftest import START
from warehouse.connection import open_memory
from warehouse.migrations import migrate
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.state import attach_empty_workings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

SOURCE = {"holds": "account", "files": "x.csv", "format": "csv", "key": "id"}
LEFT_APART = "not enough evidence to merge"


class Night:
    """A warehouse with customers of as many records as is said, each record a distinct one; and the stage on it."""

    def __init__(self, con: DuckDBPyConnection, folder: Path) -> None:
        self.con = con
        self.settings = Settings.model_validate({"version": 1, "sources": {"s": SOURCE}})
        self.run_ = Run("run", folder, START)
        con.execute("INSERT INTO landing.night BY NAME SELECT ? AS as_of, 'run' AS run_id", [START])

    def insert(self, table: str, **values: object) -> None:
        named = ", ".join(f"? AS {name}" for name in values)
        self.con.execute(f"INSERT INTO {table} BY NAME SELECT {named}", list(values.values()))

    def customer(self, golden_id: str, records: int = 1, *, orders: int = 0, spend: int = 0, cases: int = 0) -> None:
        """Add a customer whose records are `a1`, `a2`, … where it is `A`."""
        self.con.execute(
            "INSERT INTO golden.customer BY NAME SELECT ? AS golden_id, [] AS emails, [] AS phones,"
            " MAP {}::MAP(VARCHAR, VARCHAR[]) AS identifiers, ? AS record_count, 1 AS source_count, 1 AS cohesion,"
            " 'analytics' AS safe_for, 'r1' AS changed_in",
            [golden_id, records],
        )
        self.con.execute(
            "INSERT INTO care.profile BY NAME SELECT ? AS golden_id, ? AS orders,"
            " MAP {'USD': ?::DECIMAL(18, 4)} AS spend, 0 AS contacts, ? AS open_cases, 'none' AS experience,"
            " 0 AS problems_12m, true AS may_offer, '' AS may_offer_reason",
            [golden_id, orders, spend, cases],
        )
        for number in range(1, records + 1):
            key = f"{golden_id.lower()}{number}"
            self.insert(
                "golden.crosswalk",
                source="s",
                source_record_id=key,
                golden_id=golden_id,
                basis="single",
                attached_in="r1",
            )
            self.insert("matching.standardised", source="s", source_record_id=key, name_from_email=False, given=key)
            self.insert("matching.member", source="s", source_record_id=key, distinct_record_id=f"d{key}")
            self.insert(
                "matching.resolution",
                distinct_record_id=f"d{key}",
                component=f"d{golden_id.lower()}1",
                entity=f"d{golden_id.lower()}1",
                cohesion=1,
            )

    def near(self, left: str, right: str, probability: float, reason: str = LEFT_APART) -> None:
        one, other = sorted((left, right))
        self.con.execute("INSERT INTO golden.possible_match VALUES (?, ?, ?, ?)", [one, other, probability, reason])

    def merged(self, into: str, other: str, probability: float, pairs: int, round_: int = 2) -> None:
        self.con.execute(
            "INSERT INTO matching.merge VALUES (?, ?, ?, 1, ?, ?)",
            [round_, f"d{into}", f"d{other}", probability, pairs],
        )

    def decided(self, left: str, right: str, *, state: str = "reconfirm", decision: str = "different") -> None:
        number = 1 + self.con.execute("SELECT count(*) FROM matching.decision").fetchall()[0][0]
        self.insert(
            "matching.decision",
            decision_id=number,
            place=0,
            decision=decision,
            source_l="s",
            source_record_id_l=left,
            source_r="s",
            source_record_id_r=right,
            decided_by="ann",
            decided_at=START,
            state=state,
        )

    def ruled(self, ruling: str, left: str, right: str | None = None, **more: object) -> None:
        evidence = evidence_of(self.con, [("s", left), ("s", right or left)])
        sides: dict[str, Any] = {"source_l": "s", "source_record_id_l": left, "evidence_l": evidence["s", left]}
        if right:
            sides |= {"source_r": "s", "source_record_id_r": right, "evidence_r": evidence["s", right]}
        said = {"decision_id": 7, "ruling": ruling, "decided_by": "ann", "decided_at": START}
        self.insert("matching.ruling", **(said | sides | more))

    def changes(self, key: str) -> None:
        self.con.execute(
            "UPDATE matching.standardised SET given = given || 'x' WHERE source_record_id = ?", [key]
        ).fetchall()

    def queue(self) -> list[dict[str, Any]]:
        """Run the stage, and return its items by priority."""
        queue_review(self.con, self.settings, self.run_)
        rows = self.con.execute("SELECT * FROM review.item ORDER BY priority DESC, item_id")
        names = [column[0] for column in rows.description]
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]

    def asked(self) -> list[tuple[str, str]]:
        """Return the records that the items ask about, in the order of the items' ids."""
        query = "SELECT source_record_id_l, source_record_id_r FROM review.question ORDER BY item_id, place"
        return self.con.execute(query).fetchall()


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    con = open_memory()
    migrate(con)
    attach_empty_workings(con)
    yield Night(con, tmp_path)
    con.close()


def test_nothing_waits_in_an_empty_warehouse(night: Night) -> None:
    assert night.queue() == []


def test_customers_who_hang_together_are_one_item_and_the_formula_is_that_of_its_row(night: Night) -> None:
    night.customer("A", 3, orders=3, spend=30)
    night.customer("B", 2, orders=1, spend=10, cases=1)
    night.customer("C", 1)
    night.customer("D", 1)
    night.customer("E", 1)
    for pair in ("AB", "BC", "AC"):
        night.near(pair[0], pair[1], 0.5 if pair == "AB" else 0.25)
    night.near("D", "E", 0.5)
    large, small = night.queue()
    assert (large["queue"], large["golden_ids"], large["questions"], large["records"]) == (
        "default",
        ["A", "B", "C"],
        3,
        6,
    )
    assert large["p_wrong"] == pytest.approx(1 - 0.5 * 0.75 * 0.75)
    assert (large["orders"], large["spend"], large["open_cases"], large["record_pairs"]) == (4, Decimal(40), 1, 11)
    # 4 orders, 40 spent at 10 an order, 1 case that counts 3; 0.25 for each of 6 x 0.5 + 2 x 0.25 + 3 x 0.25 pairs
    assert large["harm"] == pytest.approx(0.71875 * (4 + 4 + 3) + 0.25 * 4.25)
    assert large["seconds"] == 54
    assert large["priority"] == pytest.approx(large["harm"] / 54 * 60, abs=1e-5)
    assert (small["golden_ids"], small["match_probability"], small["reason"]) == (["D", "E"], 0.5, LEFT_APART)
    assert small["harm"] == pytest.approx(0.125)
    assert large["reason"] == f"3 customers may be one: {LEFT_APART}"


def test_the_question_that_settles_most_is_asked_first(night: Night) -> None:
    for name in "ABCD":
        night.customer(name)
    for left, right, probability in (("A", "B", 0.6), ("B", "C", 0.5), ("C", "D", 0.55), ("A", "D", 0.3)):
        night.near(left, right, probability)
    night.queue()
    # A-B, C-D and B-C make the tree; A-D is settled by them, and each of the three by its own cut settles two
    assert night.asked() == [("a1", "b1"), ("c1", "d1"), ("b1", "c1"), ("a1", "d1")]


def test_a_customer_that_fits_two_who_are_not_near_each_other_is_a_or_b(night: Night) -> None:
    for name in "ABCDEF":
        night.customer(name)
    night.near("A", "B", 0.4)
    night.near("B", "C", 0.5)
    for pair in ("DE", "EF", "DF"):
        night.near(pair[0], pair[1], 0.4)
    queues = {tuple(item["golden_ids"]): item["queue"] for item in night.queue()}
    assert queues == {("A", "B", "C"): "a_or_b", ("D", "E", "F"): "default"}


def test_what_was_taken_apart_has_its_queue(night: Night) -> None:
    for name in "ABCD":
        night.customer(name)
    night.near("A", "B", 0.9, TAKEN_APART["giant"])
    night.near("C", "D", 0.9, TAKEN_APART["decisions_conflict"])
    assert sorted(item["queue"] for item in night.queue()) == ["conflict", "poisoned"]


def test_a_doubtful_merge_is_asked_about_where_enough_hangs_on_it(night: Night) -> None:
    night.customer("A", 4, orders=9)
    night.customer("B", 2)  # as doubtful, and nothing hangs on it
    night.customer("C", 2, orders=9)  # certain
    night.merged("a1", "a2", 0.99, 1)
    night.merged("a3", "a4", 0.97, 1)
    night.merged("a1", "a3", 0.9, 4, 3)
    night.merged("b1", "b2", 0.9, 1)
    night.merged("c1", "c2", 0.999, 1)
    (item,) = night.queue()
    assert (item["queue"], item["golden_ids"], item["p_wrong"], item["match_probability"]) == (
        "default",
        ["A"],
        0.1,
        0.9,
    )
    assert item["harm"] == pytest.approx(0.1 * 9 + 0.25 * 0.1 * 4)
    assert night.asked() == [("a1", "a3")]


def test_the_loudest_pair_between_two_sides_is_what_is_shown(night: Night) -> None:
    night.customer("A", 4, orders=9)
    for into, other, probability, round_ in (("a1", "a2", 0.99, 2), ("a3", "a4", 0.97, 2), ("a1", "a3", 0.9, 3)):
        night.merged(into, other, probability, 1, round_)
    pairs = (("a1", "a2", 9.0), ("a1", "a3", 1.0), ("a2", "a4", 3.0))
    for left, right, weight in pairs:
        night.con.execute("INSERT INTO matching.pair VALUES (?, ?, '', [1], ?, 0.9)", [f"d{left}", f"d{right}", weight])
    night.queue()
    assert night.asked() == [("a2", "a4")]


def test_unsure_keeps_a_pair_out_until_a_record_says_something_else(night: Night) -> None:
    night.customer("A", 2, orders=9)
    night.customer("B", 2)
    night.near("A", "B", 0.4)
    night.merged("a1", "a2", 0.9, 1)
    assert len(night.queue()) == 2
    night.ruled("unsure", "a1", "b2")
    assert [item["golden_ids"] for item in night.queue()] == [["A"]]
    night.ruled("unsure", "a1", "a2", decision_id=8)
    assert night.queue() == []
    night.changes("b2")
    assert [item["golden_ids"] for item in night.queue()] == [["A", "B"]]
    night.changes("a2")
    assert len(night.queue()) == 2


def test_a_decision_whose_records_changed_is_asked_again(night: Night) -> None:
    night.customer("A", 2, orders=2)
    night.customer("B", 3)
    night.decided("a1", "b1")
    night.decided("a1", "a2", decision="same")
    night.decided("a2", "b1", state="bound")
    items = night.queue()
    assert [item["queue"] for item in items] == ["reconfirm"] * 2
    assert {tuple(item["golden_ids"]): item["record_pairs"] for item in items} == {("B", "A"): 6, ("A",): 1}
    ids = night.con.execute("SELECT decision_id FROM review.question ORDER BY 1").fetchall()
    assert ids == [(1,), (2,)]


def test_a_pin_is_asked_again_when_its_record_changes_while_it_holds(night: Night) -> None:
    night.customer("A", 1)
    night.ruled("pin", "a1", attribute="email", value="a@mail.example", until=START + timedelta(days=1))
    assert night.queue() == []
    night.changes("a1")
    (item,) = night.queue()
    assert (item["queue"], item["golden_ids"]) == ("reconfirm", ["A"])
    assert night.asked() == [("a1", "a1")]
    night.con.execute("UPDATE matching.ruling SET until = ?", [START]).fetchall()
    assert night.queue() == []


def test_an_item_keeps_its_id_and_how_long_it_waits(night: Night) -> None:
    for name in "ABCD":
        night.customer(name)
    night.near("A", "B", 0.4)
    before = {item["item_id"]: item for item in night.queue()}
    night.con.execute("INSERT INTO yesterday.review.item SELECT * FROM review.item")
    night.con.execute("UPDATE landing.night SET as_of = ?", [START + timedelta(days=1)]).fetchall()
    night.con.execute("UPDATE golden.possible_match SET match_probability = 0.5").fetchall()
    night.near("C", "D", 0.3)
    after = {tuple(item["golden_ids"]): item for item in night.queue()}
    assert before.keys() == {after["A", "B"]["item_id"]}
    assert after["A", "B"]["since"] == START
    assert after["C", "D"]["since"] == START + timedelta(days=1)


def test_the_same_comes_out_of_rows_in_any_order_and_with_one_thread(night: Night) -> None:
    for number, name in enumerate("ABCDEFGH"):
        night.customer(name, 2, orders=number, spend=3 * number)
        night.merged(f"{name.lower()}1", f"{name.lower()}2", 0.7, 1)
    for left, right in zip("ABCDEFG", "BCDEFGH", strict=True):
        night.near(left, right, 0.4)
        for key in (f"{left}1", f"{left}2"):
            values = [f"d{key.lower()}", f"d{right.lower()}1"]
            night.con.execute("INSERT INTO matching.pair VALUES (?, ?, '', [1], 2, 0.9)", values)
    items, questions = night.queue(), night.asked()
    for table in ("matching.pair", "matching.merge", "matching.member", "golden.crosswalk", "golden.possible_match"):
        night.con.execute(f"CREATE TEMP TABLE turned AS SELECT * FROM {table} ORDER BY rowid DESC")
        night.con.execute(f"DELETE FROM {table}").fetchall()
        night.con.execute(f"INSERT INTO {table} SELECT * FROM turned").fetchall()
        night.con.execute("DROP TABLE turned")
    night.con.execute("SET threads = 1")
    assert (night.queue(), night.asked()) == (items, questions)
    assert len(items) == 8


def _ties(pairs: dict[tuple[int, int], float]) -> list[Tie]:
    return [Tie(f"c{left:02}", f"c{right:02}", probability) for (left, right), probability in pairs.items()]


PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted).map(tuple).filter(lambda pair: pair[0] != pair[1]),
    st.sampled_from([0.2, 0.4, 0.4000001, 0.6, 0.8]),
    max_size=60,
)


@given(PAIRS, st.randoms())
def test_items_partition_the_pairs_in_any_order(pairs: dict[tuple[int, int], float], dice: Any) -> None:  # noqa: ANN401
    ties = _ties(pairs)
    items = form_items(ties)
    assert sorted((tie for item in items for tie in item), key=lambda tie: tie.order) == sorted(
        ties, key=lambda tie: tie.order
    )
    assert all(len(set(customers_of(item))) <= MOST_CUSTOMERS for item in items)
    assert len({frozenset(customers_of(item)) for item in items}) == len(items)
    for item in items:  # each hangs together
        reached = {item[0].left}
        for _ in item:
            reached |= {side for tie in item if {tie.left, tie.right} & reached for side in (tie.left, tie.right)}
        assert reached == set(customers_of(item))
    dice.shuffle(ties)
    assert form_items(ties) == items


def test_a_chain_of_forty_is_cut_at_its_weakest_pairs() -> None:
    ties = _ties({(number, number + 1): (0.2 if number % 10 == 9 else 0.8) for number in range(39)})
    items = form_items(ties)
    assert [len(set(customers_of(item))) for item in items] == [10, 10, 10, 10, 2, 2, 2]


FIGURES = st.tuples(
    st.floats(0, 1),
    st.integers(0, 50),
    st.integers(0, 5000),
    st.integers(0, 5),
    st.integers(0, 500),
    st.integers(1, 300),
)


ERROR = 0.05


def worth(p_wrong: float, orders: int, spend: int, cases: int, pairs: int, seconds: int) -> float:
    hanging = Hanging(orders, Decimal(spend), cases, pairs, p_wrong * pairs)
    return priority(removed(p_wrong, hanging, 25.0, ERROR), seconds)


@given(FIGURES, st.integers(0, 5), st.floats(0, 1))
def test_priority_grows_with_what_it_is_made_of(figures: tuple[Any, ...], which: int, more: float) -> None:
    """Where stewards are surer than the matching; elsewhere asking costs the more, the more hangs on it."""
    raised = list(figures)
    raised[which] = min(1.0, figures[0] + more) if which == 0 else figures[which] + 1 + int(9 * more)
    brings = figures[0] >= ERROR * (1 - figures[0])
    if which == 0 or (which != 5) is brings:
        assert worth(*raised) >= worth(*figures) - 1e-5
    else:
        assert worth(*raised) <= worth(*figures) + 1e-5


def test_what_stewards_are_less_sure_of_than_the_matching_costs_more_than_it_brings() -> None:
    assert worth(0.047, 9, 100, 1, 4, 30) < 0 < worth(0.048, 9, 100, 1, 4, 30)
    assert worth(0.02, 90, 100, 1, 4, 30) < worth(0.02, 9, 100, 1, 4, 30)


def test_how_often_stewards_err_is_learned_and_shrunk() -> None:
    assert error_rate(0, 0) == SHIPPED_ERROR
    assert error_rate(10, 0) < SHIPPED_ERROR < error_rate(10, 3) < 0.1
    assert error_rate(100_000, 18_000) == pytest.approx(0.1, abs=0.001)
    assert error_rate(100_000, 90_000) == 0.5


def test_a_doubtful_merge_is_asked_about_where_that_removes_enough() -> None:
    asked = Question(("A", "A"), (("s", "1"), ("s", "2")), 0.96, 0.04, 3, "weak")
    customers = {"A": Customer(("s", "1"), ("s",), 4, 40, Decimal(0), 0)}
    assert [draft.item_id for draft in draft_together([asked], customers, 0.0, 0.05)] == []
    assert len(list(draft_together([asked], customers, 0.0, 0.01))) == 1


@given(st.lists(st.floats(0, 1), max_size=6), st.randoms())
def test_any_of_several_is_the_same_in_any_order(probabilities: list[float], dice: Any) -> None:  # noqa: ANN401
    found = any_of(probabilities)
    assert max([0.0, *probabilities]) - 1e-6 <= found <= 1
    dice.shuffle(probabilities)
    assert any_of(probabilities) == found


def test_seconds_are_learned_and_shrunk() -> None:
    shipped = Pace().seconds("default", 1)
    assert Pace([("default", 1, 600.0)]).seconds("default", 1) == pytest.approx(
        (SHIPPED_COUNTS_AS * shipped + 600) / (SHIPPED_COUNTS_AS + 1), abs=0.1
    )
    many = Pace([("default", 1, seconds) for seconds in (5.0, 9.0, 3600.0) * 400])
    assert many.seconds("default", 1) == pytest.approx(9, abs=0.5)
    assert many.seconds("default", 2) == Pace().seconds("default", 2)
    assert many.seconds("a_or_b", 1) == Pace().seconds("a_or_b", 1)
    assert Pace().seconds("default", 9) == 30 + 8 * 12


def test_a_budget_shows_one_item_at_least() -> None:
    assert within_budget([30, 60, 90], 1) == 2
    assert within_budget([90, 91], 1) == 1
    assert within_budget([90, 91], 0) == 1
    assert within_budget([], 60) == 0


def test_like_cases_are_spelled_alike() -> None:
    def draft(number: int, gammas: tuple[int, ...], questions: int = 1) -> Draft:
        records = (("s", f"a{number}"), ("s", f"b{number}"))
        asked = Question(("A", "B"), records, 0.4, 0.4, 1, LEFT_APART, match_key="phone", gammas=gammas)
        hanging = Hanging(0, Decimal(0), 0, 1, 0.4)
        return Draft(f"q{number}", "default", ("A", "B"), (asked,) * questions, LEFT_APART, 0.4, hanging)

    top = tuple(len(comparison.levels) - 1 for comparison in SHIPPED_DEFINITIONS.comparisons)
    alike = [draft(number, (*top[:2], *(-1,) * (len(top) - 2))) for number in range(LEAST_ALIKE)]
    other = [draft(100, top), draft(101, alike[0].questions[0].gammas, questions=2)]
    found = patterns([*alike, *other], SHIPPED_DEFINITIONS.comparisons)
    names = [f"{one.name} {one.levels[0].name}" for one in SHIPPED_DEFINITIONS.comparisons[:2]]
    assert found == {one.item_id: f"apart · phone: {', '.join(names)}" for one in alike}
    assert patterns(alike[1:], SHIPPED_DEFINITIONS.comparisons) == {}
