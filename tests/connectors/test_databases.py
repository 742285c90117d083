from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import adbc_driver_postgresql.dbapi as adbc
import hypothesis
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from connectors.databases import any_sqlalchemy, postgresql, sqlite
from connectors.databases.question import Question
from connectors.databases.watermark import Watermark, earlier, greatest, later, read_stored
from connectors.formats.batch import UnreadableFile
from connectors.land import land_source
from connectors.preview import preview
from tests import servers
from tests.servers import PASSWORD, PostgreSQL
from warehouse.connection import transaction
from warehouse.errors import SettingsError, SourceError
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.connectors.conftest import Nights

COUNTS = ("read", "new", "changed", "unchanged", "duplicate", "superseded", "quarantined", "deleted")
ORDERS: dict[str, Any] = {
    "holds": "order",
    "format": "sql",
    "files": "sqlite:///exports/shop.db",
    "options": {"query": "SELECT * FROM orders"},
    "key": "id",
    "fields": {"email": "email"},
    "activity": {"amount": "total"},
}
BY_TIME = {"query": "SELECT * FROM orders", "watermark": "seen_at"}


def orders(**changes: object) -> dict[str, Any]:
    return {"orders": {**ORDERS, **changes}}


def counted(figures: dict[str, Any]) -> dict[str, int]:
    return {name: figures[name] for name in COUNTS if figures[name]}


class Shop:
    """A SQLite database in the workspace."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.run("CREATE TABLE orders (id TEXT, email TEXT, total NUMERIC, seen_at)")

    def run(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.path)) as con, con:
            for statement in statements:
                con.execute(statement)

    def add(self, *rows: tuple[object, ...]) -> None:
        with closing(sqlite3.connect(self.path)) as con, con:
            con.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", rows)


@pytest.fixture
def shop(nights: Nights) -> Shop:
    return Shop(nights.workspace / "exports" / "shop.db")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with servers.postgresql() as found:
        yield found


@pytest.fixture
def postgres(server: PostgreSQL, monkeypatch: pytest.MonkeyPatch) -> PostgreSQL:
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    server.run(
        "DROP TABLE IF EXISTS orders", "CREATE TABLE orders (id text, email text, total numeric, seen_at timestamptz)"
    )
    return server


def texts(answers: Iterator[Any]) -> list[dict[str, str | None]]:
    """Return all rows of an answer as text."""
    return [row for answer in answers for row in answer.batch.rows.to_pylist()]


# --- a full load ------------------------------------------------------------------------------------------------------


def test_a_full_load_deletes_what_is_gone(nights: Nights, shop: Shop) -> None:
    shop.add(("007", "ann@x.example", 12.5, None), ("8", "bob@x.example", 3, None), ("9", None, None, None))
    assert counted(nights.land(orders())["orders"]) == {"read": 3, "new": 3}
    assert nights.live("source_record_id", "amount") == [("007", pytest.approx(12.5)), ("8", 3), ("9", None)]
    shop.run("DELETE FROM orders WHERE id = '9'", "UPDATE orders SET total = 4 WHERE id = '8'")
    assert counted(nights.land(orders())["orders"]) == {"read": 2, "unchanged": 1, "changed": 1, "deleted": 1}


def test_the_same_rows_in_another_order_are_the_same_delivery(nights: Nights, shop: Shop) -> None:
    shop.add(("1", "ann@x.example", 1, None), ("2", "bob@x.example", 2, None), ("3", "", 2.5, None))
    nights.land(orders())
    nights.land(orders(options={"query": "SELECT * FROM orders ORDER BY id DESC;"}))
    shop.run("UPDATE orders SET total = 3 WHERE id = '2'")
    nights.land(orders())
    rows = nights.rows("SELECT path, sha256, bytes, rows FROM landing.file ORDER BY delivery_id")
    assert [row[0] for row in rows] == ["sqlite:///exports/shop.db"] * 3
    assert rows[0] == rows[1]
    assert rows[0][1] != rows[2][1]
    assert rows[0][2:] == (len("1ann@x.example12bob@x.example232.5"), 3)


def test_check_shows_the_first_rows(nights: Nights, shop: Shop) -> None:
    shop.add(*((str(number), f"{number}@x.example", number, None) for number in range(30)))
    shown = preview(nights.settings(orders()), nights.workspace, "orders", limit=5)
    assert (shown.rows, shown.files) == (5, ("sqlite:///exports/shop.db",))
    assert shown.records[0]["raw"] == {"id": "0", "email": "0@x.example", "total": "0", "seen_at": None}


# --- what a value becomes ---------------------------------------------------------------------------------------------


def test_sqlite_gives_what_a_row_holds(nights: Nights, shop: Shop) -> None:
    shop.run(
        "CREATE TABLE odd (a INTEGER, b)",
        "INSERT INTO odd VALUES ('007', x'6869'), (9223372036854775807, 4711.0), ('x', 0.1), (NULL, ''),"
        " (1e300, 'line 1' || char(10) || 'Ünïcode')",
    )
    rows = texts(sqlite.ask("sqlite:///exports/shop.db", nights.workspace, Question("SELECT a, b FROM odd -- all")))
    assert [tuple(row.values()) for row in rows] == [
        ("7", "6869"),
        ("9223372036854775807", "4711"),
        ("x", "0.1"),
        (None, ""),
        ("1e+300", "line 1\nÜnïcode"),
    ]


def test_text_that_is_none_costs_its_row_alone(nights: Nights, shop: Shop) -> None:
    shop.add(("1", "ann@x.example", 1, None))
    shop.run("INSERT INTO orders VALUES ('2', CAST(x'ff62' AS TEXT), 2, NULL)")
    assert counted(nights.land(orders())["orders"]) == {"read": 2, "new": 1, "quarantined": 1}
    assert nights.quarantine("line", "source_record_id", "reason", "detail") == [
        (2, "2", "bad_encoding", "email: its bytes are no UTF-8")
    ]


VALUES = {
    "1::smallint": "1",
    "9223372036854775807": "9223372036854775807",
    "12345678901234567890.1200::numeric": "12345678901234567890.1200",
    "'NaN'::numeric": "NaN",
    "0.1::float8": "0.1",
    "4711::float8": "4711",
    "true": "true",
    "''::text": "",
    "NULL::text": None,
    "'007'::varchar": "007",
    "'ab'::char(5)": "ab",
    "'2025-01-01 10:00:00.5+02'::timestamptz": "2025-01-01T08:00:00.5Z",
    "'2025-01-01 10:00'::timestamp": "2025-01-01T10:00:00",
    "'infinity'::timestamptz": "infinity",
    "'2025-01-01'::date": "2025-01-01",
    "'10:00'::time": "10:00:00",
    "'1 day 2 hours'::interval": "P1DT2H",
    r"'\x6869'::bytea": "6869",
    "'2b1e4b3c-0000-4000-8000-000000000001'::uuid": "2b1e4b3c-0000-4000-8000-000000000001",
    """'{"a": 1.10}'::json""": '{"a": 1.10}',
    """'{"a": 1.10}'::jsonb""": '{"a": 1.10}',
    "ARRAY['a', 'b,c']": '["a","b,c"]',
    "ARRAY[1, 2]": "[1,2]",
    "'10.0.0.1'::inet": "10.0.0.1",
    "int4range(1, 3)": "[1,3)",
    "ROW(1, 'a')": '{"f1":1,"f2":"a"}',
    "'a'::\"char\"": "a",
}


def test_postgresql_loses_nothing_of_a_value(postgres: PostgreSQL, nights: Nights) -> None:
    query = "SELECT " + ", ".join(f'{value} AS "c{place}"' for place, value in enumerate(VALUES))
    (row,) = texts(postgresql.ask(postgres.admin_url, nights.workspace, Question(query)))
    assert dict(zip(VALUES, row.values(), strict=True)) == VALUES


@hypothesis.settings(max_examples=15, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
@hypothesis.given(
    values=st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1)
)
def test_any_text_survives(server: PostgreSQL, tmp_path: Path, values: list[str | None]) -> None:
    table = pa.table({"place": pa.array(range(len(values)), pa.int64()), "value": pa.array(values, pa.string())})
    with closing(adbc.connect(server.admin_url, autocommit=True)) as con, closing(con.cursor()) as cursor:
        cursor.adbc_ingest("texts", table, mode="replace")
    with closing(sqlite3.connect(tmp_path / "texts.db")) as file, file:
        file.execute("DROP TABLE IF EXISTS texts")
        file.execute("CREATE TABLE texts (place INTEGER, value TEXT)")
        file.executemany("INSERT INTO texts VALUES (?, ?)", enumerate(values))
    question = Question("SELECT value FROM texts ORDER BY place")
    for ask, url in ((postgresql.ask, server.admin_url), (sqlite.ask, "sqlite:///texts.db")):
        assert [row["value"] for row in texts(ask(url, tmp_path, question))] == values


def test_any_other_database_goes_through_sqlalchemy(nights: Nights, shop: Shop) -> None:
    shop.add(("1", "a:b", 1, "2025-01-01"), ("2", "100 %s", 2.5, "2025-01-02"), ("3", None, None, None))
    query = "SELECT id, email || ' :x' AS email, seen_at FROM orders ORDER BY id"
    url = f"sqlite:///{shop.path}"
    question = Question(query, "seen_at")
    assert [row["email"] for row in texts(any_sqlalchemy.ask(url, nights.workspace, question))] == [
        "a:b :x",
        "100 %s :x",
        None,
    ]
    since = Question(query, "seen_at", Watermark("text", "2025-01-02"))
    assert [row["id"] for row in texts(any_sqlalchemy.ask(url, nights.workspace, since))] == ["2", "3"]


# --- from a watermark on ----------------------------------------------------------------------------------------------


def test_nights_from_a_watermark_on(nights: Nights, shop: Shop) -> None:
    source = orders(load="incremental", options=BY_TIME)
    shop.add(
        ("1", "a@x.example", 1, "2025-01-01"), ("2", "b@x.example", 2, "2025-01-02"), ("3", "c@x.example", 3, None)
    )
    assert counted(nights.land(source)["orders"]) == {"read": 3, "new": 3}
    shop.run("UPDATE orders SET total = 9, seen_at = '2025-01-03' WHERE id = '1'")
    shop.add(("4", "d@x.example", 4, "2025-01-02"), ("5", "e@x.example", 5, "2025-01-01"))
    # 4 came late with the very watermark, and is found; 5 is below it, and is not.
    assert counted(nights.land(source)["orders"]) == {"read": 4, "changed": 1, "new": 1, "unchanged": 2}
    assert counted(nights.land(source)["orders"]) == {"read": 2, "unchanged": 2}
    assert nights.rows("SELECT DISTINCT watermark FROM landing.file ORDER BY 1") == [
        ("text 2025-01-02",),
        ("text 2025-01-03",),
    ]
    shop.run("DELETE FROM orders")
    assert nights.land(source)["orders"]["outcome"] == "nothing_new"
    assert nights.live() == [("1",), ("2",), ("3",), ("4",)]


def test_looking_back_finds_what_came_late(nights: Nights, shop: Shop) -> None:
    source = orders(load="incremental", options={**BY_TIME, "look_back": "1d"})
    shop.add(("1", "a@x.example", 1, "2025-01-02 10:00:00"))
    nights.land(source)
    shop.add(("2", "b@x.example", 1, "2025-01-01 10:00:00"), ("3", "c@x.example", 1, "2025-01-01 09:59:59"))
    assert counted(nights.land(source)["orders"]) == {"read": 2, "unchanged": 1, "new": 1}


def test_what_was_never_published_comes_again(nights: Nights, shop: Shop) -> None:
    source = orders(load="incremental", options=BY_TIME)
    shop.add(("1", "a@x.example", 1, 10))
    nights.land(source)
    shop.add(("2", "b@x.example", 2, 20))
    assert counted(nights.land(source, publish=False)["orders"]) == {"read": 2, "new": 1, "unchanged": 1}
    assert counted(nights.land(source)["orders"]) == {"read": 2, "new": 1, "unchanged": 1}
    assert counted(nights.land(source)["orders"]) == {"read": 1, "unchanged": 1}
    nights.lineage.pop(0)
    nights.lineage.pop(0)  # rolled back to the first night
    assert counted(nights.land(source)["orders"]) == {"read": 2, "new": 1, "unchanged": 1}


def test_another_query_or_database_is_read_from_its_start(nights: Nights, shop: Shop) -> None:
    source = orders(load="incremental", options=BY_TIME)
    shop.add(("1", "a@x.example", 1, 10), ("2", "b@x.example", 2, 20))
    nights.land(source)
    other = orders(load="incremental", options={**BY_TIME, "query": "SELECT * FROM orders WHERE total > 0"})
    assert counted(nights.land(other)["orders"]) == {"read": 2, "unchanged": 2}
    assert counted(nights.land(other)["orders"]) == {"read": 1, "unchanged": 1}
    moved = Shop(nights.workspace / "exports" / "moved.db")
    moved.add(("7", "g@x.example", 7, 1))
    elsewhere = {**other["orders"], "files": "sqlite:///exports/moved.db"}
    assert counted(nights.land({"orders": elsewhere})["orders"]) == {"read": 1, "new": 1}


def test_a_watermark_of_another_type_is_read_from_its_start(nights: Nights, shop: Shop, postgres: PostgreSQL) -> None:
    source = orders(load="incremental", options=BY_TIME)
    shop.add(("1", "a@x.example", 1, "2025-01-01"))
    nights.land(source)
    shop.run("UPDATE orders SET seen_at = 7", "INSERT INTO orders VALUES ('2', 'b@x.example', 2, 8)")
    assert counted(nights.land(source)["orders"]) == {"read": 2, "changed": 1, "new": 1}
    other = {"others": {**source["orders"], "files": postgres.url()}}
    postgres.run("INSERT INTO orders VALUES ('3', 'c@x.example', 3, '2025-01-01')")
    nights.land({**source, **other})
    postgres.run("ALTER TABLE orders ALTER seen_at TYPE text USING '1'", "UPDATE orders SET total = 4")
    assert counted(nights.land({**source, **other})["others"]) == {"read": 1, "changed": 1}


def test_all_is_read_again_in_full_and_after_the_source_was_away(nights: Nights, shop: Shop) -> None:
    source = orders(load="incremental", options=BY_TIME)
    shop.add(("1", "a@x.example", 1, 10), ("2", "b@x.example", 2, 20))
    nights.land(source)
    run = replace(nights.begin(), full=True)
    with transaction(nights.con):
        figures = land_source(nights.con, nights.settings(source), run, "orders").figures
    assert counted(dict(figures)) == {"read": 2, "unchanged": 2}
    other = {**ORDERS, "files": "sqlite:///exports/other.db"}
    Shop(nights.workspace / "exports" / "other.db").add(("7", "g@x.example", 7, 1))
    nights.land({"others": other})
    assert nights.live(source="orders") == []
    assert counted(nights.land({**source, "others": other})["orders"]) == {"read": 2, "new": 2}


def test_all_lines_of_a_changed_record_are_read(nights: Nights, shop: Shop) -> None:
    source = orders(load="incremental", options=BY_TIME, rows="lines", activity={"items": {"amount": "total"}})
    shop.add(("1", "a@x.example", 1, 10), ("1", "a@x.example", 2, 10), ("2", "b@x.example", 3, 30))
    nights.land(source)
    shop.run("UPDATE orders SET total = 5, seen_at = 40 WHERE total = 2")
    assert counted(nights.land(source)["orders"]) == {"read": 2, "changed": 1, "unchanged": 1}
    items = nights.rows("SELECT items FROM landing.live_record WHERE source_record_id = '1'")[0][0]
    assert [item["amount"] for item in items] == [1, 5]


def test_nights_of_postgresql(postgres: PostgreSQL, nights: Nights) -> None:
    source = orders(files=postgres.url(), load="incremental", options=BY_TIME)
    postgres.run(
        "INSERT INTO orders VALUES ('1', 'a@x.example', 1.50, '2025-01-01 10:00+00'),"
        " ('2', 'b@x.example', 2, '2025-01-02 10:00:00.123456+00'), ('3', 'c@x.example', 3, NULL)"
    )
    assert counted(nights.land(source)["orders"]) == {"read": 3, "new": 3}
    postgres.run(
        "UPDATE orders SET total = 9, seen_at = '2025-01-03 23:00-05' WHERE id = '1'",
        "INSERT INTO orders VALUES ('4', 'd@x.example', 4, '2025-01-02 11:00:00.123456+01'),"
        " ('5', 'e@x.example', 5, 'infinity'), ('6', 'f@x.example', 6, '2025-01-02 10:00:00.123455+00')",
    )
    assert counted(nights.land(source)["orders"]) == {"read": 5, "changed": 1, "new": 2, "unchanged": 2}
    assert counted(nights.land(source)["orders"]) == {"read": 3, "unchanged": 3}
    assert nights.rows(
        "SELECT watermark, arrived_at::TEXT, types FROM landing.file WHERE delivery_id = 'orders@n3'"
    ) == [("instant 2025-01-04T04:00:00Z", "2025-01-04 04:00:00", ["text", "text", "numeric", "timestamptz"])]


@pytest.mark.parametrize(
    ("type_of", "first", "second", "kind"),
    [
        ("bigint", "9", "10", "integer"),
        ("numeric", "9.50", "10.25", "decimal"),
        ("float8", "0.1", "0.30000000000000004", "real"),
        ("date", "2024-12-31", "2025-01-01", "date"),
        ("timestamp", "2024-12-31 23:59:59.9", "2025-01-01 00:00:00", "time"),
        ("text", "it's", "z\\", "text"),
    ],
)
def test_a_watermark_has_its_own_order(
    postgres: PostgreSQL, nights: Nights, type_of: str, first: str, second: str, kind: str
) -> None:
    postgres.run(
        "DROP TABLE IF EXISTS marks",
        f"CREATE TABLE marks (id int, at {type_of})",
        f"INSERT INTO marks VALUES (1, $a${first}$a$), (2, $a${second}$a$)",
    )
    url, ask = postgres.admin_url, postgresql.ask
    answers = list(ask(url, nights.workspace, Question("SELECT * FROM marks", "at")))
    newest = answers[-1].newest
    assert newest is not None
    assert newest.stored.startswith(f"{kind} ")
    again = Question("SELECT * FROM marks", "at", read_stored(newest.stored))
    assert [row["id"] for row in texts(ask(url, nights.workspace, again))] == ["2"]


def test_a_watermark_that_cannot_be_gone_on_from_is_refused(postgres: PostgreSQL, nights: Nights, shop: Shop) -> None:
    shop.add(("1", "a@x.example", 1, "12/31/2024"), ("2", "b@x.example", 2, "01/01/2025"))
    source = orders(load="incremental", options=BY_TIME)
    with pytest.raises(SourceError, match=r"texts such as '12/31/2024'.* cast it to a number, a date or a time"):
        nights.land(source)
    shop.run("UPDATE orders SET seen_at = CASE id WHEN '1' THEN '9' ELSE '10' END")
    with pytest.raises(SourceError, match="texts such as '9'"):
        nights.land(source)
    shop.run("UPDATE orders SET seen_at = CASE id WHEN '1' THEN 9 ELSE 'x' END")
    with pytest.raises(SourceError, match="holds both integer and text values"):
        nights.land(source)
    with pytest.raises(UnreadableFile, match="the watermark is of type bool"):
        list(postgresql.ask(postgres.admin_url, nights.workspace, Question("SELECT true AS seen_at", "seen_at")))


def test_watermarks_are_compared_as_what_they_are() -> None:
    assert greatest("decimal", ["9.5", None, "10", "NaN"]) == Watermark("decimal", "10")
    assert greatest("real", ["inf", "-1.5"]) == Watermark("real", "-1.5")
    assert greatest("instant", ["infinity"]) is None
    assert later(Watermark("integer", "9"), Watermark("real", "9.5")) == Watermark("real", "9.5")
    assert later(None, Watermark("integer", "9")) == Watermark("integer", "9")
    day = Watermark("date", "2025-01-01")
    assert earlier(day, timedelta(hours=1)) == Watermark("date", "2024-12-31")
    assert earlier(Watermark("instant", "2025-01-01T00:30:00Z"), timedelta(hours=1)).text == "2024-12-31T23:30:00Z"
    assert earlier(Watermark("text", "2025-01-01"), timedelta(days=1)).text == "2024-12-31"
    with pytest.raises(UnreadableFile, match=r"`options\.look_back` is for a watermark that is a time"):
        earlier(Watermark("integer", "9"), timedelta(days=1))


# --- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * FROM nowhere", "no such table: nowhere"),
        ("SELECT id, id FROM orders", "names the column 'id' more than once"),
        ("SELECT 1; SELECT 2", "one statement at a time"),
        ("SELECT * FROM orders WHERE", "incomplete input"),
        ("WITH x AS (SELECT 1) DELETE FROM orders", "does more than to read: it is one SELECT"),
        ("SELECT id FROM orders", "has no column 'email'"),
    ],
)
def test_a_query_that_cannot_be_asked(nights: Nights, shop: Shop, query: str, said: str) -> None:
    with pytest.raises((SourceError, SettingsError), match=said) as caught:
        nights.land(orders(options={"query": query}))
    assert "\n" not in caught.value.message
    assert not nights.live()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * FROM nowhere", 'relation "nowhere" does not exist'),
        ("SELECT 1 AS id, 2 AS id", "names the column 'id' more than once"),
        ("SELECT 1 AS id; SELECT 2", "syntax error"),
        ("SELECT 1 / (500000 - i) AS id FROM generate_series(1, 1000000) AS i", "division by zero"),
        ("SELECT lo_create(0) AS id", "read-only transaction"),
        ("TABLE secrets", "does not exist"),
    ],
)
def test_a_query_that_postgresql_refuses(postgres: PostgreSQL, nights: Nights, query: str, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        nights.land(orders(files=postgres.url(), options={"query": query}))
    assert caught.value.message.startswith(f"source orders: {postgres.url()}: ")
    assert PASSWORD not in str(caught.value)
    assert "Query was" not in str(caught.value)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ("postgresql://reader:hidden-here@127.0.0.1:1/shop", "refused"),
        ("postgresql://reader:${SHOP_PASSWORD}@host.invalid/shop", "could not translate host name"),
        ("sqlite:///exports/nowhere.db", "there is no file"),
        ("sqlite:///exports/joinedup.txt", "file is not a database"),
        ("sqlite://", "it names no file"),
        ("mysql+pymysql://reader:hidden-here@host/shop", "the Python package pymysql is missing"),
        ("moonbase://reader:hidden-here@host/shop", "no database 'moonbase' is known"),
    ],
)
def test_a_database_out_of_reach(nights: Nights, monkeypatch: pytest.MonkeyPatch, files: str, said: str) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "hidden-here")
    nights.write("exports/joinedup.txt", "no database")
    with pytest.raises(SourceError, match=said) as caught:
        nights.land(orders(files=files))
    assert "hidden-here" not in caught.value.message
    assert caught.value.__cause__ is None or "hidden-here" not in str(caught.value.__cause__)
    assert caught.value.exit_code == 4


def test_a_wrong_password_is_told_and_not_shown(
    postgres: PostgreSQL, nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert counted(nights.land(orders(files=postgres.url()))["orders"]) == {}
    monkeypatch.setenv("SHOP_PASSWORD", "wrong-one")
    for url in (postgres.url(), postgres.url("wrong-one")):
        with pytest.raises(SourceError, match="password authentication failed") as caught:
            nights.land(orders(files=url))
        assert "wrong-one" not in caught.value.message
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    with pytest.raises(SourceError, match='database "nowhere" does not exist'):
        nights.land(orders(files=postgres.url(database="nowhere")))


@pytest.mark.parametrize(
    ("changes", "key", "said"),
    [
        ("options: {}", "options.query", "missing: the SELECT"),
        ("options: {query: DROP TABLE orders}", "options.query", "allowed: one SELECT"),
        ("options: {query: SELECT 1, watermark: id}", "options.watermark", "a full load reads all rows"),
        ("options: {query: SELECT 1, look_back: 1h}", "options.look_back", "name `watermark` too"),
        ("options: {query: SELECT 1}\n    take: latest", "take", "take the key out"),
        ("options: {query: SELECT 1, delimiter: ';'}", "options.delimiter", "sql has no such option"),
    ],
)
def test_mistakes_in_the_settings(tmp_path: Path, changes: str, key: str, said: str) -> None:
    text = (
        "version: 1\nsources:\n  shop:\n    holds: order\n    format: sql\n    files: sqlite:///shop.db\n    key: id\n"
        f"    fields: {{email: email}}\n    {changes}\n"
    )
    (tmp_path / "joinedup.yaml").write_text(text)
    with pytest.raises(SettingsError, match=said) as caught:
        load_settings(tmp_path / "joinedup.yaml")
    assert caught.value.key == f"sources.shop.{key}"


def test_files_of_a_database_is_its_url(tmp_path: Path) -> None:
    text = (
        "version: 1\nsources:\n  shop:\n    holds: order\n    format: sql\n    files: exports/shop.db\n    key: id\n"
        "    fields: {email: email}\n    options: {query: SELECT 1}\n"
    )
    (tmp_path / "joinedup.yaml").write_text(text)
    with pytest.raises(SettingsError, match="allowed: a database's URL"):
        load_settings(tmp_path / "joinedup.yaml")
