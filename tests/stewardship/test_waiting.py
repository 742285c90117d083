"""What waits for a steward in a release: the likeliest pairs first, and what was taken apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stewardship.waiting import possible_matches, spoken_of, taken_apart
from tests.stewardship.conftest import record
from warehouse.connection import open_memory
from warehouse.migrations import migrate
from warehouse.tables import RELEASE_TABLES

if TYPE_CHECKING:
    from tests.stewardship.conftest import Desk


def test_pairs_stand_in_the_order_of_their_probability_until_they_are_decided(sqlite_desk: Desk) -> None:
    con = open_memory()
    for spec in RELEASE_TABLES:
        columns = ", ".join(f'"{column.name}" {column.type}' for column in spec.columns)
        con.execute(f"CREATE TABLE {spec.name} ({columns})")
    for name in "ABCD":
        con.execute(
            "INSERT INTO customer BY NAME SELECT ? AS golden_id, ? AS full_name, 2 AS record_count", [name, name]
        )
        for key in (name, f"{name}2"):
            con.execute(
                "INSERT INTO crosswalk BY NAME SELECT 'source' AS source, ? AS source_record_id, ? AS golden_id",
                [key, name],
            )
    con.execute("INSERT INTO profile BY NAME SELECT 'A' AS golden_id, 3 AS orders, 1 AS open_cases")
    for left, right, probability in (("A", "B", 0.4), ("A", "C", 0.6), ("C", "D", 0.6)):
        con.execute("INSERT INTO possible_match VALUES (?, ?, ?, 'not enough evidence')", [left, right, probability])
    waiting, pairs = possible_matches(con, (), 2)
    assert waiting == 3
    assert [[row["record"] for row in pair["customers"]] for pair in pairs] == [
        ["source:A", "source:C"],
        ["source:C", "source:D"],
    ]
    assert pairs[0]["customers"][0] == {
        "golden_id": "A",
        "name": "A",
        "records": 2,
        "orders": 3,
        "open_cases": 1,
        "record": "source:A",
    }
    sqlite_desk.decide("different", "C2", "A")
    decided = spoken_of(sqlite_desk.store.read())
    assert decided == ((record("A"), record("C2")),)
    assert possible_matches(con, decided, 1)[0] == 2
    assert possible_matches(con, decided, 1)[1][0]["customers"][0]["record"] == "source:C"
    con.execute("DELETE FROM possible_match")
    assert possible_matches(con, decided, 1) == (0, [])
    con.close()


def test_the_largest_stands_first_with_a_record_of_its_largest_part() -> None:
    con = open_memory()
    migrate(con)
    assert taken_apart(con) == []
    parts = [("d1", "d1", "giant", 3, 9), ("d2", "d1", "giant", 6, 9), ("d3", "d3", "decisions_conflict", 2, 4)]
    for entity, whole, reason, records, whole_records in parts:
        con.execute(
            "INSERT INTO matching.poisoned BY NAME SELECT ? AS entity, ? AS whole, ? AS reason, 1 AS distinct_records,"
            " ? AS records, 1 AS whole_distinct_records, ? AS whole_records",
            [entity, whole, reason, records, whole_records],
        )
        for key in ("2", "1"):
            con.execute("INSERT INTO matching.member VALUES ('s', ? || '-' || ?, ?)", [entity, key, entity])
    assert taken_apart(con) == [
        {"reason": "giant", "records": 9, "parts": 2, "record": "s:d2-1"},
        {"reason": "decisions_conflict", "records": 4, "parts": 1, "record": "s:d3-1"},
    ]
    con.execute("DROP TABLE matching.poisoned")
    assert taken_apart(con) == []
    con.close()
