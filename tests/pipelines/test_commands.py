"""What the commands answer on a workspace with two releases: as JSON, in words, and with the contract's exit codes."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from golden.replay import read_events, replay
from pipelines.summary import COUNTS
from tests.pipelines.shop import TONIGHT, Shop, command, do_night, finished
from warehouse.durable import remove_tree
from warehouse.read import open_release
from warehouse.workspace import lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.pipelines.shop import Answer

    Call = Callable[..., Answer]

PROMISED = {
    "run_id",
    "release_id",
    "published",
    "held_by",
    "records",
    "distinct_records",
    "pairs",
    "customers",
    "merges",
    "splits",
    "review_items",
    "as_of",
    "seconds",
    "cpu_seconds",
    "peak_rss_mb",
}
PETRA = {"first_name": "Petra", "last_name": "Lindqvist", "email": "petra@lindqvist.example", "born": "1971-03-04"}
OMAR = {"first_name": "Omar", "last_name": "Nwosu", "email": "omar@nwosu.example", "born": "1990-10-11"}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop with two releases: in the second, Omar's account turns out to be Petra's, and a record is bad."""
    shop = Shop(tmp_path_factory.mktemp("published") / "shop")
    shop.populate(30, 12)
    shop.account("A900", **PETRA, phone="2065558811")
    shop.account("A901", **OMAR)
    shop.case("C901", name="Omar Nwosu", email=OMAR["email"])
    shop.night(checks=False)
    shop.account("A901", **PETRA, phone="2065558811", opened_on="2026-01-20")
    del shop.cases["C901"]
    shop.night(replace(TONIGHT, as_of=TONIGHT.as_of and TONIGHT.as_of.replace(day=8)), checks=False)
    return shop


@pytest.fixture
def copied(published: Shop, tmp_path: Path) -> Shop:
    """Return a copy that a test may change."""
    path = tmp_path / "copied"
    shutil.copytree(published.path, path, symlinks=True)
    return Shop(path, dict(published.accounts), dict(published.cases))


def document(answer: Answer) -> dict[str, Any]:
    """Return the one JSON document that the command wrote."""
    assert answer.err == ""
    found: dict[str, Any] = json.loads(answer.out)
    return found


def retired_id(shop: Shop) -> tuple[str, str]:
    ((retired, living),) = shop.read("SELECT golden_id, current_golden_id FROM redirect")
    return retired, living


def test_a_run_tells_what_the_contract_promises(copied: Shop, joinedup: Call) -> None:
    copied.account("A950", first_name="Nadja", last_name="Petrov", email="nadja@petrov.example")
    copied.account("A951", first_name="Nils", opened_on="tomorrow")
    copied.write()
    answer = joinedup("run", "-w", copied.path, "--json", "--as-of", "2026-02-09")
    run = document(answer)
    assert answer.exit_code == 0
    assert set(run) >= PROMISED
    assert set(run["records"]) == {"billing", "cases"}
    assert all(set(counts) == set(COUNTS) for counts in run["records"].values())
    billing = run["records"]["billing"]
    assert (billing["read"], billing["new"], billing["quarantined"]) == (34, 1, 1)
    assert (run["published"], run["release_id"], run["held_by"]) == (True, "r3", [])
    assert run["as_of"] == "2026-02-09T00:00:00Z"
    assert {"land billing", "standardise", "check golden", "gate", "publish"} <= set(run["seconds"])
    assert run["customers"] == copied.read("SELECT count(*) FROM customer")[0][0]

    again = joinedup("run", "-w", copied.path, "--as-of", "2026-02-09")
    assert again.exit_code == 0
    assert again.out.startswith("Nothing had changed: r3 stays.")
    assert "✓ publish" in again.err


def test_a_held_run_says_why_and_exits_with_3(copied: Shop, joinedup: Call) -> None:
    copied.accounts = dict(list(copied.accounts.items())[:5])
    copied.write()
    answer = joinedup("run", "-w", copied.path, "--json")
    run = document(answer)
    assert answer.exit_code == 3
    assert (run["published"], run["release_id"]) == (False, "r2")
    assert any("max_deleted_records" in reason for reason in run["held_by"])
    assert document(joinedup("release", "show", "-w", copied.path, "--json"))["release_id"] == "r2"


def test_releases_are_listed_shown_and_verified(published: Shop, joinedup: Call) -> None:
    listed = document(joinedup("release", "list", "-w", published.path, "--json"))["releases"]
    assert [(entry["release_id"], entry["current"]) for entry in listed] == [("r2", True), ("r1", False)]
    shown = document(joinedup("release", "show", "r1", "-w", published.path, "--json"))
    assert (shown["release_id"], shown["base_release_id"], shown["current"]) == ("r1", None, False)
    assert shown["rows"]["customer"] > 0
    verified = joinedup("release", "verify", "-w", published.path)
    assert verified.exit_code == 0
    assert "r2 is as it was published" in verified.out
    assert joinedup("release", "show", "r9", "-w", published.path).exit_code == 6
    words = joinedup("release", "list", "-w", published.path)
    assert words.out.startswith("* r2")


def test_a_damaged_release_does_not_verify(copied: Shop, joinedup: Call) -> None:
    file = copied.workspace.releases / "r2/parquet/customer.parquet"
    file.chmod(0o644)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    answer = joinedup("release", "verify", "-w", copied.path)
    assert answer.exit_code == 5
    assert "customer.parquet" in answer.err
    assert joinedup("release", "verify", "r1", "-w", copied.path).exit_code == 0


@pytest.mark.parametrize("then", ["as before", "something new"])
def test_after_a_rollback_the_feed_goes_on(copied: Shop, joinedup: Call, then: str) -> None:
    """The next release continues the feed of the one that was rolled back, and takes back what that one changed."""
    seen = copied.read("SELECT * FROM change ORDER BY sequence")
    assert document(joinedup("release", "rollback", "r1", "-w", copied.path, "--json")) == {
        "release_id": "r1",
        "current": True,
        "instead_of": "r2",
        "next_release_id": "r3",
        "not_compared": [],
    }
    assert copied.workspace.current.readlink().name == "r1"
    ((retired, living),) = [(row[4], row[5]) for row in seen if row[3] == "merged"]

    copied.account("A901", **OMAR)
    copied.case("C901", name="Omar Nwosu", email=OMAR["email"])
    if then == "something new":
        copied.account("A960", first_name="Nadja", last_name="Petrov", email="nadja@petrov.example")
    night = copied.night(checks=False)
    assert (night.published, night.release_id) == (True, "r3")
    feed = copied.read("SELECT * FROM change ORDER BY sequence")
    assert feed[: len(seen)] == seen
    assert [row[0] for row in feed] == list(range(1, len(feed) + 1))
    assert {row[1] for row in feed[len(seen) :]} == {"r3"}
    crosswalk = copied.crosswalk()
    assert {crosswalk["billing:A900"], crosswalk["billing:A901"]} == {retired, living}
    assert replayed(copied) == set(crosswalk.items())
    assert do_night(copied.workspace, TONIGHT, checks=False).outcome == "nothing_changed"


def replayed(shop: Shop) -> set[tuple[str, str]]:
    """Return `source:key`, golden id of every record, as the events alone tell it."""
    with open_release(shop.workspace) as release:
        state = replay(read_events(release.con, "change"))
    return {(":".join(record), json.loads(row)["golden_id"]) for record, row in state.crosswalk.items()}


def test_a_rollback_says_what_comes_next_and_waits_for_nobody(copied: Shop, joinedup: Call) -> None:
    with lock(copied.workspace, "joinedup run, by a test"):
        busy = joinedup("release", "rollback", "r1", "-w", copied.path)
    assert busy.exit_code == 75
    assert "joinedup run, by a test" in busy.err
    assert copied.workspace.current.readlink().name == "r2"
    done = joinedup("release", "rollback", "r1", "-w", copied.path)
    assert done.exit_code == 0
    assert done.out.startswith("r1 is the current release now, instead of r2.\n")
    assert "makes r3" in done.out
    assert "Not compared" not in done.out


def test_a_rollback_to_nothing_is_refused(copied: Shop, joinedup: Call) -> None:
    answer = joinedup("release", "rollback", "r9", "-w", copied.path)
    assert answer.exit_code == 6
    assert "r9" in answer.err
    assert copied.workspace.current.readlink().name == "r2"


def test_a_customer_is_shown_by_id_by_record_and_by_a_retired_id(published: Shop, joinedup: Call) -> None:
    retired, living = retired_id(published)
    answers = [joinedup("show", who, "-w", published.path, "--json") for who in (living, "billing:A900", retired)]
    shown = [document(answer) for answer in answers]
    assert shown[0] == shown[1] == shown[2]
    assert shown[0]["customer"]["golden_id"] == living
    assert shown[0]["formerly"] == [retired]
    assert {row["source_record_id"] for row in shown[0]["crosswalk"]} == {"A900", "A901"}
    assert {row["attribute"] for row in shown[0]["provenance"]} >= {"email", "family_name"}
    words = joinedup("show", "billing:A900", "-w", published.path)
    assert words.exit_code == 0
    assert "Petra Lindqvist" in words.out
    assert living in words.out


def test_a_customer_is_shown_as_of_a_release_or_a_date(published: Shop, joinedup: Call) -> None:
    retired, living = retired_id(published)
    merged = {retired, living}
    for as_of in ("r1", "2026-02-01", "2026-02-07T23:00Z"):
        shown = document(joinedup("show", "billing:A901", "-w", published.path, "--as-of", as_of, "--json"))
        assert (shown["release_id"], shown["customer"]["full_name"]) == ("r1", "Omar Nwosu")
        assert shown["customer"]["golden_id"] in merged
    now = document(joinedup("show", "billing:A901", "-w", published.path, "--as-of", "2026-02-08", "--json"))
    assert (now["release_id"], now["customer"]["golden_id"]) == ("r2", living)
    assert joinedup("show", "billing:A901", "-w", published.path, "--as-of", "2025-12-31").exit_code == 6
    assert joinedup("show", "billing:A901", "-w", published.path, "--as-of", "lately").exit_code == 2


@pytest.mark.parametrize("text", ["lindq", "PETRA@", "(206) 555-8811", "A900"])
def test_a_customer_is_found_by_what_one_knows(published: Shop, joinedup: Call, text: str) -> None:
    found = document(joinedup("show", "--find", text, "-w", published.path, "--json"))
    assert [row["full_name"] for row in found["customers"]] == ["Petra Lindqvist"]


def test_what_is_not_there_is_refused(published: Shop, shop: Shop, joinedup: Call) -> None:
    for who in ("billing:A999", "cus_0000000000000000"):
        answer = joinedup("show", who, "-w", published.path)
        assert answer.exit_code == 6
        assert who in answer.err
    nobody = joinedup("show", "--find", "Nobody at all", "-w", published.path)
    assert (nobody.exit_code, nobody.out.splitlines()[0][:17]) == (0, "No customer found")
    shop.write()
    assert joinedup("show", "billing:A1", "-w", shop.path).exit_code == 6
    assert joinedup("release", "list", "-w", shop.path).out.startswith("No release yet")


def test_two_records_are_explained(published: Shop, joinedup: Call) -> None:
    together = joinedup("explain", "billing:A900", "billing:A901", "-w", published.path)
    assert together.exit_code == 0, together.err
    assert together.out
    document(joinedup("explain", "billing:A900", "billing:A000", "-w", published.path, "--json"))
    before = joinedup("explain", "billing:A900", "billing:A901", "-w", published.path, "--as-of", "r1")
    assert before.exit_code == 0, before.err
    assert before.out != together.out
    unknown = joinedup("explain", "billing:A900", "billing:A999", "-w", published.path)
    assert unknown.exit_code == 6
    assert "A999" in unknown.err


def test_a_release_is_evaluated(published: Shop, tmp_path: Path, joinedup: Call) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("source,source_record_id,person_id\nbilling,A900,petra\nbilling,A901,petra\nbilling,A000,other\n")
    assert document(joinedup("evaluate", truth, "-w", published.path, "--json"))
    assert joinedup("evaluate", truth, "-w", published.path).exit_code == 0
    missing = joinedup("evaluate", tmp_path / "none.csv", "-w", published.path)
    assert missing.exit_code == 2
    assert "none.csv" in missing.err


def test_the_workspace_is_found_by_its_variable(
    published: Shop, joinedup: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOINEDUP_HOME", str(published.path))
    assert document(joinedup("release", "show", "--json"))["release_id"] == "r2"


def test_a_release_whose_files_are_gone_is_told(copied: Shop, joinedup: Call) -> None:
    remove_tree(copied.workspace.releases / "r2/parquet")
    answer = joinedup("show", "billing:A900", "-w", copied.path)
    assert answer.exit_code == 5
    assert "Traceback" not in answer.err


def test_a_command_in_a_process_of_its_own_ends_without_a_word(published: Shop) -> None:
    """Whatever is still held when Python ends, no library complains about it to the user."""
    answer = finished(command("show", "billing:A900", "-w", str(published.path), "--json"))
    assert answer.exit_code == 0
    assert document(answer)["customer"]["full_name"] == "Petra Lindqvist"
