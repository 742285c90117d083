"""The stage that binds rulings: what holds is written whole, and a release is bound by one log."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from stewardship.accounts.review_chain import head_of
from stewardship.answer import Statement, answer, undo
from stewardship.bind_decisions import bind_decisions
from stewardship.bind_rulings import bind_rulings
from tests.stewardship.conftest import START, record
from tests.stewardship.test_bind_decisions import SOURCE
from warehouse.connection import open_memory
from warehouse.migrations import migrate
from warehouse.run import Run, StageReport
from warehouse.settings import Settings
from warehouse.tables.decision import RULING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from stewardship.answer import Answered
    from tests.stewardship.conftest import Desk

SETTINGS = Settings.model_validate({"version": 1, "sources": {"s": SOURCE}})
A, B, C = map(record, "ABC")
UNTIL = START + timedelta(days=90)
SAID = ("ann", START, "as they told us")


@pytest.fixture
def con() -> Iterator[DuckDBPyConnection]:
    con = open_memory()
    migrate(con)
    for name in "ABCD":
        con.execute(
            "INSERT INTO matching.standardised (source, source_record_id, name_from_email) VALUES ('source', ?, false)",
            [name],
        )
    yield con
    con.close()


def say(desk: Desk, *statements: Statement) -> Answered:
    return answer(desk.store, None, statements, desk.says())


def bind(con: DuckDBPyConnection, desk: Desk) -> StageReport:
    return bind_rulings(con, SETTINGS, Run("run", desk.workspace, START))


def written(con: DuckDBPyConnection) -> list[dict[str, object]]:
    """Return matching.ruling, each without what it does not say."""
    rows = con.execute("SELECT * FROM matching.ruling ORDER BY decision_id").fetchall()
    named = [dict(zip(RULING.column_names, row, strict=True)) for row in rows]
    return [{name: value for name, value in row.items() if value is not None} for row in named]


def test_without_a_store_nothing_binds(con: DuckDBPyConnection, sqlite_desk: Desk) -> None:
    report = bind(con, sqlite_desk)
    assert report.rows == {"matching.ruling": 0}
    assert report.figures["decisions_head"] == 0
    assert not (sqlite_desk.workspace / "var").exists()


def test_every_ruling_says_what_it_is_about(con: DuckDBPyConnection, sqlite_desk: Desk) -> None:
    pin = Statement("pin", (A,), attribute="given_name", value="Ada", until=UNTIL)
    placeholder = Statement("placeholder", attribute="email", value=" Info@Mail.Example")
    pairs = [Statement("household", (B, A)), Statement("unsure", (B, C))]
    say(sqlite_desk, pin, placeholder, *pairs, Statement("not_a_customer", (record("D"),)), Statement("same", (A, C)))
    report = bind(con, sqlite_desk)
    counts: dict[str, int | str] = {"pin": 1, "placeholder": 1, "household": 1, "not_a_customer": 1, "unsure": 1}
    heads: dict[str, int | str] = {"decisions_head": 6, "audit_head": head_of(sqlite_desk.store) or ""}
    assert report == StageReport({"matching.ruling": 5}, heads | counts)
    by = {"decided_by": "ann", "decided_at": START, "reason": "as they told us"}
    of_a = {"source_l": "source", "source_record_id_l": "A"}
    pair = {**of_a, "source_r": "source", "source_record_id_r": "B"}
    assert written(con) == [
        {"decision_id": 1, "ruling": "pin", **of_a, "attribute": "given_name", "value": "Ada", "until": UNTIL, **by},
        {"decision_id": 2, "ruling": "placeholder", "attribute": "email", "value": "info@mail.example", **by},
        {"decision_id": 3, "ruling": "household", **pair, **by},
        {"decision_id": 4, "ruling": "unsure", **pair, "source_record_id_l": "B", "source_record_id_r": "C", **by},
        {"decision_id": 5, "ruling": "not_a_customer", **of_a, "source_record_id_l": "D", **by},
    ]


def test_what_holds_no_more_is_not_written(con: DuckDBPyConnection, sqlite_desk: Desk) -> None:
    first = say(sqlite_desk, Statement("pin", (A,), attribute="city", value="Oldtown"))
    say(sqlite_desk, Statement("pin", (A,), attribute="city", value="Newtown"))
    unsure = say(sqlite_desk, Statement("unsure", (A, B)))
    say(sqlite_desk, Statement("same", (A, B)))
    nobody = say(sqlite_desk, Statement("not_a_customer", (C,)))
    undo(sqlite_desk.store, nobody.act, sqlite_desk.says())
    bind(con, sqlite_desk)
    assert [row["value"] for row in written(con)] == ["Newtown"]
    assert {first.act, unsure.act, nobody.act} <= sqlite_desk.store.read().ended.keys()


def test_a_household_is_two_people_and_a_split_many_pairs(con: DuckDBPyConnection, sqlite_desk: Desk) -> None:
    say(sqlite_desk, Statement("household", (A, B)))
    say(sqlite_desk, Statement("split", (C, record("D"), A), (1, 1, 0)))
    say(sqlite_desk, Statement("same", (A, C)))
    bind_decisions(con, SETTINGS, Run("run", sqlite_desk.workspace, START))
    rows = con.execute(
        "SELECT decision_id, place, decision, source_record_id_l || source_record_id_r, state FROM matching.decision"
        " ORDER BY ALL"
    ).fetchall()
    assert rows == [
        (1, 0, "different", "AB", "bound"),
        (2, 1, "different", "AD", "bound"),
        (3, 0, "same", "AC", "bound"),
    ]


def test_what_is_decided_between_the_two_stages_waits_for_the_next_night(
    con: DuckDBPyConnection, sqlite_desk: Desk
) -> None:
    """Or a release would say that it has bound what it has not."""
    say(sqlite_desk, Statement("same", (A, B)))
    report = bind(con, sqlite_desk)
    con.execute(
        "INSERT INTO quality.stage VALUES ('run', 'bind_rulings', 0, 0, 0, ?)",
        [json.dumps({"figures": dict(report.figures)})],
    )
    say(sqlite_desk, Statement("not_a_customer", (C,)), Statement("different", (A, record("D"))))
    bound = bind_decisions(con, SETTINGS, Run("run", sqlite_desk.workspace, START))
    assert (bound.figures["decisions_head"], bound.figures["bound"]) == (1, 1)
    later = bind_decisions(con, SETTINGS, Run("another run", sqlite_desk.workspace, START))  # the control
    assert (later.figures["decisions_head"], later.figures["bound"]) == (3, 2)
