"""What is found by a reference or an e-mail is the same from the index in memory as from the tables."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from serving.lookup import Index, Indexes
from serving.pages import hits
from serving.reading import held, searching
from stewardship.web.releases import Pinned, Releases
from tests.serving.api import made_release
from tests.serving.api.asking import asking
from tests.serving.api.made_release import email, golden_id, made_workspace, make_release
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.workspace import Workspace

SHARED = "Größe NR 7"
"""A reference of three customers, and who has most records is not who has the least id."""


def _activity(number: int, release_id: str) -> Iterator[made_release.Row]:
    for row in _ROWS["activity"](number, release_id):
        yield row | ({"reference": SHARED} if number in (2, 3, 5) else {"reference": None} if number == 4 else {})


def _customer(number: int, release_id: str) -> Iterator[made_release.Row]:
    both = {"emails": ["Both@Mail.example", "other@mail.example"]}
    for row in _ROWS["customer"](number, release_id):
        yield row | (both if number > 6 else {})


_ROWS = dict(made_release._ROWS)  # noqa: SLF001 - with some values that customers share


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = made_workspace(tmp_path_factory.mktemp("searching") / "shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(made_release, "_ROWS", _ROWS | {"activity": _activity, "customer": _customer})
        make_release(workspace, "r1", people=9)
    return workspace


@pytest.fixture(scope="module")
def pinned(workspace: Workspace) -> Pinned:
    found = Releases(workspace).current()
    assert found is not None
    return found


@pytest.mark.parametrize("limit", [1, 2, 25])
def test_the_index_finds_what_the_tables_have(pinned: Pinned, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    references = ["REF-1-0", " ref-9-4 ", SHARED, SHARED.upper(), "REF-1", "REF-1-00", "", "é", "'; --"]
    emails = [email(1), email(1).upper(), f" other.{email(2)}", "both@mail.example", "oth@mail.example", "x", "é@é"]

    def found(index: Index | None) -> list[object]:
        return [
            *(searching.by_reference(pinned, reference, limit, index) for reference in references),
            *(searching.by_email(pinned, each, limit, index) for each in emails),
        ]

    from_tables = found(None)
    assert [row["golden_id"] for row in searching.by_reference(pinned, SHARED)] == ["cus_5", "cus_3", "cus_2"]
    assert [row["golden_id"] for row in searching.by_email(pinned, emails[3])] == ["cus_9", "cus_8", "cus_7"]
    index = Index.of(pinned, "US")
    assert found(index) == from_tables
    monkeypatch.setattr(held, "WORTH_IT", 1)
    wait_for(pinned)
    assert found(None) == from_tables
    assert found(index) == from_tables


def test_the_pages_find_the_same_from_memory(pinned: Pinned, monkeypatch: pytest.MonkeyPatch) -> None:
    def found() -> list[dict[str, object]]:
        rows = hits.who(pinned, [golden_id(number) for number in (3, 1, 2, 99)])
        return sorted(rows, key=lambda row: str(row["golden_id"]))

    from_tables = found()
    assert [row["urgent"] for row in from_tables] == [True, True, True]
    monkeypatch.setattr(held, "WORTH_IT", 1)
    wait_for(pinned)
    monkeypatch.setattr(pinned, "golden", lambda: pytest.fail("a query was asked for what is held in memory"))
    assert found() == from_tables


def wait_for(pinned: Pinned) -> None:
    until = time.monotonic() + 30
    while not all(held.held(pinned, table) for table in ("customer", "profile", "signal")):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_reference_takes_no_query_once_all_is_in_memory(pinned: Pinned, monkeypatch: pytest.MonkeyPatch) -> None:
    index = Index.of(pinned, "US")
    monkeypatch.setattr(held, "WORTH_IT", 1)
    wait_for(pinned)
    monkeypatch.setattr(pinned, "golden", lambda: pytest.fail("a query was asked for what is held in memory"))
    (found,) = searching.by_reference(pinned, "ref-1-0", index=index)
    assert found["golden_id"] == "cus_1"


def test_the_index_of_another_release_is_not_asked(tmp_path: Path) -> None:
    workspace = made_workspace(tmp_path / "shop")
    make_release(workspace, "r1")
    indexes = Indexes(Releases(workspace), load_settings(workspace.settings_file))
    assert indexes.current() is not None
    ready = indexes.with_release()
    assert ready is not None
    assert indexes.of(ready[1]) is ready[0]
    other = Releases(workspace).current()
    assert other is not None
    assert indexes.of(other) is None


def test_the_api_answers_alike_before_and_after_the_index_is_made(workspace: Workspace) -> None:
    with asking(workspace) as api:
        for asked in ({"reference": SHARED.lower(), "limit": 2}, {"email": "BOTH@mail.example", "limit": 2}):
            before = api.post("/customers/search", json=asked).json()
            assert (len(before["customers"]), before["more"]) == (2, True)
            assert api.app.state.indexes.current() is not None
            assert api.post("/customers/search", json=asked).json() == before
