from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.connection import open_memory
from warehouse.release.hashes import ReleaseHashes, hash_release, in_catalog, in_parquet
from warehouse.tables import RELEASE_TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

TEXT = st.text(alphabet="ab\"\\,'\n[]é", max_size=4)
RECORDS = st.lists(st.sampled_from([f"{n}" for n in range(12)]), unique=True, min_size=1, max_size=8)


@st.composite
def customers(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Draw customers by the id of their one record, with values that are hard to write down unmistakably."""
    return {
        record: {
            "full_name": draw(st.none() | TEXT),
            "emails": draw(st.lists(TEXT, max_size=3)),
            "identifiers": draw(st.dictionaries(TEXT.filter(bool), st.lists(TEXT, max_size=2), max_size=3)),
            "cohesion": draw(st.floats(0, 1)),
            "alternatives": draw(st.lists(st.tuples(st.none() | TEXT, TEXT), max_size=2)),
        }
        for record in draw(RECORDS)
    }


def candidate(people: Mapping[str, Mapping[str, Any]], ids: Mapping[str, str], *, seed: int = 0) -> DuckDBPyConnection:
    """Return a warehouse with the customers, their rows in an order and with a number of threads told by the seed."""
    con = open_memory(threads=1 + seed % 2)
    for schema in ("golden", "care"):
        con.execute(f"CREATE SCHEMA {schema}")
    for spec in RELEASE_TABLES:
        con.execute(spec.create_sql())
    order = random.Random(seed).sample(sorted(people), len(people))
    for record in order:
        person = people[record]
        entries = list(person["identifiers"].items())
        random.Random(seed).shuffle(entries)
        con.execute(
            "INSERT INTO golden.customer (golden_id, full_name, emails, phones, identifiers, record_count,"
            " source_count, cohesion, safe_for, changed_in) VALUES (?, ?, ?, [], map(?::VARCHAR[], ?::VARCHAR[][]),"
            " 1, 1, ?, 'service', ?)",
            [
                ids[record],
                person["full_name"],
                person["emails"],
                [name for name, _ in entries],
                [value for _, value in entries],
                person["cohesion"],
                f"r{seed + 1}",
            ],
        )
        con.execute("INSERT INTO golden.crosswalk VALUES ('s', ?, ?, 'single', NULL, 'r1')", [record, ids[record]])
        lost = [
            {"value": value, "source": source, "source_record_id": "1", "observed_at": None}
            for value, source in person["alternatives"]
        ]
        con.execute(
            "INSERT INTO golden.provenance VALUES (?, 'email', 'x', 's', ?, 'trust', '2020-01-01', ?)",
            [ids[record], record, lost],
        )
    if len(people) > 1:
        pair = sorted(ids[record] for record in sorted(people)[:2])
        con.execute("INSERT INTO golden.possible_match VALUES (?, ?, 0.4, 'r')", pair)
    return con


def named(people: Mapping[str, object], seed: int) -> dict[str, str]:
    """Give each customer some golden id."""
    ids = [f"cus_{n}" for n in range(len(people))]
    random.Random(seed).shuffle(ids)
    return dict(zip(sorted(people), ids, strict=True))


def export(con: DuckDBPyConnection, folder: Path) -> None:
    for spec in RELEASE_TABLES:
        con.execute(f"COPY (SELECT * FROM {spec.full_name}) TO '{folder / spec.name}.parquet' (FORMAT parquet)")
    con.execute(f"ATTACH '{folder / 'golden.duckdb'}' AS file (STORAGE_VERSION 'v1.0.0')")
    for spec in RELEASE_TABLES:
        con.execute(f"CREATE TABLE file.main.{spec.name} AS SELECT * FROM {spec.full_name}")


@given(people=customers(), seed=st.integers(0, 3))
@settings(max_examples=5)
def test_the_hashes_are_the_same_wherever_the_rows_are_kept(
    tmp_path_factory: pytest.TempPathFactory, people: dict[str, dict[str, Any]], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    with candidate(people, named(people, 0)) as con:
        export(con, folder)
        found = {hash_key(hash_release(con, where)) for where in (in_catalog("file"), in_parquet(folder))}
        assert found == {hash_key(hash_release(con))}


@given(people=customers(), seed=st.integers(1, 9))
@settings(max_examples=8)
def test_the_content_hash_knows_neither_ids_nor_order_nor_threads_nor_history(
    people: dict[str, dict[str, Any]], seed: int
) -> None:
    with candidate(people, named(people, 0)) as one, candidate(people, named(people, seed), seed=seed) as other:
        first, second = hash_release(one), hash_release(other)
    assert first.content_hash == second.content_hash
    assert first.release_hash != second.release_hash  # changed_in differs


@given(people=customers(), seed=st.integers(1, 9))
@settings(max_examples=5)
def test_the_release_hash_knows_neither_order_nor_threads(people: dict[str, dict[str, Any]], seed: int) -> None:
    with candidate(people, named(people, 0)) as one, candidate(people, named(people, 0), seed=seed) as other:
        other.execute("UPDATE golden.customer SET changed_in = 'r1'")
        assert hash_release(one) == hash_release(other)


PERSON = {
    "full_name": "Ann",
    "emails": ["a"],
    "identifiers": {"n": ["1"]},
    "cohesion": 0.5,
    "alternatives": [("b", "s")],
}

IDS = {"1": "cus_1", "2": "cus_2"}


@pytest.fixture(scope="module")
def plain() -> ReleaseHashes:
    """Return the hashes of two customers who are alike."""
    with candidate({"1": PERSON, "2": PERSON}, IDS) as con:
        return hash_release(con)


@pytest.mark.parametrize(
    "other",
    [
        {"full_name": None},
        {"full_name": ""},
        {"full_name": 'Ann"'},
        {"emails": []},
        {"emails": ["a", ""]},
        {"emails": ['a","']},
        {"identifiers": {}},
        {"identifiers": {"n": []}},
        {"identifiers": {"n": ["1"], "m": ["1"]}},
        {"cohesion": 0.500001},
        {"alternatives": [(None, "s")]},
        {"alternatives": [("", "s")]},
        {"alternatives": []},
        {"alternatives": [("b", "s"), ("b", "s")]},
    ],
)
def test_another_value_is_another_hash(plain: ReleaseHashes, other: dict[str, Any]) -> None:
    with candidate({"1": PERSON | other, "2": PERSON}, IDS) as con:
        after = hash_release(con)
    assert plain.content_hash != after.content_hash
    assert plain.release_hash != after.release_hash


def test_it_counts_which_customer_has_the_value(plain: ReleaseHashes) -> None:
    found = {plain.content_hash}
    for people in ({"1": PERSON, "2": PERSON | {"emails": []}}, {"1": PERSON | {"emails": []}, "2": PERSON}):
        with candidate(people, IDS) as con:
            found.add(hash_release(con).content_hash)
    assert len(found) == 3


def test_doubles_count_to_six_decimals() -> None:
    ids = {"1": "cus_1"}
    found = set()
    for cohesion in (0.0, 4e-7, -0.0, -4e-7):
        with candidate({"1": PERSON | {"cohesion": cohesion}}, ids) as con:
            found.add(hash_release(con).content_hash)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("statement", "content_differs", "release_differs"),
    [
        ("UPDATE golden.crosswalk SET attached_in = 'r9'", False, True),
        ("INSERT INTO golden.redirect VALUES ('cus_0', 'cus_1', 'r2')", False, True),
        (
            "INSERT INTO golden.change VALUES (1, 'r1', '2020-01-01', 'created', 'cus_1', NULL, '', NULL, NULL, '')",
            False,
            True,
        ),
        ("INSERT INTO golden.excluded_record VALUES ('s', '9', 'test')", True, True),
        ("UPDATE golden.crosswalk SET golden_id = 'cus_1'", True, True),
        ("SELECT 1", False, False),
    ],
)
def test_what_each_hash_covers(
    plain: ReleaseHashes, statement: str, content_differs: bool, release_differs: bool
) -> None:
    with candidate({"1": PERSON, "2": PERSON}, IDS) as con:
        con.execute(statement).fetchall()
        after = hash_release(con)
    assert (plain.content_hash != after.content_hash) is content_differs
    assert (plain.release_hash != after.release_hash) is release_differs


HOUSEHOLDS = "INSERT INTO care.household SELECT 'hh_1', 'cus_' || n, 'address' FROM unnest([1, 2, 3]) AS t(n)"


@pytest.mark.parametrize(
    ("statement", "content_differs"),
    [
        ("UPDATE care.household SET household_id = 'hh_2'", False),
        ("UPDATE care.household SET household_id = 'hh_2' WHERE golden_id = 'cus_3'", True),
        ("DELETE FROM care.household WHERE golden_id = 'cus_3'", True),
        ("UPDATE care.household SET basis = 'phone' WHERE golden_id = 'cus_3'", True),
    ],
)
def test_a_household_is_who_is_in_it_not_its_id(statement: str, content_differs: bool) -> None:
    ids = {str(n): f"cus_{n}" for n in (1, 2, 3)}
    with candidate(dict.fromkeys(ids, PERSON), ids) as con:
        con.execute(HOUSEHOLDS)
        before = hash_release(con)
        con.execute(statement)
        after = hash_release(con)
    assert (before.content_hash != after.content_hash) is content_differs
    assert before.release_hash != after.release_hash


def hash_key(found: ReleaseHashes) -> tuple[str, str]:
    return found.content_hash, found.release_hash
