"""The stage: from pairs who live together to households, which no chain of old addresses makes larger."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.form_households import Tie, form_households, group, household_id
from tests.customer360.conftest import RUN, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.customer360.conftest import Care

HOME, OLD, LINE, BOX = (
    "address:1 elm, 98101",
    "address:9 oak, 98102",
    "phone:2065550100",
    "email:thedroses@mail.example",
)


def tie(one: str, other: str, *shared: str, probability: float = 0.9) -> Tie:
    return Tie(one, other, shared, any(point.startswith("address") for point in shared), probability)


def now(one: str, other: str, *shared: str, probability: float = 0.9) -> Tie:
    """Return the tie of two who dwell together where both golden records say."""
    return tie(one, other, *shared, probability=probability)._replace(at_present=True)


def said(one: str, other: str) -> Tie:
    """Return the tie of two of whom a steward said that they live together."""
    return Tie(one, other, ("decision",), dwell_together=True, probability=1.0)


# --- who is in which ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ties", "with_address", "expected"),
    [
        pytest.param([tie("a", "b", HOME)], "ab", ["ab"], id="a couple"),
        pytest.param(
            [tie("a", "b", HOME, LINE), tie("a", "c", HOME), tie("b", "c", HOME)], "abc", ["abc"], id="a family"
        ),
        pytest.param(
            [tie("a", "b", HOME, LINE), tie("a", "c", HOME)],
            "abc",
            ["abc"],
            id="two who are not tied to each other, under one roof",
        ),
        pytest.param(
            [tie("a", "b", HOME), tie("b", "c", OLD, probability=0.8)],
            "abc",
            ["ab"],
            id="no chain over an earlier address",
        ),
        pytest.param(
            [tie("a", "b", HOME, probability=0.8), tie("b", "c", OLD)], "abc", ["bc"], id="the stronger tie counts"
        ),
        pytest.param(
            [now("a", "b", HOME, probability=0.5), tie("b", "c", OLD, LINE)],
            "abc",
            ["ab"],
            id="where both live by now counts before where one of them lived",
        ),
        pytest.param(
            [tie("a", "b", LINE, probability=0.99), tie("b", "c", HOME, probability=0.6)],
            "abc",
            ["bc"],
            id="a roof counts before a number",
        ),
        pytest.param(
            [tie("a", "b", HOME), tie("b", "c", BOX)], "ab", ["abc"], id="somebody who is known by a mailbox alone"
        ),
        pytest.param(
            [tie("a", "b", BOX), tie("b", "c", LINE, probability=0.8)], "", ["ab"], id="no chain without any address"
        ),
        pytest.param(
            [tie("a", "b", HOME), tie("c", "d", OLD), tie("b", "c", LINE, probability=0.6)],
            "abcd",
            ["ab", "cd"],
            id="two homes that one number joins",
        ),
        pytest.param([], "ab", [], id="nobody lives together"),
        pytest.param([said("a", "b")], "ab", ["ab"], id="two of whom a steward said so"),
        pytest.param(
            [said("a", "b"), tie("a", "c", HOME), tie("b", "d", HOME, probability=0.8)],
            "abcd",
            ["abcd"],
            id="and who lives with either of them",
        ),
        pytest.param(
            [said("a", "b"), tie("a", "c", HOME), tie("b", "d", OLD, probability=0.8)],
            "abcd",
            ["abc"],
            id="but not two who are apart and live with one of them each",
        ),
        pytest.param([said("a", "b"), said("b", "c")], "abc", ["abc"], id="by way of another"),
        pytest.param(
            [said("a", "b"), said("c", "d"), tie("b", "c", LINE, probability=0.6), tie("a", "d", BOX)],
            "abcd",
            ["abcd"],
            id="two such homes that share what is reached",
        ),
        pytest.param(
            [said("a", "b"), said("c", "d"), tie("a", "e", HOME), tie("c", "f", OLD), tie("b", "c", LINE)],
            "abcdef",
            ["abe", "cdf"],
            id="two such homes that are apart",
        ),
    ],
)
def test_households_of(ties: list[Tie], with_address: str, expected: list[str]) -> None:
    assert ["".join(household) for household in group(ties, set(with_address))] == expected


PEOPLE = "abcdefgh"
TIES = st.lists(
    st.builds(
        lambda pair, shared, probability: tie(*sorted(pair), *sorted(shared), probability=probability),
        st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=2, unique=True),
        st.sets(st.sampled_from([HOME, OLD, LINE, BOX]), min_size=1),
        st.sampled_from([0.5, 0.75, 1.0]),
    ),
    max_size=12,
    unique_by=lambda drawn: (drawn.one, drawn.other),
)


@given(ties=TIES, with_address=st.sets(st.sampled_from(PEOPLE)), seed=st.integers(0, 99))
def test_the_order_of_ties_does_not_matter(ties: list[Tie], with_address: set[str], seed: int) -> None:
    shuffled = random.Random(seed).sample(ties, len(ties))
    assert group(ties, with_address) == group(shuffled, with_address)


@given(ties=TIES, with_address=st.sets(st.sampled_from(PEOPLE)))
def test_a_household_has_two_members_or_more_and_nobody_is_in_two(ties: list[Tie], with_address: set[str]) -> None:
    households = group(ties, with_address)
    members = [member for household in households for member in household]
    assert len(members) == len(set(members))
    assert all(len(household) > 1 for household in households)
    tied = {(each.one, each.other) for each in ties}
    for household in households:
        assert all(any((a, b) in tied or (b, a) in tied for b in household) for a in household)


@given(ties=TIES, with_address=st.sets(st.sampled_from(PEOPLE)))
def test_nobody_of_a_household_lives_apart_from_another(ties: list[Tie], with_address: set[str]) -> None:
    points = {name: {point for each in ties if name in each[:2] for point in each.shared} for name in PEOPLE}
    settled = with_address | {name for name, held in points.items() if held & {HOME, OLD}}
    for household in group(ties, with_address):
        for a in household:
            for b in household:
                assert a == b or points[a] & points[b] or (a in settled) != (b in settled)


# --- ids ------------------------------------------------------------------------------------------------------------


def test_an_id_is_a_keyed_hash_of_the_oldest_members() -> None:
    made = household_id("salt", "cus_1")
    assert re.fullmatch("hh_[0-9A-HJKMNP-TV-Z]{16}", made)
    assert made == household_id("salt", "cus_1")
    assert len({made, household_id("pepper", "cus_1"), household_id("salt", "cus_2")}) == 3


class Night:
    """A night's customers, named by letters, and what is published of their households."""

    def __init__(self, care: Care, order: str) -> None:
        """`order` names the customers, oldest first."""
        self.care = care
        for sequence, name in enumerate(order):
            care.land(f"cus_{name}", "order", name)
            care.con.execute("INSERT INTO matching.cluster VALUES ('orders', ?, ?, 'single', NULL)", [name, name])
            care.con.execute(
                'INSERT INTO golden.change (sequence, release_id, "at", event, golden_id, cause)'
                " VALUES (?, 'r1', TIMESTAMP '2026-06-01', 'created', ?, 'new')",
                [sequence + 1, f"cus_{name}"],
            )

    def households(self, *ties: Tie) -> dict[str, set[tuple[str, str]]]:
        """Return household id -> golden id and basis of its members."""
        self.care.con.execute("DELETE FROM matching.household_tie")
        for each in ties:
            kinds = "_and_".join(sorted({point.partition(":")[0] for point in each.shared}))
            self.care.con.execute(
                "INSERT INTO matching.household_tie VALUES (?, ?, ?, ?, ?, ?)",
                [each.one, each.other, kinds, list(each.shared), each.dwell_together, each.probability],
            )
        report = form_households(self.care.con, SETTINGS, RUN)
        rows = self.care.con.execute("FROM care.household").fetchall()
        assert report.rows == {"care.household": len(rows)}
        found: dict[str, set[tuple[str, str]]] = {}
        for household, golden_id, basis in rows:
            found.setdefault(household, set()).add((golden_id, basis))
        return found


def test_what_is_published(care: Care) -> None:
    found = Night(care, "ab").households(tie("a", "b", HOME, LINE))
    basis = "address_and_phone"
    assert found == {household_id(SETTINGS.identity.salt, "cus_a"): {("cus_a", basis), ("cus_b", basis)}}


def test_each_member_says_what_it_shares_with_others_of_the_household(care: Care) -> None:
    (members,) = (
        Night(care, "abcd")
        .households(
            tie("a", "b", HOME, LINE),
            tie("a", "c", HOME),
            tie("b", "c", HOME),
            tie("a", "d", LINE, BOX, probability=0.1),
        )
        .values()
    )
    assert {("cus_c", "address"), ("cus_d", "email_and_phone")} < members


def test_of_whom_a_steward_said_so_that_is_published(care: Care) -> None:
    night = Night(care, "abcd")
    for number, (left, right) in enumerate((("a", "b"), ("c", "gone"), ("d", "d")), 1):
        care.con.execute(
            "INSERT INTO matching.ruling BY NAME SELECT ? AS decision_id, 'household' AS ruling, 'orders' AS source_l,"
            " ? AS source_record_id_l, 'orders' AS source_r, ? AS source_record_id_r, 'ann' AS decided_by,"
            " TIMESTAMP '2026-05-01' AS decided_at",
            [number, left, right],
        )
    ((members,),) = [night.households().values()]
    assert members == {("cus_a", "decision"), ("cus_b", "decision")}
    ((members,),) = [night.households(tie("a", "b", HOME), tie("b", "c", HOME)).values()]
    assert members == {("cus_a", "address_and_decision"), ("cus_b", "address_and_decision"), ("cus_c", "address")}
    care.con.execute("UPDATE matching.ruling SET ruling = 'unsure'")
    assert night.households() == {}


Address = tuple[str | None, str | None, str | None, str | None]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(("1", "elm", None, "98101"), ("1", "elm", None, "98101"), "ab", id="one address"),
        pytest.param(("1", "elm", None, "98101"), ("1", "elmm", "2", None), "ab", id="mistyped, and less of it"),
        pytest.param(("1", "elm", None, "98101"), ("7", "elm", None, "98101"), "bc", id="another house"),
        pytest.param(("1", "elm", None, "98101"), ("1", "elm", None, "98102"), "bc", id="another town"),
        pytest.param(("1", "elm", "1", "98101"), ("1", "elm", "2", "98101"), "bc", id="another flat"),
        pytest.param(("1", "elm", None, "98101"), ("1", "quarry", None, "98101"), "bc", id="another street"),
        pytest.param((None, None, None, None), ("1", "elm", None, "98101"), "bc", id="nobody knows"),
    ],
)
def test_where_both_live_by_now_goes_before(care: Care, one: Address, other: Address, expected: str) -> None:
    night = Night(care, "abc")
    for name, (number, street, unit, code) in {"a": one, "b": other, "c": ("9", "oak", None, "98102")}.items():
        care.con.execute(
            "INSERT INTO golden.provenance BY NAME SELECT ? AS golden_id, 'street' AS attribute, '' AS value,"
            " 'orders' AS source, ? AS source_record_id, 'trust' AS rule, [] AS alternatives",
            [f"cus_{name}", name],
        )
        care.con.execute(
            "INSERT INTO matching.standardised BY NAME SELECT 'orders' AS source, ? AS source_record_id,"
            " ? AS street_number, ? AS street, ? AS unit, ? AS postal_code, false AS name_from_email",
            [name, number, street, unit, code],
        )
    care.con.execute("UPDATE golden.customer SET street = 'somewhere'")
    ((members,),) = [night.households(tie("a", "b", HOME, probability=0.5), tie("b", "c", OLD)).values()]
    assert "".join(sorted(golden_id[-1] for golden_id, _ in members)) == expected


def test_nobody_lives_together(care: Care) -> None:
    assert Night(care, "ab").households() == {}


def test_a_household_keeps_its_id_as_long_as_its_oldest_member_stays(new_care: Callable[[], Care]) -> None:
    first = Night(new_care(), "bac").households(tie("a", "b", HOME), tie("b", "c", HOME))
    second = Night(new_care(), "bacd").households(tie("b", "d", HOME))
    third = Night(new_care(), "bacd").households(tie("a", "d", HOME))
    assert set(first) == set(second)
    assert {golden_id for golden_id, _ in second.popitem()[1]} == {"cus_b", "cus_d"}
    assert set(third).isdisjoint(first)
