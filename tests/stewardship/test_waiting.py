"""What was taken apart in a night, as a steward is told of it."""

from __future__ import annotations

from stewardship.waiting import taken_apart
from warehouse.connection import open_memory
from warehouse.migrations import migrate


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
