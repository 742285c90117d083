"""The stage: who lives together, and who only shares a street, a building, an office or the past."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.find_households import READS
from matching.shared_contacts import APART_DAYS, MOST_FAMILIES, MOST_SHARERS
from tests.matching.standardised_night import FAMILY, GIVEN, STAGES, person, run_stages, town, warehouse
from warehouse.tables import landing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

Row = dict[str, Any]

TODAY = datetime(2026, 6, 1)  # noqa: DTZ001 - naive UTC by design
LONG_AGO = TODAY - timedelta(days=3 * APART_DAYS)
HOMES = 60
TOWN = town(HOMES)[0]
DEFAULTS: Row = {
    "run_id": "run-1",
    "delivery_id": "d",
    "record_hash": "h",
    "mapping_hash": "m",
    "holds": "account",
    "trust": 50,
}


def long_ago(row: Row) -> Row:
    return row | {"at": LONG_AGO}


def home(place: str, **more: Any) -> Row:  # noqa: ANN401 - what a record says
    return {"place": place, "postal_code": "98101"} | more


def with_households(rows: Iterable[Row], *, threads: int = 2) -> DuckDBPyConnection:
    """Return a warehouse after the stage; a row's `at` is when its record was made, TODAY by default."""
    rows = [dict(row) for row in rows]
    times = [row.pop("at", TODAY) for row in rows]
    con = warehouse(rows, threads=threads)
    con.execute("CREATE SCHEMA landing")
    con.execute(landing.LIVE_RECORD.create_sql())
    live = [
        DEFAULTS | {"source": row["source"], "source_record_id": row["source_record_id"], "at": at}
        for row, at in zip(rows, times, strict=True)
    ]
    if live:
        con.register("incoming", pa.Table.from_pylist(live))
        con.execute("INSERT INTO landing.live_record BY NAME SELECT * FROM incoming")
        con.unregister("incoming")
    run_stages(con, (*STAGES, "find_households"), threads=threads)
    return con


def ties(con: DuckDBPyConnection) -> dict[frozenset[str], str]:
    """Return the tied pairs of customers, each by the least key of its records, with their basis."""
    found = con.execute("SELECT cluster_id_l[3:], cluster_id_r[3:], basis FROM matching.household_tie").fetchall()
    return {frozenset((one, other)): basis for one, other, basis in found}


def everything(con: DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return con.execute("SELECT * FROM matching.household_tie ORDER BY ALL").fetchall()


COUPLE = home("500 maple", phone="2065559001")
SENIOR = home("501 maple", phone="2065559002")
FLATS = home("502 maple")
MAILBOX = {"email": "thequillons@mail.example", "phone": "2065559003"}
OFFICE = home("600 industry", phone="2065559500")
DORMITORY = home("700 campus")

CASES = [
    *TOWN,
    person("couple-a", "arabella", "quimby", **COUPLE),
    person("couple-b", "benedict", "zauner", **COUPLE),
    person("senior", "theodore", "wexler", suffix="sr", birth_date="1950-01-02", **SENIOR),
    person("junior", "theodore", "wexler", suffix="jr", birth_date="1981-03-04", **SENIOR),
    person("flat-1", "cordelia", "umber", unit="1", **FLATS),
    person("flat-1b", "desmond", "umber", unit="1", **FLATS),
    person("flat-2", "eudora", "vance", unit="2", **FLATS),
    person("flat-?", "florian", "ypsil", **FLATS),
    long_ago(person("moved", "gideon", "oakes", **home("503 maple"), email="gideon.oakes@mail.example")),
    person("moved-2", "gideon", "oakes", **home("99 far"), email="gideon.oakes@mail.example"),
    long_ago(person("stayed", "honoria", "pruitt", **home("503 maple"), email="honoria.pruitt@mail.example")),
    person("stayed-2", "honoria", "pruitt", **home("503 maple"), email="honoria.pruitt@mail.example"),
    long_ago(person("before", "isolde", "rusk", **home("504 maple"))),
    person("after", "jocasta", "sorrel", **home("504 maple")),
    person("same-street", "leopold", "thackeray", **home("505 maple")),
    person("same-street-too", "minerva", "thackeray", **home("517 maple")),
    person("mailbox-a", "octavia", "quillon", birth_date="1950-01-02", **MAILBOX),
    person("mailbox-b", "percival", "quillon", birth_date="1981-03-04", **MAILBOX),
    person("number-a", "rosalind", "upchurch", **home("506 maple", phone="2065559600")),
    person("number-b", "sylvester", "nightingale", **home("12 distant", phone="2065559600", postal_code="98777")),
    person("nobody-1", None, None, phone="2065559001"),
    *(person(f"clerk-{n}", GIVEN[n], f"{FAMILY[n]}son", organisation="acme", **OFFICE) for n in range(3)),
    *(person(f"student-{n:02}", GIVEN[n % 13], f"{FAMILY[n % 10]}ides", **DORMITORY) for n in range(13)),
    *(person(f"inmate-{n}", GIVEN[n], f"{FAMILY[n]}ova", **home("701 campus")) for n in range(MOST_FAMILIES + 1)),
]


@pytest.fixture(scope="module")
def night() -> DuckDBPyConnection:
    """Return a night with all cases."""
    return with_households(CASES)


@pytest.fixture(scope="module")
def found(night: DuckDBPyConnection) -> dict[frozenset[str], str]:
    """Return the ties of all cases in one night."""
    return ties(night)


@pytest.mark.parametrize(
    ("one", "other", "basis"),
    [
        ("couple-a", "couple-b", "address_and_phone"),
        ("junior", "senior", "address_and_phone"),
        ("flat-1", "flat-1b", "address"),
        ("mailbox-a", "mailbox-b", "email_and_phone"),
    ],
)
def test_who_lives_together_is_tied(found: dict[frozenset[str], str], one: str, other: str, basis: str) -> None:
    assert found.get(frozenset((one, other))) == basis


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("flat-1", "flat-2", id="neighbours in other flats of one building"),
        pytest.param("flat-2", "flat-?", id="a building with flats, and no flat said"),
        pytest.param("moved", "stayed", id="an address left years ago"),
        pytest.param("after", "before", id="one tenant after the other"),
        pytest.param("same-street", "same-street-too", id="one street and one family name"),
        pytest.param("number-a", "number-b", id="a number under two roofs and names"),
        pytest.param("clerk-0", "clerk-1", id="an office"),
        pytest.param("student-00", "student-10", id="a dormitory, even of one family name"),
        pytest.param("inmate-0", "inmate-1", id="too many families for a dwelling"),
        pytest.param("couple-a", "nobody-1", id="somebody who is not known to be another"),
    ],
)
def test_who_does_not_live_together_is_not_tied(found: dict[frozenset[str], str], one: str, other: str) -> None:
    assert frozenset((one, other)) not in found


def test_who_of_the_town_is_tied_has_a_home_in_common(night: DuckDBPyConnection) -> None:
    homes = """
        SELECT cluster_id, list(DISTINCT split_part(source_record_id, '-', 1)) AS homes FROM matching.cluster
        GROUP BY cluster_id HAVING bool_and(regexp_matches(source_record_id, '^[0-9]'))"""
    common, strange = night.execute(f"""
        SELECT count(*) FILTER (list_has_any(l.homes, r.homes)), count(*) FILTER (NOT list_has_any(l.homes, r.homes))
        FROM matching.household_tie
        JOIN ({homes}) AS l ON l.cluster_id = cluster_id_l JOIN ({homes}) AS r ON r.cluster_id = cluster_id_r
    """).fetchall()[0]
    assert common > HOMES / 2
    assert strange == 0


def test_at_most_so_many_share_a_dwelling() -> None:
    """The bound holds at both of its sides, for a family that is large."""
    for count, tied in ((MOST_SHARERS, MOST_SHARERS * (MOST_SHARERS - 1) // 2), (MOST_SHARERS + 1, 0)):
        family = [person(f"p{n:02}", given, "quartermaine", **home("1 elm")) for n, given in enumerate(GIVEN[:count])]
        assert sum("p" in key for pair in ties(with_households([*family, *TOWN[:60]])) for key in pair) == 2 * tied


def test_a_pair_that_may_be_one_person_is_less_likely_a_household(night: DuckDBPyConnection) -> None:
    couple = "SELECT household_probability FROM matching.household_tie WHERE cluster_id_l = 's:couple-a'"
    likely = {}
    night.execute("BEGIN")
    for in_doubt in (0.0, 0.75):
        night.execute("DELETE FROM matching.possible_match WHERE cluster_id_l = 's:couple-a'")
        night.execute("INSERT INTO matching.possible_match VALUES ('s:couple-a', 's:couple-b', ?, '')", [in_doubt])
        run_stages(night, ("find_households",))
        ((likely[in_doubt],),) = night.execute(couple).fetchall()
    night.execute("ROLLBACK")
    assert likely[0.0] > 0.5
    assert likely[0.75] == pytest.approx(likely[0.0] / 4, abs=1e-6)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**6), threads=st.sampled_from([1, 2]))
def test_neither_order_nor_threads_matter(night: DuckDBPyConnection, seed: int, threads: int) -> None:
    expected = everything(night)
    night.execute("BEGIN")
    for table in READS:
        night.execute(f"CREATE TEMP TABLE rows_of AS FROM {table}; DELETE FROM {table}")
        night.execute(f"INSERT INTO {table} FROM rows_of ORDER BY hash(rows_of, {seed}); DROP TABLE rows_of")
    night.execute(f"SET threads = {threads}")
    run_stages(night, ("find_households",), threads=threads)
    found = everything(night)
    night.execute("ROLLBACK")
    assert expected
    assert found == expected


def test_a_night_without_anybody() -> None:
    assert ties(with_households([])) == {}
