from __future__ import annotations

import json
from itertools import pairwise
from math import log2
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.bench import open_bench
from matching.comparisons import COMPARISONS
from matching.evidence import contributions, levels_of, model_in_use, tuple_numbers, workbench
from matching.explain import Explanation, RecordState, explain
from matching.features import load_features
from matching.model import load_frequencies
from matching.resolve import prepare_pass
from matching.verdict import VERDICTS
from matching.weights import rarity_bits
from matching.whole import two_clusters
from matching.why_together import strongest_path
from pipelines.words_of_explaining import explanation_page, lines_of
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
    rows, _ = people(180, seed=3)
    equal = {"source": "orders", "source_record_id": "again", **{k: v for k, v in rows[0].items() if "source" not in k}}
    with matched([*rows, equal, NOBODY], gone=[GONE], quarantined=[BAD]) as con:
        yield con


@pytest.fixture(scope="module")
def explained(night: DuckDBPyConnection) -> list[tuple[Explanation, float]]:
    """Return the explanations of some stored pairs, with the weights stored."""
    return [(explain(night, left, right), weight) for left, right, weight in stored_pairs(night)[:60]]


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


def test_the_bits_of_a_pair_add_up_to_its_stored_weight(
    night: DuckDBPyConnection, explained: list[tuple[Explanation, float]]
) -> None:
    assert len(stored_pairs(night)) > 300
    for found, weight in explained:
        assert total(found) == pytest.approx(weight, abs=1e-6)
        assert found.evidence is not None
        assert found.evidence.probability == pytest.approx(found.match_probability, abs=1e-6)


def test_it_does_not_matter_who_is_named_first(
    night: DuckDBPyConnection, explained: list[tuple[Explanation, float]]
) -> None:
    for found, weight in explained[:3]:
        record = [(side.source, side.source_record_id) for side in (found.right, found.left)]
        turned = explain(night, record[0], record[1])
        assert total(turned) == pytest.approx(weight, abs=1e-6)
        assert turned.verdict == found.verdict


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


def test_customers_left_apart_weigh_less_than_a_merge_takes(explained: list[tuple[Explanation, float]]) -> None:
    apart = [found for found, _ in explained if not found.same_customer]
    assert len(apart) > 3
    for found in apart:
        assert found.taken_out is None
        assert found.whole is not None
        assert found.whole.probability is not None
        assert found.whole.probability < found.merge_at


def test_ties_lead_from_one_record_to_the_other_within_the_cluster(
    night: DuckDBPyConnection, explained: list[tuple[Explanation, float]]
) -> None:
    joined = [(found, weight) for found, weight in explained if found.same_customer]
    assert len(joined) > 10
    for found, weight in joined:
        assert found.ties
        assert found.ties[0].left == min_name(night, found.left)
        assert found.ties[-1].right == min_name(night, found.right)
        assert all(one.right == other.left for one, other in pairwise(found.ties))
        assert min(tie.weight for tie in found.ties if tie.weight is not None) >= weight


def min_name(con: DuckDBPyConnection, record: RecordState) -> str:
    return str(
        con.execute(
            """
            SELECT min(source || ':' || source_record_id) FROM matching.member WHERE distinct_record_id =
                (SELECT distinct_record_id FROM matching.member WHERE source = ? AND source_record_id = ?)
            """,
            [record.source, record.source_record_id],
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
    assert phone.second_left != phone.second_right
    assert found.verdict == "too_common"
    assert any(
        sentence.startswith("phone: 90 carry the key, 60 may; the second ones differ, ") for sentence in found.words()
    )


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
        *(right for _, right, _ in stored_pairs(night)[:3]),
    ]
    for other in others:
        if other == ("billing", "P000-0"):
            continue
        found = explain(night, ("billing", "P000-0"), other)
        page = explanation_page(found)
        assert page.splitlines()[0].rstrip(".").endswith("one customer")
        assert json.loads(json.dumps(found.document()))["same_customer"] == found.same_customer


def test_the_page_shows_bits_to_the_right_for_and_to_the_left_against(
    explained: list[tuple[Explanation, float]],
) -> None:
    page = explanation_page(next(found for found, _ in explained if not found.same_customer))
    table = page[page.index("The two records") :].split("\n\n")[0]
    bars = [line for line in table.splitlines() if "│" in line]
    assert len(bars) > 2
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


def test_the_verdict_says_what_the_answer_comes_down_to(
    night: DuckDBPyConnection, explained: list[tuple[Explanation, float]]
) -> None:
    for found, _ in explained:
        assert VERDICTS[found.verdict].startswith("one customer" if found.same_customer else "two customers")
        assert (found.verdict == "direct") == (found.same_customer and len(found.ties) == 1)
        if not found.same_customer and found.verdict != "outweighed":
            assert found.whole is not None
            assert found.whole.probability is not None
            assert (found.verdict == "to_review") == (found.whole.probability >= found.review_at)
    assert {found.verdict for found, _ in explained} >= {"direct", "by_way", "too_weak"}
    assert explain(night, ("billing", "P000-0"), ("orders", "again")).verdict == "identical"
    assert explain(night, ("billing", "P000-0"), ("billing", "news")).verdict == "excluded"
    assert explain(night, ("billing", "gone"), ("billing", "P000-0")).verdict == "deleted"


def test_of_wholes_prior_steps_and_crowd_add_up_to_the_weight(
    night: DuckDBPyConnection, explained: list[tuple[Explanation, float]]
) -> None:
    model = model_in_use(night)
    wholes = [found.whole for found, _ in explained if found.whole and found.whole.weight is not None]
    assert len(wholes) > 20
    for whole in wholes:
        assert whole.prior_bits is not None
        assert whole.weight is not None
        told = whole.prior_bits + sum(step.bits for step in whole.steps) + whole.crowd_bits
        assert told == pytest.approx(whole.weight, abs=1e-6)
        assert whole.probability == pytest.approx(float(model.entity_posterior(np.array([whole.weight]))[0]), abs=1e-6)


def test_two_customers_weigh_what_the_pass_of_entities_left_them_with(night: DuckDBPyConnection) -> None:
    """The oracle is the pass over all records: what it weighs when it is done."""
    model = model_in_use(night)
    threshold = model.entity_weight(model.merge_at)
    with open_bench(night, model) as bench:
        done = prepare_pass(night, bench, model).run(threshold)
    cluster_of = night.execute("""
        SELECT min(cluster_id) FROM matching.member JOIN matching.cluster USING (source, source_record_id)
        GROUP BY distinct_record_id ORDER BY distinct_record_id
    """).fetchall()
    near = np.argsort(-done.weight)[:12]
    for one, other, weight in zip(done.left[near], done.right[near], done.weight[near], strict=True):
        whole = two_clusters(night, model, cluster_of[one][0], cluster_of[other][0])
        assert whole.weight == pytest.approx(weight, abs=1e-9)


def test_a_record_taken_out_is_weighed_against_the_rest(explained: list[tuple[Explanation, float]]) -> None:
    found = next(found for found, _ in explained if found.same_customer and not found.whole_is_pair)
    assert found.taken_out in (found.left.name, found.right.name)
    assert found.whole is not None
    assert found.whole.weight is not None
    assert any(f"held against all the others, {found.taken_out} weighs" in sentence for sentence in found.words())
    assert any("was formed by merges of which the weakest had" in sentence for sentence in found.words())
    assert "Taken out, against all the others" in explanation_page(found)
    assert 0 < (found.left.cohesion or 0) <= 1


def test_records_that_say_too_little_pay_for_their_crowd() -> None:
    rows: list[Row] = [
        {"source": "billing", "source_record_id": f"J{number}", "given_name": "Robert", "family_name": "Quisvold"}
        for number in range(5)
    ]
    others, _ = people(60, seed=9)
    with matched([*rows, *others]) as con:
        first, second, third = con.execute("""
            SELECT source_record_id FROM matching.member WHERE source_record_id LIKE 'J%'
            ORDER BY distinct_record_id LIMIT 3
        """).fetchall()
        stored = explain(con, ("billing", *first), ("billing", *second))
        unstored = explain(con, ("billing", *second), ("billing", *third))
    assert stored.says_the_same
    assert unstored.says_the_same
    assert stored.left.says_just_this == 5
    assert stored.match_weight is not None
    paid = f"may be 5 people: -2.3 bits, which leaves {stored.match_weight - log2(5):+.2f},"
    assert any(paid in sentence for sentence in stored.words())
    assert not unstored.meetings
    if not stored.same_customer:
        assert stored.verdict == unstored.verdict == "too_little"


def test_a_long_value_is_wrapped_and_a_very_long_one_says_how_long_it_is() -> None:
    short, wrapped, cut = (lines_of(value) for value in ("ann", "x" * 100, "word " * 100))
    assert short == ["ann"]
    assert "".join(wrapped) == "x" * 100
    assert max(map(len, wrapped)) <= 40
    assert (len(cut), cut[-1]) == (4, "… 500 characters in all")
    assert lines_of(None) == ["-"]


def test_the_keys_of_a_pair_that_never_met_are_shown_the_nearest_first(night: DuckDBPyConnection) -> None:
    found = next(
        explanation
        for explanation in (explain(night, ("billing", "P000-0"), ("billing", f"P{n:03d}-0")) for n in range(1, 40))
        if explanation.verdict == "never_compared"
    )
    page = explanation_page(found).splitlines()
    start = next(place for place, line in enumerate(page) if line.startswith("Blocking keys"))
    shown = [line.split()[0] for line in page[start + 1 :] if not line.startswith(("  only one", "  neither", "    "))]
    likeness = {meeting.rule: meeting.likeness for meeting in found.meetings}
    assert len(shown) > 3
    assert [likeness[rule] for rule in shown] == sorted((likeness[rule] for rule in shown), reverse=True)
    assert any(line.startswith("  neither has one for ") for line in page)


def test_a_key_for_sparse_records_is_none_that_two_rich_ones_share() -> None:
    def told(key: str, given_name: str, family_name: str, **contact: list[str]) -> Row:
        known = {"source_record_id": key, "given_name": given_name, "family_name": family_name, "postal_code": "98101"}
        return {"source": "billing", **known, **contact}

    rows = [
        told("rich", "Greta", "Drummond", emails=["one@mail.example"]),
        told("other", "Hugo", "Lindway", phones=["2062345678"]),
        told("sparse", "Katya", "Hartigan"),
    ]
    with matched(rows) as con:
        apart = explain(con, ("billing", "rich"), ("billing", "other"))
        met = con.execute("SELECT match_key FROM matching.pair").fetchall()
    code = next(meeting for meeting in apart.meetings if meeting.rule == "code")
    assert (code.left, code.right) == (("98101",), ("98101",))
    assert (code.shared, code.met) == ((), False)
    assert any("never compared: none of the" in sentence for sentence in apart.words())
    assert all(key == "code" for (key,) in met)


def test_two_that_have_nothing_to_compare_are_told_so() -> None:
    rows: list[Row] = [
        {"source": "billing", "source_record_id": "mail", "emails": ["qq77@mail.example"]},
        {"source": "billing", "source_record_id": "phone", "phones": ["2065550143", "2065550144"]},
    ]
    others, _ = people(20, seed=2)
    with matched([*rows, *others]) as con:
        found = explain(con, ("billing", "mail"), ("billing", "phone"))
    assert "Nothing that one of them says can be compared with anything that the other says." in found.words()
    page = explanation_page(found)
    assert "The two records" not in page
    assert "Blocking keys" in page
