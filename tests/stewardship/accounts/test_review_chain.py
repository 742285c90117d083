"""The audit chain held against the releases and the stewards' log: what was changed beside joinedup is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from stewardship.accounts import Accounts, chain
from stewardship.accounts.review_chain import ChainBroken, head_of, latest, review
from stewardship.answer import Statement
from stewardship.database import find_place, make_engine
from stewardship.log import Shown
from stewardship.proposals import decline, propose
from stewardship.shape import FOLDER
from tests.stewardship.conftest import record

if TYPE_CHECKING:
    from tests.stewardship.conftest import Desk


@pytest.fixture
def decided(desk: Desk) -> Desk:
    return decide_on(desk)


@pytest.fixture
def sqlite_decided(sqlite_desk: Desk) -> Desk:
    return decide_on(sqlite_desk)


def decide_on(desk: Desk) -> Desk:
    desk.decide("same", "A", "B")
    desk.decide("different", "A", "C", by="bo")
    desk.revoke(1)
    return desk


def tamper(desk: Desk, *statements: str) -> None:
    """Do something to the database as somebody who may do anything there, triggers or not."""
    engine = make_engine(find_place(desk.url, desk.workspace))
    with engine.begin() as con:
        if con.dialect.name == "postgresql":
            con.execute(sa.text("SET LOCAL session_replication_role = replica"))
        else:
            for name in con.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
                con.execute(sa.text(f"DROP TRIGGER {name}"))
        for statement in statements:
            con.execute(sa.text(statement))
    engine.dispose()


def test_nothing_holds_where_nothing_is(desk: Desk) -> None:
    assert head_of(desk.store) is None
    found = review(desk.store, [("r1", None), ("r2", chain.BEGINNING)])
    assert (found.rows, found.decisions) == (0, 0)
    assert latest(desk.store, 5) == []
    assert not (desk.workspace / "var").exists()
    with pytest.raises(ChainBroken, match="there is none, and r2 was made after its beginning"):
        review(desk.store, [("r1", None), ("r2", "a" * 64)])


def test_what_was_decided_is_as_the_chain_says(decided: Desk) -> None:
    head = head_of(decided.store)
    decided.decide("same", "D", "E")
    found = review(decided.another(), [("r1", None), ("r2", head)])
    assert (found.rows, found.decisions, found.erased, found.earlier) == (4, 4, 0, 0)
    assert found.releases == {"r1": None, "r2": 3}
    assert [(row["id"], row["actor"], row["action"]) for row in latest(decided.store, 2)] == [
        (3, "ann", "revoked"),
        (4, "ann", "decided"),
    ]


def test_who_proposed_and_who_declined_is_in_the_chain(desk: Desk) -> None:
    statement = Statement("same", (record("A"), record("B")))
    made = propose(desk.store, "item", [statement], desk.says(), Shown("item", "default"))
    decline(desk.store, made.id, desk.says(by="bo"))
    review(desk.store, [])
    assert [(row["actor"], row["action"], row["about"]) for row in latest(desk.store, 5)] == [
        ("ann", "proposed", {"proposal": 1}),
        ("bo", "proposal declined", {"proposal": 1, "act": None}),
    ]


def test_an_erased_text_is_let_be_and_counted(decided: Desk) -> None:
    with decided.store.changing() as con:
        chain.erase(con, 2)
    found = review(decided.store, [])
    assert (found.decisions, found.erased) == (3, 1)


TAMPERINGS: tuple[tuple[str, str], ...] = (
    ("UPDATE audit_entry SET actor = 'eve' WHERE id = 2", "row 2 is not what was written"),
    ("DELETE FROM audit_salt WHERE audit_id = 3; UPDATE audit_entry SET id = 9 WHERE id = 3", "row 3 is missing"),
    ("UPDATE decision_log SET kind = 'same' WHERE id = 2", "entry 2 of the log is not what row 2 vouches for"),
    ("UPDATE decision_log SET decided_by = 'eve' WHERE id = 2", "entry 2 of the log is not"),
    ("UPDATE decision_log SET reason = 'because' WHERE id = 3", "entry 3 of the log is not"),
    ("UPDATE decision_log SET decided_at = '2025-01-01 00:00:00.000000' WHERE id = 1", "entry 1 of the log is not"),
    ("UPDATE decision_record SET source_record_id = 'Z' WHERE log_id = 2", "entry 2 of the log is not"),
    ("UPDATE audit_salt SET salt = 'x' WHERE audit_id = 3", "entry 3 of the log is not what row 3 vouches for"),
)


@pytest.mark.parametrize(("statement", "named"), TAMPERINGS, ids=[statement for statement, _ in TAMPERINGS])
def test_what_was_tampered_with_is_named(sqlite_decided: Desk, statement: str, named: str) -> None:
    review(sqlite_decided.store, [])
    tamper(sqlite_decided, *statement.split("; "))
    with pytest.raises(ChainBroken, match=named):
        review(sqlite_decided.another(), [])


def test_what_was_tampered_with_is_named_on_either_database(decided: Desk) -> None:
    tamper(decided, "UPDATE decision_log SET decided_at = '2025-01-01 00:00:00.000000' WHERE id = 1")
    with pytest.raises(ChainBroken, match="entry 1 of the log is not"):
        review(decided.another(), [])


def test_an_entry_that_was_put_into_the_log_or_taken_from_it_is_named(decided: Desk) -> None:
    tamper(
        decided,
        "DELETE FROM decision_record WHERE log_id = 2",
        "DELETE FROM decision_log WHERE id = 2",
    )
    with pytest.raises(ChainBroken, match="row 2 vouches for entry 2 of the log, which is not there"):
        review(decided.another(), [])


def test_a_chain_that_was_cut_off_lacks_the_head_of_a_release(decided: Desk) -> None:
    head = head_of(decided.store)
    tamper(
        decided,
        "DELETE FROM audit_salt WHERE audit_id = 3",
        "DELETE FROM audit_entry WHERE id = 3",
        "DELETE FROM decision_log WHERE id = 3",
    )
    assert review(decided.another(), []).rows == 2  # by itself it cannot tell
    with pytest.raises(ChainBroken, match="it has not the head that r7 was made at"):
        review(decided.another(), [("r7", head)])


def test_decisions_from_before_the_chain_are_counted(desk: Desk) -> None:
    make_older(desk)
    assert review(desk.store, []).earlier == 0  # its tables are those of the older version, without a chain
    desk.decide("same", "D", "E")
    found = review(desk.another(), [])
    assert (found.rows, found.decisions, found.earlier) == (1, 1, 1)


def test_accounts_bring_an_older_store_up_to_date(desk: Desk) -> None:
    make_older(desk)
    accounts = Accounts(desk.store)
    assert accounts.users() == ()
    assert accounts.add("ann", "reader", "root").name == "ann"
    assert [entry.told for entry in desk.another().entries()] == ['old, 2025-05-01, "long ago"']


def make_older(desk: Desk) -> None:
    """Make the store as the first version has left it, with a decision."""
    if desk.store.place.file:
        desk.store.place.file.parent.mkdir()
    engine = make_engine(desk.store.place)
    with engine.begin() as con:
        config = Config(attributes={"connection": con})
        config.set_main_option("script_location", str(FOLDER))
        command.upgrade(config, "0001")
        columns = "id, kind, decided_by, decided_at, reason, key"
        row = "1, 'same', 'old', '2025-05-01 00:00:00.000000', 'long ago', 'k'"
        con.execute(sa.text(f"INSERT INTO decision_log ({columns}) VALUES ({row})"))
        for place, name in enumerate("AB"):
            record = f"1, {place}, 'source', '{name}', NULL"
            con.execute(sa.text(f"INSERT INTO decision_record VALUES ({record})"))
    engine.dispose()
