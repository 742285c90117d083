"""The stage that binds: what becomes of decisions when their records change, go, and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stewardship.bind_decisions import bind_decisions
from stewardship.entry import pair_of
from stewardship.evidence import evidence_of
from tests.stewardship.conftest import START, record
from warehouse.connection import open_memory
from warehouse.errors import SurroundingsError
from warehouse.migrations import migrate
from warehouse.run import Run, StageReport
from warehouse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from stewardship.entry import Kind
    from tests.stewardship.conftest import Desk

SOURCE = {"holds": "account", "files": "x.csv", "format": "csv", "key": "id"}
COMPARED: dict[str, Any] = {
    "given": "bela",
    "middle": "b",
    "family": "quist",
    "suffix": "jr",
    "organisation": "quist",
    "birth_date": "1970-01-02",
    "emails": ["b@mail.example"],
    "phones": ["2065550102"],
    "street_number": "9",
    "street": "alder",
    "unit": "2",
    "po_box": "7",
    "city": "brightwater",
    "postal_code": "98002",
    "identifiers": ["loyalty:7"],
}
NOT_COMPARED = {"clean_given_name": "Bela", "quoted": ["SO-1"], "nicknames": ["bel"], "country": "US", "region": "wa"}


class Night:
    """Standardised records, and the stage on them."""

    def __init__(self, con: DuckDBPyConnection, desk: Desk) -> None:
        self.con, self.desk = con, desk
        self.settings = Settings.model_validate({"version": 1, "sources": {"s": SOURCE}})

    def deliver(self, *names: str) -> None:
        for name in names:
            self.con.execute(
                "INSERT INTO matching.standardised (source, source_record_id, name_from_email, given, emails)"
                " VALUES ('source', ?, false, 'ada', ['a@mail.example', 'z@mail.example'])",
                [name],
            )

    def change(self, name: str, column: str, value: object) -> None:
        self.con.execute(f"UPDATE matching.standardised SET {column} = ? WHERE source_record_id = ?", [value, name])

    def delete(self, name: str) -> None:
        self.con.execute("DELETE FROM matching.standardised WHERE source_record_id = ?", [name])

    def decide(self, kind: Kind, left: str, right: str, *, blind: bool = False) -> None:
        pair = pair_of(record(left), record(right))
        known = {} if blind else evidence_of(self.con, pair)
        with self.desk.store.writing() as log:
            log.decide(kind, pair, self.desk.says(), (known.get(pair[0]), known.get(pair[1])))

    def bind(self) -> StageReport:
        return bind_decisions(self.con, self.settings, Run("run", self.desk.workspace, START))

    def states(self) -> dict[str, str]:
        self.bind()
        rows = self.con.execute(
            "SELECT source_record_id_l || source_record_id_r, state FROM matching.decision"
        ).fetchall()
        return dict(rows)


@pytest.fixture
def night(sqlite_desk: Desk) -> Iterator[Night]:
    con = open_memory()
    migrate(con)
    yield Night(con, sqlite_desk)
    con.close()


def test_without_a_store_nothing_binds(night: Night) -> None:
    night.deliver("A", "B")
    report = night.bind()
    assert report.rows == {"matching.decision": 0}
    assert report.figures == {"decisions_head": 0, "bound": 0, "reconfirm": 0, "dormant": 0}
    assert not (night.desk.workspace / "var").exists()


def test_what_holds_is_written_whole(night: Night) -> None:
    night.deliver("A", "B", "C")
    night.decide("same", "B", "A")
    night.decide("different", "A", "C", blind=True)
    assert night.bind().figures == {"decisions_head": 2, "bound": 2, "reconfirm": 0, "dormant": 0}
    first, second = night.con.execute("SELECT * FROM matching.decision ORDER BY decision_id").fetchall()
    known = evidence_of(night.con, [record("A"), record("B")])
    at = (1, 0, "same", "source", "A", "source", "B", "ann", START, "as they told us")
    assert first == (*at, known[record("A")], known[record("B")], "bound")
    assert second[-3:] == (None, None, "bound")
    night.desk.revoke(1)
    assert night.bind().figures["decisions_head"] == 3
    assert night.states() == {"AC": "bound"}


@pytest.mark.parametrize("column", COMPARED)
def test_a_record_that_changed_asks_again_and_binds_on(night: Night, column: str) -> None:
    night.deliver("A", "B")
    night.decide("same", "A", "B")
    night.change("B", column, COMPARED[column])
    assert night.states() == {"AB": "reconfirm"}
    night.decide("same", "A", "B")
    assert night.states() == {"AB": "bound"}


@pytest.mark.parametrize("column", NOT_COMPARED)
def test_what_is_not_compared_asks_nothing(night: Night, column: str) -> None:
    night.deliver("A", "B")
    night.decide("same", "A", "B")
    night.change("B", column, NOT_COMPARED[column])
    assert night.states() == {"AB": "bound"}


def test_a_record_that_is_gone_lets_a_decision_sleep_until_it_is_back(night: Night) -> None:
    night.deliver("A", "B")
    night.decide("different", "A", "B")
    night.delete("B")
    assert night.states() == {"AB": "dormant"}
    night.deliver("B")
    assert night.states() == {"AB": "bound"}
    night.delete("B")
    night.deliver("B")
    night.change("B", "given", "bela")
    assert night.states() == {"AB": "reconfirm"}


def test_what_was_not_known_when_it_was_decided_counts_as_what_it_is(night: Night) -> None:
    night.decide("same", "A", "B", blind=True)
    assert night.states() == {"AB": "dormant"}
    night.deliver("A", "B")
    assert night.states() == {"AB": "bound"}


def test_the_evidence_is_of_each_record(night: Night) -> None:
    """Values that change their place are other values."""
    night.deliver("A", "B", "C", "D")
    night.change("B", "given", None)
    night.change("B", "family", "ada")
    night.change("C", "emails", ["a@mail.example"])
    found = evidence_of(night.con, map(record, "ABCDE"))
    assert set(found) == {record(name) for name in "ABCD"}
    assert found[record("A")] == found[record("D")]
    assert len(set(found.values())) == 3


def test_a_store_out_of_reach_stops_the_night(night: Night) -> None:
    night.desk.workspace.joinpath("var/stewardship.sqlite").mkdir(parents=True)
    with pytest.raises(SurroundingsError, match=r"stewardship.sqlite is out of reach: unable to open database file"):
        night.bind()
