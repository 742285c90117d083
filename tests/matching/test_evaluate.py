from __future__ import annotations

import json
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.evaluate import Evaluation, evaluate
from pipelines.words_of_matching import evaluation_page
from tests.matching.small_night import matched, people
from warehouse.connection import open_memory
from warehouse.errors import UsageError
from warehouse.tables import matching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

Record = tuple[str, str]
Partition = dict[Record, str]
BY_HAND: dict[Record, tuple[str | None, str | None]] = {
    # person, cluster: Ann is split in two, Bo is exact, Cy shares Ann's customer with nobody's record, Di is missing
    ("a", "1"): ("ann", "x"),
    ("b", "2"): ("ann", "x"),
    ("b", "3"): ("ann", "y"),
    ("a", "4"): ("bo", "z"),
    ("b", "5"): ("bo", "z"),
    ("a", "6"): ("cy", "x"),
    ("b", "7"): (None, "x"),
    ("b", "8"): (None, None),
    ("a", "9"): ("di", None),
}


def release(clusters: Partition, pairs: list[tuple[Record, Record, float]] | None = None) -> DuckDBPyConnection:
    """Return the tables of a matching in which every record is a distinct one, named after its key."""
    con = open_memory()
    con.execute("CREATE SCHEMA matching")
    for table in (matching.CLUSTER, matching.MEMBER, matching.DISTINCT_RECORD, matching.PAIR, matching.MODEL):
        con.execute(table.create_sql())
    for (source, record), cluster_id in clusters.items():
        name = f"{source}{record}"
        con.execute("INSERT INTO matching.cluster VALUES (?, ?, ?, 'single', NULL)", [source, record, cluster_id])
        con.execute("INSERT INTO matching.member VALUES (?, ?, ?)", [source, record, name])
        con.execute(
            "INSERT INTO matching.distinct_record (distinct_record_id, tuple_id, stands_alone, records, emails, phones)"
            " VALUES (?, ?, false, 1, [], [])",
            [name, name],
        )
    for left, right, weight in pairs or []:
        low, high = sorted(("".join(left), "".join(right)))
        con.execute("INSERT INTO matching.pair VALUES (?, ?, 'email', [], ?, 0.5)", [low, high, weight])
    return con


def write(path: Path, truth: dict[Record, str | None]) -> Path:
    lines = [f"{source},{record},{person or ''}" for (source, record), person in truth.items()]
    path.write_text("\n".join(["source,source_record_id,person_id", *lines, ""]), encoding="utf-8")
    return path


def by_hand(path: Path, pairs: list[tuple[Record, Record, float]] | None = None) -> Evaluation:
    clusters = {record: cluster for record, (_, cluster) in BY_HAND.items() if cluster}
    with release(clusters | {("c", "0"): "x"}, pairs) as con:
        return evaluate(con, write(path / "truth.csv", {record: person for record, (person, _) in BY_HAND.items()}))


def test_an_example_counted_by_hand(tmp_path: Path) -> None:
    found = by_hand(tmp_path)
    assert (found.pairs.right, found.pairs.joined, found.pairs.true) == (2, 7, 4)
    assert found.pairs.score.precision == pytest.approx(2 / 7)
    assert found.pairs.score.recall == pytest.approx(2 / 4)
    # x: ann 2 of 4, twice, cy and nobody 1 of 4; y, z and the missing record are pure
    assert found.b_cubed.precision == pytest.approx((0.5 + 0.5 + 0.25 + 0.25 + 1 + 1 + 1 + 1) / 8)
    assert found.b_cubed.recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1 + 1 + 1 + 1) / 8)
    told = found.found
    assert (told.records, told.people, told.clusters, told.exact) == (8, 4, 3, 1)
    assert (told.mixed_clusters, told.split_people, told.missing) == (1, 1, 1)
    assert (told.nobodies_kept, told.nobodies_merged, told.unlabelled) == (1, 1, 1)
    assert {key: (c.right, c.joined, c.true) for key, c in found.by_source.items()} == {
        ("a", "a"): (0, 1, 0),
        ("a", "b"): (2, 5, 3),
        ("b", "b"): (0, 1, 1),
    }


def test_blocking_and_the_curve_count_direct_pairs(tmp_path: Path) -> None:
    pairs = [(("a", "1"), ("b", "2"), 9.0), (("a", "1"), ("a", "6"), 3.0), (("a", "4"), ("b", "5"), -5.0)]
    found = by_hand(tmp_path, pairs)
    assert (found.blocking.true, found.blocking.compared) == (4, 2)
    assert found.blocking.lost == pytest.approx(0.5)
    curve = {weight: (counts.right, counts.joined, counts.true) for weight, counts in found.curve}
    assert curve[-10.0] == (2, 3, 4)
    assert curve[2.0] == (1, 2, 4)
    assert curve[8.0] == (1, 1, 4)
    assert curve[10.0] == (0, 0, 4)
    assert found.blocking.met is None, "without a model nobody knows the rules"


RECORDS = [("ab"[number % 2], str(number)) for number in range(9)]
groups = st.lists(st.sampled_from(["p", "q", "r", None]), min_size=len(RECORDS), max_size=len(RECORDS))


@given(persons=groups, clusters=groups)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_group_sizes_give_what_counting_pairs_gives(
    tmp_path: Path, persons: list[str | None], clusters: list[str | None]
) -> None:
    person, cluster = dict(zip(RECORDS, persons, strict=True)), dict(zip(RECORDS, clusters, strict=True))
    with release({record: name for record, name in cluster.items() if name}) as con:
        found = evaluate(con, write(tmp_path / "truth.csv", person))
    looked_at = [record for record in RECORDS if person[record] or cluster[record]]

    def same(partition: dict[Record, str | None], one: Record, other: Record) -> bool:
        return one == other or (partition[one] is not None and partition[one] == partition[other])

    def count(*partitions: dict[Record, str | None], sources: set[str] | None = None) -> int:
        return sum(
            all(same(partition, one, other) for partition in partitions)
            for one, other in combinations(looked_at, 2)
            if sources is None or {one[0], other[0]} == sources
        )

    assert found.pairs.right == count(person, cluster)
    assert (found.pairs.joined, found.pairs.true) == (count(cluster), count(person))
    for sources, counts in found.by_source.items():
        assert counts.right == count(person, cluster, sources=set(sources))
        assert counts.joined == count(cluster, sources=set(sources))
        assert counts.true == count(person, sources=set(sources))
    assert sum(counts.true for counts in found.by_source.values()) == found.pairs.true
    if looked_at:
        assert found.b_cubed.precision == pytest.approx(b_cubed(looked_at, same, cluster, person))
        assert found.b_cubed.recall == pytest.approx(b_cubed(looked_at, same, person, cluster))


def b_cubed(
    records: list[Record],
    same: Callable[[dict[Record, str | None], Record, Record], bool],
    of: dict[Record, str | None],
    in_common: dict[Record, str | None],
) -> float:
    """Return the mean, over the records, of the share of its group by `of` that is with it by `in_common`."""
    shares = []
    for record in records:
        group = [other for other in records if same(of, record, other)]
        shares.append(sum(same(in_common, record, other) for other in group) / len(group))
    return sum(shares) / len(shares)


@pytest.fixture(scope="module")
def night() -> Iterator[tuple[DuckDBPyConnection, dict[Record, str]]]:
    rows, truth = people(150, seed=5)
    with matched(rows) as con:
        yield con, truth


def test_a_matched_night_is_found_good_and_a_spoilt_one_bad(
    night: tuple[DuckDBPyConnection, dict[Record, str]], tmp_path: Path
) -> None:
    con, truth = night
    good = evaluate(con, write(tmp_path / "truth.csv", dict(truth)))
    assert good.pairs.score.precision is not None
    assert good.pairs.score.precision > 0.7
    ends = [(counts.score.recall or 0.0) for _, counts in good.curve]
    assert ends == sorted(ends, reverse=True)
    assert json.loads(json.dumps(good.document()))["pairwise"]["true"] == good.pairs.true
    assert "exact people" in evaluation_page(good)
    names = list(truth.values())
    turned = dict(zip(truth, names[7:] + names[:7], strict=True))
    spoilt = evaluate(con, write(tmp_path / "turned.csv", dict(turned)))
    assert spoilt.pairs.score.precision is not None
    assert spoilt.pairs.score.precision < 0.5
    assert spoilt.false_merges
    assert spoilt.missed


def test_mistakes_are_told_by_what_the_two_have_in_common(tmp_path: Path) -> None:
    truth: dict[Record, str | None] = {("a", str(number)): f"p{number}" for number in range(4)}
    with release({("a", "0"): "x", ("a", "1"): "x", ("a", "2"): "y", ("a", "3"): "y"}) as con:
        says = (
            "UPDATE matching.distinct_record SET given = ?, family = 'q', suffix = ?, street = 'elm' WHERE tuple_id = ?"
        )
        for given_name, suffix, name in (
            ("ann", None, "a0"),
            ("bo", None, "a1"),
            ("cy", "jr", "a2"),
            ("cy", "sr", "a3"),
        ):
            con.execute(says, [given_name, suffix, name])
        merged = evaluate(con, write(tmp_path / "truth.csv", truth))
        split = evaluate(con, write(tmp_path / "one.csv", dict.fromkeys(truth, "one")))
    assert {found.name: (found.cases, found.pairs) for found in merged.false_merges} == {
        "household": (1, 1),
        "generations": (1, 1),
    }
    assert {found.name: found.examples for found in merged.false_merges}["household"] == (("a:0", "a:1"),)
    assert not merged.missed
    assert [(found.name, found.cases, found.pairs) for found in split.missed] == [("renamed", 1, 4)]
    assert not split.false_merges
    assert "other given name, shared contact" in evaluation_page(merged)


def test_parquet_is_read_as_csv_is(tmp_path: Path) -> None:
    parquet = tmp_path / "truth.parquet"
    with open_memory() as con:
        path = write(tmp_path / "truth.csv", {record: person for record, (person, _) in BY_HAND.items()})
        con.execute(f"COPY (SELECT * FROM read_csv('{path}', all_varchar = true)) TO '{parquet}'")
    with release({record: cluster for record, (_, cluster) in BY_HAND.items() if cluster}) as con:
        assert evaluate(con, parquet).document() == evaluate(con, path).document()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("source,id\na,1\n", "has the columns source, id and lacks source_record_id, person_id: it needs source"),
        ("source,source_record_id,person_id\na,1,p\na,1,q\n", "labels 1 records more than once, the first of them a:1"),
        ("source,source_record_id,person_id\n,1,p\n", "1 rows without source or source_record_id"),
    ],
)
def test_a_malformed_truth_is_a_mistake_of_usage(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "truth.csv").write_text(content, encoding="utf-8")
    with release({}) as con, pytest.raises(UsageError, match=words):
        evaluate(con, tmp_path / "truth.csv")


def test_a_file_that_is_no_parquet_is_a_mistake_of_usage(tmp_path: Path) -> None:
    (tmp_path / "truth.parquet").write_text("source,source_record_id,person_id\n", encoding="utf-8")
    with release({}) as con, pytest.raises(UsageError, match="cannot be read as Parquet"):
        evaluate(con, tmp_path / "truth.parquet")


def test_a_truth_of_nobody_leaves_nothing_to_take_a_share_of(tmp_path: Path) -> None:
    with release({}) as con:
        found = evaluate(con, write(tmp_path / "truth.csv", {("a", "1"): None}))
    assert found.pairs.score.precision is None
    assert found.b_cubed.f1 is None
    assert "-" in evaluation_page(found)
