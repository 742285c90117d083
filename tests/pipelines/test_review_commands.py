"""Deciding at the command line, and what nights make of it: parted and joined, ids kept, and taken back."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.pipelines.shop import TONIGHT, Shop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.pipelines.shop import Answer

    Command = Callable[..., Answer]

SON = {
    "first_name": "Ada",
    "last_name": "Brandvold",
    "born": "1970-03-04",
    "street": "9 Alder St",
    "city": "Brightwater",
}
FATHER, OTHER, CASE = "billing:F1", "billing:F2", "cases:F3"
REASON = ("--reason", "father and son")


def later(days: int) -> Any:  # noqa: ANN401 - options of a night
    return replace(TONIGHT, as_of=datetime(2026, 2, 1 + days, tzinfo=UTC))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop with one release: three records that came out as one customer, and others."""
    shop = Shop(tmp_path_factory.mktemp("reviewed") / "shop")
    shop.populate(15, 3)
    shared = {"email": "brandvold@mail.example", "phone": "2065551234", "zip": "98001", **SON}
    shop.account("F1", **shared)
    shop.account("F2", **shared | {"opened_on": "2026-01-06"})
    shop.case("F3", name="Ada Brandvold", email=shared["email"], phone=shared["phone"])
    shop.case("N1", name="")
    shop.night(checks=False)
    crosswalk = shop.crosswalk()
    assert crosswalk[FATHER] == crosswalk[OTHER] == crosswalk[CASE]
    assert shop.read("SELECT source_record_id, reason FROM excluded_record") == [("N1", "no_identity")]
    return shop


@pytest.fixture
def shop(published: Shop, tmp_path: Path) -> Shop:
    shutil.copytree(published.path, tmp_path / "shop", symlinks=True)
    accounts = {key: dict(row) for key, row in published.accounts.items()}
    return Shop(tmp_path / "shop", accounts, dict(published.cases))


@pytest.fixture
def review(joinedup: Command, shop: Shop) -> Command:
    """Call `joinedup review` in the shop."""

    def call(*arguments: str | Path) -> Answer:
        return joinedup("review", *arguments, "-w", shop.path)

    return call


@pytest.fixture
def document(review: Command) -> Callable[..., dict[str, Any]]:
    def call(*arguments: str | Path, exit_code: int = 0) -> dict[str, Any]:
        answer = review(*arguments, "--json")
        assert answer.exit_code == exit_code, answer.err
        found: dict[str, Any] = json.loads(answer.out)
        return found

    return call


def test_a_false_merge_is_parted_and_a_mistake_taken_back(
    shop: Shop, review: Command, document: Callable[..., dict[str, Any]]
) -> None:
    before = shop.crosswalk()
    said = review("decide", "different", FATHER, OTHER, "--as", "ann", *REASON)
    assert said.exit_code == 0
    assert said.out.splitlines()[0] == "Decision 1: billing:F1 and billing:F2 are two customers, noted as said by ann."
    assert "They are one customer now; the next night, or `joinedup review publish`, parts it" in said.out
    assert before[FATHER] in said.out
    left, right = "billing:A001", "billing:A004"
    joining = document("decide", "same", left, right, *REASON)
    assert (joining["decision_id"], joining["effect"], joining["replaces"]) == (2, "merges", None)
    assert [row["golden_id"] for row in joining["customers"]] == sorted({before[left], before[right]})
    assert joining["release_id"] == "r1"
    assert shop.crosswalk() == before, "nothing moves before the night"
    assert "new: the next night binds it" in review("list").out

    assert shop.night(later(1), checks=False).outcome == "published"
    after = shop.crosswalk()
    assert after[FATHER] != after[OTHER]
    assert before[FATHER] in (after[FATHER], after[OTHER])
    assert after[left] == after[right]
    assert after[left] in (before[left], before[right])
    here = {before[key] for key in (FATHER, left, right)}
    assert {before[key] for key in after if after[key] != before[key]} <= here
    assert [row["decision_id"] for row in document("list", "--state", "bound")["decisions"]] == [1, 2]

    assert review("revoke", "1", "--as", "bo", "--reason", "they are one").exit_code == 0
    shop.accounts["A001"]["street"] = "1 Elsewhere Rd"
    assert shop.night(later(2), checks=False).outcome == "published"
    found = shop.crosswalk()
    assert {found[key] for key in (FATHER, OTHER, CASE)} == {before[FATHER]}
    assert found[left] == found[right], "it binds on"
    assert "reconfirm: it binds still, but a record is not what it was" in review("list").out
    assert document("decide", "same", left, right, *REASON)["replaces"]["decision_id"] == 2
    assert document("list", "--state", "reconfirm")["decisions"] == []
    assert [row["decision_id"] for row in document("list", "--state", "replaced")["decisions"]] == [2]
    assert [row["decision_id"] for row in document("list", "--state", "revoked")["decisions"]] == [1]


SAY = ("--as", "ann", "--reason", "she called")
FURTHER: list[tuple[tuple[str, ...], str, str]] = [
    (
        ("split", FATHER, OTHER, "--from", CASE),
        "Decision 1: billing:F1 and billing:F2 are parted from cases:F3, noted as said by ann.",
        "They are one customer now; the next night, or `joinedup review publish`, parts it",
    ),
    (
        ("household", FATHER, OTHER),
        "Decision 2: billing:F1 and billing:F2 are two customers of one household, noted as said by ann.",
        "They are one customer now; the next night",
    ),
    (
        ("pin", FATHER, "given_name", "Adalbert", "--until", "2099-01-01"),
        "Decision 3: given_name of the customer of billing:F1 is Adalbert until 2099-01-01 00:00 UTC, noted as said",
        "Something else is published now; the next night, or `joinedup review publish`, publishes this:",
    ),
    (
        ("placeholder", "email", "Brandvold@Mail.example"),
        "Decision 4: email brandvold@mail.example says nothing about anybody, noted as said by ann.",
        "From the next night, or `joinedup review publish`, on it ties nobody to anybody.",
    ),
    (
        ("not_a_customer", "billing:A001"),
        "Decision 5: billing:A001 is no customer's, noted as said by ann.",
        "It is somebody's now; the next night, or `joinedup review publish`, takes it away",
    ),
    (
        ("unsure", "billing:A002", "billing:A003"),
        "Decision 6: billing:A002 and billing:A003 were looked at, and nobody can tell, noted as said by ann.",
        "It is left to the matching, and asked about again once one of them says something else:",
    ),
    (
        ("same", FATHER, CASE),
        "Decision 7: billing:F1 and cases:F3 are one customer, noted as said by ann.",
        "It replaces a part of decision 1, split (ann, ",
    ),
]


def test_all_kinds_are_decided_bound_and_taken_back(
    shop: Shop, review: Command, document: Callable[..., dict[str, Any]]
) -> None:
    for typed, first, then in FURTHER:
        said = review("decide", *typed, *SAY)
        assert said.exit_code == 0, said.err
        assert said.out.startswith(first)
        assert then in said.out
    refused = review("decide", "same", "billing:A001", "billing:A002", *SAY)
    assert refused.exit_code == 6
    assert refused.err.startswith("joinedup: billing:A001 is nobody's, by decision 5 (ann, ")
    before = shop.crosswalk()
    assert shop.night(later(1), checks=False).outcome == "published"
    after = shop.crosswalk()
    assert after[FATHER] == after[CASE] != after[OTHER]
    assert "billing:A001" in before.keys() - after.keys()
    pinned = f"SELECT given_name FROM customer WHERE golden_id = '{after[FATHER]}'"
    assert shop.read(pinned) == [("Adalbert",)]
    listed = document("list")["decisions"]
    assert [(row["decision"], row["state"], row["in_release"]) for row in listed] == [
        (typed[0], "bound", True) for typed, _, _ in FURTHER
    ]
    table = review("list").out
    for line in (
        "1   bound  split           billing:F1 and 1 more  cases:F3 ",
        "3   bound  pin             billing:F1             given_name Adalbert ",
        "4   bound  placeholder                            email brandvold@mail.example ",
        "5   bound  not_a_customer  billing:A001 ",
    ):
        assert line in table
    for number in ("3", "4", "5"):
        assert review("revoke", number, *SAY).exit_code == 0
    assert shop.night(later(2), checks=False).outcome == "published"
    assert shop.crosswalk().keys() == before.keys()
    assert shop.read(pinned) != [("Adalbert",)]
    assert "Revoked decision 1 (ann" in review("revoke", "1", *SAY).out


def test_a_contradiction_is_refused_with_what_causes_it(
    review: Command, document: Callable[..., dict[str, Any]]
) -> None:
    document("decide", "same", FATHER, OTHER, "--as", "ann", "--reason", "seen their papers")
    document("decide", "same", OTHER, CASE, "--as", "bo", "--reason", "same voice")
    answer = review("decide", "different", FATHER, CASE, *REASON)
    assert answer.exit_code == 6
    today = datetime.now(UTC).date().isoformat()
    assert answer.err == (
        "joinedup: billing:F1 and cases:F3 cannot be different ones: "
        f'billing:F1 = billing:F2 (decision 1: ann, {today}, "seen their papers") '
        f'= cases:F3 (decision 2: bo, {today}, "same voice"), but you say different; '
        "`joinedup review revoke` 1 or 2 first, or leave this one out\n"
    )
    assert document("list")["head"] == 2


REFUSED: list[tuple[tuple[str, ...], int, str]] = [
    (("decide", "same", FATHER, "billing:none", *REASON), 6, "no such record billing:none in r1: correct it; to"),
    (
        ("decide", "same", FATHER, "cases:N1", *REASON),
        6,
        "cases:N1 is nobody's in r1 (no_identity), and cannot be bound",
    ),
    (("decide", "same", FATHER, FATHER, *REASON), 2, "billing:F1 is given twice"),
    (("decide", "same", FATHER, "F2", *REASON), 2, "'F2' is no record"),
    (("decide", "maybe", FATHER, OTHER, *REASON), 2, "Invalid value for 'verdict': Value error, 'maybe' is not"),
    (("decide", "same", FATHER, OTHER), 2, "Missing option '--reason'"),
    (("decide", "same", FATHER, *REASON), 2, "it is written `joinedup review decide same RECORD RECORD`"),
    (("decide", "same", FATHER, CASE, "--from", OTHER, *REASON), 2, "it is written `joinedup review decide same RE"),
    (("decide", "split", FATHER, OTHER, *REASON), 2, "it is written `joinedup review decide split RECORD... --from R"),
    (("decide", "split", FATHER, "--from", FATHER, *REASON), 2, "billing:F1 is given twice: a record stands on one"),
    (("decide", "pin", FATHER, "city", *REASON), 2, "it is written `joinedup review decide pin RECORD ATTRIBUTE VAL"),
    (("decide", "pin", FATHER, "shoe", "9", *REASON), 2, "what can be pinned is given_name, middle_name"),
    (("decide", "pin", FATHER, "city", "x", "--until", "soon", *REASON), 2, "--until 'soon' is no time: write it as"),
    (("decide", "pin", FATHER, "city", "x", "--until", "2020-01-01", *REASON), 2, "a pin until 2020-01-01 00:00 woul"),
    (("decide", "placeholder", "city", "x", *REASON), 2, "a placeholder is of given_name, family_name, email, phone"),
    (("decide", "placeholder", "phone", "none", *REASON), 2, "'none' cannot be compared as phone (no digits): the m"),
    (("decide", "unsure", FATHER, OTHER, "--until", "2099-01-01", *REASON), 2, "it is written `joinedup review deci"),
    (("decide", "not_a_customer", "cases:N1", *REASON), 6, "cases:N1 is nobody's in r1 (no_identity), and cannot b"),
    (("decide", "same", FATHER, OTHER, "--reason", " "), 2, "--reason is empty: say in a few words why"),
    (("decide", "same", FATHER, OTHER, "--as", "", *REASON), 2, "--as is empty: name who decides"),
    (("revoke", "7", *REASON), 6, "no decision 7; `joinedup review list` shows which there are"),
    (("import", "none.csv"), 2, "no file none.csv"),
    (("export", "log.txt"), 2, "log.txt is neither csv nor jsonl"),
    (("export", "no-folder/log.csv"), 2, "no folder no-folder"),
]


@pytest.mark.parametrize(("arguments", "exit_code", "message"), REFUSED, ids=[message for _, _, message in REFUSED])
def test_a_mistake_is_told_in_a_line(review: Command, arguments: tuple[str, ...], exit_code: int, message: str) -> None:
    answer = review(*arguments)
    assert (answer.exit_code, answer.out) == (exit_code, "")
    assert answer.err.startswith(f"joinedup: {message}")
    assert answer.err.count("\n") == 1


def test_a_record_to_come_can_be_decided_about(document: Callable[..., dict[str, Any]]) -> None:
    done = document("decide", "same", FATHER, "billing:none", *REASON, "--anyway")
    assert (done["effect"], len(done["customers"])) == ("waits", 1)
    assert document("list")["decisions"][0]["state"] == "dormant"


def test_decisions_come_from_a_file_before_the_first_night(joinedup: Command, tmp_path: Path) -> None:
    shop = Shop(tmp_path / "new")
    shop.write()
    header = "decision,source_l,record_l,source_r,record_r,decided_by,decided_at,reason"
    (tmp_path / "old.csv").write_text(f"{header}\nsame,billing,A001,billing,A004,ann,2020-05-01,from the old CRM\n")
    answer = joinedup("review", "import", tmp_path / "old.csv", "-w", shop.path)
    assert answer.out == "Imported 1 entry of 1 row.\n"
    listed = joinedup("review", "list", "-w", shop.path)
    assert listed.out.startswith("Nothing is published yet")
    assert joinedup("review", "decide", "same", "billing:A004", "billing:A9", *REASON, "-w", shop.path).exit_code == 0


def test_the_log_is_exported_and_imported(
    shop: Shop, review: Command, document: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    document("decide", "same", FATHER, OTHER, "--as", "ann", "--reason", 'she said "one", twice')
    document("revoke", "1", *REASON)
    file = tmp_path / "log.csv"
    assert review("export", file).out == f"Wrote 2 entries to {file}.\n"
    assert review("export").out == file.read_text()
    with file.open(newline="") as text:
        assert [row["decision"] for row in csv.DictReader(text)] == ["same", "revoke"]
    assert len(document("export")["entries"]) == 2
    assert review("import", file).out == "Imported no entries of 2 rows, 2 rows passed over, since the log has them.\n"
    (shop.path / "var/stewardship.sqlite").unlink()
    assert document("import", file)["written"] == 2
    assert document("list", "--state", "revoked")["decisions"][0]["ended_by"]["decision_id"] == 2


def test_a_store_out_of_reach_holds_nothing_hostage(shop: Shop, review: Command, joinedup: Command) -> None:
    shop.settings += 'stewardship: {database: "postgresql://ann:hidden@127.0.0.1:1/stewards"}\n'
    shop.write()
    answer = review("list")
    assert answer.exit_code == 5
    assert answer.err.startswith(
        "joinedup: the stewards' store postgresql://ann:***@127.0.0.1:1/stewards is out of reach"
    )
    assert joinedup("show", FATHER, "-w", shop.path).exit_code == 0
    shop.settings = shop.settings.replace("postgresql://ann:hidden@127.0.0.1:1/stewards", "mysql://x")
    shop.write()
    answer = review("list")
    assert answer.exit_code == 2
    assert "stewardship.database" in answer.err
