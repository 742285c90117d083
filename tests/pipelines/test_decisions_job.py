"""The job `decisions`: what stewards decided is published within minutes, without an export being read."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from pipelines.night import NightOptions
from pipelines.sensors import new_decisions_sensor
from stewardship.store import Said, open_store
from tests.pipelines.shop import TONIGHT, Shop, do_night
from warehouse.connection import open_database
from warehouse.errors import Refused, SourceError
from warehouse.release.manifest import read_manifest
from warehouse.settings.load import load_settings
from warehouse.workspace import lock

if TYPE_CHECKING:
    from pathlib import Path

    from stewardship.entry import Kind

DECISIONS = NightOptions(read_exports=False)
SAID = Said("ann", datetime(2026, 2, 1, tzinfo=UTC).replace(tzinfo=None), "seen both at the counter")


def decide(shop: Shop, kind: Kind, left: str, right: str) -> int:
    """Write a decision about two accounts into the stewards' log; return its id."""
    with open_store(load_settings(shop.workspace.settings_file), shop.path).writing() as log:
        entry, _ = log.decide(kind, (("billing", left), ("billing", right)), SAID, (None, None))
        return entry.id


def deliver(shop: Shop) -> None:
    """Write the exports as of the evening before the first night."""
    shop.write()
    eve = datetime(2026, 1, 31, 20, tzinfo=UTC).timestamp()
    for export in (shop.path / "exports").iterdir():
        os.utime(export, (eve, eve))


def failed_checks(shop: Shop, run_id: str) -> list[tuple[str, str]]:
    """Return what was expected of a run and not met, warnings too."""
    con = open_database(shop.workspace.warehouse_file)
    try:
        return con.execute(
            "SELECT suite, detail FROM quality.result WHERE run_id = ? AND outcome <> 'pass'", [run_id]
        ).fetchall()
    finally:
        con.close()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop with a release: two accounts that are one customer, two that are not, and what expects files."""
    shop = Shop(tmp_path_factory.mktemp("decided") / "shop")
    shop.settings = shop.settings.replace("trust: 80", "trust: 80\n    expect: {every: 1d, min_rows: 5}")
    shop.populate(12, 5)
    ada = {"last_name": "Veldkamp", "born": "1971-03-04", "email": "ada@veldkamp.example"}
    shop.account("S1", first_name="Ada", **ada)
    shop.account("S2", first_name="Ada", **ada, phone="2065557001")
    shop.account("T1", first_name="Petra", last_name="Lindqvist", email="petra@lindqvist.example")
    shop.account("T2", first_name="P", last_name="Ostrander", phone="2065557002")
    deliver(shop)
    do_night(shop.workspace, TONIGHT, checks=False)
    return shop


@pytest.fixture
def shop(town: Shop, tmp_path: Path) -> Shop:
    shutil.copytree(town.path, tmp_path / "shop", symlinks=True)
    return Shop(tmp_path / "shop", town.accounts, town.cases, town.settings)


def test_decisions_are_bound_and_published_where_no_export_is(shop: Shop) -> None:
    before, base = shop.crosswalk(), read_manifest(shop.workspace.current.resolve())
    assert before["billing:S1"] == before["billing:S2"]
    assert before["billing:T1"] != before["billing:T2"]
    decide(shop, "different", "S1", "S2")
    decide(shop, "same", "T1", "T2")
    shutil.rmtree(shop.path / "exports")
    summary = do_night(shop.workspace, DECISIONS, checks=True)
    after, manifest = shop.crosswalk(), read_manifest(shop.workspace.current.resolve())
    assert (summary.outcome, manifest.release_id) == ("published", "r2")
    assert after["billing:S1"] != after["billing:S2"]
    assert after["billing:T1"] == after["billing:T2"]
    assert after.keys() == before.keys()
    touched = {"billing:S1", "billing:S2", "billing:T1", "billing:T2"}
    assert {key for key in after if after[key] != before[key]} <= touched
    assert manifest.as_of == base.as_of
    assert (base.decisions_head, manifest.decisions_head) == (0, 2)
    assert {counts["read"] + counts["deleted"] for counts in summary.records.values()} == {0}
    assert all(not found["notes"] for found in summary.deliveries.values())
    assert failed_checks(shop, summary.run_id) == []
    # an ordinary night on the files of then is bound by the same, and does tell that they are late
    deliver(shop)
    ordinary = do_night(shop.workspace, NightOptions(), checks=False)
    assert any(note.startswith("late: ") for note in ordinary.deliveries["billing"]["notes"])
    assert shop.crosswalk() == after


def test_without_a_new_decision_nothing_changes(shop: Shop) -> None:
    summary = do_night(shop.workspace, DECISIONS, checks=False)
    assert (summary.outcome, summary.release_id) == ("nothing_changed", "r1")


def test_an_ordinary_night_does_miss_exports_that_are_not_there(shop: Shop) -> None:
    """The control: what the job decisions does without would stop any other night."""
    shutil.rmtree(shop.path / "exports")
    with pytest.raises(SourceError, match="no file matches"):
        do_night(shop.workspace, TONIGHT, checks=False)


def test_before_the_first_release_there_is_nothing_to_bind(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    shop.write()
    with pytest.raises(Refused, match="nothing is published yet"):
        do_night(shop.workspace, DECISIONS, checks=False)


def test_the_sensor_asks_once_for_what_was_decided_and_waits_while_a_run_is_on(shop: Shop) -> None:
    sensor = new_decisions_sensor(shop.workspace, load_settings(shop.workspace.settings_file))

    def told(context: dg.SensorEvaluationContext) -> str | None:
        found = sensor(context)
        return found.skip_message if isinstance(found, dg.SkipReason) else None

    with dg.build_sensor_context() as context:
        assert told(context) == "r1 is bound by all that stewards have decided"
        decide(shop, "different", "S1", "S2")
        with lock(shop.workspace):
            assert told(context) == "another run holds the workspace"
        first = sensor(context)
        assert isinstance(first, dg.RunRequest)
        assert told(context) == "what was decided last has been asked for already"
        decide(shop, "same", "T1", "T2")
        second = sensor(context)
        assert isinstance(second, dg.RunRequest)
        assert second.run_key != first.run_key


def test_the_sensor_waits_for_the_first_release(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    shop.write()
    sensor = new_decisions_sensor(shop.workspace, load_settings(shop.workspace.settings_file))
    with dg.build_sensor_context() as context:
        found = sensor(context)
    assert isinstance(found, dg.SkipReason)
    assert found.skip_message == "nothing is published yet"
