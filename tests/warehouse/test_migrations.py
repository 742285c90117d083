"""A warehouse that an earlier version made gets the shape of this one, and its rows what they lack."""

from __future__ import annotations

from warehouse.connection import open_memory
from warehouse.migrations import migrate


def test_an_earlier_quarantine_can_be_worked_with() -> None:
    con = open_memory()
    migrate(con)
    con.execute("DELETE FROM main.migration WHERE name LIKE '0007%'")
    con.execute("DROP TABLE landing.quarantine_end; DROP TABLE landing.quarantine_drop; DROP TABLE landing.quarantine")
    con.execute(
        "CREATE TABLE landing.quarantine (delivery_id VARCHAR NOT NULL, source VARCHAR NOT NULL, path VARCHAR NOT NULL,"
        " line BIGINT NOT NULL, source_record_id VARCHAR, reason VARCHAR NOT NULL, detail VARCHAR, raw VARCHAR)"
    )
    for line, reason, raw in (
        (1, "bad_date", '{"id": "1"}'),
        (2, "ragged_row", "1,2,3"),
        (3, "ambiguous_json", '{"id": "1"}'),
        (4, "bad_number", '[{"id": "1"}]'),
        (5, "unreadable_mail", "noise"),
    ):
        con.execute("INSERT INTO landing.quarantine VALUES ('s@1', 's', 'f', ?, '1', ?, NULL, ?)", [line, reason, raw])
    con.execute(
        "INSERT INTO landing.delivery BY NAME SELECT 's@1' AS delivery_id, '1' AS run_id, 's' AS source,"
        " 'full' AS load, 'read' AS outcome, 'm' AS mapping_hash, 5 AS read, 0 AS new, 0 AS changed,"
        " 0 AS unchanged, 0 AS duplicate, 0 AS superseded, 5 AS quarantined, 0 AS deleted"
    )
    migrate(con)
    found = con.execute(
        "SELECT kept_as, delivered_in, left(row_id, 1) FROM landing.quarantine ORDER BY line"
    ).fetchall()
    assert found == [(kept, "s@1", "q") for kept in ("row", "text", "part", "part", "part")]
    con.execute("UPDATE landing.delivery SET outcome = 'replayed'")
    assert con.execute("SELECT count(*) FROM landing.delivery").fetchall() == [(1,)]
    con.close()
