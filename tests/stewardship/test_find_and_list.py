"""Finding customers and whoever shares values with a record, and paging through the log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from stewardship.answer import Statement, answer, undo
from stewardship.find import candidates, own, search
from stewardship.listing import Reading, Wanted, list_decisions
from stewardship.log import Said
from stewardship.store import open_store
from stewardship.web.releases import Pinned, Releases
from tests.pipelines.shop import Shop
from warehouse.errors import Refused
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from stewardship.store import Store

WHEN = datetime(2026, 3, 1, 9)  # noqa: DTZ001 - naive UTC by design
N0, M0 = ("billing", "N0"), ("billing", "M0")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("found") / "shop")
    shop.populate(8, 5)
    home = {"street": "7 Bay Road", "city": "Brightwater", "zip": "98101"}
    shop.account("N0", first_name="Greta", last_name="Lindqvist", email="greta@bay.example", phone="4255550101", **home)
    shop.account("M0", first_name="Olof", last_name="Sandberg", phone="4255550101", **home)
    shop.case("N0-1", name="G Lindqvist", email="greta@bay.example")
    shop.case("X", name="n/a", email="")
    shop.night(checks=False)
    return shop


@pytest.fixture(scope="module")
def pinned(shop: Shop) -> Pinned:
    found = Releases(shop.workspace).current()
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text",
    [
        "lindqvist",
        "  GRETA   lindqvist ",
        "greta brightwater",
        "greta@bay.example",
        "425 555-0101",
        "555 0101",
        "N0-1",
        "billing:n0",
    ],
)
def test_a_customer_is_found_by_what_one_remembers(pinned: Pinned, text: str) -> None:
    assert "Greta Lindqvist" in [row["name"] for row in search(pinned, text)]


def test_a_customer_is_found_by_the_id(shop: Shop, pinned: Pinned) -> None:
    golden_id = shop.crosswalk()["billing:N0"]
    assert [row["golden_id"] for row in search(pinned, golden_id.lower())] == [golden_id]
    assert search(pinned, golden_id)[0]["record"] == N0


@pytest.mark.parametrize("text", ["", "   ", "%", "greta quist", "'; drop table customer; --", "\u0000", "(" * 300])
def test_nobody_is_found_by_what_nobody_says(pinned: Pinned, text: str) -> None:
    assert search(pinned, text) == []


def test_no_more_are_found_than_asked_for(pinned: Pinned) -> None:
    assert len(search(pinned, "mail.example", 3)) == 3


def test_who_shares_values_with_a_record(pinned: Pinned) -> None:
    found = candidates(pinned, N0)
    (near,) = [candidate for candidate in found if candidate.record == M0]
    assert [what for what, _ in near.shared] == ["phone", "address"]
    assert dict(near.shared)["phone"] == ("4255550101",)
    assert near.customer["name"] == "Olof Sandberg"
    assert own(pinned, N0)["golden_id"] not in {candidate.customer["golden_id"] for candidate in found}


def test_a_record_that_is_nobodys_or_not_there_is_refused(pinned: Pinned) -> None:
    with pytest.raises(Refused, match="has no record billing:NOPE"):
        candidates(pinned, ("billing", "NOPE"))
    with pytest.raises(Refused, match="cases:X is nobody's in r1"):
        candidates(pinned, ("cases", "X"))


@pytest.fixture
def store(shop: Shop) -> Store:
    store = open_store(load_settings(shop.workspace.settings_file), shop.path)
    if store.place.file is not None:
        store.place.file.unlink(missing_ok=True)
    return store


def said(hours: int, by: str = "ann") -> Said:
    return Said(by, WHEN + timedelta(hours=hours), f"reason {hours}", "r1")


def fill(store: Store, pinned: Pinned) -> None:
    release = pinned.release
    answer(store, release, [Statement("same", (M0, N0))], said(1))
    answer(store, release, [Statement("different", (M0, N0))], said(2, "bo"))
    gone = answer(store, release, [Statement("placeholder", attribute="phone", value="4255559999")], said(3))
    undo(store, gone.act, said(4, "bo"))
    past = said(5).decided_at + timedelta(days=1)
    answer(store, release, [Statement("pin", (N0,), attribute="email", value="g@bay.example", until=past)], said(5))


def listed(store: Store, pinned: Pinned | None, wanted: Wanted, **page: int) -> list[tuple[str, str]]:
    found = list_decisions(Reading(store).now(), pinned, wanted, **page)
    return [(row.entry.kind, row.state) for row in found.rows]


def test_decisions_are_listed_by_what_became_of_them(store: Store, pinned: Pinned) -> None:
    fill(store, pinned)
    assert listed(store, pinned, Wanted()) == [("pin", "expired"), ("different", "new")]
    assert listed(store, pinned, Wanted("revoked")) == [("placeholder", "revoked")]
    assert listed(store, pinned, Wanted("replaced")) == [("same", "replaced")]
    assert listed(store, pinned, Wanted("new")) == [("different", "new")]
    assert listed(store, pinned, Wanted("bound")) == []
    assert listed(store, pinned, Wanted(kind="pin")) == [("pin", "expired")]
    assert listed(store, pinned, Wanted(by="bo")) == [("different", "new")]
    assert listed(store, None, Wanted(by="bo")) == [("different", "new")]
    assert listed(store, pinned, Wanted(), limit=1, offset=1) == [("different", "new")]
    everything = list_decisions(store.read(), pinned, Wanted(), limit=1)
    assert (everything.total, everything.people) == (2, ("ann", "bo"))


def test_the_log_is_read_anew_when_something_was_added(store: Store, pinned: Pinned) -> None:
    reading = Reading(store)
    assert reading.now().head == 0
    fill(store, pinned)
    assert reading.now().head == 5
    assert reading.now() is reading.now()
