"""The stage: every live record is somebody's or nobody's, and its attributes are clean, whatever the order."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.standardise import READS, WRITES, standardise
from warehouse.connection import open_memory
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.tables import decision, landing, matching

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

Row = dict[str, Any]
RUN = Run("run-1", Path(), datetime(2022, 1, 1, tzinfo=UTC))
SETTINGS = Settings.model_validate(
    {
        "version": 1,
        "country": "US",
        "sources": {
            "mail": {"holds": "message", "files": "x", "format": "mbox", "own_addresses": ["help@shop.example"]}
        },
    }
)
DEFAULTS: Row = {
    "source": "orders",
    "run_id": "run-1",
    "delivery_id": "orders@run-1",
    "record_hash": "h",
    "mapping_hash": "m",
    "holds": "order",
    "trust": 50,
}
TABLES = (
    landing.LIVE_RECORD,
    landing.NIGHT,
    decision.RULING,
    matching.STANDARDISED,
    matching.EXCLUDED_RECORD,
    matching.DROPPED_VALUE,
)


def warehouse(rows: Iterable[Row], *, threads: int = 2) -> DuckDBPyConnection:
    con = open_memory(threads=threads)
    for table in TABLES:
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {table.schema}")
        con.execute(table.create_sql())
    con.execute("INSERT INTO landing.night VALUES ('run-1', TIMESTAMP '2022-01-01')")
    for row in rows:
        full = DEFAULTS | row
        columns = ", ".join(full)
        marks = ", ".join("?" for _ in full)
        con.execute(f"INSERT INTO landing.live_record ({columns}) VALUES ({marks})", list(full.values()))
    return con


def standardised(rows: Iterable[Row], *, threads: int = 2) -> dict[str, Row]:
    with warehouse(rows, threads=threads) as con:
        standardise(con, SETTINGS, RUN)
        return table_of(con, "matching.standardised")


def table_of(con: DuckDBPyConnection, table: str) -> dict[str, Row]:
    result = con.execute(f"SELECT * FROM {table} ORDER BY ALL")
    names = [column[0] for column in result.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return {row["source_record_id"]: row for row in rows}


def record(key: str, **fields: object) -> Row:
    return {"source_record_id": key, **fields}


def message(key: str, **fields: object) -> Row:
    return record(key, source="mail", holds="message", **fields)


PEOPLE = [
    record(f"{first}-{last}", full_name=f"{first} {last}")
    for first in ("Anna", "Robert", "Maria", "James")
    for last in ("Tousley", "Wrase", "Quiring")
]


def test_a_fingerprint_tells_whether_a_record_collapses_as_it_did() -> None:
    before = standardised([*PEOPLE, record("k", full_name="Ann Wrase", emails=["ann@mail.example"], city="Elm")])
    same = standardised([record("k", full_name="ANN WRASE", emails=["Ann@Mail.example"], city="elm"), *PEOPLE])
    other = standardised([*PEOPLE, record("k", full_name="Ann Wrase", emails=["ann@mail.example"], city="Oak")])
    fingerprints = {key: row["fingerprint"] for key, row in before.items()}
    assert {key: row["fingerprint"] for key, row in same.items()} == fingerprints
    assert [key for key, row in other.items() if row["fingerprint"] != fingerprints[key]] == ["k"]
    assert len(set(fingerprints.values())) == len(before)


def test_attributes_are_clean_beside_their_comparison_forms() -> None:
    row = standardised(
        [
            record(
                "1",
                full_name="TOUSLEY, ROBERT J JR",
                organisation="Acme Tools, Inc.",
                birth_date=date(1984, 2, 28),
                emails=["Bob+shop@Mail.Example", "bob@x.example"],
                phones=["(206) 555-8096", "n/a"],
                street="8203 w farwell ave",
                unit="apt # 4",
                city="seattle",
                region="Washington",
                postal_code="98122-1234",
                country="USA",
                identifiers=[{"name": "loyalty", "value": "AB 12", "exclusive": True}],
            )
        ]
    )["1"]
    assert (row["given"], row["middle"], row["family"], row["suffix"]) == ("robert", "j", "tousley", "jr")
    assert (row["clean_given_name"], row["clean_family_name"], row["clean_name_suffix"]) == ("Robert", "Tousley", "Jr")
    assert "robert" in row["nicknames"]
    assert (row["organisation"], row["clean_organisation"]) == ("acme tools", "Acme Tools, Inc.")
    assert row["birth_date"] == date(1984, 2, 28)
    assert (row["email"], row["emails"]) == ("bob@mail.example", ["bob@mail.example", "bob@x.example"])
    assert (row["phone"], row["phones"], row["clean_phones"]) == ("5558096", ["2065558096"], ["+12065558096"])
    assert (row["street_number"], row["street"], row["unit"]) == ("8203", "farwell", "4")
    assert (row["city"], row["region"], row["postal_code"], row["country"]) == ("seattle", "WA", "98122", "US")
    assert (row["clean_street"], row["clean_postal_code"]) == ("8203 W Farwell Ave", "98122-1234")
    assert row["identifiers"] == ["loyalty:ab12"]
    assert row["name_from_email"] is False


def test_every_live_record_is_in_exactly_one_table() -> None:
    rows = [
        *PEOPLE,
        record("newsletter", full_name="News", excluded_reason="newsletter"),
        record("nothing", full_name="n/a", emails=["none@none.com"]),
        record("test", full_name="Test User", emails=["test@test.com"], phones=["0000000000"]),
        record("also a test", full_name="do not ship", emails=["test@test.com"]),
        record("a customer", full_name="Anna Test", emails=["anna@mail.example"]),
        record("a customer without an address", full_name="Robert Wrase", emails=["test@test.com"]),
    ]
    with warehouse(rows) as con:
        report = standardise(con, SETTINGS, RUN)
        kept, excluded = table_of(con, "matching.standardised"), table_of(con, "matching.excluded_record")
    assert {key: row["reason"] for key, row in excluded.items()} == {
        "newsletter": "newsletter",
        "nothing": "no_identity",
        "test": "test",
        "also a test": "test",
    }
    assert kept.keys() | excluded.keys() == {row["source_record_id"] for row in rows}
    assert not kept.keys() & excluded.keys()
    assert report.rows["matching.standardised"] == len(kept)


def test_what_a_steward_ruled_out_is_nobodys_and_bears_on_nobody() -> None:
    rows = [
        record("1", full_name="Anna Wrase", emails=["anna@mail.example"], reference="R-1"),
        record("2", full_name="Bela Quist", emails=["bela@mail.example"], about="R-1"),
        record("news", full_name="News", excluded_reason="newsletter"),
        record("tests", full_name="Test User", emails=["test@test.com"], phones=["0000000000"]),
    ]
    with warehouse(rows) as con:
        standardise(con, SETTINGS, RUN)
        assert table_of(con, "matching.standardised")["2"]["quoted"] == ["R-1"]
        for number, key in enumerate(("1", "news", "tests", "not there"), 1):
            con.execute(
                "INSERT INTO matching.ruling BY NAME SELECT ? AS decision_id, 'not_a_customer' AS ruling, 'orders' AS"
                " source_l, ? AS source_record_id_l, 'ann' AS decided_by, TIMESTAMP '2022-01-01' AS decided_at",
                [number, key],
            )
        con.execute("UPDATE matching.ruling SET ruling = 'unsure' WHERE source_record_id_l = 'tests'")
        standardise(con, SETTINGS, RUN)
        kept, excluded = table_of(con, "matching.standardised"), table_of(con, "matching.excluded_record")
    reasons = {key: row["reason"] for key, row in excluded.items()}
    assert reasons == {"1": "not_a_customer", "news": "newsletter", "tests": "test"}
    assert {key: row["quoted"] for key, row in kept.items()} == {"2": []}


def test_separators_inside_values_break_nothing() -> None:
    odd = "Anna\x1fWrase\x1f"
    found = standardised([message("1", full_name=odd, signature_name=odd, emails=[odd], phones=[odd], addresses=[odd])])
    assert (found["1"]["given"], found["1"]["family"]) == ("anna", "wrase")


def test_what_is_not_used_is_kept_with_its_reason() -> None:
    rows = [
        record(
            "1",
            given_name="Son Of",
            family_name="Tousley",
            birth_date=date(1900, 1, 1),
            emails=["none@none.com", "help@shop.example"],
            phones=["000-000-0000"],
            postal_code="00000",
            identifiers=[{"name": "tax", "value": "n/a", "exclusive": False}],
        ),
        record("2", birth_date=date(2030, 1, 1), family_name="Wrase"),
    ]
    with warehouse(rows) as con:
        standardise(con, SETTINGS, RUN)
        dropped = con.execute(
            "SELECT source_record_id, attribute, value, reason FROM matching.dropped_value"
        ).fetchall()
        kept = table_of(con, "matching.standardised")
    assert sorted(dropped) == [
        ("1", "birth_date", "1900-01-01", "a placeholder"),
        ("1", "email", "help@shop.example", "our own address"),
        ("1", "email", "none@none.com", "a placeholder"),
        ("1", "given_name", "Son Of", "a role, not a name"),
        ("1", "identifier.tax", "n/a", "a placeholder"),
        ("1", "phone", "000-000-0000", "a placeholder"),
        ("1", "postal_code", "00000", "a placeholder"),
        ("2", "birth_date", "2030-01-01", "in the future"),
    ]
    assert [kept["1"][name] for name in ("given", "birth_date", "email", "phone", "postal_code")] == [None] * 5


def test_a_signature_fills_what_the_header_lacks() -> None:
    rows = [
        message("header", full_name="R Wrase", emails=["r@x.example"]),
        message("signed", full_name="R Wrase", signature_name="Robert J Wrase", signature_phones=["206 555 8096"]),
        message("other", full_name="Anna Wrase", signature_name="Robert J Wrase"),
        message("unnamed", emails=["q@x.example"], signature_name="Maria Quiring"),
        message("family only", full_name="Quiring,", signature_name="Quiring"),
        message("place", signature_addresses=["12 Main St, Kent, WA 98042"], full_name="James Wrase"),
    ]
    found = {key: (row["given"], row["middle"], row["family"]) for key, row in standardised([*PEOPLE, *rows]).items()}
    assert found["header"] == ("r", None, "wrase")
    assert found["signed"] == ("robert", "j", "wrase")
    assert found["other"] == ("anna", None, "wrase")
    assert found["unnamed"] == ("maria", None, "quiring")
    assert found["family only"] == (None, None, "quiring")
    rows_found = standardised(rows)
    assert rows_found["signed"]["phone"] == "5558096"
    assert (rows_found["place"]["street"], rows_found["place"]["city"]) == ("main", "kent")


def test_an_answer_takes_over_what_it_lacks_for_comparison_only() -> None:
    asked = message("asked", full_name="Robert Wrase", emails=["rw@x.example"], phones=["206 555 8096"])
    answer = message("answer", full_name="R", emails=["rw@x.example"], direction="outbound", reply_to="asked")
    stranger = message("stranger", emails=["q@x.example"], direction="outbound", reply_to="asked")
    inbound = message("inbound", emails=["rw@x.example"], direction="inbound", reply_to="asked")
    found = standardised([asked, answer, stranger, inbound])
    assert [found["answer"][name] for name in ("given", "family", "phone")] == ["robert", "wrase", "5558096"]
    assert (found["answer"]["clean_given_name"], found["answer"]["clean_phones"]) == ("R", [])
    assert found["stranger"]["family"] is None
    assert found["inbound"]["phone"] is None


def test_a_name_is_read_out_of_the_address_where_it_is_missing() -> None:
    rows = [
        message("missing", emails=["robert.wrase@x.example"]),
        message("initial", full_name="R Wrase", emails=["robertwrase@x.example"]),
        message("against", full_name="Anna Wrase", emails=["robertwrase@x.example"]),
    ]
    found = standardised([*PEOPLE, *rows])
    names = {key: (row["given"], row["family"], row["name_from_email"]) for key, row in found.items()}
    assert names["missing"] == ("robert", "wrase", True)
    assert names["initial"] == ("robert", "wrase", True)
    assert names["against"] == ("anna", "wrase", False)
    assert (found["missing"]["clean_given_name"], found["missing"]["clean_family_name"]) == ("Robert", "Wrase")


def test_an_organisation_of_the_data_is_known_again_in_a_name() -> None:
    rows = [
        record("named", full_name="H&R Tools", emails=["x7@x.example"]),
        record("bought", full_name="Anna Wrase", organisation="H & R Tools Inc."),
    ]
    found = standardised([*PEOPLE, *rows])
    assert (found["named"]["organisation"], found["named"]["family"]) == ("h & r tools", None)
    assert found["named"]["organisation"] == found["bought"]["organisation"]


def test_only_references_that_records_share_tie_them() -> None:
    rows = [
        record("1", full_name="Anna Wrase", reference="SO-1"),
        record("2", full_name="Anna Wrase", reference="SO-2"),
        message("3", emails=["a@x.example"], quoted_references=["so-1"], about="SO-9"),
        record("4", source="billing", full_name="A W", links=[{"source": "orders", "source_record_id": "2"}]),
        record("5", full_name="Anna Wrase", about="n/a"),
        record("6", full_name="Anna Wrase", about="n/a", reference="77"),
        record("7", source="billing", full_name="Anna Wrase", reference="77"),
    ]
    found = {key: row["quoted"] for key, row in standardised(rows).items()}
    assert found == {"1": ["SO-1"], "2": ["orders:2"], "3": ["SO-1"], "4": ["orders:2"], "5": [], "6": [], "7": []}


def test_declared_family_first_order_is_used() -> None:
    row = standardised([record("1", full_name="Nagy Anna", name_order="family_first")])["1"]
    assert (row["given"], row["family"]) == ("anna", "nagy")


def test_dates_beyond_what_python_knows_are_dropped() -> None:
    with warehouse([record("1", full_name="Anna Wrase")]) as con:
        con.execute("UPDATE landing.live_record SET birth_date = DATE '20221-01-01'")
        standardise(con, SETTINGS, RUN)
        assert table_of(con, "matching.standardised")["1"]["birth_date"] is None
        assert table_of(con, "matching.dropped_value")["1"]["reason"] == "in the future"


NAMES = st.sampled_from(["Anna Wrase", "Wrase, Anna", "Wrase Anna", "A Wrase", "The Wrase Family", "n/a", None])
EMAILS = st.sampled_from([["anna.wrase@x.example"], ["none@none.com"], ["b@inbox.example", "NA"], None])
PHONES = st.sampled_from([["206 555 8096"], ["0000000000", "425.555.1234 x9"], None])
LINES = st.sampled_from([["12 Main St, Kent, WA 98042"], ["Renton, WA 98055"], None])
FIELDS = st.fixed_dictionaries({"full_name": NAMES, "emails": EMAILS, "phones": PHONES, "addresses": LINES})


@given(st.lists(FIELDS, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=8)
def test_order_and_threads_change_nothing(fields: list[Row], random: Any) -> None:  # noqa: ANN401 - hypothesis' own type
    rows = [*PEOPLE, *(record(str(number), **entry) for number, entry in enumerate(fields))]
    shuffled = random.sample(rows, len(rows))
    assert standardised(rows, threads=1) == standardised(shuffled, threads=2)


def test_it_reads_and_writes_what_it_says() -> None:
    text = "".join(
        Path(__file__).parents[2].joinpath("matching", name).read_text() for name in ("standardise.py", "set_aside.py")
    )
    for table in (*READS, *WRITES):
        assert text.count(table) > 1


@pytest.mark.parametrize("table", WRITES)
def test_running_again_gives_the_same(table: str) -> None:
    with warehouse(PEOPLE) as con:
        standardise(con, SETTINGS, RUN)
        first = table_of(con, table)
        standardise(con, SETTINGS, RUN)
        assert table_of(con, table) == first
        left = con.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()
    assert left == []
