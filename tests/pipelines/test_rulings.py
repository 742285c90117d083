"""Rulings over nights: each binds where it belongs, comes and goes, and a night of changes is as a full one."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pipelines.night_options import NightOptions
from stewardship.answer import Statement, answer, undo
from stewardship.log import Said
from stewardship.look_up import open_current
from stewardship.store import open_store
from tests.pipelines.histories import rehearse
from tests.pipelines.shop import TONIGHT, Shop, do_night
from warehouse.release.manifest import read_manifest
from warehouse.settings.load import load_settings
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipelines.summary import RunSummary
    from tests.pipelines.shop import Answer

S1, S2, U1, U2, V1, V2 = (("billing", key) for key in ("S1", "S2", "U1", "U2", "V1", "V2"))
DESK = "desk@shop.example"
STATEMENTS = (
    Statement("pin", (S2,), attribute="city", value="Reno"),
    Statement("pin", (S1,), attribute="email", value="Ada@Work.example", until=datetime(2026, 2, 3)),  # noqa: DTZ001
    Statement("placeholder", attribute="email", value=DESK),
    Statement("household", (U1, U2)),
    Statement("not_a_customer", (V1,)),
    Statement("unsure", (V2, U2)),
)
ENDED = """
    SELECT city, email, emails FROM customer JOIN crosswalk USING (golden_id)
    WHERE source = 'billing' AND source_record_id = 'S1'
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop with a release, and in it what each kind of ruling can be said of."""
    shop = Shop(tmp_path_factory.mktemp("ruled") / "shop")
    shop.populate(12, 5)
    ada = {"first_name": "Ada", "last_name": "Veldkamp", "born": "1971-03-04", "email": "ada@veldkamp.example"}
    shop.account("S1", **ada)
    shop.account("S2", **ada, phone="2065557001")
    shop.account("U1", first_name="Petra", last_name="Lindqvist", email="petra@lindqvist.example")
    shop.account("U2", first_name="Otto", last_name="Ostrander", phone="2065557002")
    shop.account("V1", first_name="Test", last_name="Shopper", email=DESK)
    shop.account("V2", first_name="Vera", last_name="Brunswick", email=DESK)
    shop.night(checks=False)
    return shop


@pytest.fixture
def shop(town: Shop, tmp_path: Path) -> Shop:
    shutil.copytree(town.path, tmp_path / "shop", symlinks=True)
    return Shop(tmp_path / "shop", town.accounts, town.cases, town.settings)


def night(shop: Shop, day: int, *, full_too: bool = True) -> RunSummary:
    """Do the night of a day, or the job `decisions` for day 0, held against a full one on the same base."""
    assert TONIGHT.as_of is not None
    options = replace(TONIGHT, as_of=TONIGHT.as_of + timedelta(day)) if day else NightOptions(read_exports=False)
    folder = shop.path.parent / f"in_full_{day}"
    shutil.copytree(shop.path, folder, symlinks=True)
    done = do_night(shop.workspace, options, checks=full_too)
    assert done.outcome == "published", done.held_by
    if full_too:
        full = rehearse(Workspace(folder), replace(options, full=True))
        manifest = read_manifest(shop.workspace.current.resolve())
        assert (full.content_hash, full.release_hash) == (manifest.content_hash, manifest.release_hash)
    return done


def said(day: int) -> Said:
    return Said("ann", datetime(2026, 2, 1, tzinfo=UTC).replace(tzinfo=None) + timedelta(day), "asked them")


def causes(shop: Shop, event: str) -> set[str]:
    release = shop.workspace.current.resolve().name
    return {cause for (cause,) in shop.read(f"SELECT cause FROM change WHERE release_id = '{release}' AND {event}")}


def test_rulings_come_bind_end_and_go(shop: Shop, joinedup: Callable[..., Answer]) -> None:
    before = read_manifest(shop.workspace.current.resolve()).content_hash
    store = open_store(load_settings(shop.workspace.settings_file), shop.path)
    release = open_current(shop.workspace)
    assert release is not None
    with release:
        answered = answer(store, release, STATEMENTS, said(0))
    night(shop, 0)
    assert shop.read(ENDED) == [("Reno", "ada@work.example", ["ada@veldkamp.example", "ada@work.example"])]
    assert shop.read("SELECT source_record_id, reason FROM excluded_record") == [("V1", "not_a_customer")]
    assert shop.read("SELECT count(*) FROM customer WHERE list_contains(emails, 'desk@shop.example')") == [(0,)]
    together = "SELECT list(source_record_id ORDER BY source_record_id) FROM household JOIN crosswalk USING (golden_id)"
    assert shop.read(f"{together} WHERE household.basis = 'decision'") == [(["U1", "U2"],)]
    assert causes(shop, "event = 'detached'") == {"record billing:V1 excluded: decision 5 by ann"}
    assert causes(shop, "event = 'updated' AND source IS NULL") == {
        "decision 1 by ann: pin, and 1 more",
        "decision 3 by ann: placeholder",
    }
    page = joinedup("show", "billing:S1", "-w", shop.path).out
    assert 'email is pinned: ann on 2026-02-01, until 2026-02-03, "asked them" (decision 2)' in page
    assert "by a steward's word" in joinedup("show", "billing:U1", "-w", shop.path).out
    shown = json.loads(joinedup("show", "billing:S1", "-w", shop.path, "--json").out)
    assert [pin["attribute"] for pin in shown["pins"]] == ["city", "email"]
    nobody = joinedup("show", "billing:V1", "-w", shop.path)
    assert (nobody.exit_code, "is nobody's in r2: a steward said so" in nobody.err) == (6, True)

    night(shop, 3)
    assert shop.read(ENDED) == [("Reno", "ada@veldkamp.example", ["ada@veldkamp.example"])]
    assert causes(shop, "true") == {"decision 2 by ann: pin, which binds no longer"}

    undo(store, answered.act, said(3))
    night(shop, 4, full_too=False)
    assert read_manifest(shop.workspace.current.resolve()).content_hash == before
    assert causes(shop, "event = 'attached'") == {"record billing:V1 counts again: decision 5 by ann binds no longer"}
