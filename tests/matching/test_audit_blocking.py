"""What each blocking rule costs and brings is counted rightly, and what a budget leaves out is said."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from matching.audit_blocking import counts_by_rule
from matching.blocking import BLOCKING_RULES, MOST_RULES, BlockingRule, RuleKeys, make_keys
from matching.features import load_features
from tests.matching.standardised_night import person, run_stages, town, warehouse
from warehouse.connection import open_memory
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STAGES = ("find_shared", "collapse", "prepare_model", "score")


@pytest.fixture(scope="module")
def scored() -> DuckDBPyConnection:
    con = warehouse(town(80)[0])
    run_stages(con, STAGES)
    return con


def audit(con: DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    cursor = con.execute("SELECT * FROM matching.blocking_rule ORDER BY position")
    names = [column[0] for column in cursor.description or ()]
    return {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


def test_every_rule_is_audited_in_its_order(scored: DuckDBPyConnection) -> None:
    found = audit(scored)
    assert list(found) == [rule.name for rule in BLOCKING_RULES]
    assert [row["position"] for row in found.values()] == list(range(1, len(BLOCKING_RULES) + 1))
    for row in found.values():
        assert row["pairs"] >= row["pairs_alone"] >= row["matches_alone"] >= 0
        assert row["pairs"] >= row["matches"] >= row["matches_alone"]
        assert row["cpu_seconds"] >= 0
    assert sum(row["cpu_seconds"] for row in found.values()) > 0


def test_pairs_are_those_that_share_a_key_counted_one_by_one(scored: DuckDBPyConnection) -> None:
    """An oracle in plain Python: who shares an e-mail, a phone's last digits, or a name."""
    con = scored.execute("SELECT emails, phones, given, family FROM matching.distinct_record")
    tuples = con.fetchall()

    def shared(keys: list[set[str]]) -> int:
        return sum(bool(one & other) for one, other in combinations(keys, 2))

    found = audit(scored)
    assert found["email"]["pairs"] == shared([set(row[0]) for row in tuples])
    assert found["phone"]["pairs"] == shared([{number[-7:] for number in row[1]} for row in tuples])
    full = [{f"{given}|{family}"} if given and family and len(given) > 1 else set() for _, _, given, family in tuples]
    assert found["name"]["pairs"] == shared(full)
    assert found["name"]["keys"] == len({key for keys in full for key in keys if sum(key in k for k in full) > 1})


def test_what_a_rule_finds_alone_is_gone_without_it(scored: DuckDBPyConnection) -> None:
    found = audit(scored)
    compared = run_stages(scored, ["score"])["score"].figures["compared"]
    assert isinstance(compared, int)
    assert sum(row["pairs_alone"] for row in found.values()) <= compared <= sum(r["pairs"] for r in found.values())
    (first_key,) = scored.execute(
        "SELECT count(*) FROM matching.pair WHERE match_key = 'email' AND match_weight >= 0"
    ).fetchall()[0]
    assert found["email"]["matches"] == first_key > 0


def test_bits_are_counted_per_rule_and_alone() -> None:
    assert counts_by_rule({0b1: 5, 0b101: 3, 0b100: 2}, 4) == ((8, 5), (0, 0), (5, 2), (0, 0))


def keys_of(rows: list[dict[str, Any]], rule: BlockingRule) -> RuleKeys:
    con = warehouse(rows)
    run_stages(con, ["collapse"])
    scratch = open_memory()
    load_features(con, scratch)
    return make_keys(scratch, [rule])[0]


@pytest.mark.parametrize(
    ("middles", "expected"),
    [
        ("ab" * 5, (1, 0, 0)),
        ("ab" * 8, (2, 1, 0)),
        ("a" * 16, (0, 1, 1)),
        ("a" * 3 + "b" * 13, (1, 1, 1)),
        ("a" * 4 + "-" * 8, (1, 1, 1)),
    ],
)
def test_hot_keys_are_counted_as_narrowed_and_as_left_out(middles: str, expected: tuple[int, int, int]) -> None:
    """Up to ten may share a name; `-` has no middle name to narrow it by."""
    rule = BlockingRule("name", "given || '|' || family", narrower="middle", limit=10)
    rows = [
        person(str(n), "ada", "amsel", suffix=f"s{n}", middle=None if middle == "-" else middle)
        for n, middle in enumerate(middles)
    ]
    made = keys_of(rows, rule)
    assert (made.keys, made.narrowed, made.left_out) == expected


def test_more_rules_than_there_are_bits_are_refused() -> None:
    rules = [BlockingRule(f"rule{n}", "given") for n in range(MOST_RULES + 1)]
    with pytest.raises(UsageError, match="63 blocking rules; 62 may be"):
        make_keys(open_memory(), rules)
