"""The quarantine as a place to work in: rows are listed, shown, read again at their place in time, or dropped."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from connectors.selection import Selection
from tests.pipelines.shop import TONIGHT, Shop, do_night
from warehouse.release.pointer import current_release_id
from warehouse.workspace import lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipelines.night import StepDone
    from pipelines.summary import RunSummary
    from tests.pipelines.shop import Answer

    Command = Callable[..., Answer]

REPLAY = replace(TONIGHT, replay=Selection())
BAD = ("A001", "A005", "A009")
HOSTILE = "\x1b[31mred\x1b[0m"


def mend_mapping(shop: Shop) -> None:
    shop.settings = shop.settings.replace(
        'opened_on, format: "%Y-%m-%d"', 'opened_on, format: ["%Y-%m-%d", "%d.%m.%Y"]'
    )


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop with one release, and in quarantine three accounts by their date and one without a key."""
    shop = Shop(tmp_path_factory.mktemp("evening") / "shop")
    shop.populate(25, 17)
    for key in BAD:
        shop.accounts[key]["opened_on"] = "05.01.2026"
    shop.account("nobody", first_name="Ada", city=HOSTILE)
    shop.accounts["nobody"]["account_id"] = ""
    assert shop.night(checks=False).quarantine_open == 4
    return shop


@pytest.fixture
def shop(evening: Shop, tmp_path: Path) -> Shop:
    shutil.copytree(evening.path, tmp_path / "shop", symlinks=True)
    return Shop(tmp_path / "shop", {key: dict(row) for key, row in evening.accounts.items()}, dict(evening.cases))


def told(answer: Answer, exit_code: int = 0) -> dict[str, Any]:
    assert answer.exit_code == exit_code, answer.err
    document: dict[str, Any] = json.loads(answer.out)
    return document


def written(shop: Shop, *, exports: bool) -> Shop:
    """Write the configuration, and take the exports of the accounts away unless they are to be read."""
    shop.write()
    if not exports:
        (shop.path / "exports" / "billing.csv").unlink()
    return shop


def test_what_is_open_is_listed_and_shown(evening: Shop, joinedup: Command) -> None:
    found = told(joinedup("quarantine", "list", "-w", evening.path, "--json"))
    assert (found["open"], found["last_attempt"]) == (4, None)
    assert [(group["source"], group["reason"], group["rows"], group["first"]) for group in found["groups"]] == [
        ("billing", "bad_timestamp", 3, "exports/billing.csv:3"),
        ("billing", "no_key", 1, "exports/billing.csv:27"),
    ]
    listed = joinedup("quarantine", "list", "-w", evening.path, "--reason", "no_key").out
    assert listed.startswith("1 row in quarantine:")
    rows = told(joinedup("quarantine", "show", "-w", evening.path, "--limit", "1", "--offset", "1", "--json"))
    assert (rows["open"], rows["offset"], len(rows["rows"])) == (4, 1, 1)
    (row,) = rows["rows"]
    assert (row["source_record_id"], row["line"], row["reason"]) == ("A005", 7, "bad_timestamp")
    assert json.loads(row["raw"])["opened_on"] == "05.01.2026"
    one = joinedup("quarantine", "show", row["id"], "-w", evening.path).out
    assert one.startswith(f"{row['id']}  billing:A005  exports/billing.csv:7")
    assert "found '05.01.2026'" in one


def test_a_terminal_gets_no_command_from_a_row(evening: Shop, joinedup: Command) -> None:
    shown = joinedup("quarantine", "show", "-w", evening.path, "--reason", "no_key").out
    assert "red" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("verb", ["list", "show", "replay"])
def test_a_name_that_never_was_is_refused(evening: Shop, joinedup: Command, verb: str) -> None:
    answer = joinedup("quarantine", verb, "-w", evening.path, "--source", "biling")
    assert answer.exit_code == 6
    assert "billing bad_timestamp" in answer.err


def test_looking_waits_for_no_run(evening: Shop, joinedup: Command) -> None:
    with lock(evening.workspace):
        for verb in ("list", "show", "replay"):
            assert joinedup("quarantine", verb, "-w", evening.path).exit_code == 75
        assert joinedup("quarantine", "drop", "x", "-w", evening.path, "--reason", "r").exit_code == 75


def test_before_the_first_night_nothing_is_open(shop: Shop, joinedup: Command) -> None:
    shutil.rmtree(shop.workspace.var)
    assert told(joinedup("quarantine", "list", "-w", shop.path, "--json"))["groups"] == []
    assert not shop.workspace.warehouse_file.exists()


def test_a_replay_publishes_what_the_mended_mapping_and_the_mended_file_do(
    shop: Shop, tmp_path: Path, joinedup: Command
) -> None:
    mended_file = Shop(tmp_path / "file", {key: dict(row) for key, row in shop.accounts.items()}, dict(shop.cases))
    shutil.copytree(shop.path, mended_file.path, symlinks=True)
    for key in BAD:
        mended_file.accounts[key]["opened_on"] = "2026-01-05"
    by_file = mended_file.night(checks=False)

    mend_mapping(shop)
    mended_mapping = Shop(tmp_path / "mapping", shop.accounts, shop.cases, shop.settings)
    shutil.copytree(shop.path, mended_mapping.path, symlinks=True)
    by_mapping = mended_mapping.night(checks=False)

    written(shop, exports=False)
    replayed = told(joinedup("quarantine", "replay", "-w", shop.path, "--as-of", "2026-02-01", "--json"))
    assert (replayed["published"], replayed["chosen"], replayed["quarantine_open"]) == (True, 4, 1)
    counts = {name: count for name, count in replayed["records"]["billing"].items() if count}
    assert counts == {"read": 4, "new": 3, "quarantined": 1}
    assert replayed["content_hash"] == by_mapping.content_hash == by_file.content_hash
    assert by_mapping.quarantine_open == by_file.quarantine_open == 1
    assert {f"billing:{key}" for key in BAD} <= shop.crosswalk().keys()

    again = do_night(shop.workspace, REPLAY, checks=False)
    assert (again.outcome, again.release_hash) == ("nothing_changed", replayed["release_hash"])
    reread = shop.night(checks=False)
    assert (reread.outcome, reread.records["billing"]["unchanged"]) == ("nothing_changed", 28 - 3)


def test_a_replay_that_dies_leaves_the_release_and_the_rows(shop: Shop, joinedup: Command) -> None:
    mend_mapping(shop)
    written(shop, exports=False)

    def die(name: str, done: StepDone | None) -> None:
        if name == "identify" and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        do_night(shop.workspace, REPLAY, checks=False, watch=die)
    assert current_release_id(shop.workspace) == "r1"
    assert do_night(shop.workspace, replace(TONIGHT, replay=Selection(reason="bad_timestamp")), checks=False).published
    found = told(joinedup("quarantine", "list", "-w", shop.path, "--json"))
    assert [(group["reason"], group["rows"], group["published"]) for group in found["groups"]] == [("no_key", 1, True)]


def test_what_a_run_without_a_release_set_aside_is_for_the_next_run(shop: Shop, joinedup: Command) -> None:
    shop.account("A100", first_name="Bo", opened_on="06.01.2026")
    summary: RunSummary = shop.night(checks=False)
    assert summary.outcome == "nothing_changed"
    found = told(joinedup("quarantine", "list", "-w", shop.path, "--json"))
    assert (found["open"], found["last_attempt"]) == (5, summary.run_id)
    assert {group["published"] for group in found["groups"]} == {False}
    rows = told(joinedup("quarantine", "show", "-w", shop.path, "--json"))["rows"]
    (fresh,) = (row["id"] for row in rows if row["source_record_id"] == "A100")
    answer = joinedup("quarantine", "replay", fresh, "-w", shop.path)
    assert answer.exit_code == 6
    assert "then `joinedup run`" in answer.err


def test_a_dropped_row_stays_dropped_and_is_accounted_for(shop: Shop, joinedup: Command) -> None:
    before = shop.crosswalk()
    for incomplete in ((), ("--reason", "gone"), ("--source", "billing", "--reason", " ")):
        assert joinedup("quarantine", "drop", "-w", shop.path, *incomplete).exit_code == 2
    given = ("-w", shop.path, "--only-reason", "no_key", "--reason", "a test of ours")
    assert told(joinedup("quarantine", "drop", *given, "--json"))["dropped"] == 1
    assert joinedup("quarantine", "drop", *given).exit_code == 6
    (entry,) = told(joinedup("quarantine", "list", "--dropped", "-w", shop.path, "--json"))["dropped"]
    assert (entry["rows"], entry["source"], entry["reason"], entry["why"]) == (1, "billing", "no_key", "a test of ours")
    assert entry["dropped_by"]
    night = shop.night(checks=False)
    assert (night.records["billing"]["quarantined"], night.quarantine_open) == (4, 3)
    assert shop.crosswalk() == before
