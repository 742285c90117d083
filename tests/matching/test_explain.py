from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.comparisons import COMPARISONS
from matching.evidence import contributions, levels_of, model_in_use, tuple_numbers, workbench
from matching.explain import Explanation, explain
from matching.features import load_features
from matching.model import load_frequencies
from matching.weights import rarity_bits
from matching.why_together import strongest_path
from pipelines.words_of_matching import explanation_page
from tests.matching.small_night import Row, matched, people
from warehouse.connection import open_memory
from warehouse.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

NOBODY: Row = {
    "source": "billing",
    "source_record_id": "news",
    "excluded_reason": "newsletter",
    "emails": ["a@b.example"],
}
GONE: Row = {"source": "billing", "source_record_id": "gone", "given_name": "Ann"}
BAD: Row = {
    "delivery_id": "d",
    "source": "billing",
    "path": "exports/billing.csv",
    "line": 7,
    "source_record_id": "bad",
    "reason": "no_key",
}


@pytest.fixture(scope="module")
def night() -> Iterator[DuckDBPyConnection]:
    rows, _ = people(150, seed=3)
    equal = {"source": "orders", "source_record_id": "again", **{k: v for k, v in rows[0].items() if "source" not in k}}
    with matched([*rows, equal, NOBODY], gone=[GONE], quarantined=[BAD]) as con:
        yield con


def stored_pairs(con: DuckDBPyConnection) -> list[tuple[tuple[str, str], tuple[str, str], float]]:
    """Return the stored pairs as a source record of either side, and the weight, in an order of no meaning."""
    found = con.execute("""
        WITH record AS (SELECT distinct_record_id, min((source, source_record_id)) AS r FROM matching.member
            GROUP BY distinct_record_id)
        SELECT one.r[1], one.r[2], other.r[1], other.r[2], match_weight FROM matching.pair
        JOIN record AS one ON one.distinct_record_id = distinct_record_id_l
        JOIN record AS other ON other.distinct_record_id = distinct_record_id_r
        ORDER BY hash(distinct_record_id_l || distinct_record_id_r)
    """).fetchall()
    return [((a, b), (c, d), weight) for a, b, c, d, weight in found]


def total(found: Explanation) -> float:
    assert found.evidence is not None
    return found.evidence.prior_bits + sum(step.bits for step in found.evidence.steps)


def test_the_bits_of_a_pair_add_up_to_its_stored_weight(night: DuckDBPyConnection) -> None:
    pairs = stored_pairs(night)
    assert len(pairs) > 300
    for left, right, weight in pairs[:10]:
        found = explain(night, left, right)
        assert total(found) == pytest.approx(weight, abs=1e-6)
        assert total(explain(night, right, left)) == pytest.approx(weight, abs=1e-6)
        assert found.evidence is not None
        assert found.evidence.probability == pytest.approx(found.match_probability, abs=1e-6)


def test_of_all_stored_pairs_the_contributions_add_up_to_the_weight(night: DuckDBPyConnection) -> None:
    model = model_in_use(night)
    found = night.execute("""
        SELECT distinct_record_id_l, distinct_record_id_r, gammas, match_weight FROM matching.pair LIMIT 10000
    """).fetchall()
    with open_memory() as scratch:
        load_features(night, scratch)
        load_frequencies(night, scratch, model)
        tuples = tuple_numbers(scratch)
        rarity = rarity_bits(scratch, model)
    left = np.array([min(tuples[row[0]], tuples[row[1]]) for row in found], np.int64)
    gammas = {c.name: np.array([row[2][place] for row in found], np.int8) for place, c in enumerate(COMPARISONS)}
    told = contributions(model, gammas, rarity, left)
    sums = told.prior_bits + sum(told.bits.values())
    weights = np.array([row[3] for row in found])
    assert np.abs(sums - weights).max() < 1e-6
    # what would show a mistake: leaving one comparison out moves the sum
    assert np.abs(sums - told.bits["family"] - weights).max() > 1


def test_levels_compared_anew_are_the_stored_ones(night: DuckDBPyConnection) -> None:
    model = model_in_use(night)
    found = night.execute("""
        SELECT distinct_record_id_l, distinct_record_id_r, gammas FROM matching.pair
        ORDER BY hash(distinct_record_id_l || distinct_record_id_r) LIMIT 60
    """).fetchall()
    with workbench(night, [name for row in found for name in row[:2]], model) as scratch:
        tuples = tuple_numbers(scratch)
        for left, right, gammas in found:
            assert levels_of(scratch, model, tuples[left], tuples[right]) == tuple(gammas)


def test_customers_left_apart_weigh_less_than_a_merge_takes(night: DuckDBPyConnection) -> None:
    apart = 0
    for left, right, _ in stored_pairs(night)[:16]:
        found = explain(night, left, right)
        assert (found.whole is None) == found.same_customer
        if found.whole and found.whole.probability is not None:
            apart += 1
            assert found.whole.probability < found.merge_at
    assert apart > 1


def test_ties_lead_from_one_record_to_the_other_within_the_cluster(night: DuckDBPyConnection) -> None:
    of = {
        (s, r): c
        for s, r, c in night.execute("SELECT source, source_record_id, cluster_id FROM matching.cluster").fetchall()
    }
    joined = 0
    for left, right, weight in [pair for pair in stored_pairs(night) if of[pair[0]] == of[pair[1]]][:12]:
        found = explain(night, left, right)
        joined += 1
        assert found.ties
        assert found.ties[0].left == min_name(night, left)
        assert found.ties[-1].right == min_name(night, right)
        assert all(one.right == other.left for one, other in pairwise(found.ties))
        assert min(tie.weight for tie in found.ties) >= weight
    assert joined == 12


def min_name(con: DuckDBPyConnection, record: tuple[str, str]) -> str:
    return str(
        con.execute(
            """
            SELECT min(source || ':' || source_record_id) FROM matching.member WHERE distinct_record_id =
                (SELECT distinct_record_id FROM matching.member WHERE source = ? AND source_record_id = ?)
            """,
            list(record),
        ).fetchall()[0][0]
    )


def test_records_that_say_the_same_are_told_so(night: DuckDBPyConnection) -> None:
    found = explain(night, ("billing", "P000-0"), ("orders", "again"))
    assert found.same_customer
    assert found.same_distinct_record
    assert any("exactly the same" in sentence for sentence in found.words())
    assert not found.ties


def test_a_pair_that_never_met_is_told_its_keys_and_its_weight(night: DuckDBPyConnection) -> None:
    stored = {frozenset(pair[:2]) for pair in stored_pairs(night)}
    never = 0
    for person in range(1, 12):
        pair = ("billing", "P000-0"), ("billing", f"P{person:03d}-0")
        found = explain(night, *pair)
        assert found.was_compared == (frozenset(pair) in stored)
        if not found.was_compared and not any(meeting.shared for meeting in found.meetings):
            never += 1
            assert found.evidence is not None
            assert total(found) == pytest.approx(found.evidence.weight)
            assert any("never compared: none of the" in sentence for sentence in found.words())
            assert any(meeting.left for meeting in found.meetings)
    assert never > 2


def test_a_key_that_too_many_carry_lets_nobody_meet() -> None:
    crowd: list[Row] = [
        {
            "source": "billing",
            "source_record_id": f"C{number:03d}",
            "given_name": f"{'abcdefghij'[number % 10]}{'klmnopqrst'[number // 10]}vo",
            "family_name": "Quist" if number % 2 else f"{'uvwxyz'[number % 6]}ennedal",
            "emails": [f"x{number}z{number}@mail{number}.example"],
            "phones": ["2065550199"],
        }
        for number in range(90)
    ]
    with matched(crowd) as con:
        con.execute("UPDATE matching.distinct_record SET phone = '5550199', phones = ['2065550199']")
        found = explain(con, ("billing", "C000"), ("billing", "C085"))
    phone = next(meeting for meeting in found.meetings if meeting.rule == "phone")
    assert phone.shared == ("5550199",)
    assert phone.bearers == 90
    assert phone.limit < 90
    assert not phone.met
    assert any("too common: phone (90 carry it" in sentence for sentence in found.words())


def test_a_record_without_customer_is_told_with_its_reason(night: DuckDBPyConnection) -> None:
    excluded = explain(night, ("billing", "news"), ("billing", "P000-0"))
    assert (excluded.left.state, excluded.left.reason) == ("excluded", "newsletter")
    assert "billing:news is nobody's: it is a newsletter." in excluded.words()
    deleted = explain(night, ("billing", "P000-0"), ("billing", "gone"))
    assert deleted.right.state == "deleted"
    assert not deleted.same_customer
    assert any("billing:gone was deleted" in sentence for sentence in deleted.words())
    assert deleted.evidence is None


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (("billing", "nowhere"), "billing:nowhere: no such record"),
        (("payroll", "1"), "no source 'payroll'; there are billing, orders"),
        (("billing", "bad"), r"quarantine \(no_key, exports/billing.csv:7\)"),
    ],
)
def test_an_unknown_record_is_refused_by_name(night: DuckDBPyConnection, record: tuple[str, str], words: str) -> None:
    with pytest.raises(Refused, match=words):
        explain(night, ("billing", "P000-0"), record)


def test_one_record_twice_is_a_mistake_of_usage(night: DuckDBPyConnection) -> None:
    with pytest.raises(UsageError, match="named twice"):
        explain(night, ("billing", "P000-0"), ("billing", "P000-0"))


def test_every_kind_of_explanation_can_be_printed_and_written(night: DuckDBPyConnection) -> None:
    others = [
        ("orders", "again"),
        ("billing", "news"),
        ("billing", "gone"),
        *(right for _, right, _ in stored_pairs(night)[:8]),
    ]
    for other in others:
        if other == ("billing", "P000-0"):
            continue
        found = explain(night, ("billing", "P000-0"), other)
        page = explanation_page(found)
        assert page.splitlines()[0].rstrip(".").endswith("one customer")
        assert json.loads(json.dumps(found.document()))["same_customer"] == found.same_customer


def test_the_page_shows_bits_to_the_right_for_and_to_the_left_against(night: DuckDBPyConnection) -> None:
    left, right, _ = next(pair for pair in stored_pairs(night) if explain(night, *pair[:2]).whole)
    lines = explanation_page(explain(night, left, right)).splitlines()
    bars = [line for line in lines if "│" in line]
    assert len({line.index("│") for line in bars}) == 1
    for line in bars:
        before, after = line.split("│")
        assert not ("█" in before and "█" in after)
    assert any("█" in line.split("│")[0] for line in bars)
    assert any("█" in line.split("│")[1] for line in bars)


Edges = dict[tuple[int, int], int]


@given(
    st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda e: e[0] < e[1]), st.integers(-3, 9))
)
def test_the_strongest_path_is_the_best_of_all_paths(edges: Edges) -> None:
    path = strongest_path([(str(a), str(b), float(w)) for (a, b), w in edges.items()], "0", "5")
    every = list(all_paths(edges, [0]))
    assert bool(path) == bool(every)
    if every:
        ours = [edges[min(a, b), max(a, b)] for a, b in pairwise(map(int, path))]
        best = max((min(weights), -len(weights)) for weights in every)
        assert (min(ours), -len(ours)) == best


def all_paths(edges: Edges, walked: list[int]) -> Iterator[list[int]]:
    """Yield the weights along every path without a circle from 0 to 5."""
    if walked[-1] == 5:
        yield [edges[min(a, b), max(a, b)] for a, b in pairwise(walked)]
        return
    for there in range(6):
        if there not in walked and (min(walked[-1], there), max(walked[-1], there)) in edges:
            yield from all_paths(edges, [*walked, there])
