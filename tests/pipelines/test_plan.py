"""Plans of real nights: that they say what would happen, that applying does it, and that it refuses what has moved."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.commands.run import render_summary
from pipelines.night_options import NotAsPlanned
from pipelines.plan.apply import moved_before, moved_within, options_of
from pipelines.plan.customers import IDENTITY, kind_of
from pipelines.plan.keep import keep_plan, page_of, read_plan, write_plan
from pipelines.plan.text import plan_text_page
from stewardship.store import Said, open_store
from tests.pipelines.shop import TONIGHT, Shop, do_night
from warehouse.errors import UsageError
from warehouse.release.verify import verify_release
from warehouse.settings.load import load_settings
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.summary import RunSummary
    from tests.pipelines.shop import Answer

    Plan = dict[str, Any]
    Event = tuple[int, str, str, str | None, str | None, str | None, str]

PLAN = replace(TONIGHT, plan=True)


def planned(shop: Shop, **options: Any) -> tuple[Path, Plan]:  # noqa: ANN401 - fields of NightOptions
    """Write the shop as it is, plan a night on it, and return where the plan is and what it says."""
    summary = shop.night(replace(PLAN, **options), checks=False)
    assert summary.outcome == "planned"
    path = Path(str(summary.plan))
    return path, read_plan(path)


def applied(shop: Shop, plan: Plan) -> RunSummary:
    """Do the planned night on what is there now, without Dagster around it."""
    settings = load_settings(shop.workspace.settings_file)
    assert moved_before(shop.workspace, settings, plan) == []
    return do_night(shop.workspace, options_of(plan, 2), checks=False)


def events_planned(plan: Plan) -> list[Event]:
    names = ("sequence", "event", "golden_id", "other_golden_id", "source", "source_record_id", "cause")
    found = [tuple(event[name] for name in names) for entry in plan["customers"] for event in entry["events"]]
    return sorted(found, key=lambda event: event[0])


def events_published(shop: Shop, release_id: str) -> list[Event]:
    return shop.read(
        "SELECT sequence, event, golden_id, other_golden_id, source, source_record_id, cause FROM change"
        f" WHERE release_id = '{release_id}' ORDER BY sequence"
    )


def entries_of(plan: Plan, kind: str) -> list[Plan]:
    return [entry for entry in plan["customers"] if entry["kind"] == kind]


@dataclass(frozen=True)
class Story:
    """A shop as it stood when its release r1 was planned, when it was published, and when tonight was planned on it."""

    first: tuple[Path, Plan]
    shop: Shop
    path: Path
    plan: Plan

    def copy(self, folder: Path) -> Shop:
        """Return the shop as it is with tonight's files there, for a test to go on with."""
        return copy_of(self.shop, folder)


def copy_of(shop: Shop, folder: Path) -> Shop:
    shutil.copytree(shop.path, folder / "shop", symlinks=True)
    return Shop(folder / "shop", copy.deepcopy(shop.accounts), copy.deepcopy(shop.cases), shop.settings)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Tonight's changes are of every kind that records make."""
    shop = Shop(tmp_path_factory.mktemp("planned") / "shop")
    shop.populate(16, 3)
    ada = {"last_name": "Veldkamp", "born": "1971-03-04", "street": "9 Mill Rd", "city": "Brightwater", "zip": "98001"}
    shop.account("M1", first_name="Ada", **ada, email="ada@veldkamp.example")
    shop.account("M2", first_name="A", last_name="Veldkamp", phone="2065557001")
    shop.case("M3", name="Ada Veldkamp", email="ada@veldkamp.example")
    first = planned(shop)
    assert applied(shop, first[1]).release_id == "r1"
    shop.account("M4", first_name="Ada", **ada, email="ada@veldkamp.example", phone="2065557001")
    shop.accounts["M2"] |= {"first_name": "Ada", **ada, "email": "ada@veldkamp.example"}
    shop.accounts["A003"] |= {"phone": "2065559999", "opened_on": "2026-01-20"}
    shop.accounts["A004"] |= {"first_name": "Zacharias", "last_name": "Oldenburgh", "born": "1999-09-09"}
    shop.account("N1", first_name="Petra", last_name="Lindqvist", email="petra@lindqvist.example")
    shop.case("A006-new", name="{first_name} {last_name}".format(**shop.accounts["A006"]), phone="2065550006")
    return Story(first, shop, *planned(shop))


@pytest.fixture(scope="module")
def done(story: Story, tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, RunSummary]:
    """Return the shop with the plan applied, and what the night said."""
    shop = story.copy(tmp_path_factory.mktemp("applied"))
    return shop, applied(shop, story.plan)


def test_the_first_night_lists_nobody(story: Story) -> None:
    path, plan = story.first
    assert (plan["first"], plan["base"], plan["customers"]) == (True, None, [])
    assert "First release: every customer is new" in plan_text_page(plan, str(path), "page")


def test_applying_a_plan_publishes_exactly_the_events_in_it(story: Story, done: tuple[Shop, RunSummary]) -> None:
    shop, summary = done
    assert story.shop.workspace.current.readlink().name == "r1"
    assert not story.shop.workspace.held.exists()
    assert (summary.outcome, summary.release_id, story.plan["would"]) == ("published", "r2", "publish")
    assert summary.release_hash == story.plan["release_hash"] == verify_release(shop.workspace).release_hash
    assert events_planned(story.plan) == events_published(shop, "r2") != []
    without_one = story.plan | {"customers": story.plan["customers"][1:]}
    assert events_planned(without_one) != events_published(shop, "r2")  # the control
    totals = story.plan["totals"]
    assert sum(totals["kinds"].values()) == len(story.plan["customers"]) == totals["touched"]
    counted = dict(shop.read("SELECT event, count(*) FROM change WHERE release_id = 'r2' GROUP BY event"))
    assert totals["events"] == counted


def test_a_plan_says_who_is_merged_why_and_with_what_hangs_on_them(story: Story) -> None:
    (merge,) = entries_of(story.plan, "merge")
    assert {party["name"] for party in merge["before"]} == {"Ada Veldkamp", "A Veldkamp"}
    (after,) = merge["after"]
    assert (after["name"], after["records"], after["contacts"]) == ("Ada Veldkamp", 4, 1)
    shared = {(value["attribute"], value["value"]) for value in merge["evidence"]}
    assert {("e-mail", "ada@veldkamp.example"), ("phone", "2065557001"), ("birth date", "1971-03-04")} <= shared
    assert all(len(value["sides"]) > 1 for value in merge["evidence"])
    moved = {(move["from"], move["to"]): move["records"] for move in merge["moves"]}
    assert sum(moved.values()) == 4
    assert sum(records for (old, _), records in moved.items() if old is None) == 1
    assert story.plan["customers"][0]["kind"] in IDENTITY


def test_a_plan_says_who_comes_apart_and_what_changes(story: Story) -> None:
    (split,) = entries_of(story.plan, "split")
    assert len(split["before"]) == 1
    assert {party["name"] for party in split["after"]} >= {"Zacharias Oldenburgh"}
    changed = [change for entry in entries_of(story.plan, "update") for change in entry["changes"]]
    phone = next(change for change in changed if change["attribute"] == "phone")
    assert (phone["before"], phone["after"]) == ("+12065550003", "+12065559999")
    assert (phone["source"], phone["source_record_id"], phone["rule"]) == ("billing", "A003", "only value")
    (created,) = entries_of(story.plan, "create")
    assert created["after"][0]["name"] == "Petra Lindqvist"
    assert len(entries_of(story.plan, "records")) == 1


def test_every_change_of_a_published_attribute_is_in_the_plan_and_no_other(
    story: Story, done: tuple[Shop, RunSummary]
) -> None:
    """Held against the two releases, column by column, in another way than the plan finds them."""
    names = ("given_name", "family_name", "birth_date", "email", "phone", "street", "city", "postal_code", "safe_for")
    query = f"SELECT golden_id, {', '.join(f'{name}::VARCHAR' for name in names)} FROM customer"
    before = {golden_id: values for golden_id, *values in story.shop.read(query)}
    after = {golden_id: values for golden_id, *values in done[0].read(query)}
    found = {
        (change["golden_id"], change["attribute"], change["before"], change["after"])
        for entry in story.plan["customers"]
        for change in entry["changes"]
        if change["attribute"] in names
    }
    differs = {
        (golden_id, name, old, new)
        for golden_id in before.keys() & after.keys()
        for name, old, new in zip(names, before[golden_id], after[golden_id], strict=True)
        if old != new
    }
    assert found == differs != set()


def test_what_is_applied_is_not_applied_again_and_then_nothing_would_change(
    story: Story, done: tuple[Shop, RunSummary], tmp_path: Path, joinedup: Callable[..., Answer]
) -> None:
    shop = copy_of(done[0], tmp_path)
    answer = joinedup("apply", story.path, "-w", shop.path)
    assert (answer.exit_code, shop.workspace.current.readlink().name) == (6, "r2")
    assert "it starts from r1, and the current release is now r2" in answer.err
    path, plan = planned(shop)
    assert (plan["would"], plan["customers"]) == ("change nothing", [])
    assert "Nothing would change: r2 stays." in plan_text_page(plan, str(path), "page")
    answer = joinedup("apply", path, "-w", shop.path, "--json")
    assert (answer.exit_code, json.loads(answer.out)["outcome"]) == (0, "nothing_changed")
    assert joinedup("release", "rollback", "r1", "-w", shop.path).exit_code == 0
    answer = joinedup("apply", story.path, "-w", shop.path)
    assert (answer.exit_code, "r2 was published and rolled back since" in answer.err) == (6, True)


def test_an_unmerge_is_told_as_one(done: tuple[Shop, RunSummary], tmp_path: Path) -> None:
    shop = copy_of(done[0], tmp_path)
    del shop.accounts["M4"]
    shop.account("M2", first_name="A", last_name="Veldkamp", phone="2065557001")
    _, plan = planned(shop)
    (unmerge,) = entries_of(plan, "unmerge")
    assert (len(unmerge["before"]), len(unmerge["after"])) == (1, 2)
    summary = applied(shop, plan)
    assert events_planned(plan) == events_published(shop, str(summary.release_id)) != []


def test_a_new_model_and_another_threshold_are_planned_and_carried_out_the_same_way(
    story: Story, tmp_path: Path
) -> None:
    shop = story.copy(tmp_path)
    shop.settings += "matching: {merge_at: 0.999}\n"
    _, plan = planned(shop)
    assert plan["model"]["made_because"] == "settings"
    assert (plan["model"]["now"]["merge_at"], plan["model"]["then"]["merge_at"]) == (0.999, 0.85)
    summary = applied(shop, plan)
    assert (summary.outcome, summary.model_made_because) == ("published", "settings")
    assert "`joinedup plan` shows beforehand" in " ".join(render_summary(summary).split())
    assert events_planned(plan) == events_published(shop, "r2")


def _move_export(shop: Shop) -> None:
    shop.accounts["A001"]["phone"] = "2065558888"
    shop.write()


def _remove_export(shop: Shop) -> None:
    (shop.path / "exports/cases.csv").unlink()


def _move_settings(shop: Shop) -> None:
    shop.settings += "gate: {max_merged_customers: 7%}\n"
    shop.write()


def _decide(shop: Shop) -> None:
    settings = load_settings(shop.workspace.settings_file)
    said = Said("ann", datetime(2026, 2, 1, tzinfo=UTC).replace(tzinfo=None), "father and son")
    with open_store(settings, shop.path).writing() as log:
        log.decide("different", (("billing", "A001"), ("billing", "A002")), said, (None, None))


@pytest.mark.parametrize(
    ("move", "told"),
    [
        (_move_export, r"source billing: exports/billing\.csv has other content"),
        (_remove_export, r"source cases: exports/cases\.csv is gone"),
        (_move_settings, r"joinedup\.yaml says something else"),
        (_decide, r"stewards have decided since: the log's last entry is 1, and was 0"),
    ],
)
def test_what_moved_is_named_and_nothing_is_done(
    story: Story, tmp_path: Path, joinedup: Callable[..., Answer], move: Callable[[Shop], None], told: str
) -> None:
    shop = story.copy(tmp_path)
    move(shop)
    answer = joinedup("apply", story.path, "-w", shop.path)
    assert (answer.exit_code, len(answer.err.splitlines())) == (6, 1)
    assert re.search(told, answer.err)
    assert "nothing was published: look at a new plan" in answer.err
    assert shop.workspace.current.readlink().name == "r1"


def test_the_night_itself_refuses_what_the_first_look_cannot_see(story: Story, tmp_path: Path) -> None:
    """A further file; and one that changed after the look, which is not taken here."""
    shop = story.copy(tmp_path)
    row = "X1,Ada Quist,ada@quist.example,,,2026-01-07T10:00:00Z\n"
    (shop.path / "exports/cases-2.csv").write_text("case_id,name,email,phone,subject,opened_at\n" + row)
    settings = load_settings(shop.workspace.settings_file)
    assert moved_before(shop.workspace, settings, story.plan) == []
    shop.accounts["A001"]["phone"] = "2065558888"
    shop.write()
    with pytest.raises(NotAsPlanned, match="as was planned"):
        do_night(shop.workspace, options_of(story.plan, 2), checks=False)
    assert shop.workspace.current.readlink().name == "r1"
    assert not list(shop.workspace.releases.glob(".build_*"))
    told = moved_within(shop.workspace, story.plan)
    assert told[0].startswith("source billing: exports/billing.csv has other content, ")
    assert told[1] == "source cases: exports/cases-2.csv was not there"


def test_a_night_that_the_gate_would_hold_is_planned_as_such_and_held_when_applied(
    story: Story, tmp_path: Path, joinedup: Callable[..., Answer]
) -> None:
    shop = story.copy(tmp_path)
    shop.settings += "gate: {max_deleted_records: 1%, and_at_least: 1}\n"
    del shop.accounts["A010"]
    path, plan = planned(shop)
    assert plan["would"] == "hold"
    assert any("max_deleted_records billing" in reason for reason in plan["held_by"])
    assert not shop.workspace.held.exists()
    text = plan_text_page(plan, str(path), str(page_of(path)))
    assert "The gate would hold it: r1 stays." in text
    assert "held: billing: 1 of" in " ".join(text.split())
    assert f"Where that is right: joinedup apply {path}, then joinedup release approve --reason TEXT" in text
    summary = applied(shop, plan)
    assert (summary.outcome, shop.workspace.current.readlink().name) == ("held", "r1")
    held = read_plan(shop.workspace.held / "plan.json")
    assert held["customers"] == plan["customers"]
    assert (shop.workspace.held / "plan.html").exists()
    assert read_plan(Path(str(summary.plan))) == held
    assert f"../plans/{summary.run_id}.html" in Path(summary.report).read_text()
    assert joinedup("release", "approve", "--reason", "one was a test", "-w", shop.path).exit_code == 0
    assert verify_release(shop.workspace).release_hash == plan["release_hash"]
    assert events_planned(plan) == events_published(shop, "r2") != []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no plan: it is not JSON"),
        ("[1, 2", "is no plan: it is not JSON"),
        ("[1, 2]", "is no plan of joinedup"),
        ('{"kind": "joinedup plan", "format": 99}', "it is of format 99"),
        ('{"kind": "joinedup plan", "format": 1}', "its checksum does not fit"),
        ("\xff\xfe", "is no plan: it is not JSON"),
    ],
)
def test_a_foreign_or_damaged_file_is_a_mistake_in_one_line(
    shop: Shop, joinedup: Callable[..., Answer], text: str, told: str
) -> None:
    shop.write()
    file = shop.path / "plan.json"
    file.write_bytes(text.encode("latin-1"))
    answer = joinedup("apply", file, "-w", shop.path)
    assert (answer.exit_code, answer.out, len(answer.err.splitlines())) == (2, "", 1)
    assert told in answer.err


def test_a_plan_that_somebody_has_touched_up_is_not_applied(story: Story, tmp_path: Path) -> None:
    path = tmp_path / "copy.json"
    write_plan(path, story.plan)
    assert read_plan(path) == story.plan
    path.write_text(path.read_text().replace("Ada Veldkamp", "Ada Feldkamp"))
    with pytest.raises(UsageError, match="its checksum does not fit"):
        read_plan(path)


def test_a_file_that_is_not_there_is_a_mistake(shop: Shop, joinedup: Callable[..., Answer]) -> None:
    shop.write()
    answer = joinedup("apply", shop.path / "none.json", "-w", shop.path, "--json")
    assert answer.exit_code == 2
    assert "cannot be read (No such file or directory)" in json.loads(answer.out)["error"]["message"]


def test_plans_do_not_pile_up(story: Story, tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    for number in range(4):
        path = keep_plan(place, story.plan | {"run_id": f"run-{number}"}, 2)
        os.utime(path, (number, number))
    assert sorted(path.name for path in place.plans.iterdir()) == [
        *("run-2.html", "run-2.json"),
        *("run-3.html", "run-3.json"),
    ]


def test_a_kind_is_the_first_that_fits() -> None:
    def entry(*events: tuple[str, str | None], changes: int = 0) -> Plan:
        told = [{"event": event, "other_golden_id": other} for event, other in events]
        return {"events": told, "changes": [{}] * changes}

    assert kind_of(entry(("merged", "b"), ("split", "a"))) == "regroup"
    assert kind_of(entry(("split", "a"), ("unmerged", "a"))) == "unmerge"
    assert kind_of(entry(("attached", "b"), ("detached", "a"), ("updated", None))) == "move"
    assert kind_of(entry(("retired", None), ("detached", None))) == "retire"
    assert kind_of(entry(("updated", None), changes=1)) == "update"
    assert kind_of(entry(("attached", None), ("updated", None))) == "records"
    assert kind_of(entry(("updated", None))) == "firmness"
