"""The log in SQLite and in PostgreSQL: it grows, is never changed, and whoever writes it sees all that was written."""

from __future__ import annotations

import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from stewardship import shape
from stewardship.contradiction import Contradiction
from stewardship.database import find_place, make_engine
from stewardship.entry import Entry, pair_of
from stewardship.store import Store, head
from stewardship.tables import METADATA
from tests.stewardship.conftest import Desk, new_database, record
from warehouse.errors import Refused, SettingsError, SurroundingsError
from warehouse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stewardship.entry import Kind
    from tests.servers import PostgreSQL


@contextmanager
def beside(desk: Desk) -> Iterator[sa.Connection]:
    """Give a connection to the store's database that does not go through the store; what is done is committed."""
    engine = make_engine(find_place(desk.url, desk.workspace))
    try:
        with engine.begin() as con:
            yield con
    finally:
        engine.dispose()


def test_nothing_is_made_by_looking(desk: Desk) -> None:
    assert desk.store.head() == 0
    assert desk.store.read().active() == ()
    assert desk.store.entries() == ()
    assert not (desk.workspace / "var").exists()
    if not desk.url.startswith("sqlite"):
        with beside(desk) as con:
            assert sa.inspect(con).get_table_names() == []


def test_what_was_decided_stands_in_the_log(desk: Desk) -> None:
    first = desk.decide("same", "B", "A", by="bo")
    desk.decide("different", "A", "Ç'\"é")
    revocation = desk.revoke(first.id)
    assert desk.active() == ["A≠Ç'\"é"]
    assert desk.store.head() == desk.another().head() == 3
    found = desk.another().entries()
    assert [(entry.id, entry.kind, entry.decided_by, entry.revokes) for entry in found] == [
        (1, "same", "bo", None),
        (2, "different", "ann", None),
        (3, "revoke", "ann", 1),
    ]
    assert (found[0], found[2]) == (first, revocation)
    assert found[0].records == (record("A"), record("B"))


def test_evidence_stands_with_its_record(desk: Desk) -> None:
    pair = pair_of(record("B"), record("A"))
    with desk.store.writing() as log:
        log.decide("same", pair, desk.says(), ("of A", None))
    assert desk.another().entries()[0].evidence == ("of A", None)


def test_a_contradiction_leaves_nothing_behind(desk: Desk) -> None:
    desk.decide("same", "A", "B")
    desk.decide("same", "B", "C")
    with pytest.raises(Contradiction):
        desk.decide("different", "A", "C")
    assert desk.store.head() == 2
    desk.decide("different", "A", "D")
    assert desk.active() == ["A=B", "B=C", "A≠D"]
    with suppress(RuntimeError), desk.store.writing() as log:
        log.decide("same", pair_of(record("E"), record("F")), desk.says(), (None, None))
        raise RuntimeError
    assert desk.store.head() == 3
    assert desk.decide("same", "E", "F").id == 4


def test_only_what_holds_can_be_revoked(desk: Desk) -> None:
    first = desk.decide("same", "A", "B")
    desk.decide("different", "A", "B")
    for number, said in ((first.id, "replaced by a later one (different 2: ann"), (9, "no decision 9")):
        with pytest.raises(Refused, match=re.escape(said)):
            desk.revoke(number)
    desk.revoke(2)
    with pytest.raises(Refused, match=re.escape("was revoked (revoke 3: ann")):
        desk.revoke(2)


def test_nothing_is_changed_or_deleted(desk: Desk) -> None:
    desk.decide("same", "A", "B")
    changes = ["UPDATE decision_log SET reason = 'another'", "UPDATE decision_record SET source = 'another'"]
    changes += [f"DELETE FROM {table}" for table in ("decision_log", "decision_record")]
    if not desk.url.startswith("sqlite"):
        changes += ["TRUNCATE decision_log CASCADE", "TRUNCATE decision_record"]
    for change in changes:
        with pytest.raises(sa.exc.DBAPIError, match="only grows"), beside(desk) as con:
            con.execute(sa.text(change))
    with beside(desk) as con:
        con.execute(sa.text("UPDATE alembic_version SET version_num = version_num"))  # the control
    assert desk.active() == ["A=B"]


def test_two_stewards_who_contradict_each_other_are_not_both_heard(desk: Desk) -> None:
    desk.decide("same", "A", "B")
    desk.decide("same", "C", "D")
    together = threading.Barrier(2)

    def say(kind: Kind, left: str, right: str) -> bool:
        store = desk.another()
        store.head()
        together.wait(timeout=30)
        try:
            with store.writing() as log:
                log.decide(kind, pair_of(record(left), record(right)), desk.says(), (None, None))
        except Contradiction:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        heard = [pool.submit(say, "same", "B", "C"), pool.submit(say, "different", "A", "D")]
    assert sorted(future.result() for future in heard) == [False, True]
    assert desk.store.head() == 3


def test_many_open_a_new_store_at_once(desk: Desk) -> None:
    together = threading.Barrier(8)

    def say(number: int) -> int:
        store = desk.another()
        together.wait(timeout=30)
        with store.writing() as log:
            return log.decide("same", pair_of(record("A"), record(f"B{number}")), desk.says(), (None, None))[0].id

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(say, range(8)))
    assert sorted(ids) == list(range(1, 9))


def test_the_migrations_make_the_tables_that_the_code_knows(sqlite_desk: Desk) -> None:
    sqlite_desk.decide("same", "A", "B")
    config = Config()
    config.set_main_option("script_location", str(shape.FOLDER))
    assert ScriptDirectory.from_config(config).get_current_head() == shape.NEWEST
    room = shape.FOLDER.parent
    for path in sorted(room.rglob("*tables.py")):  # each adds its tables to METADATA
        import_module(".".join(path.relative_to(room.parent).with_suffix("").parts))
    with beside(sqlite_desk) as con:
        assert compare_metadata(MigrationContext.configure(con), METADATA) == []


OLD_ROWS = (
    "INSERT INTO decision_log VALUES (1, 'same', 'ann', '2026-01-03 09:00:00.000000', 'so', 'r1', NULL, 'key 1')",
    "INSERT INTO decision_record VALUES (1, 0, 'source', 'A', 'of A'), (1, 1, 'source', 'B', NULL)",
    "INSERT INTO decision_log VALUES (2, 'revoke', 'bo', '2026-01-04 09:00:00.000000', 'no', NULL, 1, 'key 2')",
)
"""What a version before further kinds has written."""


def old_store(desk: Desk) -> None:
    """Make the store as the first version left it, and check that it lets nothing be changed."""
    (desk.workspace / "var").mkdir()
    with beside(desk) as con:
        config = Config(attributes={"connection": con})
        config.set_main_option("script_location", str(shape.FOLDER))
        command.upgrade(config, "0001")
        for row in OLD_ROWS:
            con.execute(sa.text(row))


def test_what_was_read_is_read_on_from_and_is_its_readers_own(desk: Desk) -> None:
    reader = desk.another()
    assert reader.read().head == 0
    first = desk.decide("same", "A", "B")
    one, other = reader.read(), reader.read()
    desk.revoke(first.id)
    desk.decide("different", "A", "C")
    one.apply(replace(first, id=2), "mine alone")
    assert [entry.id for entry in reader.read().active()] == [3]
    assert [entry.id for entry in other.active()] == [1]
    assert reader.read(1).active() == (first,)
    if desk.url.startswith("sqlite"):
        shutil.rmtree(desk.workspace / "var")
        assert reader.read().head == 0


def test_an_older_store_is_read_as_it_is_and_brought_up_to_date_by_writing(desk: Desk) -> None:
    old_store(desk)
    at = datetime(2026, 1, 3, 9)  # noqa: DTZ001 - naive UTC by design
    same = Entry(1, "same", "ann", at, "so", (record("A"), record("B")), ("of A", None), "r1")
    revoked = Entry(2, "revoke", "bo", at + timedelta(days=1), "no", revokes=1)
    assert desk.store.entries() == (same, revoked)
    assert (same.act, revoked.act) == (1, 2)
    assert desk.another().read().keys == {"key 1": 1, "key 2": 2}
    with beside(desk) as con:
        assert "act" not in {column["name"] for column in sa.inspect(con).get_columns("decision_log")}
    assert desk.decide("different", "A", "B").id == 3
    assert desk.another().entries()[:2] == (same, revoked)
    with beside(desk) as con:
        assert con.execute(sa.text("SELECT key, act FROM decision_log ORDER BY id LIMIT 2")).fetchall() == [
            ("key 1", None),
            ("key 2", None),
        ]
    for table in ("decision_log", "decision_record"):
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET {'value' if 'log' in table else 'side'} = NULL"):
            with pytest.raises(sa.exc.DBAPIError, match="only grows"), beside(desk) as con:
                con.execute(sa.text(change))


def test_a_store_of_a_later_version_is_left_alone(desk: Desk) -> None:
    desk.decide("same", "A", "B")
    with beside(desk) as con:
        con.execute(sa.text("UPDATE alembic_version SET version_num = '0999'"))
    for ask in (desk.another().head, desk.another().read, lambda: write_on(desk, 1, 1)):
        with pytest.raises(SurroundingsError, match=r"later joinedup.*update joinedup"):
            ask()


def test_a_file_that_is_no_database_is_told(sqlite_desk: Desk) -> None:
    (sqlite_desk.workspace / "var").mkdir()
    (sqlite_desk.workspace / "var/stewardship.sqlite").write_text(
        "no database at all, but long enough for a header" * 9
    )
    with pytest.raises(
        SurroundingsError, match=r"sqlite:///var/stewardship.sqlite is out of reach: file is not a data"
    ):
        sqlite_desk.store.head()


def test_a_server_out_of_reach_is_told_without_its_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARDS_PASSWORD", "p:w/%d!")
    for password, shown in (("${STEWARDS_PASSWORD}", "${STEWARDS_PASSWORD}"), ("hidden", "***")):
        url = f"postgresql://ann:{password}@127.0.0.1:1/stewards"
        with pytest.raises(SurroundingsError) as failed:
            Store(find_place(url, tmp_path)).head()
        assert f"postgresql://ann:{shown}@127.0.0.1:1/stewards is out of reach: connection to" in failed.value.message
        assert "correct stewardship.database" in failed.value.message
        assert not re.search(r"p:w|hidden|p%3A", failed.value.message)


def test_a_wrong_password_is_told(server: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "wr/ong!")
    with pytest.raises(SurroundingsError, match=r"FATAL:.*authentication failed") as failed:
        Store(find_place(server.url(), tmp_path)).head()
    assert "wr/ong" not in failed.value.message


@pytest.mark.parametrize(
    "url", ["mysql://h/d", "var/x.sqlite", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///a?b"]
)
def test_a_url_of_nothing_that_is_kept_is_told(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"stewardship.database: found .*; allowed: sqlite:///var/steward"):
        find_place(url, tmp_path)


def test_the_head_of_a_workspace(tmp_path: Path) -> None:
    source = {"holds": "account", "files": "x.csv", "format": "csv", "key": "id"}
    settings = Settings.model_validate(
        {"version": 1, "sources": {"s": source}, "stewardship": {"database": f"sqlite:///{tmp_path}/elsewhere.sqlite"}}
    )
    assert head(settings, tmp_path / "workspace") == 0
    Desk(settings.stewardship.database, tmp_path).decide("same", "A", "B")
    assert (tmp_path / "elsewhere.sqlite").exists()
    assert head(settings, tmp_path / "workspace") == 1


# --- many at once, and a kill in the middle ---------------------------------------------------------------------------


def write_on(desk: Desk, writer: int, entries: int) -> list[int]:
    """Write so many decisions as one steward of many, each in a transaction of its own; return their ids."""
    store, ids = desk.another(), []
    for number in range(entries):
        with store.writing() as log:
            pair = pair_of(record(f"{writer}-{number}"), record(f"{writer}-{number + 1}"))
            ids.append(log.decide("same", pair, desk.says(), (None, None))[0].id)
    return ids


def hammer(desk: Desk, writers: int, entries: int, looks: int) -> None:
    """Let stewards write without pause while a night reads: every look is the log up to some entry, whole."""
    seen: list[tuple[int, int]] = []
    night = desk.another()
    with ThreadPoolExecutor(writers) as pool:
        written = [pool.submit(write_on, desk, writer, entries) for writer in range(writers)]
        while len(seen) < looks or not all(future.done() for future in written):
            standing = night.read()
            seen.append((standing.head, len(standing.active())))
            time.sleep(0.02)
    ids = sorted(entry_id for future in written for entry_id in future.result())
    assert ids == list(range(1, writers * entries + 1))
    assert [entry.id for entry in desk.another().entries()] == ids
    assert all(head == count for head, count in seen)
    assert seen == sorted(seen)


def test_stewards_write_while_a_night_reads(desk: Desk) -> None:
    hammer(desk, writers=10, entries=4, looks=3)


WRITER = """
import sys
from datetime import datetime
from pathlib import Path
from stewardship.database import find_place
from stewardship.store import Said, Store
store = Store(find_place(sys.argv[1], Path(sys.argv[2])))
for number in range(100_000):
    with store.writing() as log:
        pair = ("source", "A"), ("source", f"B{sys.argv[3]}-{number}")
        entry, _ = log.decide("same", pair, Said("ann", datetime(2026, 1, 3), "so"), (None, None))
    print(entry.id, flush=True)
"""


def test_what_was_acknowledged_outlives_a_kill(desk: Desk, checkout: Path) -> None:
    acknowledged: list[int] = []
    for attempt in range(2):
        command = [sys.executable, "-c", WRITER, desk.url, str(desk.workspace), str(attempt)]
        with subprocess.Popen(command, cwd=checkout, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            acknowledged += [int(writer.stdout.readline()) for _ in range(5 + attempt)]
            writer.send_signal(signal.SIGKILL)
            acknowledged += [int(line) for line in writer.stdout if line.endswith("\n")]
    found = [entry.id for entry in desk.another().entries()]
    assert set(acknowledged) <= set(found)
    assert found == list(range(1, len(found) + 1))
    assert all(len(entry.records) == 2 for entry in desk.another().entries())
    desk.decide("same", "A", "after")
    if desk.url.startswith("sqlite"):
        with closing(sqlite3.connect(desk.workspace / "var/stewardship.sqlite")) as con:
            assert con.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert con.execute("PRAGMA journal_mode").fetchall() == [("wal",)]
            assert con.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_store_that_is_held_is_waited_for(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite_desk.decide("same", "A", "B")
    monkeypatch.setattr("stewardship.database.PATIENCE_SECONDS", 0.05)
    with sqlite_desk.store.writing(), pytest.raises(SurroundingsError, match="out of reach: database is locked"):
        write_on(sqlite_desk, 1, 1)
    assert write_on(sqlite_desk, 1, 1) == [2]


def test_a_new_database_is_empty(server: PostgreSQL, tmp_path: Path) -> None:
    """The control of the fixture: each test has a store of its own."""
    first, second = (Desk(new_database(server), tmp_path) for _ in range(2))
    first.decide("same", "A", "B")
    assert (first.store.head(), second.store.head()) == (1, 0)
