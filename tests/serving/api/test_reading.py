"""A release is read alike whatever its version and its size."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from serving.api import shapes
from serving.reading import feeds, held, knowing, places, tables, who
from serving.reading.activities import activities
from serving.reading.tables import has, relation, rows
from stewardship.web.releases import Releases
from tests.serving.api.asking import asking
from tests.serving.api.made_release import golden_id, made_workspace, make_release
from tests.serving.api.test_nights import SHAPES
from warehouse.errors import UsageError
from warehouse.tables import RELEASE_TABLES
from warehouse.tables.care import ACTIVITY, CONTACT_FACT, ISSUE_EFFECT, OFFER, PERMISSION, SIGNAL_CHANGE

if TYPE_CHECKING:
    from pathlib import Path

    from stewardship.web.releases import Pinned

NEW = (CONTACT_FACT, ISSUE_EFFECT, OFFER, PERMISSION, SIGNAL_CHANGE)
"""Tables that releases have not always had."""


@pytest.fixture(scope="module")
def pinned(tmp_path_factory: pytest.TempPathFactory) -> Pinned:
    workspace = made_workspace(tmp_path_factory.mktemp("reading") / "shop")
    make_release(workspace, "r1", people=9)
    found = Releases(workspace).current()
    assert found is not None
    return found


def test_a_release_of_before_is_answered_from_as_if_the_new_tables_were_empty(tmp_path: Path) -> None:
    workspace = made_workspace(tmp_path / "shop")
    make_release(workspace, "r1", without=[spec.name for spec in NEW])
    with asking(workspace) as api:
        old = api.app.state.site.releases.current()
        with old.golden() as con:
            assert has(con, "customer")
            assert [spec.name for spec in NEW if has(con, spec.name)] == []
            assert [rows(con, f"SELECT * FROM {relation(old, spec)}") for spec in NEW] == [[]] * len(NEW)
            con.execute("SELECT 1").fetchall()
        for part, shape in SHAPES.items():
            shape.model_validate(api.get(f"/customers/cus_1{part}").json())
        assert api.get("/customers/cus_1").json()["offers"] == []
        assert api.get("/signals/changes").json()["changes"] == []
        issues = shapes.IssuesAnswer.model_validate(api.get("/known-issues").json()).issues
        assert [(issue.issue_id, issue.customers) for issue in issues] == [("late/carrier", 0)]


def test_a_column_that_a_release_lacks_is_null(pinned: Pinned, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = next(spec for spec in RELEASE_TABLES if spec.name == "activity")
    known = {name: frozenset(columns) for name, columns in columns_of(pinned).items()}
    monkeypatch.setitem(tables._COLUMNS, pinned, known | {"activity": known["activity"] - {"excerpt"}})  # noqa: SLF001 - an older release
    with pinned.golden() as con:
        found = rows(con, f"SELECT DISTINCT excerpt, count(*) AS n FROM {relation(pinned, spec)} GROUP BY ALL")
    assert found == [{"excerpt": None, "n": 45}]
    assert activities(pinned, "cus_1").rows[0]["excerpt"] is None


def columns_of(pinned: Pinned) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    with pinned.golden() as con:
        for table, column in con.execute("SELECT table_name, column_name FROM duckdb_columns()").fetchall():
            found.setdefault(table, set()).add(column)
    return found


@pytest.mark.parametrize("table", places.COLUMNS)
def test_places_are_those_of_every_customers_rows(pinned: Pinned, table: str) -> None:
    found = places.find_places(pinned, table)
    of_any = " OR ".join(f"{column} = ?" for column in places.COLUMNS[table])
    with pinned.golden() as con:
        for number in range(1, 11):
            asked = [golden_id(number)] * len(places.COLUMNS[table])
            expected = con.execute(f"SELECT rowid FROM {table} WHERE {of_any} ORDER BY 1", asked).fetchall()
            assert found.of(golden_id(number)) == [row[0] for row in expected]
    assert found.of("cus_nobody") == []
    assert found.of("zzz é") == []


def test_a_large_table_is_read_by_places_and_gives_the_same(pinned: Pinned, monkeypatch: pytest.MonkeyPatch) -> None:
    def all_of(each: str) -> list[object]:
        of_who = (who.find_customer, who.records, who.household, who.possible_matches)
        facts = (*of_who, knowing.profile, knowing.signals, knowing.permissions, activities, feeds.history)
        return [fact(pinned, each) for fact in facts]

    before = [all_of(golden_id(number)) for number in range(1, 11)]
    monkeypatch.setattr(places, "LARGE", 1)
    monkeypatch.setattr(held, "WORTH_IT", 1)
    assert [all_of(golden_id(number)) for number in range(1, 11)] == before  # the places are in the making
    until = time.monotonic() + 30
    in_memory = [table for table in held.HELD if pinned.manifest.rows[table]]
    assert len(in_memory) >= 5
    while time.monotonic() < until and not all(held.held(pinned, table) for table in in_memory):
        time.sleep(0.01)
    assert all(held.held(pinned, table) for table in in_memory)
    assert places.places(pinned, ACTIVITY) is not None
    assert [all_of(golden_id(number)) for number in range(1, 11)] == before
    who_it_is = (who.find_customer, who.records, who.household, who.possible_matches, knowing.profile)
    told = [[fact(pinned, golden_id(number)) for fact in who_it_is] for number in range(1, 10)]
    assert max(len(who.household(pinned, golden_id(number))) for number in range(1, 10)) > 1
    monkeypatch.setattr(pinned, "golden", lambda: pytest.fail("a query was asked for what is held in memory"))
    assert [[fact(pinned, golden_id(number)) for fact in who_it_is] for number in range(1, 10)] == told


@pytest.mark.parametrize(
    "cursor", ["", "x", "a" * 500, "é", "bnVsbA", "WzEsMl0", "W10", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgImEiXQ"]
)
def test_a_cursor_that_is_none_is_refused(pinned: Pinned, cursor: str) -> None:
    with pytest.raises(UsageError, match="the cursor is none of ours"):
        activities(pinned, "cus_1", cursor=cursor)
