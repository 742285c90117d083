"""The audit chain: any change to it is found, at the row where it begins, and an erased text does not break it."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from stewardship.accounts import chain
from stewardship.accounts.tables import AUDIT_ENTRY, AUDIT_SALT
from stewardship.database import find_place, make_engine
from stewardship.tables import METADATA
from tests.stewardship.conftest import START, Desk

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def beside(desk: Desk) -> Iterator[sa.Connection]:
    """Give a connection to the store's database that does not go through the store; what is done is committed."""
    engine = make_engine(find_place(desk.url, desk.workspace))
    try:
        with engine.begin() as con:
            yield con
    finally:
        engine.dispose()


@pytest.fixture
def made(desk: Desk) -> Desk:
    """Return a desk whose store is made, and whose chain has no row."""
    with desk.store.writing():
        pass
    return desk


def write(con: sa.Connection, count: int) -> None:
    """Write rows with and without a text."""
    for number in range(count):
        text = f"why {number}" if number % 2 else None
        chain.append(con, START + timedelta(seconds=number), f"ann{number % 3}", "same", {"decision": number}, text)


def test_a_chain_holds_and_its_heads_are_in_it(made: Desk) -> None:
    with beside(made) as con:
        assert (chain.head(con), chain.verify(con)) == (chain.BEGINNING, None)
        heads = [chain.head(con)]
        for number in range(5):
            chain.append(con, START, "ann", "same", {"decision": number, "é\x00": None}, "the text\x00 é \ud800")
            heads.append(chain.head(con))
    with beside(made) as con:
        assert chain.verify(con) is None
        assert [chain.position(con, head) for head in heads] == [0, 1, 2, 3, 4, 5]
        assert chain.position(con, "f" * 64) is None
        assert con.execute(sa.select(AUDIT_ENTRY.c.about).where(AUDIT_ENTRY.c.id == 1)).scalar() == json.dumps(
            {"decision": 0, "é\x00": None}, separators=(",", ":")
        )


def test_many_at_once_make_the_same_chain_as_one_by_one(made: Desk) -> None:
    acts = [chain.Act(START + timedelta(days=n), "bo", "link", {"user": "ann", "n": n}) for n in range(7)]
    with beside(made) as con:
        chain.append_all(con, acts[:3])
        chain.append_all(con, [])
        chain.append_all(con, acts[3:])
        together = chain.head(con)
        assert chain.verify(con) is None
    with memory() as con:
        for act in acts:
            chain.append(con, act.at, act.actor, act.action, act.about, act.text)
        assert chain.head(con) == together


def test_a_text_opens_until_its_salt_is_erased(made: Desk) -> None:
    with beside(made) as con:
        chain.append(con, START, "ann", "same", {}, "she married")
        chain.append(con, START, "ann", "same", {}, "she married")
        chain.append(con, START, "ann", "same", {})
        first, second, third = con.execute(sa.select(AUDIT_ENTRY.c.commitment).order_by(AUDIT_ENTRY.c.id)).scalars()
        assert first != second  # nobody sees that two texts are the same
        assert third is None
        assert [chain.opens(con, 1, text) for text in ("she married", "she divorced")] == [True, False]
        chain.erase(con, 1)
    with beside(made) as con:
        assert [chain.opens(con, number, "she married") for number in (1, 2, 3)] == [None, True, None]
        assert chain.verify(con) is None


@pytest.mark.parametrize("secure", [True, False])
def test_an_erased_salt_leaves_no_bytes_behind(sqlite_desk: Desk, *, secure: bool) -> None:
    with sqlite_desk.store.changing() as con:
        write(con, 6)
        salts = con.execute(sa.select(AUDIT_SALT.c.salt)).scalars().all()
    with beside(sqlite_desk) as con:
        if not secure:  # the control
            con.connection.driver_connection.execute("PRAGMA secure_delete = OFF").close()  # type: ignore[union-attr]
        for entry_id in (2, 4, 6):
            chain.erase(con, entry_id)
    with closing(sqlite3.connect(sqlite_desk.workspace / "var/stewardship.sqlite")) as con:
        assert con.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    text = b"".join(path.read_bytes() for path in (sqlite_desk.workspace / "var").iterdir())
    assert any(salt.encode() in text for salt in salts) is not secure


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'eve'",
        "DELETE FROM audit_entry WHERE id = 3",
        "UPDATE audit_salt SET salt = '0'",
    ],
)
def test_the_database_itself_refuses_changes(made: Desk, statement: str) -> None:
    with beside(made) as con:
        write(con, 3)
    with pytest.raises(Exception, match="only grows"), beside(made) as con:
        con.execute(sa.text(statement))
    with beside(made) as con:
        assert chain.verify(con) is None


@contextmanager
def memory() -> Iterator[sa.Connection]:
    """Give a store in memory that has no triggers, as somebody sees it who can do anything to its file."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as con:
        METADATA.create_all(con, tables=[AUDIT_ENTRY, AUDIT_SALT])
        yield con
    engine.dispose()


Rows = list[dict[str, object]]


def rewrite(con: sa.Connection, rows: Rows) -> None:
    con.execute(AUDIT_ENTRY.delete())
    if rows:
        con.execute(AUDIT_ENTRY.insert(), rows)


def numbered(rows: Rows) -> Rows:
    return [row | {"id": number} for number, row in enumerate(rows, 1)]


def edit(rows: Rows, rng: random.Random) -> int:
    place = rng.randrange(len(rows))
    column = rng.choice(["at", "actor", "action", "about", "commitment", "prev", "hash"])
    row = rows[place]
    if column == "at":
        row["at"] = datetime.fromisoformat(str(row["at"])) + timedelta(microseconds=1)
    elif rng.random() < 0.5 or not row[column]:
        row[column] = f"{row[column] or ''}x"
    else:
        row[column] = str(row[column])[:-1]
    return place + 1


def delete(rows: Rows, rng: random.Random) -> int:
    place = rng.randrange(len(rows) - 1)
    del rows[place]
    if rng.random() < 0.5:
        rows[:] = numbered(rows)
    return place + 1


def insert(rows: Rows, rng: random.Random) -> int:
    place = rng.randrange(len(rows))
    rows.insert(place, rng.choice(rows) | {"actor": "eve"})
    rows[:] = numbered(rows)
    return place + 1


def reorder(rows: Rows, rng: random.Random) -> int:
    first, second = sorted(rng.sample(range(len(rows)), 2))
    rows[first], rows[second] = rows[second], rows[first]
    rows[:] = numbered(rows)
    return first + 1


def forge(rows: Rows, rng: random.Random) -> int:
    """Edit a row, and give it the hash that it then has; the row after it tells."""
    place = rng.randrange(len(rows) - 1)
    row = rows[place] | {"actor": "eve"}
    rows[place] = row | {"hash": hash_of(row)}
    return place + 1


def hash_of(row: dict[str, object]) -> str:
    """Return the hash that a row has to have, as its writer knows it."""
    return chain._row_hash(*(row[name] for name in ("id", "at", "actor", "action", "about", "commitment", "prev")))  # type: ignore[arg-type]  # noqa: SLF001 - somebody who reads the code


MUTATIONS = (edit, delete, insert, reorder, forge)


def test_a_thousand_mutations_are_found_at_their_row() -> None:
    rng = random.Random(7)
    with memory() as con:
        write(con, 25)
        whole = [dict(row) for row in con.execute(sa.select(AUDIT_ENTRY).order_by(AUDIT_ENTRY.c.id)).mappings()]
        for number in range(1000):
            rows = [dict(row) for row in whole]
            expected = MUTATIONS[number % len(MUTATIONS)](rows, rng)
            rewrite(con, rows)
            found = chain.verify(con)
            assert found is not None
            assert found.id == expected, (number, found)
        rewrite(con, whole)
        assert chain.verify(con) is None


def test_what_the_chain_alone_cannot_tell_a_known_head_tells() -> None:
    with memory() as con:
        write(con, 9)
        known = chain.head(con)
        whole = [dict(row) for row in con.execute(sa.select(AUDIT_ENTRY).order_by(AUDIT_ENTRY.c.id)).mappings()]
        rewrite(con, whole[:-1])  # cut off
        assert (chain.verify(con), chain.position(con, known)) == (None, None)
        rewrite(con, whole[:4])  # made up anew from the fifth row on
        for row in whole[4:]:
            chain.append(con, START, "eve", str(row["action"]), {})
        assert (chain.verify(con), chain.position(con, known)) == (None, None)
        rewrite(con, whole)
        assert (chain.verify(con), chain.position(con, known)) == (None, 9)


Done = tuple[datetime, str, str, dict[str, str | int | None], str | None]
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - naive UTC by design
            TEXTS,
            TEXTS,
            st.dictionaries(st.text(max_size=9), st.none() | st.integers() | st.text(max_size=9), max_size=3),
            st.none() | st.text(max_size=9),
        ),
        max_size=6,
    )
)
def test_whatever_was_done_the_chain_holds(
    acts: list[tuple[datetime, str, str, dict[str, str | int | None], str | None]],
) -> None:
    with memory() as con:
        for at, actor, action, about, text in acts:
            chain.append(con, at, actor, action, about, text)
        assert chain.verify(con) is None
        for number, (*_, text) in enumerate(acts, 1):
            assert text is None or chain.opens(con, number, text)
