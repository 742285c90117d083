"""Dagster around a night: what it sees, what stops it, and that it changes nothing of what a night does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite import sqlite_event_log

from pipelines.assets import NIGHT
from pipelines.definitions import build_definitions
from pipelines.instance import CONFIGURATION, open_instance, prepare_environment
from pipelines.jobs import on_failure
from pipelines.night import NightOptions, say_nothing
from pipelines.run_nightly import run_nightly
from pipelines.sensors import new_files_sensor
from pipelines.stages import STAGES
from tests.pipelines.shop import Shop, as_given, do_night, shuffled
from warehouse.errors import Refused
from warehouse.release.verify import verify_release
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.pipelines.shop import Answer

ASSETS = [
    "care/activity",
    "care/contact_fact",
    "care/household",
    "care/issue_effect",
    "care/item",
    "care/known_issue",
    "care/offer",
    "care/permission",
    "care/profile",
    "care/signal",
    "care/signal_change",
    "golden/change",
    "golden/crosswalk",
    "golden/customer",
    "golden/excluded_record",
    "golden/possible_match",
    "golden/provenance",
    "golden/redirect",
    "landing/delivery",
    "landing/live_record",
    "landing/night",
    "landing/source_record",
    "matching/block_key",
    "matching/blocking_rule",
    "matching/cluster",
    "matching/cluster_run",
    "matching/cluster_tie",
    "matching/collapse_run",
    "matching/decision",
    "matching/distinct_record",
    "matching/dropped_value",
    "matching/excluded_record",
    "matching/household_tie",
    "matching/label_measure",
    "matching/member",
    "matching/merge",
    "matching/model",
    "matching/model_frequency",
    "matching/model_hot_key",
    "matching/near_entity",
    "matching/node_change",
    "matching/pair",
    "matching/poisoned",
    "matching/possible_match",
    "matching/record_change",
    "matching/resolution",
    "matching/ruling",
    "matching/score_run",
    "matching/shared_value",
    "matching/standardised",
    "matching/touched_node",
    "release/current",
    "review/audit_measure",
    "review/audit_pair",
    "review/audit_stratum",
    "review/item",
    "review/question",
    "source/billing",
    "source/cases",
]
CHECKS = [
    "care/signal_change: care_activity_expectations",
    "care/signal_change: care_contact_fact_expectations",
    "care/signal_change: care_household_expectations",
    "care/signal_change: care_issue_effect_expectations",
    "care/signal_change: care_item_expectations",
    "care/signal_change: care_known_issue_expectations",
    "care/signal_change: care_offer_expectations",
    "care/signal_change: care_permission_expectations",
    "care/signal_change: care_profile_expectations",
    "care/signal_change: care_signal_change_expectations",
    "care/signal_change: care_signal_expectations",
    "golden/change: golden_change_expectations",
    "golden/change: golden_crosswalk_expectations",
    "golden/change: golden_customer_expectations",
    "golden/change: golden_excluded_record_expectations",
    "golden/change: golden_provenance_expectations",
    "golden/possible_match: golden_possible_match_expectations",
    "golden/redirect: golden_redirect_expectations",
    "landing/live_record: landing_delivery_expectations",
    "landing/live_record: landing_live_record_expectations",
    "landing/live_record: landing_quarantine_expectations",
    "landing/night: landing_night_expectations",
    "matching/excluded_record: matching_excluded_record_expectations",
    "matching/standardised: matching_standardised_expectations",
    "review/audit_pair: gate",
]
DROPPINGS = ("storage", "history", "schedules", "logs", ".logs_queue", ".dagster")
"""What Dagster makes where it believes to be at home."""


@pytest.fixture
def definitions(shop: Shop) -> dg.Definitions:
    shop.write()
    return build_definitions(shop.workspace, load_settings(shop.workspace.settings_file))


def test_what_dagster_sees(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    assert sorted(key.to_user_string() for key in graph.materializable_asset_keys) == ASSETS
    assert sorted(f"{key.asset_key.to_user_string()}: {key.name}" for key in graph.asset_check_keys) == CHECKS
    assert graph.external_asset_keys == set()
    repository = definitions.get_repository_def()
    assert sorted(repository.job_names) == ["__ASSET_JOB", "decisions", "ingest", "nightly", "plan"]
    assert sorted(found.name for found in repository.sensor_defs) == ["new_decisions", "new_files", "on_failure"]
    assert [found.name for found in repository.schedule_defs] == ["every_night"]


def test_every_asset_says_what_a_row_of_it_is(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    told = {node.key.to_user_string(): node.description or "" for node in graph.asset_nodes}
    assert told.pop("release/current").startswith("One published state")
    assert [key for key, description in told.items() if not description.startswith("One row per")] == []
    assert [description for description in told.values() if "  " in description or not description.endswith(".")] == []


def test_every_stage_waits_for_the_checks_before_it(definitions: dg.Definitions) -> None:
    """Each table of a stage has, among all that it is built from, what carries the last checks before the stage."""
    graph = definitions.resolve_asset_graph()
    checked: set[dg.AssetKey] = set()
    for entry in STAGES:
        for table in entry.writes:
            above = graph.get_ancestor_asset_keys(dg.AssetKey(table.split(".")))
            assert not checked or checked & above, f"{table} is built although what is before it may be bad"
        if entry.check:
            written = {dg.AssetKey(table.split(".")) for table in entry.writes}
            checked = {key.asset_key for key in graph.asset_check_keys} & written
    assert all(graph.get_check_spec(key).blocking for key in graph.asset_check_keys)


def test_the_night_begins_at_two_where_the_workspace_is(shop: Shop) -> None:
    shop.settings = shop.settings.replace("timezone: UTC", "timezone: Pacific/Auckland")
    shop.write()
    found = build_definitions(shop.workspace, load_settings(shop.workspace.settings_file))
    (schedule,) = found.get_repository_def().schedule_defs
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Pacific/Auckland")
    assert schedule.job_name == "nightly"


def test_the_sensor_asks_for_a_run_once_per_change_of_the_files(shop: Shop) -> None:
    shop.account("A1", first_name="Ada")
    shop.settings = shop.settings.replace("exports/cases*.csv", "exports/cases*")
    shop.write()
    sensor = new_files_sensor(shop.workspace, load_settings(shop.workspace.settings_file))
    with dg.build_sensor_context() as context:
        first = sensor(context)
        assert isinstance(first, dg.RunRequest)
        assert isinstance(sensor(context), dg.SkipReason)
        shop.account("A2", first_name="Bela")
        shop.write()
        second = sensor(context)
        assert isinstance(second, dg.RunRequest)
        assert second.run_key != first.run_key
        (shop.path / "exports/cases-late.csv").write_text("case_id\n")
        assert isinstance(sensor(context), dg.RunRequest)
        (shop.path / "exports/unrelated.csv").write_text("n\n")
        (shop.path / "exports/cases-next.csv.part").write_text("case")
        assert isinstance(sensor(context), dg.SkipReason)


def test_a_failed_run_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    @dg.op
    def fail() -> None:
        message = "the disk is full"
        raise OSError(message)

    @dg.job
    def failing() -> None:
        fail()

    with dg.instance_for_test() as instance:
        result = failing.execute_in_process(instance=instance, raise_on_error=False)
        (failure,) = [event for event in result.all_events if event.event_type is dg.DagsterEventType.RUN_FAILURE]
        capfd.readouterr()
        with dg.build_run_status_sensor_context(
            sensor_name="on_failure", dagster_instance=instance, dagster_run=result.dagster_run, dagster_event=failure
        ).for_run_failure() as context:
            on_failure(context)
    assert f"run {result.run_id} of failing failed" in capfd.readouterr().err


def test_a_critical_failure_stops_what_comes_after_it(shop: Shop) -> None:
    shop.populate(12, 1)
    shop.settings = shop.settings.replace("expect: {min_rows: 0}", "expect: {min_rows: 500}")
    shop.write()
    summary = run_nightly(shop.workspace, NightOptions(), say_nothing)
    assert summary.outcome == "held"
    with open_instance(shop.workspace) as instance:
        run = instance.get_run_by_id(summary.run_id)
        assert run is not None
        assert run.status is dg.DagsterRunStatus.FAILURE
        events = [log.dagster_event for log in instance.all_logs(summary.run_id) if log.dagster_event]
    started = {event.step_key for event in events if event.event_type is dg.DagsterEventType.STEP_START}
    assert started == {"source__billing", "source__cases", "withdraw", "settle", "check_landing"}
    judged = [event for event in events if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION]
    (failed,) = [event for event in judged if not event.asset_check_evaluation_data.passed]
    assert failed.asset_check_evaluation_data.check_name == "landing_delivery_expectations"
    assert failed.asset_check_evaluation_data.severity is dg.AssetCheckSeverity.ERROR


def test_what_was_not_judged_is_not_published(shop: Shop) -> None:
    """Whoever asks Dagster for some assets alone gets no release of what they did not ask for."""
    shop.populate(12, 4)
    shop.night(checks=False)
    shop.account("A900", first_name="Petra", last_name="Lindqvist", email="petra@lindqvist.example")
    shop.write()
    found = build_definitions(shop.workspace, load_settings(shop.workspace.settings_file))
    without_offers = [dg.AssetKey(key.split("/")) for key in ASSETS if key != "care/offer"]
    with open_instance(shop.workspace) as instance, pytest.raises(Refused, match=r"without judge_offers"):
        found.resolve_job_def("nightly").execute_in_process(instance=instance, asset_selection=without_offers)
    assert shop.workspace.current.readlink().name == "r1"
    assert shop.night(checks=False).release_id == "r2"


def test_ingest_lands_and_checks_and_publishes_nothing(shop: Shop) -> None:
    shop.populate(12, 2)
    shop.write()
    summary = run_nightly(shop.workspace, NightOptions(), say_nothing, job="ingest")
    assert (summary.outcome, summary.published) == ("landed", False)
    assert list(summary.seconds) == ["land billing", "land cases", "withdraw", "settle", "check landing"]
    assert not shop.workspace.current.exists()


def test_a_plan_is_made_and_applied_at_the_command_line(
    shop: Shop, tmp_path: Path, joinedup: Callable[..., Answer]
) -> None:
    shop.populate(12, 2)
    shop.write()
    target = tmp_path / "tonight.json"
    answer = joinedup("plan", "-w", shop.path, "--out", target, "--as-of", "2026-02-01")
    assert (answer.exit_code, "✓ publish" in answer.err) == (0, False)
    assert "It would be published as r1." in answer.out
    assert f"joinedup apply {target}" in answer.out
    assert (tmp_path / "tonight.html").read_text().startswith("<!doctype html>")
    assert not list(shop.workspace.plans.iterdir())
    assert not shop.workspace.current.exists()
    answer = joinedup("apply", target, "-w", shop.path, "--json")
    document = json.loads(answer.out)
    assert (answer.exit_code, document["release_id"], document["as_of"]) == (0, "r1", "2026-02-01T00:00:00Z")
    with open_instance(shop.workspace) as instance:
        jobs = [run.job_name for run in instance.get_runs()]
    assert jobs == ["nightly", "plan"]
    answer = joinedup("review", "publish", "-w", shop.path, "--json")
    assert (answer.exit_code, json.loads(answer.out)["outcome"]) == (0, "nothing_changed")


def test_where_a_plan_goes_is_looked_at_before_the_night(shop: Shop, joinedup: Callable[..., Answer]) -> None:
    shop.write()
    for out, told in (("gone/tonight.json", "there is no folder"), (".", "name a file"), ("a.html", "name a file")):
        answer = joinedup("plan", "-w", shop.path, "--out", shop.path / out)
        assert (answer.exit_code, told in answer.err) == (2, True)
    assert not shop.workspace.var.exists()


def test_jobs_launched_by_hand_are_the_nights_they_say(shop: Shop) -> None:
    """Their configuration comes with them, so that nobody has to know it."""
    shop.write()
    found = build_definitions(shop.workspace, load_settings(shop.workspace.settings_file))
    for job, name, value in (("plan", "plan", True), ("decisions", "read_exports", False)):
        preset = found.resolve_job_def(job).run_config
        assert preset is not None
        assert preset["resources"][NIGHT]["config"][name] is value


def test_the_job_in_dagsters_own_hands_gives_the_same_content(shop: Shop, tmp_path: Path, checkout: Path) -> None:
    """`dagster job execute` as somebody would type it, from a folder that has nothing to do with it."""
    shop.populate(30, 3)
    shop.write(shuffled(3))
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    before = _rooms_and_files(checkout)
    done = subprocess.run(
        [sys.executable, "-m", "dagster", "job", "execute", "-m", "pipelines.definitions", "-j", "nightly"],
        env=os.environ | prepare_environment(shop.workspace) | {"HOME": str(nowhere)},
        cwd=nowhere,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert list(nowhere.iterdir()) == []
    assert _rooms_and_files(checkout) == before
    assert not [name for name in DROPPINGS if (checkout / name).exists()]
    kept = {path.name for path in shop.workspace.dagster.iterdir()}
    assert {"dagster.yaml", "history", "schedules"} <= kept
    assert (shop.workspace.dagster / "dagster.yaml").resolve() == checkout / "dagster.yaml"

    twin = Shop(tmp_path / "twin", shop.accounts, shop.cases)
    twin.write(as_given)
    ours = run_nightly(twin.workspace, NightOptions(), say_nothing)
    plain = Shop(tmp_path / "plain", shop.accounts, shop.cases)
    plain.write(as_given)
    without = do_night(plain.workspace, NightOptions(), checks=False)
    theirs = verify_release(shop.workspace)
    assert theirs.content_hash == ours.content_hash == without.content_hash
    assert theirs.release_hash == ours.release_hash == without.release_hash
    assert theirs.lineage == (theirs.run_id,)
    with open_instance(shop.workspace) as instance:
        run = instance.get_run_by_id(theirs.run_id)
        assert run is not None
        assert run.status is dg.DagsterRunStatus.SUCCESS


def _rooms_and_files(checkout: Path) -> set[str]:
    """Return what lies in the checkout, but for what measuring the tests' coverage leaves there."""
    return {path.name for path in checkout.iterdir() if not path.name.startswith(".coverage")}


def test_the_instance_is_the_checkouts_whatever_dagster_home_says(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(elsewhere))
    shop.write()
    with open_instance(shop.workspace) as instance:
        assert instance.root_directory == str(shop.workspace.dagster)
        assert not instance.telemetry_enabled
    assert os.environ["DAGSTER_HOME"] == str(elsewhere)
    assert list(elsewhere.iterdir()) == []
    assert (shop.workspace.dagster / "dagster.yaml").readlink() == CONFIGURATION


def test_events_are_stored_by_one_engine_per_file(shop: Shop) -> None:
    shop.write()
    names = vars(sqlite_event_log)
    make = names["create_engine"]
    with open_instance(shop.workspace):
        urls = ("sqlite://", "sqlite://", "sqlite:///other.db")
        one, again, other = (names["create_engine"](url) for url in urls)
        assert one is again is not other
    assert names["create_engine"] is make


def test_a_workspace_that_moved_finds_the_configuration_again(shop: Shop, tmp_path: Path) -> None:
    shop.write()
    prepare_environment(shop.workspace)
    link = shop.workspace.dagster / "dagster.yaml"
    link.unlink()
    link.symlink_to(tmp_path / "an/older/checkout/dagster.yaml")
    with open_instance(shop.workspace):
        assert link.readlink() == CONFIGURATION
