"""`joinedup release approve`: what was held is published as it is, once, by somebody, with a reason, or refused."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.cli import main
from pipelines.night import open_night
from pipelines.stages import STAGES
from quality.run_suite import CheckResult
from tests.pipelines.shop import TONIGHT, Answer, Shop, command, do_night, finished
from warehouse.errors import SourceError
from warehouse.failpoint import FAILPOINT_VARIABLE
from warehouse.release.manifest import file_sha256
from warehouse.release.verify import verify_release

if TYPE_CHECKING:
    from pathlib import Path

REASON = "the accounts were sold with the branch"


@pytest.fixture(scope="module")
def held_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop with one release, and a candidate that the gate holds because accounts are gone."""
    shop = Shop(tmp_path_factory.mktemp("held"))
    shop.populate(50, 3)
    assert shop.night(checks=False).published
    shop.accounts = dict(list(shop.accounts.items())[:25])
    assert shop.night(checks=False).outcome == "held"
    return shop


@pytest.fixture
def shop(held_shop: Shop, tmp_path: Path) -> Shop:
    """Return a copy of it for one test."""
    shutil.copytree(held_shop.path, tmp_path / "shop", symlinks=True)
    return replace(held_shop, path=tmp_path / "shop", accounts=dict(held_shop.accounts), cases=dict(held_shop.cases))


def call(*arguments: str | Path) -> Answer:
    """Call `joinedup` in this process."""
    with (
        redirect_stdout(io.StringIO()) as out,
        redirect_stderr(io.StringIO()) as err,
        pytest.raises(SystemExit) as ended,
    ):
        main([str(argument) for argument in arguments])
    return Answer(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def approve(shop: Shop, *options: str) -> Answer:
    return call("release", "approve", "-w", shop.path, "--reason", REASON, *options)


def log(shop: Shop) -> list[dict[str, Any]]:
    return [json.loads(line) for line in shop.workspace.approvals.read_text().splitlines()]


def test_what_was_held_is_published_as_it_is_and_the_next_night_builds_on_it(shop: Shop) -> None:
    files = json.loads((shop.workspace.held / "manifest.json").read_text())["files"]
    answer = approve(shop, "--as", "ann")
    assert (answer.exit_code, answer.err) == (0, "")
    assert "r2 is the current release now, approved by ann over max_deleted_records billing" in answer.out
    manifest = verify_release(shop.workspace)
    assert (manifest.release_id, manifest.base_release_id) == ("r2", "r1")
    assert {name: entry.sha256 for name, entry in manifest.files.items()} == {
        name: entry["sha256"] for name, entry in files.items()
    }
    assert manifest.approval is not None
    assert {**manifest.approval, "at": None} == {
        "by": "ann",
        "at": None,
        "reason": REASON,
        "rules": [f"{entry['rule']} {entry['subject']}".strip() for entry in approved(manifest.gate)],
    }
    assert [(line["release_id"], line["by"], line["reason"]) for line in log(shop)] == [("r2", "ann", REASON)]
    assert not shop.workspace.held.exists()
    shown = call("release", "show", "-w", shop.path)
    assert f"approved by ann at {manifest.approval['at']}" in shown.out
    assert REASON in shown.out

    assert shop.night(checks=False).outcome == "nothing_changed"
    shop.account("A900", first_name="Petra", last_name="Lindqvist", email="petra@lindqvist.example")
    after = shop.night(checks=False)
    assert (after.outcome, after.release_id, after.records["billing"]["new"]) == ("published", "r3", 1)
    assert after.records["billing"]["deleted"] == 0


def approved(gate: tuple[Any, ...]) -> list[Any]:
    return [entry for entry in gate if entry["outcome"] == "approved"]


def test_it_is_published_although_another_attempt_came_after_and_discarded_what_it_had_landed(shop: Shop) -> None:
    (shop.path / "exports" / "billing.csv").write_bytes(b"")
    with pytest.raises(SourceError):
        do_night(shop.workspace, TONIGHT)
    assert approve(shop).exit_code == 0
    again = shop.night(checks=False)
    assert (again.outcome, again.release_id) == ("nothing_changed", "r2")
    assert again.records["billing"]["unchanged"] == 25


def test_it_is_refused_once_it_is_published(shop: Shop) -> None:
    kept = shop.path / "kept"
    shutil.copytree(shop.workspace.held, kept)
    assert approve(shop).exit_code == 0
    nothing = approve(shop)
    assert (nothing.exit_code, "nothing is held" in nothing.err) == (6, True)
    shutil.copytree(kept, shop.workspace.held)
    twice = approve(shop)  # what was left of a candidate that is published is swept
    assert (twice.exit_code, "nothing is held" in twice.err) == (6, True)
    assert not shop.workspace.held.exists()
    assert call("release", "rollback", "r1", "-w", shop.path).exit_code == 0
    kept.rename(shop.workspace.held)
    taken = approve(shop)
    assert (taken.exit_code, "that number was given since" in taken.err) == (6, True)
    assert len(log(shop)) == 1


def test_it_is_refused_where_the_base_has_moved_on(shop: Shop) -> None:
    kept = shop.path / "kept"
    shutil.copytree(shop.workspace.held, kept)
    assert approve(shop).exit_code == 0
    shop.account("A900", first_name="Petra", last_name="Lindqvist", email="petra@lindqvist.example")
    assert shop.night(checks=False).release_id == "r3"
    kept.rename(shop.workspace.held)
    moved = approve(shop)
    assert (moved.exit_code, "was compared with r1, but r3 is current now" in moved.err) == (6, True)


def test_it_is_refused_where_a_check_held_the_night(shop: Shop) -> None:
    failed = CheckResult("few rows", "landing.delivery", "landing", "few", "rows", "critical", "fail", 1, 1, "0 of 5")
    with open_night(shop.workspace, TONIGHT, "held-by-a-check") as night:
        for source in ("billing", "cases"):
            night.land(source)
        for entry in STAGES[:2]:
            night.do(entry)
        night.failed_checks.append(failed)
        night.hold_if_failed()
        night.close()
    refused = approve(shop)
    assert (refused.exit_code, "was held by a check" in refused.err) == (6, True)
    assert shop.crosswalk()
    assert not shop.workspace.approvals.exists()


def test_it_is_refused_where_a_decision_is_not_kept_to(shop: Shop) -> None:
    path = shop.workspace.held / "manifest.json"
    manifest = json.loads(path.read_text())
    for entry in manifest["gate"]:
        if entry["rule"] == "broken_decisions":
            entry["outcome"] = "hold"
    path.write_text(json.dumps(manifest))
    reasons = shop.workspace.held / "reasons.json"
    document = json.loads(reasons.read_text())
    reasons.write_text(json.dumps(document | {"reasons": [*document["reasons"], "gate: broken_decisions: 1"]}))
    refused = approve(shop)
    assert (refused.exit_code, "no approval overrides" in refused.err) == (6, True)


@pytest.mark.parametrize("name", ["golden.duckdb", "parquet/crosswalk.parquet", "manifest.json", "reasons.json"])
def test_damaged_files_are_not_published(shop: Shop, name: str) -> None:
    path = shop.workspace.held / name
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]) if name.startswith(("golden", "parquet")) else b"{")
    answer = approve(shop)
    assert (answer.exit_code, "makes the candidate anew" in answer.err) == (5, True)
    assert shop.workspace.current.readlink().name == "r1"
    assert not list(shop.workspace.releases.glob(".build*"))


def test_an_approval_says_why(shop: Shop) -> None:
    for options in (("--reason", " "), ("--as", " ")):
        answer = approve(shop, *options)
        assert (answer.exit_code, "is empty" in answer.err) == (2, True)
    assert shop.workspace.current.readlink().name == "r1"


@pytest.mark.parametrize(
    ("failpoint", "release"), [("renamed", "r1"), pytest.param("flipped", "r2", marks=pytest.mark.soak)]
)
def test_killed_anywhere_it_leaves_the_old_or_the_new(shop: Shop, failpoint: str, release: str) -> None:
    before = file_sha256(shop.workspace.held / "golden.duckdb")
    killed = command("release", "approve", "-w", shop.path, "--reason", REASON, **{FAILPOINT_VARIABLE: failpoint})
    assert finished(killed).exit_code == -9
    assert shop.workspace.current.readlink().name == release
    again = approve(shop)
    assert again.exit_code == (0 if release == "r1" else 6), again.err
    assert verify_release(shop.workspace).files["golden.duckdb"].sha256 == before
    assert {line["release_id"] for line in log(shop)} == {"r2"}
    if failpoint == "flipped":
        assert shop.night(checks=False).outcome == "nothing_changed"
