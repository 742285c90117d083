from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.golden.conftest import History

CAUSES = "SELECT event, source_record_id, cause FROM golden.change WHERE release_id = ? ORDER BY sequence"


def causes(history: History, release_id: str) -> set[tuple[str, str | None, str]]:
    return set(history.con.execute(CAUSES, [release_id]).fetchall())


def test_the_first_release_creates_everybody(history: History) -> None:
    history.night([["a", "b"], ["c"]])
    ids = history.ids()
    log = history.rows("SELECT sequence, release_id, event, golden_id, source_record_id, cause FROM golden.change")
    first = sorted([(ids["a"], "a"), (ids["c"], "c")])
    records = sorted([(ids["a"], "a"), (ids["a"], "b"), (ids["c"], "c")])
    assert log == [
        *((n, "r1", "created", *who, "first release") for n, who in enumerate(first, start=1)),
        *((n, "r1", "attached", *who, "first release") for n, who in enumerate(records, start=3)),
    ]
    assert history.rows('SELECT DISTINCT "at" FROM golden.change') == [(datetime(2026, 1, 2, 12),)]  # noqa: DTZ001


def test_a_quiet_night_says_nothing(history: History) -> None:
    history.night([["a", "b"], ["c"]]).publish()
    log = history.rows("FROM golden.change")
    history.night([["c"], ["b", "a"]])
    assert history.rows("FROM golden.change") == log
    assert history.rows("SELECT DISTINCT changed_in FROM golden.customer") == [("r1",)]


def test_a_record_more_is_an_attachment_and_an_update(history: History) -> None:
    golden = history.night([["a", "b"], ["c"]]).publish().ids()["a"]
    history.night([["a", "b", "d"], ["c"]])
    log = history.rows(
        "SELECT sequence, event, golden_id, other_golden_id, source_record_id"
        " FROM golden.change WHERE release_id = 'r2' ORDER BY sequence"
    )
    assert log == [(6, "attached", golden, None, "d"), (7, "updated", golden, None, None)]
    assert causes(history, "r2") == {
        ("attached", "d", "record s:d new"),
        ("updated", None, "record s:d new"),
    }
    changed = history.rows("SELECT golden_id, changed_in FROM golden.customer WHERE changed_in = 'r2'")
    assert changed == [(golden, "r2")]


def test_a_merge_and_what_caused_it(history: History) -> None:
    first = history.night([["a"], ["b", "c"]]).publish().ids()
    history.night([["a", "b", "c"]], changed=["a"])
    assert history.events() == [("merged", first["a"], first["b"])]
    assert causes(history, "r2") == {
        ("merged", None, "record s:a changed"),
        ("detached", "a", "record s:a changed"),
        ("attached", "a", "record s:a changed"),
        ("updated", None, "record s:a changed"),
    }
    moves = history.rows(
        "SELECT event, golden_id, other_golden_id FROM golden.change WHERE source_record_id = 'a' AND release_id = 'r2'"
    )
    assert moves == [("detached", first["a"], first["b"]), ("attached", first["b"], first["a"])]


def test_a_split_and_its_reversal(history: History) -> None:
    first = history.night([["a", "b", "c"]]).publish().ids()["a"]
    split = history.night([["a", "b"], ["c"]], changed=["c"]).publish().ids()["c"]
    assert history.events("r2") == [("created", split, None), ("split", split, first)]
    assert ("created", "c", "record s:c changed") in causes(history, "r2")
    history.night([["a", "b", "c"]]).publish()
    assert history.events("r3") == [("merged", split, first)]
    history.night([["a", "b"], ["c"]]).publish()
    assert history.events("r4") == [("unmerged", split, first)]
    assert ("unmerged", None, "matched anew") in causes(history, "r4")


def test_a_deletion_retires(history: History) -> None:
    first = history.night([["a", "b"], ["c"]]).publish().ids()
    history.night([["c"]])
    assert history.events() == [("retired", first["a"], None)]
    assert ("retired", None, "record s:a deleted: gone from its export; and one more record") in causes(history, "r2")
    assert ("detached", "b", "record s:b deleted: gone from its export") in causes(history, "r2")
    assert history.rows("FROM golden.redirect") == [(first["a"], None, "r2")]


def test_an_exclusion_detaches(history: History) -> None:
    history.night([["a", "b"], ["c"]]).publish()
    history.night([["a"], ["c"]], excluded={"b": "newsletter"}, changed=["b"])
    assert ("detached", "b", "record s:b excluded: newsletter") in causes(history, "r2")


def test_a_rollback_appends_what_undoes_it(history: History) -> None:
    first = history.night([["a"], ["b", "c"], ["d"]]).publish().ids()
    history.night([["a", "b", "c"], ["e"]]).publish()
    newcomer = history.ids()["e"]
    history.roll_back("r1").night([["a"], ["b", "c"], ["d"]]).publish()
    assert history.events("r3") == [
        ("unmerged", first["a"], first["b"]),
        ("revived", first["d"], None),
        ("retired", newcomer, None),
    ]
    assert {cause for _, _, cause in causes(history, "r3")} == {"rolled back r2"}
    assert history.redirects() == {newcomer: None}


def test_redirects_lead_through_many_merges_to_the_one_that_lives(history: History) -> None:
    first = history.night([["a"], ["b", "c"], ["d", "e", "f", "g"], ["h"]]).publish().ids()
    history.night([["a", "b", "c"], ["d", "e", "f", "g"], ["h"]]).publish()
    history.night([["a", "b", "c", "d", "e", "f", "g"], ["h"]]).publish()
    assert history.redirects() == {first["a"]: first["d"], first["b"]: first["d"]}
    history.night([["d", "e", "f", "g"], ["h"]]).publish()  # nothing is left of the retired ones: the merges lead on
    assert history.redirects() == {first["a"]: first["d"], first["b"]: first["d"]}
    history.night([["h"]]).publish()
    assert history.redirects() == {first["a"]: None, first["b"]: None, first["d"]: None}
    assert history.rows("SELECT DISTINCT retired_in FROM golden.redirect ORDER BY ALL") == [("r2",), ("r3",), ("r5",)]


def test_a_redirect_follows_the_records_out_of_the_customer_they_merged_into(history: History) -> None:
    first = history.night([["a", "b"], ["c", "d", "e"], ["f"]]).publish().ids()
    history.night([["a", "b", "c", "d", "e"], ["f"]]).publish()
    history.night([["c", "d", "e"], ["f", "a", "b"]]).publish()
    assert history.redirects() == {first["a"]: first["f"]}


def test_possible_matches_speak_of_golden_ids(history: History) -> None:
    history.night([["a", "b"], ["c"]], possible=[("s:a", "s:c", 0.61234567)])
    ids = history.ids()
    pair = sorted([ids["a"], ids["c"]])
    assert history.rows("FROM golden.possible_match") == [(*pair, 0.612346, "close")]
