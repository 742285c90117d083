"""A release stays the same for whoever holds it, and the next request gets the newest."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import TYPE_CHECKING

import pytest

from stewardship.web.releases import Releases
from tests.pipelines.shop import Shop
from warehouse.errors import Refused
from warehouse.release.manifest import WORKINGS
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

CUSTOMERS = "SELECT count(*) FROM customer"


def count(releases: Releases) -> int:
    pinned = releases.current()
    assert pinned is not None
    with pinned.golden() as con:
        return int(con.execute(CUSTOMERS).fetchall()[0][0])


def test_there_is_none_before_the_first_night(tmp_path: Path) -> None:
    assert Releases(Workspace(tmp_path)).current() is None


def test_it_stays_for_whoever_holds_it_and_moves_on_for_others(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    shop.populate(6, 3)
    shop.night(checks=False)
    releases = Releases(shop.workspace)
    held = releases.current()
    assert held is not None
    assert releases.current() is held
    before = count(releases)
    shop.account("NEW", first_name="Nadia", last_name="Petrov", email="nadia@petrov.example", phone="2065559999")
    shop.night(checks=False)
    after = releases.current()
    assert after is not None
    assert (held.release_id, after.release_id) == ("r1", "r2")
    assert count(releases) == before + 1
    with held.golden() as con, held.workings() as workings:
        assert con.execute(CUSTOMERS).fetchall() == [(before,)]
        known = con.execute("SELECT count(*) FROM crosswalk").fetchall()
        assert workings.execute("SELECT count(*) FROM matching.member").fetchall() == known
    release, gone = held.release, weakref.ref(held)
    del held
    gc.collect()
    assert gone() is None
    with pytest.raises(Exception, match="closed"):
        release.con.execute("SELECT 1")
    _many_threads_at_once(releases)
    (after.release.directory / WORKINGS).rename(tmp_path / "elsewhere")
    fresh = Releases(shop.workspace).current()
    assert fresh is not None
    with pytest.raises(Refused, match="no workings any more"), fresh.workings():
        pass


def _many_threads_at_once(releases: Releases) -> None:
    found: list[int] = []

    def look() -> None:
        pinned = releases.current()
        assert pinned is not None
        for _ in range(5):
            with pinned.golden() as con, pinned.workings() as workings:
                found.append(con.execute(CUSTOMERS).fetchall()[0][0])
                found.append(workings.execute("SELECT -count(*) FROM matching.member").fetchall()[0][0])

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert len(set(found)) == 2
